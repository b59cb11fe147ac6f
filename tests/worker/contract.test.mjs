// The requests and answers of the worker, compared with its OpenAPI document by an independent validator.
import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { after, before, describe, test } from "node:test";
import { createWorker } from "meterglot/worker";
import { digestOf } from "../../www/worker/local/bindings.mjs";
import { REPRESENTATIONS } from "./support/answers.mjs";
import { readDocument } from "./support/document.mjs";
import { HASTY, stage, TOKEN } from "./support/stage.mjs";

const WEEK = { from: "2024-03-08", to: "2024-03-15" };
const SOURCES = ["barracuda", "devicewise", "cloudsigma", "wasabi", "wasabi-stats", "onapp"];
const USAGE = "/v1/usage/{source}";
const AGGREGATE = "/v1/aggregate/{source}";
const NORMALIZE = "/v1/normalize";

/** Looks like a JWT, signed with an unknown key. */
const jwt = () =>
  [{ alg: "ES256" }, {}]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .concat("AA")
    .join(".");

let world;
let contract;
before(async () => {
  world = await stage({
    more: { ...HASTY, maxPageBytes: 64 * 1024 },
    limits: { bodyBytes: 1000, stallSeconds: 1 },
    tokens: { "only-wasabi": { sources: ["wasabi"] } },
    bindings: { METERGLOT_JWKS_URL: "http://127.0.0.1:1/keys", METERGLOT_JWKS_ISSUER: "https://login.example", METERGLOT_JWKS_AUDIENCE: "meterglot" },
  });
  contract = readDocument(await (await world.ask("/openapi.json", { token: null })).json());
});
after(() => world.close());

/** Announces a body, and never sends it. */
function sendNothing() {
  return new Promise((resolve, reject) => {
    const headers = { Authorization: `Bearer ${TOKEN}`, "Content-Length": "100" };
    const request = httpRequest(new URL(NORMALIZE, world.worker.url), { method: "POST", headers }, async (response) => {
      const body = Buffer.concat(await response.toArray());
      request.destroy();
      resolve(new Response(body, { status: response.statusCode, headers: response.headers }));
    });
    request.on("error", reject).flushHeaders();
  });
}

