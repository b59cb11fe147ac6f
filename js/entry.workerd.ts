// Cloudflare's workerd: a .wasm import is a compiled module.
import { initSync } from "./engine.js";
import module from "./meterglot.wasm";

initSync(module);

export * from "./index.js";
