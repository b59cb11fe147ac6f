// The module inside JavaScript: bundlers treat code alike, but other files differently.
import { base64 } from "./embedded-module.js";

/** The bytes of `meterglot.wasm`. */
export function embeddedModule(): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = text.charCodeAt(i);
  }
  return bytes;
}
