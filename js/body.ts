import type { Body } from "./api.js";
import { invalidOption } from "./errors.js";
import { shown } from "./validate.js";

const encoder = new TextEncoder();

/** The bytes of a body. Bytes are not copied. */
export function bytesOf(body: Body, name = "body"): Uint8Array {
  if (isBytes(body)) {
    return attached(body, name);
  }
  if (typeof body === "string") {
    return encoder.encode(body);
  }
  if (tagOf(body) === "[object ArrayBuffer]") {
    return bytesIn(body, name);
  }
  return refuseBytes(name, "a Uint8Array, an ArrayBuffer or a string", body);
}

/** UTF-16 code units of a text that `detect` examines: at least as many bytes as the engine reads. */
const TEXT_TO_DETECT = 256 * 1024;

/** The bytes of a body; of a text only as much as `detect` examines. */
export function beginningOf(body: Body): Uint8Array {
  // One code unit more shows the engine that the body continues.
  return bytesOf(typeof body === "string" && body.length > TEXT_TO_DETECT ? body.slice(0, TEXT_TO_DETECT + 1) : body);
}

/** Bytes where only a Uint8Array is allowed. */
export function wholeBytes(value: unknown, name: string, expected: string): Uint8Array {
  return isBytes(value) ? attached(value, name) : refuseBytes(name, expected, value);
}

function refuseBytes(name: string, expected: string, value: unknown): never {
  throw invalidOption(`${name}: expected ${expected}, found ${withAdvice(value)}`);
}

/** The bytes, if their buffer is not detached: a detached buffer would read as an empty body. */
function attached(bytes: Uint8Array, name: string): Uint8Array {
  if (bytes.length === 0) {
    bytesIn(bytes.buffer, name);
  }
  return bytes;
}

function bytesIn(buffer: ArrayBufferLike, name: string): Uint8Array {
  try {
    return new Uint8Array(buffer);
  } catch (cause) {
    throw invalidOption(`${name}: expected bytes, found a detached ArrayBuffer: pass the bytes before their buffer is transferred, or a copy`, cause);
  }
}

/** Whether a value is a Uint8Array, also one of another realm (a frame, a test runner's sandbox). */
function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && tagOf(value) === "[object Uint8Array]";
}

/** Types that contain a body, and how to get its bytes. */
const ADVICE: Record<string, string> = {
  Response: "a Response: pass `await response.arrayBuffer()`, or pipe `response.body` through `normalizeStream`",
  Request: "a Request: pass `await request.arrayBuffer()`, or pipe `request.body` through `normalizeStream`",
  Promise: "a Promise: await it first",
  Blob: "a Blob: pass `await blob.arrayBuffer()`, or pipe `blob.stream()` through `normalizeStream`",
  File: "a File: pass `await file.arrayBuffer()`, or pipe `file.stream()` through `normalizeStream`",
  ReadableStream: "a stream: pipe it through `normalizeStream`, or pass `await new Response(stream).arrayBuffer()`",
  URL: "a URL: fetch it, and pass what the reply holds",
  SharedArrayBuffer: "a SharedArrayBuffer: pass a copy, `new Uint8Array(buffer).slice()`",
};

/** Describes a value that was passed in place of bytes, and says what to pass instead. */
function withAdvice(value: unknown): string {
  if (typeof value !== "object" || value === null) {
    return shown(value);
  }
  const kind = tagOf(value).slice("[object ".length, -1);
  if (ArrayBuffer.isView(value)) {
    return `a ${kind}: pass \`new Uint8Array(view.buffer, view.byteOffset, view.byteLength)\``;
  }
  if (Object.hasOwn(ADVICE, kind)) {
    return ADVICE[kind]!;
  }
  if (isNodeStream(value)) {
    return "a stream of Node: pipe `Readable.toWeb(stream)` through `normalizeStream`, or pass `Buffer.concat(await stream.toArray())`";
  }
  return `${shown(value)}: pass the text or bytes as they came, not parsed; a parsed number has lost its digits`;
}

function isNodeStream(value: object): boolean {
  try {
    return typeof (value as { pipe?: unknown }).pipe === "function";
  } catch {
    return false;
  }
}

/** The name that `Object.prototype.toString` gives; a value whose own code throws is an object. */
function tagOf(value: unknown): string {
  try {
    return Object.prototype.toString.call(value);
  } catch {
    return "[object Object]";
  }
}
