// The totals at the top of the page: every cost and every amount counts once, and none is left out.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { normalize } from "meterglot";
import { ALL } from "../rules/fixtures.mjs";
import { ONCE, sourceOf } from "./source.mjs";

const {
  TableHolding,
  add,
  countingOf,
  figuresOf: figuresIn,
  insideOf,
  reducerName,
  select,
  tilesOf,
  treeOf,
} = await sourceOf(
  "engine/counting.ts",
  "engine/figures.ts",
  "engine/inside.ts",
  "engine/holding.ts",
  "engine/selection.ts",
  "format/decimal.ts",
  "format/words.ts",
  "views/tiles.ts",
  "views/tree.ts",
);

const figuresOf = (held, preference = ONCE) => figuresIn(countingOf(held, preference));
const bytesOf = (name) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));
const heldOf = (...bodies) =>
  bodies.map((bytes, at) => {
    const table = normalize(bytes, { onError: "collect" });
    return { reply: at + 1, holding: new TableHolding(table, table.format === null ? [] : [table.format]), bodies: [] };
  });
const user = (id, hour, costs, more = {}) => ({
  user_stat: { user_id: id, currency_code: "USD", stat_time: `2012-03-15T${String(hour).padStart(2, "0")}:00:00Z`, ...costs, ...more },
});
const onapp = (...rows) => Buffer.from(JSON.stringify(rows));
const WHOLE = { vm_cost: "10", user_resources_cost: "5", total_cost: "15" };
const tilesIn = (...bodies) => tilesOf(figuresOf(heldOf(...bodies)).measures).map(({ label, of }) => [label, of.value]);
const treeIn = (...bodies) =>
  treeOf(figuresOf(heldOf(...bodies)).measures).map(({ measure: { metric, total, outside }, depth, share }) => [
    metric,
    depth,
    total,
    outside?.total ?? null,
    share,
  ]);

test("a_cost_counts_for_itself_in_a_row_that_does_not_report_what_contains_it", () => {
  assert.deepEqual(tilesIn(bytesOf("made/onapp-mixed-currencies.xml")).sort(), [
    ["Cost in EUR", "2"],
    ["Cost in USD", "1"],
    ["Cost, currency unknown", "4"],
  ]);
  assert.deepEqual(tilesIn(bytesOf("made/onapp-twice-in-json.json")), [["Cost in USD", "96500"]]);
  const rows = [user(4, 1, WHOLE), user(5, 1, { vm_cost: "10.1" })];
  // In one reply, in two replies, and in either order.
  for (const bodies of [[onapp(...rows)], [onapp(...rows.toReversed())], rows.map((row) => onapp(row)), rows.toReversed().map((row) => onapp(row))]) {
    assert.deepEqual(tilesIn(...bodies), [["Cost in USD", "25.1"]]);
  }
  assert.deepEqual(treeIn(onapp(...rows)), [
    ["cost.total", 0, "15", null, 15 / 25.1],
    ["cost.user_resources", 1, "5", null, 5 / 15],
    ["cost.vm", 1, "20.1", "10.1", (20.1 - 10.1) / 15],
  ]);
});

test("what_contains_a_cost_is_sought_in_its_own_row", () => {
  const part = { vm_cost: "10" };
  assert.deepEqual(tilesIn(onapp(user(4, 1, WHOLE)), onapp(user(4, 1, part))), [["Cost in USD", "15"]], "of the same hour");
  assert.deepEqual(tilesIn(onapp(user(4, 1, WHOLE), user(4, 2, part))), [["Cost in USD", "25"]], "of another hour");
  assert.deepEqual(tilesIn(onapp(user(4, 1, WHOLE), user(5, 1, part))), [["Cost in USD", "25"]], "of another user");
  assert.deepEqual(tilesIn(onapp(user(4, 1, WHOLE)), onapp(user(4, 1, part, { currency_code: "EUR" }))).sort(), [
    ["Cost in EUR", "10"],
    ["Cost in USD", "15"],
  ]);
});

test("a_machines_costs_are_inside_its_own_total_and_inside_those_of_its_user", () => {
  const vm_stats = [
    { virtual_machine_id: 4, usage_cost: "1", vm_resources_cost: "2", total_cost: "3" },
    { virtual_machine_id: 9, usage_cost: "4" },
  ];
  assert.deepEqual(tilesIn(onapp(user(4, 1, WHOLE, { vm_stats }))), [["Cost in USD", "15"]]);
  assert.deepEqual(tilesIn(onapp(user(4, 1, { total_cost: "15" }, { vm_stats }))), [["Cost in USD", "15"]], "the middle of the tree is not told");
  assert.deepEqual(tilesIn(onapp(user(4, 1, {}, { vm_stats }))), [["Cost in USD", "7"]]);
});

test("calls_of_a_kind_are_reported_where_all_calls_are_not", () => {
  const day = { AcctNum: 1, StartTime: "2024-01-01T00:00:00Z", EndTime: "2024-01-02T00:00:00Z", Region: "r" };
  const rows = [
    { ...day, BucketNum: 1, Bucket: "a", RawStorageSizeBytes: 1, NumAPICalls: 7, NumGETCalls: 5 },
    { ...day, BucketNum: 2, Bucket: "b", RawStorageSizeBytes: 1, NumGETCalls: 3 },
  ];
  assert.deepEqual(tilesIn(Buffer.from(JSON.stringify(rows))).slice(1), [
    ["API calls", "7"],
    ["API calls, get", "3"],
  ]);
});

