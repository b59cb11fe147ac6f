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
  const expected = "an RFC 3339 time, a date or a Date of the years 1 to 9999";
  if (value instanceof Date) {
    const time = value.getTime();
    return time >= Date.UTC(1, 0) && time < Date.UTC(10_000, 0) ? time : refuse(path, expected, String(value));
  }
  const parts = typeof value === "string" ? written.exec(value) : null;
  if (parts === null) {
    return refuse(path, expected, value);
  }
  const [, date, clock = "00:00:00", fraction = "", offset = "Z"] = parts;
  const local = Date.parse(`${date}T${clock}Z`);
  const time = Date.parse(`${date}T${clock}${fraction}${offset.toUpperCase()}`);
  // A day that is not in the calendar reads as one of the next month.
  const exists = !Number.isNaN(local) && new Date(local).toISOString().startsWith(`${date}T${clock}`);
  return exists && !Number.isNaN(time) ? time : refuse(path, expected, value);
};

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

/** A period in pieces of a length, the last one shorter. Nothing where it is empty. */
export function slices({ from, to }: Period, length: number): Period[] {
  const pieces: Period[] = [];
  for (let start = from; start < to; start += length) {
    pieces.push({ from: start, to: Math.min(start + length, to) });
  }
  return pieces;
}

/** `2024-01-31`, in UTC. */
export function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** RFC 3339 in UTC, a fraction only where it is not zero. */
export function timestampOf(time: number): Timestamp {
  return new Date(time).toISOString().replace(".000Z", "Z");
}
