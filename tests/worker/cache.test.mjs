// What is kept, for whom, and for how long.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { openSource } from "meterglot/sources";
import { createWorker } from "meterglot/worker";
import { addressOf } from "../../pkg/worker/cache.js";
import { digestOf } from "../../www/worker/local/bindings.mjs";
import { verdictOf } from "./support/answers.mjs";
import { stage } from "./support/stage.mjs";

const DAY_MS = 86_400_000;
const day = (n) => new Date(Date.now() + n * DAY_MS).toISOString().slice(0, 10);

let world;
before(
  async () =>
    (world = await stage({
      // Data up to today, so that a period can be closed or not by the worker's own clock.
      world: { clock: Date.now, since: "2023-01-01" },
      tokens: { "only-wasabi": { sources: ["wasabi"] }, "only-onapp": { sources: ["onapp"] } },
      limits: { settleSeconds: 3 * 86_400, cacheBytes: 2_000_000 },
    })),
);
after(() => world.close());
afterEach(() => {
  world.faults.end();
  world.forgetRequests();
});

/** Asks, takes the whole answer, and waits for what is done after it. */
async function ask(path, query, options) {
  const response = await world.ask(path, { query, ...options });
  const { headers, status } = response;
  const verdict = status === 304 ? { text: await response.text() } : await verdictOf(response);
  const { cache } = await world.lineOf(response);
  await new Promise((resolve) => setTimeout(resolve, 30));
  return { ...verdict, status, cache, etag: headers.get("etag"), control: headers.get("cache-control"), told: headers.get("cache-status") };
}

