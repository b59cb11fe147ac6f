// Any other runtime: pass the module to `init` or `initSync`.
export * from "./index.js";
