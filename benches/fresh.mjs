// What needs a module that nothing has grown yet: run in a thread of its own, `workerData` says which.
import assert from "node:assert/strict";
import { parentPort, workerData } from "node:worker_threads";
import { wasabiDaily, wasabiDailyChunks } from "./data.mjs";
import { engine, memoryBytes, meterglot } from "./ours.mjs";

const { aggregate, normalize, normalizeStream } = meterglot;
const METRICS_A_ROW = 18;
const BYTES_A_ROW = 700;
const LINE_END = 10;
/** A million rows are more than what is read unasked. */
const wide = { limits: { maxBytes: 2 ** 31, maxRecords: 100_000_000 } };

/** A body read as it comes: how much memory the module takes beyond its start, and how fast it goes. */
async function stream({ bytes }) {
  const start = memoryBytes();
  const rows = Math.ceil(bytes / BYTES_A_ROW);
  let [given, making, lines, out, counting] = [0, 0, 0, 0, 0];
  const chunks = wasabiDailyChunks(rows);
  const source = new ReadableStream({
    pull(controller) {
      const began = performance.now();
      const { done, value } = chunks.next();
      making += performance.now() - began;
      if (done) {
        controller.close();
      } else {
        given += value.length;
        controller.enqueue(value);
      }
    },
  });
  const began = performance.now();
  for await (const piece of source.pipeThrough(normalizeStream({ to: "ndjson", ...wide }))) {
    const counted = performance.now();
    out += piece.length;
    const buffer = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    for (let at = buffer.indexOf(LINE_END); at !== -1; at = buffer.indexOf(LINE_END, at + 1)) {
      lines += 1;
    }
    counting += performance.now() - counted;
  }
  // Making the body and counting the lines is the benchmark's own work.
  const milliseconds = performance.now() - began - making - counting;
  assert.equal(lines, METRICS_A_ROW * rows, "a record a metric of each row");
  return { bytes: given, outBytes: out, records: lines, milliseconds, memoryAboveStart: memoryBytes() - start };
}

/** The same records from a stream cut anywhere as from the whole body. */
async function streamIsWhole({ rows }) {
  const body = wasabiDaily(rows);
  const table = normalize(body);
  const whole = Buffer.from(table.toNDJSON());
  table.free();
  const source = new ReadableStream({
    start(controller) {
      for (let at = 0; at < body.length; at += 4093) {
        controller.enqueue(body.subarray(at, at + 4093));
      }
      controller.close();
    },
  });
  const pieces = [];
  for await (const piece of source.pipeThrough(normalizeStream({ to: "ndjson" }))) {
    pieces.push(piece);
  }
  assert.ok(whole.equals(Buffer.concat(pieces)), "a stream gives the bytes of the whole");
  return true;
}

/** What a body's table and its aggregation take of the module's memory at their highest. */
function memory({ rows }) {
  const body = wasabiDaily(rows);
  const start = memoryBytes();
  const table = normalize(body);
  const afterNormalize = memoryBytes() - start;
  const records = table.length;
  aggregate(table, { by: ["resource"], window: "month" });
  const peak = memoryBytes() - start;
  table.free();
  const columns = engine.benchColumnBytes(body, "");
  return { rows, records, bodyBytes: body.length, afterNormalize, peak, bytesARecord: columns / records };
}

/** Time a row as bodies grow. */
function growth({ rows, rounds }) {
  const body = wasabiDaily(rows);
  const samples = Array.from({ length: rounds }, () => {
    globalThis.gc?.();
    const start = performance.now();
    const table = normalize(body, wide);
    const normalized = performance.now();
    aggregate(table, { by: ["region"], window: "month" });
    const aggregated = performance.now();
    assert.equal(table.length, rows * METRICS_A_ROW);
    table.free();
    return { normalize: normalized - start, aggregate: aggregated - normalized };
  });
  const best = (part) => Math.min(...samples.map((sample) => sample[part]));
  return {
    rows,
    bodyBytes: body.length,
    normalizeMicrosecondsARow: (best("normalize") * 1000) / rows,
    aggregateMicrosecondsARow: (best("aggregate") * 1000) / rows,
    memory: memoryBytes(),
  };
}

/** Time a group as groups grow: every bucket, day and metric is one. */
function groups({ groups: wanted }) {
  const rows = Math.ceil(wanted / METRICS_A_ROW);
  const table = normalize(wasabiDaily(rows), wide);
  const count = () => {
    const start = performance.now();
    const told = aggregate(table, { by: ["resource"], window: "day" }).length;
    return { told, time: performance.now() - start };
  };
  const runs = [count(), count()];
  assert.ok(
    runs.every(({ told }) => told === rows * METRICS_A_ROW),
    "a group a bucket, day and metric",
  );
  table.free();
  return { groups: rows * METRICS_A_ROW, microsecondsAGroup: (Math.min(...runs.map(({ time }) => time)) * 1000) / (rows * METRICS_A_ROW) };
}

const tasks = { stream, streamIsWhole, memory, growth, groups };
parentPort.postMessage(await tasks[workerData.task](workerData));
