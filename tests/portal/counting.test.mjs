// Which records count if the same usage is reported twice: tests of the functions, without a page.
import assert from "node:assert/strict";
import { test } from "node:test";
import { aggregate, normalize } from "meterglot";
import { ALL } from "../rules/fixtures.mjs";
import { docs, fixture } from "./bodies.mjs";
import { ONCE, sourceOf } from "./source.mjs";
import { ACCOUNT_DAYS, BUCKET_DAYS, BURST, BURST_DAYS, HOURS, INVOICE, SUMMARY } from "./twice.mjs";

const { TableHolding, RecordsHolding, countingOf, download, figuresOf, seriesOf, select, tilesOf } = await sourceOf(
  "engine/counting.ts",
  "engine/download.ts",
  "engine/figures.ts",
  "engine/holding.ts",
  "engine/selection.ts",
  "engine/series.ts",
  "views/tiles.ts",
);

const tableOf = ([bytes, request]) => normalize(bytes, { onError: "collect", ...(request === undefined ? {} : { request }) });
const heldOf = (...bodies) =>
  bodies.map((body, at) => {
    const table = tableOf(body);
    return { reply: at + 1, holding: new TableHolding(table, table.format === null ? [] : [table.format]), bodies: [] };
  });
const KEEP = { prefer: [], overlap: "keep" };
const tilesIn = (held, preference = ONCE) =>
  Object.fromEntries(tilesOf(figuresOf(countingOf(held, preference)).measures).map(({ label, of }) => [`${label} ${of.unit ?? of.currency}`, of.value]));
const twiceIn = (held, preference = ONCE) =>
  figuresOf(countingOf(held, preference)).twice.map(({ by, replies, formats, metrics, records, joins }) => ({
    by,
    replies,
    formats,
    metrics: metrics.length,
    records,
    joins,
  }));

test("two_kinds_of_reply_that_report_the_same_count_once_and_are_named", () => {
  const held = heldOf([BUCKET_DAYS], [ACCOUNT_DAYS]);
  const [days, account] = held.map((one) => tilesIn([one]));
  assert.deepEqual(tilesIn(held), days, "buckets have more to tell");
  assert.deepEqual(tilesIn(held.toReversed()), days);
  assert.deepEqual(twiceIn(held), [
    { by: "format", replies: [], formats: ["wasabi.bucket-daily", "wasabi.account-daily"], metrics: 2, records: 2, joins: false },
  ]);
  const { measures, twice } = figuresOf(countingOf(held, ONCE));
  assert.deepEqual(new Set(tilesOf(measures, twice).map(({ who }) => who)), new Set(["Wasabi · bucket days"]), "each figure says which it comes from");
  assert.deepEqual(tilesIn(held, { prefer: ["wasabi.account-daily"], overlap: "error" }), account);
  const both = tilesIn(held, KEEP);
  assert.deepEqual([both["API calls {call}"], both["Stored, mean By"]], ["14", "14"]);
  assert.equal(twiceIn(held, KEEP).length, 1, "the usage is still listed as reported twice");
});

test("what_only_one_kind_of_reply_reports_counts_beside_the_other", () => {
  const held = heldOf([BUCKET_DAYS], [ACCOUNT_DAYS], [INVOICE]);
  const tiles = tilesIn(held);
  // Only the invoice reports level × time; its calls are the same as those of the days.
  assert.deepEqual([tiles["Stored, mean By"], tiles["Stored GiBy.d"], tiles["API calls {call}"]], ["7", "31", "9"]);
  const [{ from }] = tilesOf(figuresOf(countingOf(held, ONCE)).measures).filter(({ label }) => label === "API calls");
  assert.deepEqual(from[0].formats, ["wasabi.bucket-invoice"], "that which covers most time");
});

test("one_reply_of_two_kinds_counts_as_two_replies_do", async () => {
  const two = heldOf([BUCKET_DAYS], [ACCOUNT_DAYS]);
  const one = [{ reply: 1, holding: new RecordsHolding(two.flatMap(({ holding }) => holding.records(0, holding.length))), bodies: [] }];
  assert.deepEqual(tilesIn(one), tilesIn(two));
  assert.deepEqual(twiceIn(one), twiceIn(two));
  const behind = {
    measures: [{ metric: "api.calls", kind: "delta", unit: "{call}", currency: null, what: "quantity" }],
    by: "",
    key: null,
    start: null,
    end: null,
  };
  assert.equal(
    (
      await select(
        one,
        { behind, provider: "", metric: "", sort: null },
        () => countingOf(one, ONCE),
        () => {},
      )
    ).length,
    2,
  );
});

test("hours_and_the_summary_that_contains_them_count_once", () => {
  for (const bodies of [
    [HOURS, SUMMARY],
    [SUMMARY, HOURS],
  ]) {
    const held = heldOf(...bodies);
    assert.deepEqual(tilesIn(held), tilesIn([held[0]]));
    const [{ records, ...twice }] = twiceIn(held);
    assert.deepEqual(twice, { by: "reply", replies: [1, 2], formats: ["onapp.user-statistics"], metrics: 0, joins: false });
    assert.equal(records, held[1].holding.length);
  }
});

