import { bytesIn, readings } from "./encodings.js";

/** Bytes at the beginning of a secret by which it is detected: a provider may cut it short. */
const TELLING = 8;

/** The fewest bytes that detect a secret, if the text is cut right after them. Fewer occur in any text. */
const SHORTEST = 4;

/** The mark where the engine cut a text, in UTF-8. */
const CUT = bytesIn("…");

const REDACTED = "[redacted: this text repeats a credential]";

/** The credentials of a source, which no error, issue or log may show, in upper or lower case. */
export class Secrets {
  /** The beginnings of each secret, one for each encoding. */
  readonly #beginnings = new Map<string, string[]>();

  /** Adds a secret. */
  add(secret: string): void {
    this.#beginnings.set(secret, beginningsOf(secret));
  }

  /** Removes a secret that is no longer used. */
  forget(secret: string): void {
    this.#beginnings.delete(secret);
  }

  /**
   * Returns the text, or {@link REDACTED} if it has a secret: as it is, in base64, percent-encoded, with the escapes of JSON or
   * XML, with several of these nested, or cut short. The whole text is replaced, so the ends of a secret need not be found.
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

  /** Returns an error with the messages of this one alone: the error of a runtime may have the request as a property. */
  causeOf(error: unknown): Error {
    return new Error(storyOf(error, (text) => this.hide(text)));
  }
}

function beginningsOf(secret: string): string[] {
  // A letter beyond ASCII has other bytes in upper case.
  const cases = [secret, secret.toLowerCase(), secret.toUpperCase()].map(bytesIn);
  // In a form a space is a plus.
  const plain = cases.flatMap((bytes) => [bytes, bytes.replaceAll(" ", "+")]);
  const base64 = cases.flatMap((bytes) => [0, 1, 2].map((shift) => inBase64(bytes, shift)));
  const inUrls = base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"));
  return [...new Set([...plain, ...base64, ...inUrls].map((bytes) => fold(bytes).slice(0, TELLING)))];
}

/** The part of a text's base64 that does not depend on its neighbours, after `shift` bytes of a group of three. */
function inBase64(bytes: string, shift: number): string {
  const base64 = btoa("\0".repeat(shift) + bytes);
  return base64.slice(Math.ceil((shift * 4) / 3), Math.floor(((shift + bytes.length) * 4) / 3));
}

/** Bytes with the letters of ASCII in lower case. */
function fold(bytes: string): string {
  return bytes.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
}

/** Whether the beginning of a secret is in a text, or less of it right before a cut. */
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

/** The messages of an error and its causes, each redacted by itself. */
function storyOf(error: unknown, hide: (text: string) => string): string {
  const story: string[] = [];
  for (let part = error; part instanceof Error && story.length < 5; part = part.cause) {
    const code = "code" in part && typeof part.code === "string" && !part.message.includes(part.code) ? ` (${part.code})` : "";
    story.push(hide(`${part.message || part.name}${code}`));
  }
  return story.length > 0 ? story.join(": ") : "something that is no error was thrown";
}
