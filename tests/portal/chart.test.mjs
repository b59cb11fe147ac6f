// What the chart draws: levels as steps, flows as bars, gaps as gaps.
import assert from "node:assert/strict";
import { test } from "node:test";
import { aggregate, normalize } from "meterglot";
import { docs } from "./bodies.mjs";
import { ONCE, sourceOf } from "./source.mjs";

const {
  barsOf,
  countingOf,
  download: downloadOf,
  gapsOf,
  stacked,
  stepsOf,
  seriesOf: seriesIn,
  TableHolding,
  madeYear,
} = await sourceOf("chart/paths.ts", "engine/series.ts", "engine/download.ts", "engine/counting.ts", "engine/holding.ts", "samples/made-year.ts");

const seriesOf = (held, request) => seriesIn(countingOf(held, ONCE), request);
const download = (held, ...asked) => downloadOf(held, countingOf(held, ONCE), ...asked);

/** Keeps what is drawn, in the scales' own units: a pixel is a second, or one of the unit. */
globalThis.devicePixelRatio = 1;
globalThis.Path2D = class {
  drawn = [];
  moveTo(x, y) {
    this.drawn.push(["move", x, y]);
  }
  lineTo(x, y) {
    this.drawn.push(["line", x, y]);
  }
  rect(x, y, width, height) {
    this.drawn.push(["rect", x, y, width, height]);
  }
};
const plot = { valToPos: (value) => value };
const path = (builder, length) => builder(plot, 1, 0, length - 1);

const DAY = 86_400;
const starts = Float64Array.of(0, DAY, 3 * DAY);
const ends = Float64Array.of(DAY, 2 * DAY, 4 * DAY);

test("a_level_is_a_step_as_long_as_its_window_and_no_line_crosses_a_gap", () => {
  const { stroke } = path(stepsOf(starts, ends, [5, 7, 6], false), 3);
  assert.deepEqual(stroke.drawn, [
    ["move", 0, 5],
    ["line", DAY, 5],
    ["line", DAY, 7],
    ["line", 2 * DAY, 7],
    ["move", 3 * DAY, 6],
    ["line", 4 * DAY, 6],
  ]);
});

test("a_window_without_a_figure_is_not_drawn_as_zero", () => {
  const { stroke } = path(stepsOf(Float64Array.of(0, DAY, 2 * DAY), Float64Array.of(DAY, 2 * DAY, 3 * DAY), [5, null, 6], false), 3);
  assert.deepEqual(stroke.drawn, [
    ["move", 0, 5],
    ["line", DAY, 5],
    ["move", 2 * DAY, 6],
    ["line", 3 * DAY, 6],
  ]);
  assert.equal(path(barsOf(starts, ends, [1, null, 2], [0, 0, 0]), 3).fill.drawn.length, 2);
});

test("flows_are_bars_within_their_windows_on_top_of_each_other", () => {
  const { tops, bases } = stacked([
    [5, 7, null],
    [2, null, 4],
    [-1, null, null],
  ]);
  assert.deepEqual(tops, [
    [5, 7, null],
    [7, null, 4],
    [-1, null, null],
  ]);
  const [first, second] = [0, 1].map((group) => path(barsOf(starts, ends, tops[group], [...bases[group]]), 3).fill.drawn);
  assert.deepEqual(
    first.map(([, x, y, width, height]) => [x >= 0 && x + width <= 4 * DAY, y, height]),
    [
      [true, 0, 5],
      [true, 0, 7],
    ],
  );
  assert.deepEqual(
    second.map(([, , y, , height]) => [y, height]),
    [
      [5, 2],
      [0, 4],
    ],
  );
});

test("time_that_no_record_covers_is_reported_and_so_is_what_it_covers_in_part", () => {
  assert.deepEqual(gapsOf({ starts, ends, covered: Float64Array.of(DAY, DAY / 2, DAY), gaps: Float64Array.of(0, DAY / 2, 0) }), [
    { from: DAY, to: 2 * DAY, share: 0.5 },
    { from: 2 * DAY, to: 3 * DAY, share: 1 },
  ]);
});

