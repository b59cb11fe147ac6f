// Time zones come from the host's Intl: the module carries none.
import assert from "node:assert/strict";
import { test } from "node:test";
import { offsetSeconds } from "../../pkg/zone.js";

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
