/** A place in a body, with the text around it. Of a large body only what is needed is read. */
import { JsonFinder } from "./find-json.js";
import { XmlFinder } from "./find-xml.js";
import type { Finder, Found } from "./finder.js";
import type { Excerpt, Place } from "./protocol.js";

const BYTES_A_PIECE = 1 << 20;
const BYTES_AROUND = 400;
const LINES_AROUND = 6;
const LONGEST_VALUE = 240;

export async function excerptOf(body: Blob | undefined, place: Place): Promise<Excerpt | null> {
  if (body === undefined) {
    return null;
  }
  const found = "offset" in place ? { ...place, length: 1 } : await find(body, place.pointer, place.occurrence);
  return found === null ? null : cut(body, found);
}

async function find(body: Blob, pointer: string, occurrence: number): Promise<Found | null> {
  const head = await body.slice(0, 1024).text();
  const xml = /^[\s\uFEFF]*</.test(head);
  if (pointer === "") {
    return { offset: 0, length: 1, line: 1, column: 1 };
  }
  const finder: Finder = xml ? new XmlFinder(pointer) : new JsonFinder(pointer, occurrence);
  for (let at = 0; at < body.size; at += BYTES_A_PIECE) {
    const found = finder.feed(new Uint8Array(await body.slice(at, at + BYTES_A_PIECE).arrayBuffer()));
    if (found !== null) {
      return found;
    }
  }
  return null;
}

async function cut(body: Blob, { offset, length, line, column }: Found): Promise<Excerpt> {
  const from = Math.max(offset - BYTES_AROUND, 0);
  const valueEnd = Math.min(offset + Math.min(length, LONGEST_VALUE), body.size);
  const to = Math.min(valueEnd + BYTES_AROUND, body.size);
  const bytes = new Uint8Array(await body.slice(from, to).arrayBuffer());
  const start = wholeFrom(bytes, 0);
  const at = offset - from;
  const end = wholeFrom(bytes, valueEnd - from);
  const decoder = new TextDecoder();
  const before = decoder.decode(bytes.subarray(start, at));
  const after = decoder.decode(bytes.subarray(end, to === body.size ? bytes.length : lastWhole(bytes)));
  const linesBefore = before.split("\n");
  const linesAfter = after.split("\n");
  return {
    offset,
    line,
    column,
    before: linesBefore.slice(-LINES_AROUND).join("\n"),
    value: decoder.decode(bytes.subarray(at, end)),
    after: linesAfter.slice(0, LINES_AROUND).join("\n"),
    cutBefore: from > 0 && linesBefore.length <= LINES_AROUND,
    cutAfter: to < body.size && linesAfter.length <= LINES_AROUND,
  };
}

/** The first byte at or after `at` that does not continue a character. */
function wholeFrom(bytes: Uint8Array, at: number): number {
  let place = at;
  while (place < bytes.length && ((bytes[place] as number) & 0xc0) === 0x80) {
    place += 1;
  }
  return place;
}

/** The end of the last whole character. */
function lastWhole(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0 && ((bytes[end - 1] as number) & 0xc0) === 0x80) {
    end -= 1;
  }
  return Math.max(end - 1, 0);
}
