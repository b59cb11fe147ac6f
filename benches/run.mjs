// The benchmark: `cargo xtask bench` builds what is measured and calls this. With --quick on small bodies: it shows that
// everything works, not how fast it is. Speed never makes it fail; another answer than ours does.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { duels } from "./duels.mjs";
import { loadTime, sizesOf } from "./load.mjs";
import { packageFolder } from "./ours.mjs";
import { parts } from "./parts.mjs";
import { print, printRow } from "./print.mjs";

const MIB = 2 ** 20;
const quick = process.argv.includes("--quick");
const out = process.argv.find((word) => word.startsWith("--out="))?.slice("--out=".length) ?? fileURLToPath(new URL("../target/bench.json", import.meta.url));
const published = readFileSync(new URL("../pkg/meterglot.wasm", import.meta.url));

const size = quick
  ? {
      wasabiRows: 800,
      onappHours: 400,
      devicewiseHours: 200,
      rounds: 2,
      slowRounds: 1,
      smallRounds: 2,
      warmups: 1,
      smallCalls: 20,
      streamBytes: 4 * MIB,
      growth: [100, 1000],
      groups: [1000, 10_000],
    }
  : {
      wasabiRows: 50_000,
      onappHours: 25_000,
      devicewiseHours: 5000,
      rounds: 9,
      slowRounds: 5,
      smallRounds: 15,
      warmups: 3,
      smallCalls: 400,
      streamBytes: 1024 * MIB,
      growth: [1000, 10_000, 100_000, 1_000_000],
      groups: [10_000, 100_000, 1_000_000],
    };

/** Does a task of fresh.mjs in a thread of its own, with a module of its own. */
function fresh(task, given) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("fresh.mjs", import.meta.url), {
      workerData: { task, package: packageFolder, ...given },
      resourceLimits: { maxOldGenerationSizeMb: 8192 },
    });
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`${task} ended with ${code} and no answer`)));
  });
}

async function inTurn(items, work) {
  const done = [];
  for (const item of items) {
    done.push(await work(item));
  }
  return done;
}

console.log(`Node ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} × ${cpus()[0]?.model ?? "?"}${quick ? ", --quick" : ""}\n`);

const rows = duels(size, printRow);
const where = parts(size);
const sizes = sizesOf(published);
const load = await loadTime(published);
await fresh("streamIsWhole", { rows: 500 });
const streamed = await fresh("stream", { bytes: size.streamBytes });
const memory = await fresh("memory", { rows: size.wasabiRows });
const growth = await inTurn(size.growth, (count) => fresh("growth", { rows: count, rounds: count > 100_000 ? 2 : 5 }));
const groups = await inTurn(size.groups, (count) => fresh("groups", { groups: count }));

/** What is compared with a limit, not with another program. */
const bounds = [
  {
    id: "stream-memory",
    work: `streaming ${Math.round(streamed.bytes / MIB)} MiB, wasm memory above start`,
    value: streamed.memoryAboveStart / MIB,
    unit: "MiB",
    atMost: 8,
  },
  { id: "module-brotli", work: "module, brotli", value: sizes.brotli / 1000, unit: "KB", atMost: 120 },
  { id: "module-load", work: "compile + instantiate, median of 20", value: load, unit: "ms", atMost: 10 },
];

const report = {
  date: new Date().toISOString(),
  quick,
  host: { node: process.version, platform: process.platform, arch: process.arch, cpus: cpus().length, cpu: cpus()[0]?.model ?? null },
  rows: rows.map((row) => ({ ...row, met: row.goal === null ? null : row.ratio >= row.goal })),
  bounds: bounds.map((bound) => ({ ...bound, met: bound.value <= bound.atMost })),
  figures: {
    moduleRawBytes: sizes.raw,
    moduleBrotliBytes: sizes.brotli,
    loadMilliseconds: load,
    stream: { ...streamed, mebibytesASecond: streamed.bytes / MIB / (streamed.milliseconds / 1000) },
    memory,
  },
  parts: where,
  growth,
  groups,
};
print(report);
mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, `${JSON.stringify(report, null, 2)}\n`);
console.log(`\nwritten to ${out}`);