describe("a closed period", () => {
  test("is_asked_of_the_provider_once", async () => {
    const query = { from: "2024-01-01", to: "2024-01-03" };
    const first = await ask("/v1/usage/wasabi", query);
    const second = await ask("/v1/usage/wasabi", query);
    assert.deepEqual([first.cache, second.cache], ["miss", "hit"]);
    assert.deepEqual([first.told, second.told], ["meterglot; fwd=miss", "meterglot; hit"]);
    assert.equal(second.text, first.text);
    assert.equal(world.requests("wasabi").length, 1);
    assert.match(second.etag, /^"[\w-]{43}"$/);
    assert.equal(second.control, "private, no-cache");
  });

  test("is_one_however_it_is_written", async () => {
    await ask("/v1/usage/wasabi", { from: "2024-01-04", to: "2024-01-06" });
    for (const query of [
      { to: "2024-01-06T00:00:00Z", from: "2024-01-04T00:00:00.000Z" },
      { from: "2024-01-04T02:00:00+02:00", to: "2024-01-05T19:00:00-05:00" },
    ]) {
      assert.equal((await ask("/v1/usage/wasabi", query)).cache, "hit");
    }
  });

  test("is_cached_by_source_query_and_representation", async () => {
    const query = { from: "2024-01-07", to: "2024-01-08" };
    await ask("/v1/usage/wasabi", query);
    const others = [
      ["/v1/usage/wasabi", query, { accept: "text/csv" }],
      ["/v1/usage/wasabi", query, { accept: "application/x-ndjson" }],
      ["/v1/usage/wasabi", { ...query, bucket: "media-0" }],
      ["/v1/usage/wasabi", { ...query, level: "account" }],
      ["/v1/usage/onapp", query],
      ["/v1/aggregate/wasabi", query],
      ["/v1/aggregate/wasabi", { ...query, window: "day" }],
      ["/v1/aggregate/wasabi", { ...query, metric: "api.calls" }],
    ];
    for (const other of others) {
      assert.equal((await ask(...other)).cache, "miss", JSON.stringify(other));
      assert.equal((await ask(...other)).cache, "hit", JSON.stringify(other));
    }
  });

  test("is_returned_to_every_caller_that_may_read_it_and_to_no_other", async () => {
    const query = { from: "2024-01-09", to: "2024-01-10" };
    await ask("/v1/usage/wasabi", query);
    assert.equal((await ask("/v1/usage/wasabi", query, { token: "only-wasabi" })).cache, "hit");
    assert.equal((await ask("/v1/usage/wasabi", query, { token: "only-onapp" })).status, 403);
    assert.equal((await ask("/v1/usage/wasabi", query, { token: "wrong" })).status, 401);
    assert.equal((await ask("/v1/usage/wasabi", query, { token: null })).status, 401);
  });

  test("that_the_caller_has_already_is_304_and_no_body", async () => {
    const query = { from: "2024-01-11", to: "2024-01-12" };
    await ask("/v1/usage/wasabi", query);
    const { etag } = await ask("/v1/usage/wasabi", query);
    world.forgetRequests();
    for (const named of [etag, `W/${etag}`, `"else", ${etag}`, "*"]) {
      const again = await ask("/v1/usage/wasabi", query, { headers: { "If-None-Match": named } });
      assert.deepEqual([again.status, again.text, again.etag], [304, "", etag], named);
    }
    assert.equal((await ask("/v1/usage/wasabi", query, { headers: { "If-None-Match": '"else"' } })).status, 200);
    assert.equal((await ask("/v1/usage/wasabi", query, { token: "only-onapp", headers: { "If-None-Match": etag } })).status, 403);
    assert.equal(world.requests("wasabi").length, 0);
  });

  test("has_the_same_headers_for_a_head_and_no_body", async () => {
    const query = { from: "2024-01-20", to: "2024-01-21" };
    await ask("/v1/usage/wasabi", query);
    const { etag } = await ask("/v1/usage/wasabi", query);
    const head = (headers) => world.ask("/v1/usage/wasabi", { query, method: "HEAD", headers });
    const plain = await head({});
    assert.deepEqual([plain.status, plain.headers.get("etag"), plain.headers.get("cache-status")], [200, etag, "meterglot; hit"]);
    assert.equal((await head({ "If-None-Match": etag })).status, 304);
    assert.equal((await head({ "Cache-Control": "no-cache" })).headers.get("etag"), null, "a request with no-cache gets no cached tag");
  });

  test("is_requested_again_if_the_caller_asks_for_it", async () => {
    const query = { from: "2024-01-13", to: "2024-01-14" };
    await ask("/v1/usage/wasabi", query);
    assert.equal((await ask("/v1/usage/wasabi", query, { headers: { "Cache-Control": "no-cache" } })).cache, "miss");
    assert.equal(world.requests("wasabi").length, 2);
  });

  test("is_not_cached_when_its_answer_was_not_complete", async () => {
    const query = { from: "2024-01-15", to: "2024-01-17" };
    for (const kind of ["short", "500", "forbidden"]) {
      world.injectFault("wasabi", { kind, times: Infinity });
      assert.notEqual((await ask("/v1/usage/wasabi", query)).problem, undefined, kind);
      world.faults.end();
    }
    const good = await ask("/v1/usage/wasabi", query);
    assert.deepEqual([good.cache, good.records.length > 0], ["miss", true]);
    // Nor when its caller left in the middle: what had come is no answer.
    const large = { from: "2023-02-01", to: "2024-02-01" };
    const reader = (await world.ask("/v1/usage/devicewise", { query: large })).body.getReader();
    await reader.read();
    await reader.cancel();
    assert.equal((await ask("/v1/usage/devicewise", large)).cache, "miss");
  });

  test("is_not_cached_when_its_answer_is_large", async () => {
    const query = { from: "2023-02-01", to: "2023-04-01" };
    const first = await ask("/v1/usage/wasabi", query);
    assert.ok(first.text.length > 2_000_000);
    assert.equal((await ask("/v1/usage/wasabi", query)).cache, "miss");
  });
});

