import type { Issue } from "./api.js";
import { MeterglotError } from "./errors.js";

const encoder = new TextEncoder();

/** The last line of NDJSON with `trailer: true`: whether what stands before it is all there is. */
export function trailerLine(records: number, issues: number, fault: unknown): Uint8Array {
  const end = fault === undefined ? {} : { problem: issueOf(fault) };
  return encoder.encode(`${JSON.stringify({ complete: fault === undefined, records, issues, ...end })}\n`);
}

/** A fault as an issue: of an error that is not this package's own, only that it came is told. */
function issueOf(fault: unknown): Partial<Issue> {
  if (fault instanceof MeterglotError || isIssue(fault)) {
    const { code, message, page, pointer, line, column, offset } = fault;
    return { code, message, page: page ?? 0, pointer, line, column, offset };
  }
  return { message: "expected the whole body, found that it broke off" };
}

function isIssue(fault: unknown): fault is Issue {
  return typeof fault === "object" && fault !== null && !(fault instanceof Error) && "code" in fault && "offset" in fault;
}
