import { Problem } from "./problem.js";

/** A representation of an answer. JSON is the default. */
export type Representation = "json" | "ndjson" | "csv";

export const MEDIA_TYPES: Readonly<Record<Representation, string>> = {
  json: "application/json",
  ndjson: "application/x-ndjson",
  csv: "text/csv",
};

export const CONTENT_TYPES: Readonly<Record<Representation, string>> = {
  json: "application/json",
  ndjson: "application/x-ndjson; charset=utf-8",
  csv: "text/csv; charset=utf-8; header=present",
};

/** Whether NDJSON ends in a summary. JSON always has one, and CSV cannot have one. */
export function summedIn(representation: Representation, summary: boolean | undefined): boolean {
  if (summary === true && representation === "csv") {
    throw new Problem("invalid-option", "query parameter `summary`: CSV has no place for it; ask for JSON or NDJSON");
  }
  return summary === true && representation === "ndjson";
}

/** One member of an Accept header. */
interface Range {
  type: string;
  quality: number;
}

/**
 * The representation that an Accept header prefers, by the weights of RFC 9110; 406 if it allows none. hono's helper `accepts` returns a default instead of 406,
 * follows the caller's order for equal weights, and reads an invalid weight such as `q=2` as 1.
 */
export function negotiate(accept: string | undefined): Representation {
  const ranges = rangesOf(accept ?? "*/*");
  let best: { name: Representation; quality: number } | undefined;
  for (const name of Object.keys(MEDIA_TYPES) as Representation[]) {
    const quality = qualityOf(MEDIA_TYPES[name], ranges);
    if (quality > (best?.quality ?? 0)) {
      best = { name, quality };
    }
  }
  if (best === undefined) {
    throw new Problem("not-acceptable", `expected Accept to allow one of ${Object.values(MEDIA_TYPES).join(", ")}`);
  }
  return best.name;
}

function rangesOf(accept: string): Range[] {
  return accept.split(",").flatMap((member) => {
    const [type = "", ...parameters] = member.split(";").map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith("q="));
    const quality = weight === undefined ? 1 : Number(weight.slice(2));
    return type === "" || !(quality >= 0 && quality <= 1) ? [] : [{ type, quality }];
  });
}

/** The weight of the most specific range that matches a type. */
function qualityOf(type: string, ranges: Range[]): number {
  const [family] = type.split("/");
  for (const covering of [type, `${family}/*`, "*/*"]) {
    const range = ranges.find((candidate) => candidate.type === covering);
    if (range !== undefined) {
      return range.quality;
    }
  }
  return 0;
}
