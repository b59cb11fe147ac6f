// Time zones come from the host's Intl: the module carries none.
import assert from "node:assert/strict";
import { test } from "node:test";
import { aggregate, normalize } from "meterglot";
import { offsetSeconds } from "../../pkg/zone.js";
import { wasabi } from "../rules/support.mjs";

const at = (text) => Date.parse(text) / 1000;

test("an_offset_follows_the_clock_of_its_zone", () => {
  assert.equal(offsetSeconds("Europe/Zurich", at("2024-01-15T00:00:00Z")), 3600);
  assert.equal(offsetSeconds("Europe/Zurich", at("2024-07-15T00:00:00Z")), 7200);
  assert.equal(offsetSeconds("America/New_York", at("2024-01-15T00:00:00Z")), -5 * 3600);
  assert.equal(offsetSeconds("Asia/Kathmandu", at("2024-01-15T00:00:00Z")), (5 * 60 + 45) * 60);
});

test("an_offset_changes_at_the_very_second", () => {
  const change = at("2024-03-31T01:00:00Z");
  assert.equal(offsetSeconds("Europe/Zurich", change - 1), 3600);
  assert.equal(offsetSeconds("Europe/Zurich", change), 7200);
  const back = at("2024-10-27T01:00:00Z");
  assert.equal(offsetSeconds("Europe/Zurich", back - 1), 7200);
  assert.equal(offsetSeconds("Europe/Zurich", back), 3600);
});

test("an_offset_of_odd_seconds_is_kept", () => {
  assert.equal(offsetSeconds("America/New_York", at("1880-01-01T00:00:00Z")), -(4 * 3600 + 56 * 60 + 2));
});

test("years_of_two_digits_and_years_before_christ_are_years", () => {
  const longAgo = offsetSeconds("Europe/Zurich", at("1800-01-01T00:00:00Z"));
  assert.equal(offsetSeconds("Europe/Zurich", at("0050-06-01T00:00:00Z")), longAgo);
  assert.equal(offsetSeconds("Europe/Zurich", at("-000050-06-01T00:00:00Z")), longAgo);
});

test("midnight_is_hour_zero", () => {
  assert.equal(offsetSeconds("Etc/UTC", at("2024-01-01T00:00:00Z")), 0);
});

test("an_offset_at_the_ends_of_a_month_is_that_of_the_day_before_or_after", () => {
  for (const [zone, hours] of Object.entries({ "Pacific/Kiritimati": 14, "Pacific/Pago_Pago": -11 })) {
    for (let t = at("2023-12-31T00:00:00Z"); t < at("2024-03-02T00:00:00Z"); t += 1800) assert.equal(offsetSeconds(zone, t), hours * 3600, `${zone} ${t}`);
  }
});

/** How often `Intl` is asked while `act` runs. */
function asked(act) {
  const { prototype } = Intl.DateTimeFormat;
  const format = Object.getOwnPropertyDescriptor(prototype, "format");
  let count = 0;
  Object.defineProperty(prototype, "format", {
    ...format,
    get() {
      count++;
      return format.get.call(this);
    },
  });
  try {
    act();
  } finally {
    Object.defineProperty(prototype, "format", format);
  }
  return count;
}

test("the_host_is_asked_for_the_offsets_of_a_zone_once", () => {
  const table = normalize(wasabi({ start: "2000-01-01T00:00:00Z", end: "2600-01-01T00:00:00Z", NumAPICalls: 12345 }));
  const by = (window, timeZone) => () => aggregate(table, { window, split: "proportional", timeZone });
  const first = asked(by("month", "America/Denver"));
  assert.ok(first > 1000, `${first}`);
  assert.ok(first < 10_000, `${first}`);
  assert.equal(asked(by("month", "America/Denver")), 0);
  // Of many zones, those asked for last are kept.
  for (const zone of ["Tokyo", "Seoul", "Kolkata", "Dubai", "Manila", "Taipei", "Almaty", "Kabul"]) by("year", `Asia/${zone}`)();
  assert.equal(asked(by("month", "America/Denver")), first);
});

test("a_day_begins_with_the_first_second_at_which_the_host_shows_its_date", () => {
  // Zones and years with unusual changes, and a year that is read from another by its rule.
  const zones = ["America/Boa_Vista", "America/New_York", "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Gaza"];
  for (const year of [1919, 1943, 2000, 2011, 2040, 2144]) {
    const table = normalize(wasabi({ start: `${year}-01-01T00:00:00Z`, end: `${year + 1}-01-01T00:00:00Z`, NumAPICalls: 1 }));
    for (const timeZone of zones) {
      const date = (t) => Math.floor((t + offsetSeconds(timeZone, t)) / 86_400);
      const [, ...days] = aggregate(table, { window: "day", split: "proportional", timeZone });
      assert.ok(days.length > 360, timeZone);
      for (const { start } of days) assert.ok(date(at(start)) > date(at(start) - 1), `${timeZone} ${start}`);
    }
  }
});
