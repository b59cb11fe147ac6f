// Node, Deno and Bun: the module is a file beside this one.
import { readFileSync } from "node:fs";
import { initSync } from "./engine.js";

initSync(readFileSync(new URL("./meterglot.wasm", import.meta.url)));

export * from "./index.js";