test("a_cached_answer_is_used_no_longer_than_the_configuration_now_allows", async () => {
  const kept = new Map();
  const { caches } = globalThis;
  async function put(address, response) {
    const [body, { headers }] = [await response.arrayBuffer(), response];
    kept.set(address, () => new Response(body, { headers }));
  }
  globalThis.caches = { default: { match: async (address) => kept.get(address)?.(), put } };
  try {
    let now = Date.parse("2024-12-01T00:00:00Z");
    let asked = 0;
    const fetch = async () => {
      asked++;
      return new Response("[]", { headers: { "Content-Type": "application/json" } });
    };
    const worker = createWorker({ log() {}, now: () => new Date(now), openSource: (provider, config) => openSource(provider, { ...config, fetch }) });
    const bindings = (cacheSeconds) => ({
      METERGLOT_SOURCES: { wasabi: { provider: "wasabi" } },
      METERGLOT_SECRET_WASABI: '{"apiKey":"s3cret-key"}',
      METERGLOT_TOKENS: { [digestOf("t")]: { sources: "*" } },
      METERGLOT_LIMITS: { cacheSeconds },
    });
    const told = async (cacheSeconds, path = "usage") => {
      const response = await worker.request(
        `/v1/${path}/wasabi?from=2024-01-01&to=2024-01-02`,
        { headers: { Authorization: "Bearer t" } },
        bindings(cacheSeconds),
      );
      await response.text();
      await new Promise((resolve) => setTimeout(resolve, 5));
      return response.headers.get("cache-status");
    };
    for (const path of ["usage", "aggregate"]) {
      asked = 0;
      assert.equal(await told(86_400, path), "meterglot; fwd=miss");
      assert.equal(await told(86_400, path), "meterglot; hit");
      assert.equal(await told(0, path), "meterglot; fwd=miss");
      now += 3_600_000;
      assert.equal(await told(86_400, path), "meterglot; hit");
      assert.equal(await told(60, path), "meterglot; fwd=miss", "an hour ago is too long ago for a minute");
      assert.equal(await told(60, path), "meterglot; hit", "the new answer is cached");
      assert.equal(asked, 3);
    }
  } finally {
    globalThis.caches = caches;
  }
});

describe("a period that is not closed", () => {
  test("is_asked_of_the_provider_every_time_and_not_to_be_stored", async () => {
    for (const [from, to] of [
      [day(-2), day(0)],
      [day(-10), day(-2)],
      [day(-1), day(1)],
    ]) {
      const first = await ask("/v1/usage/wasabi", { from, to });
      const second = await ask("/v1/usage/wasabi", { from, to });
      assert.deepEqual([first.cache, second.cache], ["bypass", "bypass"]);
      assert.deepEqual([first.control, first.etag, first.told], ["private, no-store", null, "meterglot; fwd=bypass"]);
    }
    assert.equal(world.requests("wasabi").length, 6);
    assert.equal((await ask("/v1/usage/wasabi", { from: day(-10), to: day(-4) })).cache, "miss", "this one is closed");
  });

  test("an_invoice_has_no_known_end", async () => {
    const { status, cache } = await ask("/v1/usage/wasabi", { invoice: String(world.data.wasabi.invoiceNumber(2024, 0)) });
    assert.deepEqual([status, cache], [200, "bypass"]);
  });
});

test("an_aggregation_has_an_etag_whether_it_is_cached_or_not", async () => {
  for (const query of [
    { from: day(-2), to: day(-1) },
    { from: "2024-01-18", to: "2024-01-19" },
  ]) {
    const { etag } = await ask("/v1/aggregate/wasabi", query);
    const again = await ask("/v1/aggregate/wasabi", query, { headers: { "If-None-Match": etag } });
    assert.deepEqual([again.status, again.text], [304, ""]);
  }
});

test("other_credentials_are_another_answer", async () => {
  const key = { version: "1", route: "usage", source: "a", query: { from: "2024-01-01", to: "2024-01-02" }, representation: "json" };
  const address = (configuration) => addressOf({ ...key, configuration });
  const one = await address('{"apiKey":"one"}');
  assert.equal(await address('{"apiKey":"one"}'), one);
  assert.notEqual(await address('{"apiKey":"two"}'), one);
  assert.match(one, /^https:\/\/meterglot\.invalid\/[\w-]{43}$/);
});
