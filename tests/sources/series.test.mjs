// Barracuda's series of weeks, months and days: exactly the rows that begin in the period, at whatever time of its day `from` is.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Dice, place } from "../providers/random.mjs";
import { assertExpected } from "../providers/support.mjs";
import { start, totals, WAYS } from "./world.mjs";

let worlds;
before(async () => {
  worlds = await Promise.all([true, false].map((endIncluded) => start({ endIncluded })));
});
after(() => Promise.all(worlds.map((world) => world.close())));

const startsOf = async (query) => (await WAYS.records(worlds[0].source("barracuda"), query)).map(({ start }) => start.slice(0, 10));

test("a_series_begins_at_the_first_day_that_begins_in_the_period", async () => {
  const until = { to: "2024-05-01T22:00:00Z" };
  // Midnight in Vienna, in London, and in New York to the nanosecond.
  for (const from of ["2024-02-01T00:00:00+01:00", "2024-02-01", "2024-02-01T05:00:00Z", "2024-01-31T05:00:00.000000001Z"]) {
    assert.deepEqual(await startsOf({ ...until, from, resolution: "month" }), ["2024-02-01", "2024-03-01", "2024-04-01", "2024-05-01"], from);
  }
  const later = await startsOf({ ...until, from: "2024-02-01T05:00:00.000000001Z", resolution: "month" });
  assert.deepEqual(later, ["2024-02-02", "2024-03-02", "2024-04-02"]);
  assert.equal((await startsOf({ from: "2024-01-31T23:00:00Z", to: "2024-02-29T23:00:00Z", resolution: "week" })).length, 5);
  // Where the clocks change: midnight is at four, and was at five.
  assert.deepEqual(await startsOf({ from: "2024-03-11T04:00:00Z", to: "2024-03-24", resolution: "week" }), ["2024-03-11", "2024-03-18"]);
  assert.deepEqual(await startsOf({ from: "2024-11-04T04:00:00Z", to: "2024-11-18", resolution: "week" }), ["2024-11-04", "2024-11-11"]);
});

test("any_series_of_any_period_is_as_expected", async () => {
  const dice = new Dice(place(1, "series"));
  const HOUR = 3_600_000;
  const near = ["2024-03-10T05:00Z", "2024-11-03T04:00Z", "2024-01-31T05:00Z", "2024-02-29T05:00Z", "2023-12-31T23:00Z"].map((time) => Date.parse(time));
  const some = (list) => list[dice.below(list.length)];
  const instant = () => some(near) + (dice.below(21) - 10) * some([1, 1000, HOUR, 24 * HOUR]) + (dice.below(13) - 6) * HOUR;
  const written = (time, hours) =>
    `${new Date(time + hours * HOUR).toISOString().slice(0, -1)}${hours < 0 ? "-" : "+"}${String(Math.abs(hours)).padStart(2, "0")}:00`;
  for (let i = 0; i < 200; i += 1) {
    const from = instant();
    const to = from + 1 + dice.below(400 * 24) * HOUR + dice.below(HOUR);
    const query = {
      from: written(from, dice.below(25) - 12),
      to: written(to, 0),
      resolution: some(["day", "week", "month", "1d", `${2 + dice.below(59)}d`]),
      pageSize: some([7, 30, 90]),
    };
    const world = some(worlds);
    assertExpected(totals(await WAYS.records(world.source("barracuda"), query)), world.expected("barracuda", query));
  }
});
