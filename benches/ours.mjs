// The package as built for the benchmark: the very front of `pkg/`, around a module that also has the bare scans.
import { pathToFileURL } from "node:url";
import { workerData } from "node:worker_threads";

const folder = workerData?.package ?? process.argv.find((word) => word.startsWith("--package="))?.slice("--package=".length);
if (folder === undefined) {
  throw new Error("name the folder of the benchmark's package: --package=<folder>");
}
/** Where the package is. */
export const packageFolder = folder;
const load = (file) => import(pathToFileURL(`${folder}/${file}`).href);

export const meterglot = await load("entry.node.js");
/** The module's own functions, `benchScanJson` and its like among them. */
export const engine = await load("glue.js");

/** How large the module's memory is, in bytes. It never shrinks. */
export const memoryBytes = () => engine.initSync().memory.buffer.byteLength;
