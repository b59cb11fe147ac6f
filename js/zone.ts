// Offsets of time zones from the host's `Intl`: the engine has no time-zone database of its own.
const clocks = new Map<string, Intl.DateTimeFormat>();

/** The most formatters that are kept. Few are enough, because the engine keeps the offsets. */
const CLOCKS = 8;

/** The formatter of a zone's local time. Throws a RangeError if the host does not know the zone. */
function clockOf(zone: string): Intl.DateTimeFormat {
  let clock = clocks.get(zone);
  if (clock === undefined) {
    // Without year and era: a host takes three times as long to format with an era.
    clock = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      calendar: "gregory",
      numberingSystem: "latn",
      hourCycle: "h23",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    if (clocks.size === CLOCKS) {
      clocks.delete(clocks.keys().next().value!);
    }
    clocks.set(zone, clock);
  }
  return clock;
}

/** The form that nearly every host writes: `15, 02:00:00`. */
const WRITTEN = /^(\d+), (\d+):(\d+):(\d+)$/;

/** The offset of a zone from UTC in seconds, positive to the east, at an instant given in seconds since 1970. */
export function offsetSeconds(zone: string, epochSeconds: number): number {
  const clock = clockOf(zone);
  const instant = new Date(epochSeconds * 1000);
  // Parsing the text takes a fourth of the time of `formatToParts`.
  const written = WRITTEN.exec(clock.format(instant));
  const [day, hour, minute, second] = written === null ? partsOf(clock, instant) : written.slice(1).map(Number);
  // Local time is less than a day from UTC. If the days of the month differ by more, they are in two months.
  const days = day! - instant.getUTCDate();
  const daysAhead = Math.abs(days) > 1 ? -Math.sign(days) : days;
  const secondsOfDay = ((daysAhead * 24 + hour!) * 60 + minute!) * 60 + second!;
  return secondsOfDay - ((instant.getUTCHours() * 60 + instant.getUTCMinutes()) * 60 + instant.getUTCSeconds());
}

/** Day, hour, minute and second of local time, for a host that writes another form. */
function partsOf(clock: Intl.DateTimeFormat, instant: Date): number[] {
  const parts = clock.formatToParts(instant);
  return ["day", "hour", "minute", "second"].map((name) => Number(parts.find(({ type }) => type === name)?.value));
}
