import { bytesIn, readings } from "./encodings.js";

/** A secret is detected by so many bytes of its beginning: the text may have been cut in the midst of it. */
const TELLING = 8;

/** By fewer, down to so many, where the text is cut right after them; fewer than these occur everywhere. */
const SHORTEST = 4;

/** What stands where a text was cut, in UTF-8. */
const CUT = bytesIn("…");

const REDACTED = "[redacted: this text repeats a credential]";

/** What must not be seen, in capitals or not: in no error, no log, no URL. */
export class Secrets {
  /** Of each secret the beginnings that it is detected by. */
  readonly #beginnings = new Map<string, string[]>();

  /** Remembers a secret. */
  add(secret: string): void {
    this.#beginnings.set(secret, beginningsOf(secret));
  }

  /** Forgets a secret that is of no use any more. */
  forget(secret: string): void {
    this.#beginnings.delete(secret);
  }

  /**
   * The text, or a note in its place where a secret is in it: as it is, in base64, percent-encoded, with the escapes of JSON or
   * XML, with several of these nested, or cut short. The whole text is replaced, so that where a secret begins and ends does not matter.
   */
  hide(text: string): string {
    const beginnings = [...this.#beginnings.values()].flat();
    for (const reading of readings(text)) {
      const folded = fold(reading);
      if (beginnings.some((beginning) => isIn(folded, beginning))) {
        return REDACTED;
      }
    }
    return text;
  }

  /** An error that says what happened, and nothing else: what a runtime's own error carries may hold the request. */
  causeOf(error: unknown): Error {
    return new Error(storyOf(error, (text) => this.hide(text)));
  }
}

function beginningsOf(secret: string): string[] {
  // Letters beyond ASCII are other bytes in capitals.
  const cases = [secret, secret.toLowerCase(), secret.toUpperCase()].map(bytesIn);
  // In a form a space is a plus.
  const plain = cases.flatMap((bytes) => [bytes, bytes.replaceAll(" ", "+")]);
  const base64 = cases.flatMap((bytes) => [0, 1, 2].map((shift) => inBase64(bytes, shift)));
  const inUrls = base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"));
  return [...new Set([...plain, ...base64, ...inUrls].map((bytes) => fold(bytes).slice(0, TELLING)))];
}

/** What of a text's base64 does not depend on its neighbours, where so many bytes of a group of three stand before it. */
function inBase64(bytes: string, shift: number): string {
  const base64 = btoa("\0".repeat(shift) + bytes);
  return base64.slice(Math.ceil((shift * 4) / 3), Math.floor(((shift + bytes.length) * 4) / 3));
}

/** Bytes, with no capitals of ASCII. */
function fold(bytes: string): string {
  return bytes.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
}

/** Whether the beginning of a secret is in a text, or less of it before a cut. */
function isIn(bytes: string, beginning: string): boolean {
  if (bytes.includes(beginning)) {
    return true;
  }
  for (let length = SHORTEST; length < beginning.length; length += 1) {
    if (bytes.includes(beginning.slice(0, length) + CUT)) {
      return true;
    }
  }
  return false;
}

/** An error's message, and those of what caused it. */
function storyOf(error: unknown, hide: (text: string) => string): string {
  const story: string[] = [];
  for (let part = error; part instanceof Error && story.length < 5; part = part.cause) {
    const code = "code" in part && typeof part.code === "string" && !part.message.includes(part.code) ? ` (${part.code})` : "";
    story.push(hide(`${part.message || part.name}${code}`));
  }
  return story.length > 0 ? story.join(": ") : "something that is no error was thrown";
}
