// AGGREGATION: a gauge is a level; it adds up across resources at one time and never over time.
import { BARRACUDA_URL, barracuda, fails, only, quotient, wasabi } from "./support.mjs";

export default ({ rule, assert, meterglot, fixture }) => {
  const { normalize, aggregate } = meterglot;
  const at = (day, hour) => `2024-01-${String(day).padStart(2, "0")}T${String(hour).padStart(2, "0")}:00:00Z`;
  /** A level of one bucket from hour to hour of 15 January; hours past 23 lie on the next days. */
  const level = (from, to, value, bucket = 1) => ({
    bucket,
    start: at(15 + Math.floor(from / 24), from % 24),
    end: at(15 + Math.floor(to / 24), to % 24),
    RawStorageSizeBytes: value,
  });
  const gauges = (...rows) => normalize(wasabi(...rows));
  const reduce = (reducer) => ({ reduce: { gauge: reducer } });
  const quantities = (table, spec) => aggregate(table, spec).map(({ quantity }) => quantity);

  rule("a_level_is_never_added_over_time", () => {
    const table = gauges(level(0, 24, 10), level(24, 48, 20));
    const error = fails({ assert, meterglot }, "incompatible-aggregation", () => aggregate(table, reduce("sum")));
    assert.match(error.message, /mean|max|last|integral/);
    const [row] = aggregate(table);
    assert.deepEqual([row.quantity, row.reducer, row.kind], ["15", "mean", "gauge"]);
  });

  rule("the_mean_of_a_level_is_weighted_by_time", () => {
    assert.deepEqual(quantities(gauges(level(0, 6, 10), level(6, 24, 30)), { window: "day" }), ["25"]);
    assert.deepEqual(quantities(gauges(level(0, 1, 1), level(1, 3, 2)), { window: "day" }), [quotient(5, 3)]);
  });

  rule("the_mean_of_a_level_is_over_the_time_it_covers", () => {
    const [row] = aggregate(gauges(level(0, 6, 10), level(18, 24, 20)), { window: "day" });
    assert.deepEqual([row.quantity, row.coveredSeconds, row.gapSeconds], ["15", 43200, 43200]);
  });

  rule("each_series_is_reduced_first_and_the_series_then_added", () => {
    const table = gauges(level(0, 12, 10), level(12, 24, 2), level(0, 12, 5, 2), level(12, 24, 7, 2));
    assert.deepEqual(quantities(table, reduce("max")), ["17"]); // 10 + 7, though no hour held more than 15
    assert.deepEqual(quantities(table, reduce("min")), ["7"]);
    assert.deepEqual(quantities(table, reduce("first")), ["15"]);
    assert.deepEqual(quantities(table, reduce("last")), ["9"]);
    assert.deepEqual(quantities(table, reduce("mean")), ["12"]);
    assert.deepEqual(quantities(table, { by: ["resource"], ...reduce("max") }), ["10", "7"]);
  });

  rule("a_series_that_covers_half_the_time_of_its_group_counts_half_in_the_mean", () => {
    // 12 hours of 10 + 20 and 12 of 10.
    const [row] = aggregate(gauges(level(0, 24, 10), level(0, 12, 20, 2)), { window: "day" });
    assert.deepEqual([row.quantity, row.coveredSeconds, row.gapSeconds, row.resources, row.records], ["20", 129600, 43200, 2, 2]);
  });

  rule("ten_buckets_of_one_tebibyte_one_after_another_have_a_mean_of_one_tebibyte", () => {
    const TEBIBYTE = 1024 ** 4;
    const table = gauges(...[7, 2, 9, 0, 4, 1, 8, 3, 6, 5].map((day) => level(24 * day, 24 * day + 24, TEBIBYTE, day)));
    const spec = { window: "month", units: { "storage.stored": "TiBy" } };
    const [row] = aggregate(table, spec);
    assert.deepEqual([row.quantity, row.resources, row.coveredSeconds], ["1", 10, 864000]);
    assert.deepEqual(
      aggregate(table, { ...spec, by: ["resource"] }).map(({ quantity }) => quantity),
      Array(10).fill("1"),
    );
    // The same ten at once are ten.
    assert.deepEqual(quantities(gauges(...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((bucket) => level(0, 240, TEBIBYTE, bucket))), spec), ["10"]);
  });

  rule("a_time_that_no_series_of_a_group_covers_is_not_in_its_mean", () => {
    assert.deepEqual(quantities(gauges(level(0, 2, 10), level(20, 22, 30, 2)), { window: "day" }), ["20"]);
    // Of every day that is covered at all: 24 hours of 10; 12 of 10 and of 40; nothing; 6 hours of 40.
    const rows = aggregate(gauges(level(0, 36, 10), level(36, 48, 40, 2), level(90, 96, 40, 3)), { window: "day" });
    assert.deepEqual(
      rows.map(({ quantity }) => quantity),
      ["10", "25", "40"],
    );
  });

  rule("an_unknown_level_is_neither_in_the_mean_of_its_group_nor_in_the_time", () => {
    const records = [...gauges(level(0, 12, 10), level(12, 24, 99), level(0, 12, 99, 2), level(12, 24, 30, 2))];
    for (const record of records) if (record.quantity === "99") record.quantity = null;
    const [row] = aggregate(records, { window: "day" });
    assert.deepEqual([row.quantity, row.coveredSeconds, row.records], ["20", 172800, 4]);
  });

  rule("a_single_instant_adds_its_value_to_the_mean_of_its_group", () => {
    const lone = [...normalize(barracuda([["2024-01-15T06:00:00Z", 7]]))].map((record) => ({ ...record, resourceId: "other" }));
    const lasting = normalize(barracuda([["2024-01-15T00:00:00Z", 5]]), { request: `${BARRACUDA_URL}?resolution=DAY` });
    assert.deepEqual(quantities([...lone, ...lasting], { window: "day" }), ["12"]);
  });

  rule("the_sum_of_the_series_is_rounded_once", () => {
    // Three thirds: rounded one by one they would give 0.99999999999999999999.
    const third = (bucket) => [level(0, 1, 1, bucket), level(1, 3, 0, bucket)];
    assert.deepEqual(quantities(gauges(...third(1), ...third(2), ...third(3))), ["1"]);
  });

  rule("a_level_is_cut_exactly_at_the_edges_of_windows", () => {
    const rows = aggregate(gauges(level(22, 26, 6), level(26, 48, 17)), { window: "day" });
    assert.deepEqual(
      rows.map(({ start, quantity, coveredSeconds, gapSeconds, records }) => [start, quantity, coveredSeconds, gapSeconds, records]),
      [
        [at(15, 0), "6", 7200, 79200, 1],
        [at(16, 0), quotient(2 * 6 + 22 * 17, 24), 86400, 0, 2],
      ],
    );
  });

  rule("a_level_that_began_earlier_is_the_first_of_its_window", () => {
    const table = gauges(level(22, 26, 6), level(26, 48, 17));
    assert.deepEqual(quantities(table, { window: "day", ...reduce("first") }), ["6", "6"]);
    assert.deepEqual(quantities(table, { window: "day", ...reduce("last") }), ["6", "17"]);
    assert.deepEqual(quantities(table, { window: "day", ...reduce("min") }), ["6", "6"]);
    assert.deepEqual(quantities(table, { window: "day", ...reduce("max") }), ["6", "17"]);
  });

  rule("a_level_that_spans_many_windows_is_in_each_of_them", () => {
    const rows = aggregate(gauges(level(12, 84, 9)), { window: "day" });
    assert.deepEqual(
      rows.map(({ quantity, coveredSeconds }) => [quantity, coveredSeconds]),
      [
        ["9", 43200],
        ["9", 86400],
        ["9", 86400],
        ["9", 43200],
      ],
    );
  });

  rule("a_level_takes_no_part_in_a_window_it_only_touches", () => {
    assert.lengthOf(aggregate(gauges(level(0, 24, 9)), { window: "day" }), 1);
  });

  rule("the_integral_of_a_level_is_in_its_unit_times_seconds", () => {
    const [row] = aggregate(gauges(level(0, 6, 10), level(6, 24, 30)), reduce("integral"));
    assert.deepEqual([row.quantity, row.unit, row.reducer, row.kind], [String(6 * 3600 * 10 + 18 * 3600 * 30), "By.s", "integral", "gauge"]);
  });

  rule("integrals_of_a_level_over_windows_add_up_to_all", () => {
    const table = gauges(level(1, 26, 7), level(26, 61, 11), level(3, 50, 13, 2));
    const total = (window) => quantities(table, { window, ...reduce("integral") }).reduce((a, b) => a + BigInt(b), 0n);
    const due = 3600n * BigInt(25 * 7 + 35 * 11 + 47 * 13);
    for (const window of ["hour", "day", "week", "all"]) assert.equal(total(window), due, window);
  });

  rule("the_count_of_a_level_has_no_unit", () => {
    const [row] = aggregate(gauges(level(0, 6, 10), level(6, 24, 30), level(0, 1, 1, 2)), reduce("count"));
    assert.deepEqual([row.quantity, row.unit, row.records, row.resources], ["3", null, 3, 2]);
  });

  // instants
  rule("an_instant_applies_until_the_next_and_the_last_as_long_as_the_one_before", () => {
    const [row] = aggregate(normalize(fixture("provider-docs/barracuda-usage-history.json")));
    assert.deepEqual(
      [row.quantity, row.start, row.end, row.coveredSeconds, row.gapSeconds, row.records],
      ["4868709120", "2011-01-01T05:00:00Z", "2011-01-03T05:00:00Z", 172800, 0, 2],
    );
  });

  rule("instants_are_cut_at_windows_like_any_level", () => {
    const [a, b] = [4368709120, 5368709120];
    const rows = aggregate(normalize(fixture("provider-docs/barracuda-usage-history.json")), { window: "day" });
    assert.deepEqual(
      rows.map(({ start, quantity, coveredSeconds, gapSeconds }) => [start.slice(0, 10), quantity, coveredSeconds, gapSeconds]),
      [
        ["2011-01-01", String(a), 68400, 18000],
        ["2011-01-02", quotient(5 * a + 19 * b, 24), 86400, 0],
        ["2011-01-03", String(b), 18000, 68400],
      ],
    );
  });

  rule("uneven_instants_apply_as_long_as_their_own_gaps", () => {
    const body = barracuda([
      ["2024-01-15T00:00:00Z", 1],
      ["2024-01-15T06:00:00Z", 2],
      ["2024-01-15T08:00:00Z", 4],
    ]);
    const [row] = aggregate(normalize(body));
    assert.deepEqual([row.quantity, row.coveredSeconds, row.end], [quotient(6 * 1 + 2 * 2 + 2 * 4, 10), 36000, "2024-01-15T10:00:00Z"]);
  });

  rule("a_single_instant_is_just_its_value_and_covers_nothing", () => {
    const table = normalize(barracuda([["2024-01-15T06:00:00Z", 7]]));
    for (const reducer of ["mean", "max", "min", "first", "last"]) {
      const [row] = aggregate(table, { window: "day", ...reduce(reducer) });
      assert.deepEqual([row.quantity, row.coveredSeconds, row.records], ["7", 0, 1], reducer);
      assert.deepEqual([row.start, row.end], [at(15, 0), at(16, 0)]);
    }
  });

  rule("instants_of_other_series_do_not_end_a_level", () => {
    const read = (user, rows) => normalize(barracuda(rows, { user }));
    const rows = aggregate(
      [
        read("a", [
          ["2024-01-15T00:00:00Z", 1],
          ["2024-01-15T10:00:00Z", 1],
        ]),
        read("b", [
          ["2024-01-15T05:00:00Z", 2],
          ["2024-01-15T06:00:00Z", 2],
        ]),
      ],
      { by: ["account"] },
    );
    assert.deepEqual(
      rows.map(({ key, coveredSeconds }) => [key.account, coveredSeconds]),
      [
        ["a", 72000],
        ["b", 7200],
      ],
    );
  });

  rule("a_level_applies_to_its_end_or_to_the_next_reading_whichever_comes_first", () => {
    const table = normalize(fixture("made/barracuda-dst-spring.json"), { request: `${BARRACUDA_URL}?resolution=DAY` });
    const [row] = aggregate(table);
    assert.deepEqual([row.coveredSeconds, row.gapSeconds, row.end], [(24 + 23 + 24) * 3600, 0, "2024-03-12T04:00:00Z"]);
    assert.equal(row.quantity, quotient(24 * 10 + 23 * 12 + 24 * 14, 71));
    const local = aggregate(table, { window: "day", timeZone: "America/New_York" });
    assert.deepEqual(
      local.map(({ quantity, coveredSeconds, gapSeconds }) => [quantity, coveredSeconds, gapSeconds]),
      [
        ["10", 86400, 0],
        ["12", 82800, 0],
        ["14", 86400, 0],
      ],
    );
  });

  rule("a_day_of_25_hours_has_an_hour_that_nothing_covers", () => {
    const table = normalize(fixture("made/barracuda-dst-autumn.json"), { request: `${BARRACUDA_URL}?resolution=DAY` });
    const local = aggregate(table, { window: "day", timeZone: "America/New_York" });
    assert.deepEqual(
      local.map(({ quantity, coveredSeconds, gapSeconds }) => [quantity, coveredSeconds, gapSeconds]),
      [
        ["10", 86400, 0],
        ["12", 86400, 3600],
        ["14", 86400, 0],
      ],
    );
  });

  rule("source_days_take_each_level_under_the_day_it_was_written", () => {
    const table = normalize(fixture("made/barracuda-dst-spring.json"), { request: `${BARRACUDA_URL}?resolution=DAY` });
    assert.deepEqual(quantities(table, { window: "day", timeZone: "source" }), ["10", "12", "14"]);
  });

  rule("seventy_six_digits_are_added_exactly_or_refused", () => {
    const nines = "9".repeat(76);
    let result;
    try {
      result = only(assert, aggregate(gauges(level(0, 24, nines), level(0, 24, nines, 2)), reduce("max")), {}).quantity;
    } catch (error) {
      result = error.code;
    }
    assert.include(["number-out-of-range", (2n * BigInt(nines)).toString()], result);
  });
};
