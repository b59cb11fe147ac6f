import type { Timestamp } from "meterglot";
import { type Time, timeIn, timestampOf } from "../time.js";
import { type Check, refuse } from "../validate.js";

export const SECOND = 1000;
export const HOUR = 3600 * SECOND;
export const DAY = 24 * HOUR;

/** A period [from, to) in epoch milliseconds. */
export interface Period {
  from: number;
  to: number;
}

/** A requested period, which may be finer than milliseconds: `from` and `to` are the whole milliseconds around it. */
export interface AskedPeriod extends Period {
  start: Timestamp;
  end: Timestamp;
}

/** A time from the caller: RFC 3339, a date (midnight UTC), or a Date. */
export const instant: Check<Time> = (value, path) => {
  const time = value instanceof Date ? { ms: value.getTime(), nanos: 0 } : typeof value === "string" ? timeIn(value) : null;
  const ms = time?.ms ?? Number.NaN;
  // Outside these years a year does not have four digits. A few days remain for requests around a period.
  const isOfFourDigits = ms > Date.parse("0001-01-05") && ms < Date.parse("9999-12-25");
  return time !== null && isOfFourDigits ? time : refuse(path, "an RFC 3339 time, no finer than nanoseconds, a date or a Date, of the years 1 to 9999", value);
};

export function periodBetween(from: Time, to: Time): AskedPeriod {
  return { from: from.ms, to: to.nanos === 0 ? to.ms : to.ms + 1, start: timestampOf(from), end: timestampOf(to) };
}

/** Whether both bounds of a period are whole steps. */
export function isWhole({ from, to, start, end }: AskedPeriod, step: number): boolean {
  return isStep(from, start, step) && isStep(to, end, step);
}

/** Refuses a period whose bounds are not whole steps. */
export function checkWhole({ from, to, start, end }: AskedPeriod, step: number, expected: string): void {
  isStep(from, start, step) || refuse("from", expected, start);
  isStep(to, end, step) || refuse("to", expected, end);
}

function isStep(time: number, exact: Timestamp, step: number): boolean {
  return time % step === 0 && textOf(time) === exact;
}

export function floor(time: number, step: number): number {
  return Math.floor(time / step) * step;
}

export function ceil(time: number, step: number): number {
  return Math.ceil(time / step) * step;
}

/** The whole UTC days that start in a period. */
export function daysIn({ from, to }: Period): Period {
  return { from: ceil(from, DAY), to: ceil(to, DAY) };
}

/** A period in pieces of a length; the last may be shorter. An empty period has none. */
export function* slices({ from, to }: Period, length: number): Generator<Period, void, void> {
  for (let start = from; start < to; start += length) {
    yield { from: start, to: Math.min(start + length, to) };
  }
}

/** `2024-01-31`, in UTC. */
export function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** RFC 3339 in UTC, with a fraction only if it is not zero. */
export function textOf(ms: number): Timestamp {
  return timestampOf({ ms, nanos: 0 });
}

/** The part of the requested period that is inside a slice, for the engine. */
export function spanIn({ from, to }: Period, asked: AskedPeriod): { start: Timestamp; end: Timestamp } {
  return { start: from > asked.from ? textOf(from) : asked.start, end: to < asked.to ? textOf(to) : asked.end };
}
