// The host's time-zone database: the engine carries none.
const clocks = new Map<string, Intl.DateTimeFormat>();

/** How many clocks are kept: the engine keeps what they showed. */
const CLOCKS = 8;

/** A clock on the wall of a zone. Throws a RangeError where the host does not know the zone. */
function clockOf(zone: string): Intl.DateTimeFormat {
  let clock = clocks.get(zone);
  if (clock === undefined) {
    // No year, and above all no era, which takes a host three times as long as all the rest.
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

/** What nearly every host writes: `15, 02:00:00`. */
const WRITTEN = /^(\d+), (\d+):(\d+):(\d+)$/;

/** Seconds that a zone's clocks are ahead of UTC at an instant given in seconds since 1970. */
export function offsetSeconds(zone: string, epochSeconds: number): number {
  const clock = clockOf(zone);
  const instant = new Date(epochSeconds * 1000);
  // To take the text apart costs a fourth of what the host's own parts do.
  const written = WRITTEN.exec(clock.format(instant));
  const [day, hour, minute, second] = written === null ? partsOf(clock, instant) : written.slice(1).map(Number);
  // A clock is less than a day from UTC: further apart, the days are in two months.
  const days = day! - instant.getUTCDate();
  const daysAhead = Math.abs(days) > 1 ? -Math.sign(days) : days;
  const secondsOfDay = ((daysAhead * 24 + hour!) * 60 + minute!) * 60 + second!;
  return secondsOfDay - ((instant.getUTCHours() * 60 + instant.getUTCMinutes()) * 60 + instant.getUTCSeconds());
}

/** Day, hour, minute and second on a clock. */
function partsOf(clock: Intl.DateTimeFormat, instant: Date): number[] {
  const parts = clock.formatToParts(instant);
  return ["day", "hour", "minute", "second"].map((name) => Number(parts.find(({ type }) => type === name)?.value));
}
