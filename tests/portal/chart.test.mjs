// What the chart draws: levels as steps, flows as bars, gaps as gaps.
import assert from "node:assert/strict";
import { test } from "node:test";
import { aggregate, normalize } from "meterglot";
import { sourceOf } from "./source.mjs";

const { barsOf, gapsOf, stacked, stepsOf, seriesOf, TableHolding, madeYear } = await sourceOf("chart/paths.ts", "engine/series.ts", "engine/holding.ts", "samples/made-year.ts");

/** Keeps what is drawn, in the scales' own units: a pixel is a second, or one of the unit. */
globalThis.devicePixelRatio = 1;
globalThis.Path2D = class {
  drawn = [];
  moveTo(x, y) { this.drawn.push(["move", x, y]); }
  lineTo(x, y) { this.drawn.push(["line", x, y]); }
  rect(x, y, width, height) { this.drawn.push(["rect", x, y, width, height]); }
};
const plot = { valToPos: (value) => value };
const path = (builder, length) => builder(plot, 1, 0, length - 1);

const DAY = 86_400;
const starts = Float64Array.of(0, DAY, 3 * DAY);
const ends = Float64Array.of(DAY, 2 * DAY, 4 * DAY);

test("a_level_is_a_step_as_long_as_its_window_and_no_line_crosses_a_gap", () => {
  const { stroke } = path(stepsOf(starts, ends, [5, 7, 6], false), 3);
  assert.deepEqual(stroke.drawn, [["move", 0, 5], ["line", DAY, 5], ["line", DAY, 7], ["line", 2 * DAY, 7], ["move", 3 * DAY, 6], ["line", 4 * DAY, 6]]);
});

test("a_window_without_a_figure_is_not_drawn_as_zero", () => {
  const { stroke } = path(stepsOf(Float64Array.of(0, DAY, 2 * DAY), Float64Array.of(DAY, 2 * DAY, 3 * DAY), [5, null, 6], false), 3);
  assert.deepEqual(stroke.drawn, [["move", 0, 5], ["line", DAY, 5], ["move", 2 * DAY, 6], ["line", 3 * DAY, 6]]);
  assert.equal(path(barsOf(starts, ends, [1, null, 2], [0, 0, 0]), 3).fill.drawn.length, 2);
});

test("flows_are_bars_within_their_windows_on_top_of_each_other", () => {
  const { tops, bases } = stacked([[5, 7, null], [2, null, 4], [-1, null, null]]);
  assert.deepEqual(tops, [[5, 7, null], [7, null, 4], [-1, null, null]]);
  const [first, second] = [0, 1].map((group) => path(barsOf(starts, ends, tops[group], [...bases[group]]), 3).fill.drawn);
  assert.deepEqual(first.map(([, x, y, width, height]) => [x >= 0 && x + width <= 4 * DAY, y, height]), [[true, 0, 5], [true, 0, 7]]);
  assert.deepEqual(second.map(([, , y, , height]) => [y, height]), [[5, 2], [0, 4]]);
});

test("time_that_no_record_speaks_of_is_told_and_so_is_what_it_speaks_of_in_part", () => {
  assert.deepEqual(gapsOf({ starts, ends, covered: Float64Array.of(DAY, DAY / 2, DAY), gaps: Float64Array.of(0, DAY / 2, 0) }), [
    { from: DAY, to: 2 * DAY, share: 0.5 }, { from: 2 * DAY, to: 3 * DAY, share: 1 },
  ]);
});

test("what_is_drawn_is_what_the_package_aggregates", async () => {
  const table = normalize(new Uint8Array(await (await madeYear()).arrayBuffer()));
  const measure = { metric: "storage.stored", kind: "gauge", unit: "By", currency: null, what: "quantity" };
  const series = seriesOf([{ reply: 1, holding: new TableHolding(table, [table.format]), bodies: [] }], { measure, by: "region", window: "day", zone: "Europe/Vienna", weekStart: "monday", reducer: "max" });
  const rows = aggregate(table, { by: ["region"], window: "day", timeZone: "Europe/Vienna", reduce: { "storage.stored": "max" }, where: { metric: ["storage.stored"] } });
  for (const { key, values } of series.groups) {
    const told = rows.filter((row) => row.key.region === key);
    assert.deepEqual(values.filter((value) => value !== null), told.map(({ quantity }) => quantity));
    told.forEach((row) => assert.equal(series.ends[series.starts.indexOf(Date.parse(row.start) / 1000)], Date.parse(row.end) / 1000));
  }
  // Six days of UTC were lost: of five days of Vienna there is nothing.
  assert.deepEqual(gapsOf(series).filter(({ share }) => share === 1).map(({ from, to }) => Math.round((to - from) / DAY)), [5]);
});
