import type { Issue } from "./api.js";
import { MeterglotError } from "./errors.js";

const encoder = new TextEncoder();

const NEWLINE = 0x0a;

/** The last line of NDJSON with `trailer: true`: whether what stands before it is all there is. */
export class Trailer {
  #records = 0;
  #issues = 0;

  /** A fault was collected. */
  tell(): void {
    this.#issues += 1;
  }

  /** Lines were given. */
  pass(lines: Uint8Array): void {
    // A line break inside a text is written \n: each of these bytes ends a line.
    for (let at = lines.indexOf(NEWLINE); at !== -1; at = lines.indexOf(NEWLINE, at + 1)) {
      this.#records += 1;
    }
  }

  /** @param problem what ended the text, where it is not whole */
  line(problem?: object): Uint8Array {
    const end = problem === undefined ? {} : { problem };
    return encoder.encode(`${JSON.stringify({ complete: problem === undefined, records: this.#records, issues: this.#issues, ...end })}\n`);
  }
}

/** A fault as an issue: of an error that is not this package's own, only that it came is reported. */
export function issueOf(fault: unknown): Partial<Issue> {
  if (fault instanceof MeterglotError || isIssue(fault)) {
    const { code, message, page, pointer, line, column, offset } = fault;
    return { code, message, page: page ?? 0, pointer, line, column, offset };
  }
  return { message: "expected the whole body, found that it broke off" };
}

function isIssue(fault: unknown): fault is Issue {
  return typeof fault === "object" && fault !== null && !(fault instanceof Error) && "code" in fault && "offset" in fault;
}
