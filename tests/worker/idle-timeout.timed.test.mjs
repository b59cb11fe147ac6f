// A caller that stops reading or sending does not make others wait for long.
import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createWorker } from "meterglot/worker";
import { digestOf } from "../../www/worker/local/bindings.mjs";
import { REPRESENTATIONS, verdictOf } from "./support/answers.mjs";
import { NOTHING_KEPT, stage, TOKEN } from "./support/stage.mjs";

const DAY = { from: "2024-03-01", to: "2024-03-02" };
/** So large that no buffer on the way holds it. */
const LARGE = { from: "2022-01-01", to: "2022-06-01" };

let world;
before(async () => {
  world = await stage({
    world: { size: { wasabi: { accounts: 1, buckets: 1000 } } },
    more: { timeoutMs: 30_000 },
    each: { wasabi: { daysPerRequest: 1000 } },
    limits: { ...NOTHING_KEPT, upstream: 2, uploads: 2, waitSeconds: 0, stallSeconds: 1, uploadSeconds: 3 },
  });
});
after(() => world.close());

test("readers_that_do_not_read_do_not_block_a_source", async () => {
  const stalled = [];
  for (let i = 0; i < 2; i++) {
    stalled.push(await world.ask("/v1/usage/wasabi", { query: LARGE, accept: REPRESENTATIONS.ndjson }));
  }
  assert.equal((await world.ask("/v1/usage/wasabi", { query: DAY })).status, 503, "both places are taken");
  await sleep(3500);
  const { status, records } = await verdictOf(await world.ask("/v1/usage/wasabi", { query: DAY }));
  assert.equal(status, 200);
  assert.ok(records.length > 0);
  assert.deepEqual(
    world.requests("wasabi").filter(({ body }) => body === "open"),
    [],
    "the provider's connections have ended",
  );
  for (const response of stalled) {
    const { code, outcome } = await world.lineOf(response);
    assert.deepEqual([code, outcome], ["too-slow", "broken"]);
    const { problem } = await verdictOf(response);
    assert.equal(problem.code, "too-slow", "a caller that reads again receives the problem");
  }
});

test("a_slow_reader_who_reads_is_waited_for", async () => {
  // In this process, without a socket's buffer between the two.
  const worker = createWorker({ log() {} });
  const headers = { Authorization: `Bearer ${TOKEN}`, Accept: REPRESENTATIONS.ndjson };
  const response = await worker.request(`/v1/usage/wasabi?${new URLSearchParams(DAY)}`, { headers }, world.bindings);
  const reader = response.body.getReader();
  let text = "";
  const decoder = new TextDecoder();
  for (let { done, value } = await reader.read(), reads = 0; !done; { done, value } = await reader.read(), reads++) {
    text += decoder.decode(value, { stream: true });
    if (reads < 4) {
      await sleep(600);
    }
  }
  assert.doesNotMatch(text.slice(-2000), /"problem"/);
  assert.equal(text.split("\n").length - 1, world.rows("wasabi", DAY) * 18);
});

test("bodies_that_stop_arriving_are_given_up_and_so_are_their_places", async () => {
  const headers = { Authorization: `Bearer ${TOKEN}`, Accept: REPRESENTATIONS.ndjson };
  const uploads = Array.from({ length: 2 }, () => {
    const request = httpRequest(new URL("/v1/normalize", world.worker.url), { method: "POST", headers });
    request.write("[");
    const answered = new Promise((resolve, reject) => request.on("response", resolve).on("error", reject));
    return { request, answered };
  });
  await sleep(300);
  const body = '{"page":1,"page_size":30,"count":0,"links":[],"list":[]}';
  const normalize = () => world.ask("/v1/normalize", { method: "POST", body, query: { provider: "barracuda" } });
  assert.equal((await verdictOf(await normalize())).problem?.code, "busy", "both places are taken");
  for (const { request, answered } of uploads) {
    const answer = await answered;
    assert.equal(answer.statusCode, 408);
    let text = "";
    for await (const some of answer.setEncoding("utf8")) {
      text += some;
    }
    assert.equal(JSON.parse(text).code, "too-slow");
    request.destroy();
  }
  assert.equal((await normalize()).status, 200);
});

test("a_body_that_trickles_is_given_up_too", async () => {
  const request = httpRequest(new URL("/v1/normalize", world.worker.url), { method: "POST", headers: { Authorization: `Bearer ${TOKEN}` } });
  const answered = new Promise((resolve, reject) => request.on("response", resolve).on("error", reject));
  const trickle = setInterval(() => request.write(" "), 200);
  const start = performance.now();
  const answer = await answered;
  clearInterval(trickle);
  assert.equal(answer.statusCode, 408);
  const seconds = (performance.now() - start) / 1000;
  assert.ok(seconds > 2.5 && seconds < 5, `${seconds} s`);
  answer.resume();
  request.destroy();
});

test("a_hint_that_is_refused_leaves_the_body_untouched", async () => {
  const worker = createWorker({ log() {} });
  const bindings = { METERGLOT_SOURCES: {}, METERGLOT_TOKENS: { [digestOf("t")]: { sources: "*" } } };
  let pulled = 0;
  const body = new ReadableStream({ pull: () => void (pulled += 1) }, { highWaterMark: 0 });
  const headers = { Authorization: "Bearer t", "Meterglot-Request": "{oops" };
  const response = await worker.request("/v1/normalize", { method: "POST", body, duplex: "half", headers }, bindings);
  assert.equal((await verdictOf(response)).problem.code, "invalid-option");
  assert.equal(pulled, 0);
});