describe("every answer is as the document says", () => {
  /** Statuses that have been seen, by operation. */
  const seen = {};

  async function check(method, path, options = {}, source = "wasabi") {
    return note(method, path, await world.ask(path.replace("{source}", source), { method, ...(method === "post" ? {} : { query: WEEK }), ...options }));
  }

  async function note(method, path, response) {
    (seen[`${method} ${path}`] ??= new Set()).add(String(response.status));
    return contract.assertAnswer(method, path, response);
  }

  const collected = '{"objects":[{"amount":"0.01","resource_type":"ip","usage":1},]}';

  test("whole_ones_of_every_source_in_every_representation", async () => {
    for (const path of ["/healthz", "/v1/sources", "/openapi.json"]) {
      await check("get", path, { query: {} });
    }
    for (const source of SOURCES) {
      for (const accept of Object.values(REPRESENTATIONS)) {
        const values = await check("get", USAGE, { accept }, source);
        assert.ok(values.length > 0);
        await check("get", AGGREGATE, { accept, query: { ...WEEK, window: "day", by: "provider,resource" } }, source);
      }
    }
    const summed = await check("get", USAGE, { accept: REPRESENTATIONS.ndjson, query: { ...WEEK, summary: "true" } });
    assert.equal(summed.at(-1).complete, true);
    for (const accept of [REPRESENTATIONS.json, REPRESENTATIONS.ndjson]) {
      await check("post", NORMALIZE, { body: collected, accept, query: { onError: "collect", summary: "true" } });
    }
    await check("post", NORMALIZE, {
      body: '{"page":1,"page_size":30,"count":0,"links":[],"list":[]}',
      accept: REPRESENTATIONS.csv,
      query: { provider: "barracuda" },
    });
  });

  test("what_the_caller_has_already", async () => {
    for (const path of [USAGE, AGGREGATE]) {
      const ask = (headers) => world.ask(path.replace("{source}", "wasabi"), { query: { from: "2024-03-01", to: "2024-03-02" }, headers });
      await note("get", path, await ask({}));
      await new Promise((resolve) => setTimeout(resolve, 50));
      const kept = await ask({});
      await note("get", path, await ask({ "If-None-Match": kept.headers.get("etag") }));
      await note("get", path, kept);
    }
  });

  test("what_broke_off", async () => {
    const day = world.injectFault("wasabi", { kind: "cut", at: 200_000, times: Infinity });
    const response = await world.ask("/v1/usage/wasabi", { query: { from: "2024-02-01", to: "2024-02-27" }, accept: REPRESENTATIONS.ndjson });
    const values = await note("get", USAGE, response);
    day.end();
    assert.ok("problem" in values.at(-1));
  });

  test("every_problem", async () => {
    const bad = async (kind, path) => {
      const day = world.injectFault("wasabi", { times: Infinity, ...kind });
      await check("get", path, { headers: { "Cache-Control": "no-cache" } });
      day.end();
    };
    for (const [method, path, more] of [
      ["get", "/v1/sources"],
      ["get", USAGE],
      ["get", AGGREGATE],
      ["post", NORMALIZE, { body: "x" }],
    ]) {
      await check(method, path, { ...more, token: "wrong" });
      await check(method, path, { ...more, token: null });
      await check(method, path, { ...more, token: "x".repeat(9000) });
      await check(method, path, { ...more, token: jwt() });
      if (path !== "/v1/sources") {
        await check(method, path, { ...more, query: { unheardOf: "1" } });
        await check(method, path, { ...more, accept: "text/html" });
      }
    }
    for (const path of [USAGE, AGGREGATE]) {
      await check("get", path, {}, "nowhere");
      await check("get", path, { token: "only-wasabi" }, "onapp");
      await check("get", path, { query: { ...WEEK, bucket: "b" } }, "barracuda");
      for (const kind of [{ kind: "500" }, { kind: "forbidden" }, { kind: "429", retryAfter: 9 }, { kind: "slow-headers", ms: 800 }]) {
        await bad(kind, path);
      }
    }
    await check("get", AGGREGATE, { query: { ...WEEK, reduce: "gauge:sum" } });
    await check("post", NORMALIZE, { body: "x".repeat(1001) });
    await check("post", NORMALIZE, { body: "x", headers: { "Content-Encoding": "br" } });
    await check("post", NORMALIZE, { body: '{"page":1,"list":[{"date":"never"}]}', query: { provider: "barracuda" } });
    await note("post", NORMALIZE, await sendNothing());
  });

  test("those_of_a_worker_whose_bindings_are_wrong", async () => {
    const worker = createWorker({ log() {} });
    for (const { method, path } of contract.operations) {
      const init = { method: method.toUpperCase(), ...(method === "post" ? { body: "x" } : {}) };
      await note(method, path, await worker.request(path.replace("{source}", "wasabi"), init, { METERGLOT_LIMITS: "no" }));
    }
  });

  test("and_each_status_of_the_document_has_been_seen", () => {
    for (const { method, path, responses } of contract.operations) {
      assert.deepEqual([...seen[`${method} ${path}`]].sort(), Object.keys(responses).sort(), `${method} ${path}`);
    }
  });
});

