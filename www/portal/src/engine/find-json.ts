/** Finds the value that a JSON Pointer names, byte by byte, in pieces cut anywhere. */
import type { Finder, Found } from "./finder.js";

const BYTE = {
  quote: 0x22,
  backslash: 0x5c,
  comma: 0x2c,
  colon: 0x3a,
  openBrace: 0x7b,
  closeBrace: 0x7d,
  openBracket: 0x5b,
  closeBracket: 0x5d,
  newline: 0x0a,
} as const;
const { quote, backslash, comma, colon, openBrace, closeBrace, openBracket, closeBracket, newline } = BYTE;

const isSpace = (byte: number) => byte === 0x20 || byte === newline || byte === 0x0d || byte === 0x09;

/** A container on the way to the value. */
interface Step {
  array: boolean;
  index: number;
  /** Whether its member that comes next is on the way. */
  matches: boolean;
}

export class JsonFinder implements Finder {
  readonly #names: string[];
  /** Containers on the way that are open. */
  readonly #steps: Step[] = [];
  /** How deep a container that is not on the way has been entered. */
  #aside = 0;
  #inString = false;
  #escaped = false;
  /** Bytes of the name being read; null outside of names on the way. */
  #name: number[] | null = null;
  #afterColon = true;
  #passed = 0;
  #line = 1;
  #lineStart = 0;
  #occurrence: number;
  #found: Found | null = null;
  #depthInValue = 0;

  constructor(pointer: string, occurrence = 1) {
    this.#names = pointer
      .split("/")
      .slice(1)
      .map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
    this.#occurrence = occurrence;
  }

  feed(bytes: Uint8Array): Found | null {
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (byte === newline) {
        this.#line += 1;
        this.#lineStart = this.#passed + at + 1;
      }
      if (this.#found !== null) {
        if (this.#ends(byte)) {
          return { ...this.#found, length: this.#passed + at - this.#found.offset };
        }
      } else if (this.#inString) {
        this.#stringByte(byte);
      } else {
        this.#byte(byte, this.#passed + at);
      }
    }
    this.#passed += bytes.length;
    return null;
  }

  #stringByte(byte: number): void {
    const closes = byte === quote && !this.#escaped;
    this.#escaped = byte === backslash && !this.#escaped;
    if (closes) {
      this.#inString = false;
    } else {
      this.#name?.push(byte);
    }
  }

  #byte(byte: number, offset: number): void {
    if (isSpace(byte) || byte === 0xef || byte === 0xbb || byte === 0xbf) {
      return;
    }
    if (this.#aside > 0) {
      this.#inString = byte === quote;
      this.#aside += byte === openBrace || byte === openBracket ? 1 : byte === closeBrace || byte === closeBracket ? -1 : 0;
      return;
    }
    const step = this.#steps.at(-1);
    if (step !== undefined && (byte === closeBrace || byte === closeBracket)) {
      this.#steps.pop();
      this.#afterColon = false;
    } else if (step !== undefined && byte === comma) {
      this.#next(step);
    } else if (byte === colon) {
      this.#afterColon = true;
      (step as Step).matches = this.#nameIs(this.#names[this.#steps.length - 1] as string);
      this.#name = null;
    } else if (step !== undefined && !step.array && !this.#afterColon) {
      if (byte === quote) {
        this.#inString = true;
        this.#name = [];
      }
    } else {
      this.#value(byte, offset, step);
    }
  }

  /** The first byte of a value. */
  #value(byte: number, offset: number, step: Step | undefined): void {
    const onTheWay = step === undefined || step.matches;
    const meant = onTheWay && this.#steps.length === this.#names.length;
    if (meant && step !== undefined) {
      // What follows the first byte of a number is no other value.
      step.matches = false;
    }
    if (meant && --this.#occurrence === 0) {
      this.#found = { offset, length: 0, line: this.#line, column: offset - this.#lineStart + 1 };
      this.#ends(byte);
    } else if (byte === quote) {
      this.#inString = true;
    } else if (byte === openBrace || byte === openBracket) {
      if (onTheWay && !meant) {
        const array = byte === openBracket;
        this.#steps.push({ array, index: 0, matches: array && this.#names[this.#steps.length] === "0" });
        this.#afterColon = array;
      } else {
        this.#aside = 1;
      }
    }
  }

  #next(step: Step): void {
    step.index += 1;
    step.matches = step.array && this.#names[this.#steps.length - 1] === String(step.index);
    this.#afterColon = step.array;
  }

  #nameIs(name: string): boolean {
    const text = new TextDecoder().decode(Uint8Array.from(this.#name ?? []));
    try {
      return JSON.parse(`"${text}"`) === name;
    } catch {
      return text === name;
    }
  }

  /** Whether the value that was found ends before this byte. */
  #ends(byte: number): boolean {
    if (this.#inString) {
      this.#stringByte(byte);
      return false;
    }
    if (this.#depthInValue === 0 && (isSpace(byte) || byte === comma || byte === closeBrace || byte === closeBracket)) {
      return true;
    }
    this.#inString = byte === quote;
    this.#depthInValue += byte === openBrace || byte === openBracket ? 1 : byte === closeBrace || byte === closeBracket ? -1 : 0;
    return false;
  }
}
