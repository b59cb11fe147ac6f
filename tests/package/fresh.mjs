// What the package's own tests share.
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The package as built. */
export const pkg = fileURLToPath(new URL("../../pkg/", import.meta.url));

export const moduleBytes = () => readFileSync(join(pkg, "meterglot.wasm"));

export const fixture = (name) => new Uint8Array(readFileSync(new URL(`../fixtures/${name}`, import.meta.url)));

/** A body of many rows: days of one Wasabi bucket. */
export function wasabiDays(count) {
  const day = (index) => `${new Date(Date.UTC(2020, 0, 1 + index)).toISOString().slice(0, 19)}Z`;
  const rows = Array.from({ length: count }, (_, index) => ({
    AcctNum: 1,
    BucketNum: 2,
    Bucket: "b",
    Region: "us-east-1",
    StartTime: day(index),
    EndTime: day(index + 1),
    NumAPICalls: index,
    RawStorageSizeBytes: 1000 + index,
  }));
  return JSON.stringify(rows);
}

/**
 * A copy of the package with an engine of its own, not loaded yet.
 *
 * @param t the test; the copy goes when it ends
 * @param entry the entry point to import
 */
export async function freshPackage(t, entry = "entry.default.js") {
  const folder = mkdtempSync(join(tmpdir(), "meterglot-fresh-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(pkg, folder, { recursive: true });
  const load = (file) => import(pathToFileURL(join(folder, file)).href);
  const meterglot = await load(entry);
  return {
    meterglot,
    /** The size of the engine's memory in bytes, once it is loaded. */
    memory: async () => (await load("glue.js")).initSync().memory.buffer.byteLength,
  };
}
