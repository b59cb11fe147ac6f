// A listing of 200 MB through the worker in workerd, and what it costs in memory.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { REPRESENTATIONS } from "./support/answers.mjs";
import { NOTHING_KEPT, stage } from "./support/stage.mjs";

const MB = 1e6;

/** What the engine remembers of a row, so that it is not given twice: two hashes, in a table that doubles as it fills. */
const BYTES_A_ROW = 150;

/** About 3,800 buckets for 74 days, in one request: all rows are of one span, so none is forgotten on the way. */
const QUERY = { from: "2022-01-01", to: "2022-03-16" };

let world;
before(async () => {
  world = await stage({
    entry: fileURLToPath(new URL("support/engine-entry.mjs", import.meta.url)),
    world: { size: { wasabi: { accounts: 1, buckets: 4000 } } },
    more: { timeoutMs: 30_000, totalTimeoutMs: 600_000 },
    each: { wasabi: { daysPerRequest: 1000 } },
    limits: { ...NOTHING_KEPT, upstream: 100 },
  });
});
after(() => world.close());

/** What the worker's process holds of the machine's memory, in bytes. */
const resident = () => Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${world.worker.pid}/status`, "utf8"))[1]) * 1024;
const engineBytes = async () => (await (await world.ask("/engine")).json()).bytes;

test("two_hundred_megabytes_pass_in_bounded_memory", { timeout: 600_000, skip: process.platform === "linux" ? false : "it reads /proc" }, async (t) => {
  await (await world.ask("/v1/usage/wasabi", { query: { from: "2022-01-01", to: "2022-01-02" } })).text();
  const before = { resident: resident(), engine: await engineBytes() };
  const start = performance.now();
  const response = await world.ask("/v1/usage/wasabi", { query: QUERY, accept: REPRESENTATIONS.ndjson });
  assert.equal(response.status, 200);
  /** The most that was resident while each tenth of the records passed. */
  const tenths = [];
  const expected = world.rows("wasabi", QUERY) * 18;
  let [records, bytes, last] = [0, 0, new Uint8Array()];
  for await (const chunk of response.body) {
    bytes += chunk.length;
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) {
      records += 1;
    }
    const tenth = Math.min(Math.floor((10 * records) / expected), 9);
    tenths[tenth] = Math.max(tenths[tenth] ?? 0, resident());
    last = chunk;
  }
  const seconds = (performance.now() - start) / 1000;
  const engine = await engineBytes();
  const [upstream] = world.requests("wasabi").slice(-1);

  const shown = (value) => (value / MB).toFixed(1);
  t.diagnostic(`figure: ${shown(upstream.bytes)} MB from the provider became ${shown(bytes)} MB of NDJSON, ${records} records, in ${seconds.toFixed(1)} s`);
  t.diagnostic(`figure: the engine's memory: ${shown(before.engine)} MB before, ${shown(engine)} MB after`);
  t.diagnostic(`figure: workerd's resident memory: ${shown(before.resident)} MB before; by tenths of the listing ${tenths.map(shown).join(", ")} MB`);

  assert.ok(upstream.bytes > 200 * MB, `${upstream.bytes}`);
  assert.equal(upstream.body, "complete");
  assert.equal(records, expected);
  assert.doesNotMatch(new TextDecoder().decode(last.subarray(-2000)), /"problem"/);
  const remembered = (expected / 18) * BYTES_A_ROW;
  assert.ok(engine - before.engine <= 4 * MB + remembered, "the engine holds a row, its buffers and what it remembers of a row, not the listing");
  assert.ok(Math.max(...tenths) - before.resident < 192 * MB, "nor does JavaScript");
  assert.ok(tenths[9] < Math.max(...tenths.slice(0, 5)) + 48 * MB, "what is held does not grow with what has passed");
});