test("burst_and_daily_burst_of_the_same_time_count_once", () => {
  const held = heldOf(BURST, BURST_DAYS);
  assert.deepEqual(tilesIn(held)["Burst, dssd By.5.min"], tilesIn([held[0]])["Burst, dssd By.5.min"]);
  assert.deepEqual(tilesIn(held)["Cost, currency unknown null"], tilesIn([held[0]])["Cost, currency unknown null"]);
  assert.deepEqual(
    twiceIn(held).map(({ formats, metrics }) => [formats, metrics]),
    [[["cloudsigma.burst-usage", "cloudsigma.daily-burst-usage"], 1]],
  );
});

test("a_reply_added_twice_counts_once_and_may_be_read_as_one", () => {
  for (const name of ALL) {
    const held = heldOf([fixture(name)], [fixture(name)]);
    if (held[0].holding.length === 0 || twiceIn([held[0]]).length > 0) {
      continue;
    }
    assert.deepEqual(tilesIn(held), tilesIn([held[0]]), name);
    assert.deepEqual(
      twiceIn(held).map(({ by, replies, joins }) => [by, replies, joins]),
      [["reply", [1, 2], true]],
      name,
    );
  }
});

test("a_reply_that_reports_the_same_twice_by_itself_is_reported_and_not_added", () => {
  const [record] = normalize(docs("wasabi-bucket-daily.json")).records(4, 5);
  const held = [{ reply: 1, holding: new RecordsHolding([record, record]), bodies: [] }, ...heldOf([ACCOUNT_DAYS]).map((one) => ({ ...one, reply: 2 }))];
  const { twice, measures } = figuresOf(countingOf(held, ONCE));
  assert.deepEqual(
    twice.map(({ replies, records }) => [replies, records]),
    [[[1], 2]],
  );
  assert.match(twice[0].message, /usage is reported twice/);
  assert.ok(measures.length > 0 && measures.every(({ formats }) => formats[0] === "wasabi.account-daily"), "the others are shown");
});

test("the_chart_the_exports_and_the_records_of_a_number_have_what_counts", async () => {
  const held = heldOf([BUCKET_DAYS], [ACCOUNT_DAYS], HOURS, SUMMARY);
  const counting = countingOf(held, ONCE);
  const measure = { metric: "api.calls", kind: "delta", unit: "{call}", currency: null, what: "quantity" };
  const request = { measure, by: "", window: "day", zone: "UTC", weekStart: "monday", reducer: "sum" };
  assert.deepEqual([seriesOf(counting, request).total, seriesOf(counting, { ...request, by: "provider" }).totals], ["7", ["7"]]);
  const rows = JSON.parse(await (await download(held, counting, "aggregate.json", request, false)).text());
  assert.deepEqual(
    rows.map(({ quantity }) => quantity),
    ["7"],
  );
  const all = JSON.parse(await (await download(held, counting, "aggregate.json", { ...request, window: "all" }, true)).text());
  const kept = [BUCKET_DAYS, HOURS[0]].map((bytes, at) => tableOf(at === 0 ? [bytes] : HOURS));
  const sorted = (list) => list.map((row) => JSON.stringify(row)).sort();
  assert.deepEqual(sorted(all), sorted(aggregate(kept)));
  const listed = async (behind) =>
    (
      await select(
        held,
        { behind, provider: "", metric: "", sort: null },
        () => counting,
        () => {},
      )
    ).length;
  assert.equal(await listed({ measures: [measure], by: "", key: null, start: null, end: null }), 2);
  assert.equal(
    await listed(null),
    held.reduce((sum, { holding }) => sum + holding.length, 0),
    "all records are listed",
  );
});

test("the_mean_of_a_level_is_the_engines_and_no_sum_of_its_parts", () => {
  const day = (at) => new Date(Date.UTC(2024, 0, 1) + at * 86_400_000).toISOString().replace(".000Z", "Z");
  const rows = Array.from({ length: 10 }, (_, at) => ({
    AcctNum: 1,
    BucketNum: at,
    Bucket: `b${at}`,
    Region: "r",
    StartTime: day(at),
    EndTime: day(at + 1),
    RawStorageSizeBytes: 1024,
  }));
  const held = heldOf([Buffer.from(JSON.stringify(rows))]);
  const counting = countingOf(held, ONCE);
  assert.equal(tilesIn(held)["Stored, mean By"], "1024");
  const measure = { metric: "storage.stored", kind: "gauge", unit: "By", currency: null, what: "quantity" };
  const series = seriesOf(counting, { measure, by: "resource", window: "month", zone: "UTC", weekStart: "monday", reducer: "mean" });
  assert.deepEqual([series.total, series.totals, series.rest, series.groups.at(-1).total], ["1024", ["1024"], 3, "1024"]);
});