describe("every parameter", () => {
  /** Everything that one of the parameters distinguishes. */
  const VALUES = [
    ...["", " ", "x", "ü", "a b", "a,b", ",", "a,", ".", "..", "...", "a\nb", "a\tb", "a\u0000b", "a\u2028b", "a\u202eb", "true", "false", "TRUE"],
    ...["0", "00", "007", "1", "-1", "+1", "1.5", "1e3", "255", "256", "257", "999", "9999", "10000", "1".repeat(18), "1".repeat(19)],
    ...["hour", "day", "month", "total", "0d", "1d", "60d", "99d", "100d", "01d", "fortnight", "year", "monday", "friday", "start", "error"],
    ...["a".repeat(256), "a".repeat(257), "😀".repeat(128), "😀".repeat(256), "😀".repeat(257), "b".repeat(16_384), "b".repeat(16_385), "😀".repeat(16_384)],
    ...["provider", "resource,region", "resource,", "colour", "dimensions.", "dimensions.a", "dimensions.a.b", "dimensions.a,b"],
    ...["gauge:max", "gauge:avg", "gauge:", ":max", "a:b:max", "gauge:max,delta:sum", "storage.stored:GiBy", `a:${"b".repeat(64)}`, `a:${"b".repeat(65)}`],
    ...["USD", "usd", "EURO", "bucket", "account", "wasabi", "acme", "throw", "collect", "https://x.example/a?b=c", '{"url":"https://x.example"}'],
    ...["2024-03-08", "2024-3-8", "2024-13-01", "2024-00-10", "2024-01-32", "24-01-01", "2024-03-08Z", "2024-03-08T00:00:00", "2024-03-08T00:00Z"],
    ...["Z", "z", "+00:00", "-23:59", "+24:00", "+01:60", "+0100", " Z"].map((offset) => `2024-03-08T07:08:09${offset}`),
    ...["2024-03-08t07:08:09z", "2024-03-08 07:08:09Z", "2024-03-08T24:00:00Z", "2024-03-08T23:60:00Z", "2024-03-08T23:59:60Z", "2024-03-08T23:59:61Z"],
    ...["", ".", ".1", ".123456789", ".1234567890", ".1234567891"].map((fraction) => `2024-03-08T07:08:09${fraction}Z`),
  ].map((value) => [value]);
  const LISTS = [
    ["resource", "region"],
    ["gauge:max", "delta:sum"],
    ["a", ""],
    Array(64).fill("resource"),
    Array(65).fill("resource"),
    Array.from({ length: 64 }, (_, n) => `m${n}:sum`),
    Array.from({ length: 65 }, (_, n) => `m${n}:sum`),
  ];

  /** What only shows when parameters are taken together, or depends on the formats of the bindings. */
  const TOGETHER =
    /: (is missing|expected a (?:provider|format) that this worker reads: .*|expected (a time after `from`|a period of at most \d+ days|none beside `invoice`.*|each name once))$/;

  const bindings = { METERGLOT_SOURCES: { a: { provider: "wasabi" } }, METERGLOT_TOKENS: { [digestOf(TOKEN)]: { sources: "*" } } };
  // A source that is never asked.
  const worker = createWorker({
    log() {},
    openSource: () => ({ provider: "wasabi", stream: () => new ReadableStream({ pull: (controller) => controller.close() }) }),
  });

  async function isRefused(method, path, { name, in: place }, texts) {
    const query = new URLSearchParams();
    const headers = new Headers({ Authorization: `Bearer ${TOKEN}` });
    for (const text of texts) {
      place === "query" ? query.append(name, text) : headers.append(name, text);
    }
    if (method === "get" && !["from", "to", "invoice"].includes(name)) {
      query.append("from", WEEK.from);
      query.append("to", WEEK.to);
    }
    const response = await worker.request(
      `${path.replace("{source}", "a")}?${query}`,
      { method: method.toUpperCase(), headers, ...(method === "post" ? { body: "x" } : {}) },
      bindings,
    );
    const text = await response.text();
    const { detail = "" } = response.status === 400 ? JSON.parse(text) : {};
    return new RegExp(`^(query parameter|header) \`${name}\`: `).test(detail) && !TOGETHER.test(detail);
  }

  for (const [method, path] of [
    ["get", USAGE],
    ["get", AGGREGATE],
    ["post", NORMALIZE],
  ]) {
    test(`of_${path.split("/")[2]}_is_taken_where_the_document_allows_it_and_only_there`, async () => {
      const { parameters } = contract.operations.find((operation) => operation.path === path);
      const verdicts = { true: 0, false: 0 };
      for (const [index, parameter] of parameters.entries()) {
        const values = parameter.in === "header" ? VALUES.filter(([value]) => /^[\x21-\x7e]+$/.test(value)) : [...VALUES, ...LISTS];
        for (const texts of parameter.in === "path" ? [] : values) {
          const allowed = contract.allows(method, path, index, texts);
          verdicts[allowed] += 1;
          const shown = `${parameter.name}, ${texts.length} times: ${texts.slice(0, 2).map((text) => JSON.stringify(text.slice(0, 40)) + (text.length > 40 ? `(${text.length})` : ""))}`;
          assert.equal(await isRefused(method, path, parameter, texts), !allowed, shown);
        }
      }
      assert.ok(verdicts.true > 50 && verdicts.false > 50, JSON.stringify(verdicts));
    });
  }

  test("that_is_a_time_is_one_of_a_day_that_exists_which_no_pattern_says", async () => {
    for (const text of ["2024-02-30", "2023-02-29", "2024-04-31"]) {
      assert.ok(await isRefused("get", USAGE, { name: "from", in: "query" }, [text]), text);
    }
  });
});