test("a_total_leads_to_the_records_that_count_in_it_and_to_no_others", async () => {
  const held = heldOf(onapp(user(4, 1, WHOLE), user(5, 1, { vm_cost: "10.1" })), onapp(user(6, 1, { ...WHOLE, vm_cost: "3" })));
  const [{ from }] = tilesOf(figuresOf(held).measures);
  assert.deepEqual(
    from.map(({ metric }) => metric),
    ["cost.total", "cost.vm"],
  );
  const list = (more) =>
    select(
      held,
      { behind: { measures: from, by: "", key: null, start: null, end: null, ...more }, provider: "", metric: "", sort: null },
      () => countingOf(held, ONCE),
      () => {},
    );
  assert.deepEqual([(await list({})).length, (await list({ outside: true })).length], [5, 3]);
});

test("every_cost_that_is_read_is_in_the_totals_once", () => {
  for (const name of ALL) {
    const held = heldOf(bytesOf(name));
    const [inside] = insideOf(
      held,
      held.map(({ holding }) => holding.columns()),
    );
    const records = held[0].holding.records(0, held[0].holding.length);
    const own = records.filter(
      ({ cost, metric, partOf }, at) =>
        cost !== null && partOf !== metric && !/^discount\.|total_with_discount$/.test(metric) && (inside?.within[at] ?? 0) === 0,
    );
    const costs = new Map();
    for (const { cost, currency } of own) {
      costs.set(currency, add(costs.get(currency) ?? "0", cost));
    }
    const tiles = tilesOf(figuresOf(held).measures).filter(({ of }) => of.what === "cost");
    assert.deepEqual(Object.fromEntries(tiles.map(({ of }) => [of.currency, of.value])), Object.fromEntries(costs), name);
  }
});

test("a_million_costs_are_parted_exactly_in_a_moment", () => {
  const rows = Array.from({ length: 60_000 }, (_, row) => ({
    user_stat: {
      user_id: row % 50,
      currency_code: "USD",
      stat_time: new Date(1.6e12 + Math.floor(row / 50) * 3.6e6).toISOString().replace(".000", ""),
      vm_cost: "0.1",
      user_resources_cost: "0.7",
      backup_cost: "0.1",
      template_cost: "0.1",
      storage_disk_size_cost: "0.1",
      edge_group_cost: "0.1",
      monit_cost: "0.1",
      template_disk_size_cost: "0.1",
      backup_disk_size_cost: "0.1",
      ...(row % 2 === 0 ? { total_cost: "0.8" } : {}),
      vm_stats: [
        { virtual_machine_id: 1000 + row, usage_cost: "0.03", vm_resources_cost: "0.07", total_cost: "0.1" },
        { virtual_machine_id: 2000 + row, usage_cost: "0", total_cost: "0", vm_resources_cost: "0" },
      ],
    },
  }));
  const held = heldOf(JSON.stringify(rows));
  assert.ok(held[0].holding.length > 900_000, `${held[0].holding.length} records`);
  // Processor time, because the wall time depends on how busy the machine is.
  const begun = process.cpuUsage();
  const { measures } = figuresOf(held);
  const took = process.cpuUsage(begun).user / 1000;
  assert.deepEqual(
    tilesOf(measures).map(({ of }) => of.value),
    ["48000"],
  );
  assert.ok(took < 12_000, `${took} ms`);
});

test("the_same_thing_in_two_tiles_is_distinguished_by_the_kinds_of_reply", () => {
  const tiles = tilesOf(figuresOf(heldOf(bytesOf("provider-docs/wasabi-bucket-invoice.json"), bytesOf("provider-docs/wasabi-bucket-daily.json"))).measures);
  assert.deepEqual(
    tiles.filter(({ label }) => label === "Uploaded").map(({ of, who }) => [of.unit, who]),
    [
      ["GiBy", "Wasabi · bucket roll-up of an invoice"],
      ["By", "Wasabi · bucket days"],
    ],
  );
  for (const { label, who } of tiles) {
    assert.equal(tiles.filter((other) => other.label === label && other.who === who).length, 1, label);
  }
});

test("what_is_reduced_of_each_and_then_added_says_so", () => {
  const measure = { kind: "delta", resources: 2, dimensions: [] };
  assert.equal(reducerName(measure, "max", ""), "largest record of each resource, added");
  assert.equal(reducerName(measure, "max", "resource"), "largest record");
  assert.equal(reducerName(measure, "sum", ""), "sum");
  assert.equal(reducerName({ kind: "gauge", resources: 1, dimensions: [] }, "mean", ""), "mean over time");
  assert.equal(reducerName({ kind: "gauge", resources: 2, dimensions: [] }, "mean", ""), "mean over time", "of their common level");
  assert.equal(reducerName({ kind: "integral", resources: 2, dimensions: [] }, "mean", ""), "mean level");
  assert.equal(reducerName({ kind: "gauge", resources: 2, dimensions: [] }, "max", ""), "highest of each resource, added");
  assert.equal(reducerName({ ...measure, dimensions: ["service"] }, "mean", "resource"), "mean of records of each service, added");
});
