import type { Issue } from "meterglot";
import type { Representation } from "./representation.js";

const encoder = new TextEncoder();
const NEWLINE = 0x0a;
const COMMA = 0x2c;

/** The members at the end of a JSON answer that was not broken off. */
export interface Summary {
  duplicates?: number;
  issues?: Issue[];
  /** False if a collected fault ended the reading: the answer has everything before it. Default true. */
  complete?: boolean;
}

/** Converts lines of NDJSON, or CSV, to one representation. Call open, chunk …, and then close or broken. */
export interface Framing {
  open(): Uint8Array;
  chunk(bytes: Uint8Array): Uint8Array;
  /** The text at the end of a complete answer. */
  close(summary: Summary): Uint8Array;
  /**
   * The text at the end of an answer that was broken off, so that it cannot be mistaken for a complete one.
   *
   * It is needed because the transfer may not show it: workerd ends the body of a failed stream as if it were complete.
   */
  broken(problem: Record<string, unknown>): Uint8Array;
}

const NOTHING = new Uint8Array();

/** The lines unchanged, then a line `{"issue"}` for each collected fault. A last line `{"problem"}` shows that the answer was broken off. */
class Ndjson implements Framing {
  open = () => NOTHING;
  chunk = (bytes: Uint8Array) => bytes;
  close = ({ issues = [] }: Summary) => encoder.encode(issues.map((issue) => `${JSON.stringify({ issue })}\n`).join(""));
  broken = (problem: Record<string, unknown>) => encoder.encode(`${JSON.stringify({ problem })}\n`);
}

/** The same, with a last line `{"complete"}`: an answer that a proxy cuts after a line is not mistaken for a complete one. */
class SummedNdjson extends Ndjson {
  #records = 0;

  override chunk = (bytes: Uint8Array) => {
    for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) {
      this.#records += 1;
    }
    return bytes;
  };

  override close = ({ issues, complete = true, ...others }: Summary) => {
    const counted = issues === undefined ? others : { ...others, issues: issues.length };
    const lines = (issues ?? []).map((issue): object => ({ issue }));
    lines.push({ complete, records: this.#records, ...counted });
    return encoder.encode(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  };
}

/** The lines unchanged. An answer that was broken off ends in a quote that is not closed: a strict RFC 4180 reader does not accept it as a row. */
class Csv implements Framing {
  open = () => NOTHING;
  chunk = (bytes: Uint8Array) => bytes;
  close = () => NOTHING;
  broken = ({ code, detail, missing }: Record<string, unknown>) => {
    const text = missing === undefined ? detail : `${detail} (missing: ${missing})`;
    return encoder.encode(`"problem: ${code}: ${String(text).replaceAll('"', '""')}`);
  };
}

/** One object: the query, an array of the lines, a summary. An answer that was broken off is not valid JSON. */
class Json implements Framing {
  readonly #head: Record<string, unknown>;
  readonly #list: string;
  #between: "nothing" | "comma" = "nothing";

  constructor(head: Record<string, unknown>, list: string) {
    this.#head = head;
    this.#list = list;
  }

  open(): Uint8Array {
    const head = JSON.stringify({ ...this.#head, [this.#list]: [] });
    return encoder.encode(`${head.slice(0, -"]}".length)}\n`);
  }

  /** Replaces line breaks by commas, except the last one: it is not known yet whether another line follows. */
  chunk(bytes: Uint8Array): Uint8Array {
    if (bytes.length === 0) {
      return bytes;
    }
    const owed = this.#between === "comma" ? 1 : 0;
    const ends = bytes[bytes.length - 1] === NEWLINE ? 1 : 0;
    const joined = new Uint8Array(owed + bytes.length - ends);
    joined.set(ends === 1 ? bytes.subarray(0, -1) : bytes, owed);
    if (owed === 1) {
      joined[0] = COMMA;
    }
    // A line break inside a text is written \n: each of these bytes ends a line.
    for (let at = joined.indexOf(NEWLINE); at !== -1; at = joined.indexOf(NEWLINE, at + 1)) {
      joined[at] = COMMA;
    }
    this.#between = ends === 1 ? "comma" : "nothing";
    return joined;
  }

  close({ complete = true, ...summary }: Summary): Uint8Array {
    return encoder.encode(`\n],${JSON.stringify({ ...summary, complete }).slice(1)}\n`);
  }

  broken(problem: Record<string, unknown>): Uint8Array {
    return encoder.encode(`\n${JSON.stringify({ problem })}\n`);
  }
}

export interface FramingOptions {
  /** The beginning of a JSON answer: these members, and the name of its list. */
  head: Record<string, unknown>;
  list: string;
  /** Whether NDJSON has a summary too. */
  summed?: boolean;
}

export function framingOf(representation: Representation, { head, list, summed = false }: FramingOptions): Framing {
  switch (representation) {
    case "json":
      return new Json(head, list);
    case "ndjson":
      return summed ? new SummedNdjson() : new Ndjson();
    case "csv":
      return new Csv();
  }
}
