/** Finds the element or attribute at a path such as `/list/usage[2]/bytes`. The body arrives in pieces that may be cut anywhere. */
import type { Finder, Found } from "./finder.js";

const OPEN = 0x3c;
const CLOSE = 0x3e;
const BANG = 0x21;
const NEWLINE = 0x0a;

interface Step {
  name: string;
  /** Its number among siblings of the same name, from 1. */
  which: number;
}

export class XmlFinder implements Finder {
  readonly #steps: Step[];
  readonly #attribute: string | null;
  /** The number of open elements, and how many of them match the path. */
  #depth = 0;
  #matched = 0;
  /** By level: the number of siblings with the name in the path so far. */
  readonly #met: number[] = [0];
  #markup: number[] | null = null;
  #markupStart: Position = { offset: 0, line: 1, column: 1 };
  #quoted = 0;
  #passed = 0;
  #line = 1;
  #lineStart = 0;
  #found: Found | null = null;

  constructor(path: string) {
    const parts = path.split("/").slice(1);
    const last = parts.at(-1) ?? "";
    this.#attribute = last.startsWith("@") ? last.slice(1) : null;
    this.#steps = (this.#attribute === null ? parts : parts.slice(0, -1)).map((part) => {
      const [, name = part, which = "1"] = /^(.*)\[(\d+)\]$/.exec(part) ?? [];
      return { name, which: Number(which) };
    });
  }

  feed(bytes: Uint8Array): Found | null {
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      const offset = this.#passed + at;
      if (this.#markup === null) {
        if (byte === OPEN) {
          this.#markup = [];
          this.#markupStart = { offset, line: this.#line, column: offset - this.#lineStart + 1 };
          this.#quoted = 0;
        }
      } else if (this.#markupEnds(byte)) {
        const done = this.#take(new TextDecoder().decode(Uint8Array.from(this.#markup)), offset + 1);
        this.#markup = null;
        if (done !== null) {
          return done;
        }
      } else {
        this.#markup.push(byte);
      }
      if (byte === NEWLINE) {
        this.#line += 1;
        this.#lineStart = offset + 1;
      }
    }
    this.#passed += bytes.length;
    return null;
  }

  #markupEnds(byte: number): boolean {
    const markup = this.#markup as number[];
    const begins = (text: string) => markup.length >= text.length && [...text].every((letter, index) => markup[index] === letter.charCodeAt(0));
    const closes = (text: string) => markup.length >= text.length && String.fromCharCode(...markup.slice(-text.length)) === text;
    if (markup[0] === BANG) {
      if (begins("!--")) {
        return byte === CLOSE && markup.length >= 5 && closes("--");
      }
      if (begins("![CDATA[")) {
        return byte === CLOSE && closes("]]");
      }
    }
    if (byte === this.#quoted) {
      this.#quoted = 0;
    } else if (this.#quoted === 0 && (byte === 0x22 || byte === 0x27)) {
      this.#quoted = byte;
    }
    return byte === CLOSE && this.#quoted === 0;
  }

  /** Processes the markup between `<` and `>`; `next` is the offset after it. */
  #take(markup: string, next: number): Found | null {
    if (markup.startsWith("!") || markup.startsWith("?")) {
      return null;
    }
    if (markup.startsWith("/")) {
      this.#depth -= 1;
      if (this.#found !== null && this.#depth < this.#steps.length) {
        return { ...this.#found, length: this.#markupStart.offset - this.#found.offset };
      }
      this.#matched = Math.min(this.#matched, this.#depth);
      return null;
    }
    const empty = markup.endsWith("/");
    const name = /^[^\s/]+/.exec(markup)?.[0] ?? "";
    const step = this.#steps[this.#depth];
    if (this.#matched === this.#depth && step?.name === name) {
      this.#met[this.#depth] = (this.#met[this.#depth] ?? 0) + 1;
      if (this.#met[this.#depth] === step.which) {
        this.#matched += 1;
        this.#met[this.#depth + 1] = 0;
        if (this.#matched === this.#steps.length) {
          return this.#arrive(markup, empty, next);
        }
      }
    }
    if (!empty) {
      this.#depth += 1;
    } else {
      this.#matched = Math.min(this.#matched, this.#depth);
    }
    return null;
  }

  #arrive(markup: string, empty: boolean, next: number): Found | null {
    if (this.#attribute !== null) {
      const value = new RegExp(`\\s${this.#attribute.replace(/[^\w]/g, "\\$&")}\\s*=\\s*(["'])(.*?)\\1`, "s").exec(markup);
      if (value !== null) {
        const before = new TextEncoder().encode(markup.slice(0, value.index + value[0].length - (value[2] as string).length - 1)).length + 1;
        const { offset, line, column } = this.#markupStart;
        return { offset: offset + before, length: new TextEncoder().encode(value[2] as string).length, line, column: column + before };
      }
    }
    if (empty || this.#attribute !== null) {
      return { ...this.#markupStart, length: next - this.#markupStart.offset };
    }
    this.#depth += 1;
    this.#found = { offset: next, length: 0, line: this.#line, column: next - this.#lineStart + 1 };
    return null;
  }
}

interface Position {
  offset: number;
  line: number;
  column: number;
}
