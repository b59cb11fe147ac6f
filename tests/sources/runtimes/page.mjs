// For a browser: called from outside the page.
import { init } from "meterglot";
import { ask } from "./ask.mjs";

globalThis.askThem = async (world) => {
  await init(new URL("/meterglot.wasm", location.href));
  return ask(world);
};
