import { timeIn } from "../time.js";
import { field } from "./json.js";

/** How much a reply of deviceWISE holds. */
export interface Counted {
  /** When its periods begin, in epoch milliseconds; not a number where that is no time. */
  times: number[];
  /** Figures of all services. */
  values: number;
  /** What they add up to; null where one is no whole number that can be added up exactly. */
  sum: number | null;
  /** What the server says that they add up to; null where it does not, or not exactly. */
  total: number | null;
}

export function counted(params: unknown): Counted {
  const ts = field(params, "ts");
  const figures = figuresIn(field(params, "counters"), 2);
  const total = field(params, "total");
  return {
    times: Array.isArray(ts) ? ts.map((time) => timeIn(String(time))?.ms ?? Number.NaN) : [],
    values: figures.length,
    sum: figures.reduce<number | null>(added, 0),
    total: Number.isSafeInteger(total) ? (total as number) : null,
  };
}

/** By service, or by organisation and then by service. */
function figuresIn(counter: unknown, depth: number): unknown[] {
  if (Array.isArray(counter)) {
    return counter;
  }
  if (typeof counter !== "object" || counter === null) {
    return typeof counter === "number" ? [counter] : [];
  }
  return depth === 0 ? [] : Object.values(counter).flatMap((part) => figuresIn(part, depth - 1));
}

function added(sum: number | null, figure: unknown): number | null {
  const more = sum === null || typeof figure !== "number" ? Number.NaN : sum + figure;
  return Number.isSafeInteger(figure) && Number.isSafeInteger(more) ? more : null;
}
