// Bodies that are made to take as much of the engine's memory as they can, which it never gives back.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { REPRESENTATIONS, verdictOf } from "./support/answers.mjs";
import { stage } from "./support/stage.mjs";

const MB = 1e6;

/** Of the 128 MB that an isolate may have, so much may be the engine's after the worst that many callers send at once. */
const MOST = 64 * MB;

/** More than are read at a time. */
const AT_ONCE = 8;

let world;
before(async () => (world = await stage({ entry: fileURLToPath(new URL("support/engine-entry.mjs", import.meta.url)) })));
after(() => world.close());

const engineBytes = async () => (await (await world.ask("/engine")).json()).bytes;
const post = async (body, provider, options) =>
  verdictOf(await world.ask("/v1/normalize", { method: "POST", body, query: provider === null ? {} : { provider }, ...options }));

/** What is refused early ends its connection while the body is still being sent: that may take the answer with it. */
const problemOf = (body, provider, options) =>
  post(body, provider, options).then(
    ({ problem }) => problem,
    (error) => ({ code: error.message === "fetch failed" ? "transfer-failed" : String(error) }),
  );

const onapp = (cost, count) =>
  `<user_stats><user_stat><user_id>4</user_id><total_cost>1</total_cost>${Array.from({ length: count }, (_, n) => cost(n)).join("")}</user_stat></user_stats>`;
const same = () => "<a_cost>1</a_cost>";
const other = (n) => `<a${n}_cost>1</a${n}_cost>`;
const counters = (value, count) => `{"1":{"success":true,"params":{"counters":{"a":[${`${value},`.repeat(count)}1],"ts":["2024-01-20T08:00:00-05:00"]}}}`;

/** A body of a megabyte or more, its provider, and what it is refused with. */
const BODIES = {
  "a row of one cost after another": [onapp(same, 57_000), "onapp", "limit-exceeded"],
  "a row of costs that differ": [onapp(other, 45_000), "onapp", "limit-exceeded"],
  "a column of numbers": [counters("1", 530_000), "devicewise", "invalid-number"],
  "a column that no provider is named for": [counters("1", 1_000_000), null, "invalid-number"],
  "a column of long numbers": [counters("123456789", 500_000), "devicewise", "invalid-number"],
  "a row of numbers": [`[{"BucketNum":1,"x":[${"1,".repeat(1_000_000)}1]}]`, "wasabi", "limit-exceeded"],
  "a part of the envelope": [`{"meta":{"a":[${"1,".repeat(1_000_000)}`, "cloudsigma", "limit-exceeded"],
  "a list of links": [`{"links":[${"{},".repeat(1_000_000)}`, "barracuda", "limit-exceeded"],
  "elements without an end": [`<user_stats>${"<a/>".repeat(1_000_000)}`, "onapp", "invalid-xml"],
};

for (const [what, [body, provider, code]] of Object.entries(BODIES)) {
  test(`${what.replaceAll(" ", "_")}_takes_bounded_memory`, { timeout: 120_000 }, async (t) => {
    for (const accept of [REPRESENTATIONS.json, REPRESENTATIONS.csv]) {
      for (const problem of await Promise.all(Array.from({ length: AT_ONCE }, () => problemOf(body, provider, { accept })))) {
        assert.ok([code, "transfer-failed"].includes(problem?.code), JSON.stringify(problem));
      }
    }
    const bytes = await engineBytes();
    t.diagnostic(`figure: the engine's memory after ${AT_ONCE} bodies of ${(body.length / MB).toFixed(1)} MB at once: ${(bytes / MB).toFixed(1)} MB`);
    assert.ok(bytes <= MOST, `${bytes}`);
  });
}

test("the_largest_row_that_is_read_takes_bounded_memory", { timeout: 120_000 }, async (t) => {
  const body = onapp(same, 14_400);
  assert.ok(body.length < 256 * 1024);
  for (const { records } of await Promise.all(Array.from({ length: AT_ONCE }, () => post(body, "onapp")))) {
    assert.ok(records.length >= 14_400);
  }
  const bytes = await engineBytes();
  t.diagnostic(`figure: the engine's memory after ${AT_ONCE} such rows at once: ${(bytes / MB).toFixed(1)} MB`);
  assert.ok(bytes <= MOST, `${bytes}`);
});

test("a_years_hours_of_twenty_counters_are_no_large_row", async () => {
  const hours = Array.from({ length: 8760 }, (_, n) => new Date(Date.UTC(2024, 0, 1) + n * 3_600_000).toISOString());
  const columns = Object.fromEntries(Array.from({ length: 20 }, (_, column) => [`c${column}`, hours.map((_, n) => n)]));
  const { records } = await post(JSON.stringify({ 1: { success: true, params: { counters: columns, ts: hours } } }), "devicewise");
  assert.equal(records.length, 20 * 8760);
});
