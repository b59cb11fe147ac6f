import type { Body } from "./api.js";
import { invalidOption } from "./errors.js";
import { shown } from "./validate.js";

const encoder = new TextEncoder();

/** A body's bytes, without a copy where it is bytes already. */
export function bytesOf(body: Body, name = "body"): Uint8Array {
  if (isBytes(body)) {
    return body;
  }
  if (typeof body === "string") {
    return encoder.encode(body);
  }
  if (tagOf(body) === "[object ArrayBuffer]") {
    return new Uint8Array(body);
  }
  throw invalidOption(`${name}: expected a Uint8Array, an ArrayBuffer or a string, found ${shown(body)}`);
}

/** Whether a value is a Uint8Array, be it of another realm (a frame, a test runner's sandbox). */
export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && tagOf(value) === "[object Uint8Array]";
}

function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value);
}
