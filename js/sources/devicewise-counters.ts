import { timeIn } from "../time.js";
import { field } from "./json.js";

/** The content of a deviceWISE reply. */
export interface Counted {
  /** The starts of its periods, in epoch milliseconds; NaN for an invalid time. */
  times: number[];
  /** The number of figures of all services. */
  values: number;
  /** Their sum; null if one of them is not an integer that can be added exactly. */
  sum: number | null;
  /** The sum that the server states; null if it states none, or not exactly. */
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

/** Counters by service, or by organisation and then by service. */
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
