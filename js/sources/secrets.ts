import { bytesIn, readings } from "./encodings.js";

/** A secret shorter than this is not looked for in texts, nor is less of one: it would be found everywhere. */
const SHORTEST = 4;

/** So much of a secret's beginning is taken for the secret: a text may have been cut in the midst of it. */
const TELLING = 8;

/** What stands where a text was cut, in UTF-8. */
const CUT = bytesIn("…");

/** The beginning of an escape, up to where the text was cut: after a secret's beginning it is a part of its next character. */
const CUT_ESCAPE = /[%\\&][^\s…]*(?=…)/y;

const BLOT = "[secret]";

/** What a secret looks like where every escape is undone and its case is folded, one character a byte. */
interface Shape {
  bytes: string;
  /** In base64, where its neighbours hold a part of it too. */
  isPacked: boolean;
}

/** Where something stands in a text: from here up to there. */
type Span = [from: number, to: number];

/** What must not be seen, in capitals or not: in no error, no log, no URL. */
export class Secrets {
  readonly #shapes = new Map<string, Shape[]>();

  /** Remembers a secret. */
  add(secret: string): void {
    this.#shapes.set(secret, shapesOf(secret));
  }

  /** Forgets a secret that is of no use any more. */
  forget(secret: string): void {
    this.#shapes.delete(secret);
  }

  /**
   * The text with each secret redacted, whatever its case (a host's name loses its capitals): as it is, in base64 (also in the midst of something longer), percent-encoded, with
   * the escapes of JSON or XML, and in any of these within another; where it stands whole, and where its end is cut off.
   */
  hide(text: string): string {
    const shapes = [...this.#shapes.values()].flat();
    const spans: Span[] = [];
    for (const { bytes, starts } of readings(text)) {
      const folded = fold(bytes);
      for (const shape of shapes) {
        for (const [from, to] of [...spansOf(shape, folded), ...restsOf(shape, folded)]) {
          spans.push([starts[from] as number, afterCutEscape(text, starts[to] as number)]);
        }
      }
    }
    return blotted(text, spans);
  }

  /** An error that says what happened, and nothing else: what a runtime's own error carries may hold the request. */
  causeOf(error: unknown): Error {
    return new Error(this.hide(storyOf(error)));
  }
}

function shapesOf(secret: string): Shape[] {
  // Letters beyond ASCII are other bytes in capitals.
  const cases = [secret, secret.toLowerCase(), secret.toUpperCase()].map(bytesIn);
  // In a form a space is a plus.
  const plain = cases.flatMap((bytes) => [bytes, bytes.replaceAll(" ", "+")]);
  const packed = cases.flatMap((bytes) => [0, 1, 2].map((shift) => packedBy(bytes, shift)));
  const inUrls = packed.map((base64) => base64.replaceAll("+", "-").replaceAll("/", "_"));
  return [...shapesAs(plain, SHORTEST, false), ...shapesAs([...packed, ...inUrls], TELLING, true)];
}

/** Each of these once, its case folded, where it is long enough. */
function shapesAs(texts: string[], shortest: number, isPacked: boolean): Shape[] {
  return [...new Set(texts.map(fold))].filter((bytes) => bytes.length >= shortest).map((bytes) => ({ bytes, isPacked }));
}

/** Bytes, with no capitals of ASCII. */
function fold(bytes: string): string {
  return bytes.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
}

/** What of a text's base64 does not depend on its neighbours, where so many bytes of a group of three stand before it. */
function packedBy(bytes: string, shift: number): string {
  const base64 = btoa("\0".repeat(shift) + bytes);
  return base64.slice(Math.ceil((shift * 4) / 3), Math.floor(((shift + bytes.length) * 4) / 3));
}

/** Where a shape, or a telling beginning of it, stands. */
function* spansOf({ bytes: shape, isPacked }: Shape, bytes: string): Generator<Span, void, void> {
  const telling = shape.slice(0, TELLING);
  let next = 0;
  for (let from = bytes.indexOf(telling); from >= 0; from = bytes.indexOf(telling, next)) {
    if (isPacked) {
      const run = runAround(bytes, from);
      next = run[1];
      yield run;
      continue;
    }
    next = from + 1;
    let to = from + telling.length;
    while (to < bytes.length && to - from < shape.length && bytes[to] === shape[to - from]) {
      to += 1;
    }
    yield [from, to];
  }
}

/** Where less than a telling beginning of a shape stands, and the text was cut after it. */
function* restsOf({ bytes: shape }: Shape, bytes: string): Generator<Span, void, void> {
  for (let cut = bytes.indexOf(CUT); cut >= 0; cut = bytes.indexOf(CUT, cut + 1)) {
    for (let length = Math.min(TELLING, shape.length) - 1; length >= SHORTEST; length -= 1) {
      if (bytes.endsWith(shape.slice(0, length), cut)) {
        yield [cut - length, cut];
        break;
      }
    }
  }
}

/** Where an escape ends that was cut and stands at a place; the place itself where there is none. */
function afterCutEscape(text: string, at: number): number {
  CUT_ESCAPE.lastIndex = at;
  return CUT_ESCAPE.test(text) ? CUT_ESCAPE.lastIndex : at;
}

/** The whole of the base64 that something stands in. */
function runAround(bytes: string, at: number): Span {
  const isOfIt = (at: number) => /[\w+/=-]/.test(bytes.charAt(at));
  let [from, to] = [at, at];
  while (isOfIt(from - 1)) {
    from -= 1;
  }
  while (isOfIt(to)) {
    to += 1;
  }
  return [from, to];
}

function blotted(text: string, spans: Span[]): string {
  let result = "";
  let at = 0;
  for (const [from, to] of spans.sort((a, b) => a[0] - b[0] || b[1] - a[1])) {
    // What overlaps is one.
    result += from < at ? "" : text.slice(at, from) + BLOT;
    at = Math.max(at, to);
  }
  return result + text.slice(at);
}

/** An error's message, and those of what caused it. */
function storyOf(error: unknown): string {
  const story: string[] = [];
  for (let part = error; part instanceof Error && story.length < 5; part = part.cause) {
    const code = "code" in part && typeof part.code === "string" && !part.message.includes(part.code) ? ` (${part.code})` : "";
    story.push(`${part.message || part.name}${code}`);
  }
  return story.length > 0 ? story.join(": ") : "something that is no error was thrown";
}
