// Node, Deno and Bun: the module is a file beside this one.
import { readFileSync } from "node:fs";
import { initSync } from "./engine.js";

// Only bundlers define this function in an ES module. They include the file that it names in the bundle.
declare function require(path: "./embedded.js"): typeof import("./embedded.js");

initSync(moduleBytes());

function moduleBytes(): Uint8Array<ArrayBuffer> {
  try {
    return readFileSync(new URL("./meterglot.wasm", import.meta.url));
  } catch (error) {
    // Bundlers that set no condition `module` (Bun's, for Node and for Bun) move this file away from the module beside it.
    if (typeof require === "function") {
      return require("./embedded.js").embeddedModule();
    }
    throw error;
  }
}

export * from "./index.js";