test("what_is_drawn_is_what_the_package_aggregates", async () => {
  const table = normalize(new Uint8Array(await (await madeYear()).arrayBuffer()));
  const measure = { metric: "storage.stored", kind: "gauge", unit: "By", currency: null, what: "quantity" };
  const series = seriesOf([{ reply: 1, holding: new TableHolding(table, [table.format]), bodies: [] }], {
    measure,
    by: "region",
    window: "day",
    zone: "Europe/Vienna",
    weekStart: "monday",
    reducer: "max",
  });
  const rows = aggregate(table, {
    by: ["region"],
    window: "day",
    timeZone: "Europe/Vienna",
    reduce: { "storage.stored": "max" },
    where: { metric: ["storage.stored"] },
  });
  for (const { key, values } of series.groups) {
    const told = rows.filter((row) => row.key.region === key);
    assert.deepEqual(
      values.filter((value) => value !== null),
      told.map(({ quantity }) => quantity),
    );
    told.forEach((row) => assert.equal(series.ends[series.starts.indexOf(Date.parse(row.start) / 1000)], Date.parse(row.end) / 1000));
  }
  // Six days of UTC were lost: of five days of Vienna there is nothing.
  assert.deepEqual(
    gapsOf(series)
      .filter(({ share }) => share === 1)
      .map(({ from, to }) => Math.round((to - from) / DAY)),
    [5],
  );
});

const heldOf = (...names) =>
  names.map((name, at) => {
    const table = normalize(docs(`${name}.json`), { onError: "collect" });
    return { reply: at + 1, holding: new TableHolding(table, [table.format]), bodies: [] };
  });
const LOOK = { by: "", window: "", zone: "UTC", weekStart: "monday" };
const INVOICED = { metric: "storage.stored", kind: "integral", unit: "GiBy.d", currency: null, what: "quantity" };
const STORED = { metric: "storage.stored", kind: "gauge", unit: "By", currency: null, what: "quantity" };

test("a_metric_reported_as_a_level_and_as_level_and_time_is_reduced_each_in_its_own_way", async () => {
  const held = heldOf("wasabi-bucket-invoice", "wasabi-bucket-daily");
  assert.deepEqual(
    [seriesOf(held, { ...LOOK, measure: INVOICED, reducer: "sum" }).total, seriesOf(held, { ...LOOK, measure: STORED, reducer: "max" }).total],
    ["60", "1073741824"],
  );
  const rows = JSON.parse(await (await download(held, "aggregate.json", { ...LOOK, measure: INVOICED, reducer: "sum" }, false)).text());
  assert.deepEqual(
    rows.map(({ kind, unit }) => [kind, unit]),
    [["integral", "GiBy.d"]],
  );
});

test("what_is_reduced_is_reported_in_the_unit_it_is_reduced_to", () => {
  const names = ["wasabi-bucket-invoice", "wasabi-bucket-daily", "cloudsigma-daily-burst-usage"];
  const held = heldOf(...names);
  const tables = names.map((name) => normalize(docs(`${name}.json`)));
  const burst = { metric: "burst.dssd", kind: "integral", unit: "By.5.min", currency: null, what: "quantity" };
  const told = [
    [INVOICED, "mean"],
    [INVOICED, "count"],
    [STORED, "integral"],
    [STORED, "mean"],
    [burst, "mean"],
    [burst, "sum"],
  ].map(([measure, reducer]) => {
    const { unit, total, groups } = seriesOf(held, { ...LOOK, measure, reducer });
    const [row] = aggregate(tables, { reduce: { [measure.kind]: reducer }, where: { metric: [measure.metric] } }).filter(({ kind }) => kind === measure.kind);
    assert.deepEqual([unit, total, groups.length], [row.unit, row.quantity, 1], `${measure.metric} ${measure.kind} ${reducer}`);
    return unit;
  });
  assert.deepEqual(told, ["GiBy", null, "By.s", "By", "By", "By.5.min"]);
});

test("records_reported_in_another_unit_are_not_among_those_that_are_counted", () => {
  const upload = { metric: "transfer.upload", kind: "delta", unit: "By", currency: null, what: "quantity" };
  const held = heldOf("wasabi-bucket-invoice", "wasabi-bucket-daily");
  assert.deepEqual(
    [upload, { ...upload, unit: "GiBy" }].map((measure) => seriesOf(held, { ...LOOK, measure, reducer: "count" }).total),
    ["1", "2"],
  );
});

test("what_is_taken_away_holds_more_windows_than_a_chart_can_show", async () => {
  const held = heldOf("barracuda-usage-history", "wasabi-bucket-daily");
  const hours = { ...LOOK, measure: STORED, window: "hour", reducer: "mean" };
  assert.throws(() => seriesOf(held, hours), { name: "too-many-windows", message: /windows are more than a chart can show/ });
  const rows = JSON.parse(await (await download(held, "aggregate.json", hours, false)).text());
  assert.deepEqual(
    rows,
    aggregate(
      held.map((_, at) => normalize(docs(["barracuda-usage-history.json", "wasabi-bucket-daily.json"][at]))),
      { window: "hour", where: { metric: ["storage.stored"] } },
    ),
  );
  assert.ok(rows.length > 24);
});
