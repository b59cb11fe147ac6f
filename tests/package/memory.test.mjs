// Output leaves in bounded pieces (docs/design.md#streaming): what the engine's memory grows to, which never shrinks again.
import assert from "node:assert/strict";
import { test } from "node:test";
import { freshPackage, wasabiDays } from "./fresh.mjs";

const MIB = 1 << 20;
const CHUNK = 64 * 1024;

const encoder = new TextEncoder();

/** An engine of its own, and how much its memory has grown since it was loaded. */
async function fresh(t) {
  const { meterglot, memory } = await freshPackage(t, "entry.node.js");
  meterglot.detect("[]");
  const start = await memory();
  return { meterglot, grown: async () => (await memory()) - start };
}

/** A reply of deviceWISE in chunks: `counters` services with a value for each of `times` hours, and `ts` behind them. */
function* devicewise(counters, times) {
  yield '{"1":{"success":true,"params":{"counters":{';
  const values = Array.from({ length: times }, (_, i) => i % 10).join(",");
  for (let i = 0; i < counters; i++) {
    yield `${i === 0 ? "" : ","}"service.${i}":[${values}]`;
  }
  yield '},"ts":[';
  for (let i = 0; i < times; i++) {
    yield `${i === 0 ? "" : ","}"${new Date(Date.UTC(2000, 0, 1, i)).toISOString().slice(0, 19)}Z"`;
  }
  yield "]}}}";
}

const bytesOf = (texts) => encoder.encode([...texts].join(""));

const inChunks = (bytes) =>
  new ReadableStream({
    start() {
      this.at = 0;
    },
    pull(controller) {
      if (this.at >= bytes.length) {
        controller.close();
      } else {
        controller.enqueue(bytes.subarray(this.at, this.at + CHUNK));
        this.at += CHUNK;
      }
    },
  });

for (const [counters, times, formats] of [
  [100, 40_000, ["ndjson"]],
  [4000, 250, ["ndjson", "csv", "records"]],
  [1, 300_000, ["csv", "records"]],
]) {
  for (const to of formats) {
    test(`${counters}_columns_of_${times}_stream_to_${to}_within_their_numbers_and_8_MiB`, async (t) => {
      const { meterglot, grown } = await fresh(t);
      const body = bytesOf(devicewise(counters, times));
      let records = 0;
      for await (const piece of inChunks(body).pipeThrough(meterglot.normalizeStream({ to }))) {
        if (to === "records") {
          records += piece.length;
          assert.ok(piece.length <= 100_000);
        } else {
          for (let at = piece.indexOf(10); at !== -1; at = piece.indexOf(10, at + 1)) {
            records += 1;
          }
          assert.ok(piece.length <= MIB + 1024, `a piece of ${piece.length} bytes`);
        }
      }
      assert.equal(records, counters * times + (to === "csv" ? 1 : 0));
      const columns = (counters + 1) * times * 8;
      const over = (await grown()) - columns;
      assert.ok(over <= 8 * MIB, `${(over / MIB).toFixed(1)} MiB above the columns`);
    });
  }
}

test("a_row_of_many_costs_leaves_in_pieces", async (t) => {
  const { meterglot, grown } = await fresh(t);
  const costs = Array.from({ length: 40_000 }, (_, i) => `"x${i}_cost":1`).join(",");
  const body = encoder.encode(`[{"user_stat":{"user_id":1,"stat_time":"2024-01-01T00:00:00Z","currency_code":"USD",${costs}}}]`);
  let bytes = 0;
  for await (const piece of inChunks(body).pipeThrough(meterglot.normalizeStream({ to: "ndjson", provider: "onapp" }))) {
    bytes += piece.length;
    assert.ok(piece.length <= MIB + 1024, `a piece of ${piece.length} bytes`);
  }
  assert.ok(bytes > 15 * MIB);
  assert.ok((await grown()) < 40 * MIB);
});

test("the_text_of_a_table_takes_at_most_a_fifth_of_it_in_the_engine", async (t) => {
  const { meterglot, grown } = await fresh(t);
  const table = meterglot.normalize(wasabiDays(50_000));
  const before = await grown();
  for (const text of [table.toNDJSON(), table.toCSV()]) {
    assert.ok(text.length > 10 * MIB);
    assert.equal(text.byteOffset, 0);
  }
  assert.ok((await grown()) - before < 4 * MIB);
});
