// Node, Deno and Bun: the module is a file beside this one.
import { readFileSync } from "node:fs";
import { initSync } from "./engine.js";

// Only bundlers give an ES module this function. They take what it names into the bundle.
declare function require(path: "./embedded.js"): typeof import("./embedded.js");

initSync(moduleBytes());

function moduleBytes(): Uint8Array<ArrayBuffer> {
  try {
    return readFileSync(new URL("./meterglot.wasm", import.meta.url));
  } catch (error) {
    // Bundlers that set no condition `module` (Bun's, for Node and for Bun) carry this file away from the one beside it.
    if (typeof require === "function") {
      return require("./embedded.js").embeddedModule();
    }
    throw error;
  }
}

export * from "./index.js";
