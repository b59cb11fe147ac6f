// The cost of the module: its size, and the time until it can be called.
import { brotliCompressSync } from "node:zlib";
import { median } from "./measure.mjs";

const LOADS = 20;

/** Bytes of a module, raw and with brotli at its best (quality 11 is what zlib does by itself). */
export const sizesOf = (bytes) => ({ raw: bytes.length, brotli: brotliCompressSync(bytes).length });

/** The median of fresh compilations and instantiations, in milliseconds. */
export async function loadTime(bytes) {
  const times = [];
  for (let load = 0; load < LOADS; load += 1) {
    const fresh = unlike(bytes, load);
    const start = performance.now();
    const module = await WebAssembly.compile(fresh);
    await WebAssembly.instantiate(module, importsOf(module));
    times.push(performance.now() - start);
  }
  return median(times);
}

/** The same module with other bytes, by a different custom section: the host caches compiled modules by their bytes. */
function unlike(bytes, number) {
  const section = [0, 3, 1, "b".charCodeAt(0), number];
  return Buffer.concat([bytes, Buffer.from(section)]);
}

/** Something of each kind that the module asks for; instantiating calls none of it. */
function importsOf(module) {
  const imports = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    if (kind !== "function") {
      throw new Error(`the module imports a ${kind}: the benchmark gives functions only`);
    }
    imports[from] ??= {};
    imports[from][name] = () => 0;
  }
  return imports;
}
