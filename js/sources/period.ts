import type { Timestamp } from "meterglot";
import { type Check, refuse } from "../validate.js";

export const SECOND = 1000;
export const HOUR = 3600 * SECOND;
export const DAY = 24 * HOUR;

/** A period [from, to) in epoch milliseconds. */
export interface Period {
  from: number;
  to: number;
}

const written = /^(\d{4}-\d{2}-\d{2})(?:[Tt](\d{2}:\d{2}:\d{2})(\.\d{1,3})?([Zz]|[+-]\d{2}:\d{2}))?$/;

/** A time as the caller gives it: RFC 3339, a date (midnight UTC), or a Date. In epoch milliseconds. */
export const instant: Check<number> = (value, path) => {
  const time = value instanceof Date ? value.getTime() : typeof value === "string" ? timeIn(value) : Number.NaN;
  // Beyond these a year has not four digits; a few days are kept for what is asked for around a period.
  const isOfFourDigits = time > Date.parse("0001-01-05") && time < Date.parse("9999-12-25");
  return isOfFourDigits ? time : refuse(path, "an RFC 3339 time, a date or a Date, of the years 1 to 9999", value);
};

function timeIn(text: string): number {
  const [, date, clock = "00:00:00", fraction = "", offset = "Z"] = written.exec(text) ?? [];
  const local = Date.parse(`${date}T${clock}Z`);
  // A day that the calendar does not have reads as one of the next month.
  const exists = !Number.isNaN(local) && new Date(local).toISOString().startsWith(`${date}T${clock}`);
  return exists ? Date.parse(`${date}T${clock}${fraction}${offset.toUpperCase()}`) : Number.NaN;
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

/** A period in pieces of a length, the last one shorter. None where it is empty. */
export function* slices({ from, to }: Period, length: number): Generator<Period, void, void> {
  for (let start = from; start < to; start += length) {
    yield { from: start, to: Math.min(start + length, to) };
  }
}

/** `2024-01-31`, in UTC. */
export function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** RFC 3339 in UTC, a fraction only where it is not zero. */
export function timestampOf(time: number): Timestamp {
  return new Date(time).toISOString().replace(".000Z", "Z");
}

/** A period as the engine takes it. */
export function spanOf({ from, to }: Period): { start: Timestamp; end: Timestamp } {
  return { start: timestampOf(from), end: timestampOf(to) };
}
