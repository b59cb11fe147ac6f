// A browser without a bundler: `init()` fetches the module from beside this file.
import { setDefaultModule } from "./engine.js";

setDefaultModule(() => new URL("./meterglot.wasm", import.meta.url));

export * from "./index.js";
