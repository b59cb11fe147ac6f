import type { Timestamp } from "meterglot";

/** An exact point in time. */
export interface Time {
  /** Whole milliseconds since 1970, rounded down. */
  ms: number;
  /** Additional nanoseconds: 0 to 999 999. */
  nanos: number;
}

const [YEAR_0, YEAR_10000] = [Date.parse("0000-01-01T00:00:00Z"), Date.parse("+010000-01-01T00:00:00Z")];

/** A time of RFC 3339, as the engine reads it, or a date. The ranges of its numbers are checked later. */
export const TIME = /^(\d{4}-\d\d-\d\d)([Tt ](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d))?$/;

/**
 * Reads a time; a date is its midnight in UTC. Null for a time that does not exist, or is finer than nanoseconds.
 * The rules are those of the engine: a leap second is the first second of the next minute, and no day has a 24th hour.
 */
export function timeIn(text: string): Time | null {
  const [matched, date, , hour = "0", minute = "0", second = "0", fraction = ".", offset = "Z"] = TIME.exec(text) ?? [];
  if (matched === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) {
    return null;
  }
  const midnight = Date.parse(`${date}T00:00:00Z`);
  const away = offsetIn(offset);
  const digits = fraction.slice(1).replace(/0+$/, "").padEnd(9, "0");
  // For a day that does not exist, Date returns one of the next month.
  if (Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(date as string) || away === null || digits.length > 9) {
    return null;
  }
  const seconds = (Number(hour) * 60 + Number(minute)) * 60 + Number(second) - away;
  const ms = midnight + seconds * 1000 + Number(digits.slice(0, 3));
  return ms >= YEAR_0 && ms < YEAR_10000 ? { ms, nanos: Number(digits.slice(3)) } : null;
}

/** Seconds east of UTC. */
function offsetIn(text: string): number | null {
  if (text.length === 1) {
    return 0;
  }
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(4))];
  return hours > 23 || minutes > 59 ? null : (text.startsWith("-") ? -60 : 60) * (hours * 60 + minutes);
}

/** RFC 3339 in UTC, with a fraction only if it is not zero. */
export function timestampOf({ ms, nanos }: Time): Timestamp {
  const [seconds, millis] = new Date(ms).toISOString().slice(0, -1).split(".");
  const fraction = `${millis}${String(nanos).padStart(6, "0")}`.replace(/0+$/, "");
  return fraction === "" ? `${seconds}Z` : `${seconds}.${fraction}Z`;
}

export function isBefore(one: Time, other: Time): boolean {
  return one.ms < other.ms || (one.ms === other.ms && one.nanos < other.nanos);
}
