// Anywhere else: `init` or `initSync` is given the module.
export * from "./index.js";
