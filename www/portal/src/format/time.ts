/** Formats times in the user's language and in the chosen zone. */
import type { Window } from "meterglot";

export interface Clock {
  /** An IANA name, `UTC`, or `source`. */
  zone: string;
  /** Of the zone `source`: seconds that the calendar in the records is ahead of UTC. */
  shift: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(epochSeconds: number, { zone, shift }: Clock, options: Intl.DateTimeFormatOptions): string {
  const timeZone = zone === "source" ? "UTC" : zone;
  const name = JSON.stringify([timeZone, options]);
  let made = formats.get(name);
  if (made === undefined) {
    made = new Intl.DateTimeFormat(undefined, { ...options, timeZone });
    formats.set(name, made);
  }
  return made.format((epochSeconds + (zone === "source" ? shift : 0)) * 1000);
}

const DATE: Intl.DateTimeFormatOptions = { year: "numeric", month: "short", day: "numeric" };
const MINUTE: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

/** Returns the label of a window. */
export function windowName(start: number, end: number, window: Window, clock: Clock): string {
  switch (window) {
    case "hour":
      return format(start, clock, { ...DATE, ...MINUTE });
    case "day":
      return format(start, clock, DATE);
    case "week":
      return `${format(start, clock, DATE)} – ${format(end - 1, clock, DATE)}`;
    case "month":
      return format(start, clock, { year: "numeric", month: "long" });
    case "quarter":
      return `${format(start, clock, { month: "short" })} – ${format(end - 1, clock, { year: "numeric", month: "short" })}`;
    case "year":
      return format(start, clock, { year: "numeric" });
    case "all":
      return spanName(start * 1000, end * 1000, clock);
  }
}

/** Returns the label of a tick on an axis whose ticks are `apart` seconds apart. */
export function tickName(at: number, apart: number, clock: Clock): string {
  const options: Intl.DateTimeFormatOptions =
    apart >= 360 * 86_400
      ? { year: "numeric" }
      : apart >= 27 * 86_400
        ? { month: "short", year: "numeric" }
        : apart >= 86_400
          ? { day: "numeric", month: "short" }
          : MINUTE;
  const midnight = apart < 86_400 && format(at, clock, MINUTE).startsWith("00:00");
  return format(at, clock, midnight ? { day: "numeric", month: "short" } : options);
}

/** Formats a period from its first to its last moment; only as dates if both are midnights. */
export function spanName(start: number, end: number, clock: Clock): string {
  const [from, to] = [start / 1000, end / 1000];
  const midnight = (at: number) => format(at, clock, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }) === "00:00:00";
  if (midnight(from) && midnight(to)) {
    const [first, last] = [format(from, clock, DATE), format(to > from ? to - 1 : to, clock, DATE)];
    return first === last ? first : `${first} – ${last}`;
  }
  const sameDay = format(from, clock, DATE) === format(to, clock, DATE);
  const [first, last] = [format(from, clock, { ...DATE, ...MINUTE }), format(to, clock, sameDay ? MINUTE : { ...DATE, ...MINUTE })];
  return to === from ? first : `${first} – ${last}`;
}

/** Formats a time of a record, to the minute; the exact text is shown elsewhere. */
export function moment(timestamp: string, clock: Clock): string {
  return format(Date.parse(timestamp) / 1000, clock, { ...DATE, ...MINUTE });
}
