// A browser awaits `init()`, which fetches the module from beside this file.
import { setDefaultModule } from "./engine.js";

setDefaultModule(() => new URL("./meterglot.wasm", import.meta.url));

export * from "./index.js";
