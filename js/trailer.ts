import type { Issue } from "./api.js";
import { MeterglotError } from "./errors.js";

const encoder = new TextEncoder();

const NEWLINE = 0x0a;

/** The last line of NDJSON with `trailer: true`: whether the text before it is complete. */
export class Trailer {
  #records = 0;
  #issues = 0;

  /** Counts a fault that was collected. */
  tell(): void {
    this.#issues += 1;
  }

  /** Counts lines that were returned. */
  pass(lines: Uint8Array): void {
    // A line break inside a text is written \n: each of these bytes ends a line.
    for (let at = lines.indexOf(NEWLINE); at !== -1; at = lines.indexOf(NEWLINE, at + 1)) {
      this.#records += 1;
    }
  }

  /** @param problem the fault that ended the text, if it is not complete */
  line(problem?: object): Uint8Array {
    const end = problem === undefined ? {} : { problem };
    return encoder.encode(`${JSON.stringify({ complete: problem === undefined, records: this.#records, issues: this.#issues, ...end })}\n`);
  }
}

/** The fault as an issue. Of an error that is not of this package, only the fact that it occurred is reported. */
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
