// Many callers that disconnect before their answer is over. workerd drops their requests, often without running more of their code.
import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { REPRESENTATIONS, verdictOf } from "./support/answers.mjs";
import { NOTHING_KEPT, stage, TOKEN } from "./support/stage.mjs";

const DAY = { from: "2024-03-01", to: "2024-03-02" };
const MONTH = { from: "2024-03-01", to: "2024-04-01" };

/** As many places as there are callers of one test, so that each has one to lose. */
const PLACES = 100;

/** Fewer aggregations: workerd lets them run to their end when their caller has disconnected. */
const AGGREGATIONS = 40;

let world;
before(async () => {
  world = await stage({
    entry: fileURLToPath(new URL("support/engine-entry.mjs", import.meta.url)),
    world: { size: { wasabi: { accounts: 1, buckets: 500 } } },
    more: { timeoutMs: 30_000, totalTimeoutMs: 60_000, maxPageBytes: 64 * 1024 },
    limits: { ...NOTHING_KEPT, upstream: PLACES, uploads: PLACES },
  });
});
after(() => world.close());

const engine = async () => (await world.ask("/engine")).json();

/** Calls `leave` so many times, a few at a time. */
async function manyTimes(count, leave) {
  let left = count;
  await Promise.all(
    Array.from({ length: 10 }, async () => {
      while (left-- > 0) {
        await leave();
      }
    }),
  );
}

/** Asks, and leaves after so many milliseconds. */
async function askAndLeave(path, query, ms) {
  const signal = AbortSignal.timeout(ms);
  await world.ask(path, { query, accept: REPRESENTATIONS.ndjson, signal }).then(
    (response) => response.body.cancel(),
    (error) => assert.equal(error.name, "TimeoutError"),
  );
}

const row = (n) =>
  `{"AcctNum":7363,"BucketNum":${n},"Bucket":"b","Region":"us-east-1","StartTime":"2019-12-25T00:00:00Z","EndTime":"2019-12-26T00:00:00Z","NumAPICalls":${n}}`;

/** Sends half a body, and leaves when the first records come back. */
function sendAndLeave() {
  return new Promise((resolve) => {
    const headers = { Authorization: `Bearer ${TOKEN}`, Accept: REPRESENTATIONS.ndjson };
    const request = httpRequest(new URL("/v1/normalize", world.worker.url), { method: "POST", headers }, (response) => {
      response.on("error", () => {}).once("data", () => request.destroy());
    });
    request.on("error", () => {}).on("close", resolve);
    request.write(`[${Array.from({ length: 20 }, (_, n) => row(n)).join(",")}`);
  });
}

/** The results of the next callers of both kinds: lost places are recovered when a caller comes. */
async function nextCallers() {
  assert.equal((await verdictOf(await world.ask("/v1/usage/wasabi", { query: DAY }))).status, 200);
  assert.equal((await verdictOf(await world.ask("/v1/normalize", { method: "POST", body: `[${row(1)}]` }))).status, 200);
}

const WAYS = {
  after_the_first_records: async () => {
    const leaving = new AbortController();
    const response = await world.ask("/v1/usage/wasabi", { query: MONTH, accept: REPRESENTATIONS.ndjson, signal: leaving.signal });
    await response.body.getReader().read();
    leaving.abort();
  },
  before_the_first_byte: () => askAndLeave("/v1/usage/wasabi", MONTH, 10),
  from_an_aggregation: () => askAndLeave("/v1/aggregate/wasabi", DAY, 30),
  in_the_middle_of_their_own_body: sendAndLeave,
};

for (const [way, leave] of Object.entries(WAYS)) {
  test(`callers_that_leave_${way}_leave_nothing_behind`, { timeout: 120_000 }, async (t) => {
    await nextCallers();
    const before = await engine();
    assert.equal(before.live, 0, "nothing is allocated in the engine without a request");
    const many = way === "from_an_aggregation" ? AGGREGATIONS : PLACES;
    await manyTimes(many, leave);
    const { live: most } = await engine();
    await sleep(6000);
    // At once, and not at a later collection: so no other request comes in between.
    await nextCallers();
    const now = await engine();
    t.diagnostic(`figure: ${many} left: ${most} listings and aggregations lived then, ${now.live} in the end`);
    assert.equal(now.live, 0, "what a dropped request held is freed");
  });
}

test("a_caller_that_waits_while_others_leave_gets_its_answer", { timeout: 120_000 }, async () => {
  const few = await stage({
    world: { size: { wasabi: { accounts: 1, buckets: 500 } } },
    more: {},
    limits: { ...NOTHING_KEPT, upstream: 4, waiting: 200, waitSeconds: 60 },
  });
  try {
    const leaving = new AbortController();
    const gone = Array.from({ length: AGGREGATIONS }, () => few.ask("/v1/aggregate/wasabi", { query: DAY, signal: leaving.signal }).catch(() => {}));
    await sleep(300);
    const waiting = Array.from({ length: 10 }, async () => verdictOf(await few.ask("/v1/usage/wasabi", { query: DAY })));
    leaving.abort();
    await Promise.all(gone);
    for (const { status, problem } of await Promise.all(waiting)) {
      assert.deepEqual([status, problem], [200, undefined]);
    }
    assert.deepEqual(
      few.lines.filter(({ event }) => event === "fault"),
      [],
    );
    assert.deepEqual(
      few.printed.filter((line) => line.includes("had hung")),
      [],
    );
  } finally {
    await few.close();
  }
});
