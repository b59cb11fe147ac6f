// AGGREGATION: integrals and deltas add up over time and across resources.
import { callsAt, cloudsigmaDaily, lazy, only, quotient, select, sum, wasabi } from "./support.mjs";

export default ({ rule, assert, meterglot, fixture }) => {
  const { normalize, aggregate } = meterglot;
  const documented = lazy(() => normalize(fixture("provider-docs/cloudsigma-daily-burst-usage.json")));
  const quantities = (table, spec) => aggregate(table, spec).map(({ quantity }) => quantity);
  const calls = (...counts) => normalize(wasabi(...counts.map((count, i) => callsAt(`2024-01-15T${String(i).padStart(2, "0")}:00:00Z`, count))));

  // integral
  rule("an_integral_adds_up_over_time", () => {
    const [row] = aggregate(documented());
    assert.deepEqual(
      [row.kind, row.reducer, row.unit, row.quantity, row.start, row.end, row.coveredSeconds, row.gapSeconds, row.records],
      ["integral", "sum", "By.5.min", "1107027820544", "2014-11-15T00:00:00Z", "2014-11-19T00:00:00Z", 345600, 0, 4],
    );
  });

  rule("cost_adds_up_to_the_last_of_twenty_digits", () => {
    assert.equal(aggregate(documented())[0].cost, "0.03174206184136728413");
  });

  rule("the_mean_of_an_integral_is_its_level", () => {
    const [row] = aggregate(documented(), { reduce: { integral: "mean" } });
    assert.deepEqual([row.quantity, row.unit, row.reducer], [quotient(1107027820544, 1152), "By", "mean"]);
    assert.deepEqual(
      aggregate(documented(), { window: "day", reduce: { integral: "mean" } }).map(({ quantity }) => quantity),
      ["1073741824", "1073741824", "1073741824", quotient(179314884608, 288)],
    );
  });

  rule("the_mean_of_an_integral_is_over_the_time_it_covers", () => {
    const table = normalize(
      cloudsigmaDaily([
        ["2024-01-15", "cpu", 288000, "0"],
        ["2024-01-20", "cpu", 576000, "0"],
      ]),
    );
    const [row] = aggregate(table, { reduce: { integral: "mean" } });
    assert.deepEqual([row.quantity, row.unit, row.coveredSeconds, row.gapSeconds], ["1500", "MHz", 172800, 345600]);
  });

  rule("an_unknown_integral_is_neither_in_the_mean_nor_in_the_time", () => {
    const records = [
      ...normalize(
        cloudsigmaDaily([
          ["2024-01-15", "cpu", 288000, "0"],
          ["2024-01-16", "cpu", 576000, "0"],
        ]),
      ),
    ];
    records[1].quantity = null;
    const [row] = aggregate(records, { reduce: { integral: "mean" } });
    assert.deepEqual([row.quantity, row.unit, row.coveredSeconds], ["1000", "MHz", 172800]);
    records[0].quantity = null;
    assert.isNull(aggregate(records, { reduce: { integral: "mean" } })[0].quantity);
  });

  rule("the_mean_of_integrals_is_over_the_time_that_any_series_covers", () => {
    const month = { start: "2024-01-01T00:00:00Z", end: "2024-01-31T00:00:00Z" };
    const next = { start: "2024-01-31T00:00:00Z", end: "2024-03-01T00:00:00Z" };
    const table = normalize(wasabi({ ...month, bucket: 1, RawStorageSizeGBDays: 60 }, { ...next, bucket: 2, RawStorageSizeGBDays: 60 }));
    assert.deepEqual(quantities(table, { reduce: { integral: "mean" } }), ["2"]);
    assert.deepEqual(quantities(table, { reduce: { integral: "mean" }, by: ["resource"] }), ["2", "2"]);
  });

  rule("the_mean_of_gibibyte_days_is_gibibytes", () => {
    const rows = aggregate(normalize(fixture("provider-docs/wasabi-bucket-invoice.json")), {
      by: ["resource"],
      reduce: { integral: "mean" },
      where: { metric: ["storage.stored"] },
    });
    assert.deepEqual(
      rows.map(({ key, quantity, unit }) => [key.resource, quantity, unit]),
      [
        ["18298", "1", "GiBy"],
        ["18299", "1", "GiBy"],
      ],
    );
  });

  rule("an_integral_adds_up_across_resources", () => {
    const rows = aggregate(normalize(fixture("provider-docs/wasabi-bucket-invoice.json")));
    const of = (metric) => only(assert, rows, { metric });
    assert.deepEqual([of("storage.stored").quantity, of("storage.stored").unit, of("storage.stored").resources], ["60", "GiBy.d", 2]);
    assert.equal(of("storage.metadata").quantity, sum(["0.0000013411045", "0.0000018440187"]));
    assert.equal(of("transfer.upload").quantity, sum(["33.391403", "16.69639"]));
    assert.deepEqual([of("storage.stored").coveredSeconds, of("storage.stored").gapSeconds], [2 * 30 * 86400, 0]);
  });

  rule("an_integral_can_be_counted", () => {
    const [row] = aggregate(documented(), { reduce: { integral: "count" } });
    assert.deepEqual([row.quantity, row.unit, row.cost], ["4", null, "0.03174206184136728413"]);
  });

  // delta
  rule("a_delta_adds_up_over_time_and_across_resources", () => {
    const day = { start: "2024-01-15T00:00:00Z", end: "2024-01-16T00:00:00Z" };
    const table = normalize(
      wasabi(
        { ...day, bucket: 1, NumAPICalls: 5 },
        { ...day, bucket: 2, NumAPICalls: 7 },
        { bucket: 1, start: day.end, end: "2024-01-17T00:00:00Z", NumAPICalls: 11 },
      ),
    );
    const [row] = aggregate(table);
    assert.deepEqual([row.quantity, row.reducer, row.unit, row.records, row.resources], ["23", "sum", "{call}", 3, 2]);
    assert.deepEqual(quantities(table, { by: ["resource"] }), ["16", "7"]);
    assert.deepEqual(quantities(table, { window: "day" }), ["12", "11"]);
  });

  const reducers = { sum: "14", mean: "3.5", max: "8", min: "1", first: "4", last: "1", count: "4" };
  for (const [reducer, due] of Object.entries(reducers)) {
    rule(`a_delta_can_be_reduced_to_its_${reducer}`, () => {
      const [row] = aggregate(calls(4, 8, 1, 1), { reduce: { delta: reducer } });
      assert.deepEqual([row.quantity, row.reducer, row.unit], [due, reducer, reducer === "count" ? null : "{call}"]);
    });
  }

  rule("the_mean_of_a_delta_that_does_not_end_is_rounded_at_twenty_digits", () => {
    assert.deepEqual(quantities(calls(1, 1, 0), { reduce: { delta: "mean" } }), ["0.66666666666666666667"]);
    assert.deepEqual(quantities(calls(1, 1, 0), { reduce: { delta: "mean" }, fractionDigits: 3 }), ["0.667"]);
  });

  rule("the_max_of_deltas_of_two_series_is_the_sum_of_their_maxima", () => {
    const table = normalize(
      wasabi(
        callsAt("2024-01-15T00:00:00Z", 4, { bucket: 1 }),
        callsAt("2024-01-15T01:00:00Z", 8, { bucket: 1 }),
        callsAt("2024-01-15T00:00:00Z", 9, { bucket: 2 }),
        callsAt("2024-01-15T01:00:00Z", 3, { bucket: 2 }),
      ),
    );
    assert.deepEqual(quantities(table, { reduce: { delta: "max" } }), ["17"]);
    assert.deepEqual(quantities(table, { reduce: { delta: "first" } }), ["13"]);
    assert.deepEqual(quantities(table, { reduce: { delta: "last" } }), ["11"]);
  });

  rule("first_and_last_are_by_time_and_not_by_order", () => {
    const table = normalize(
      wasabi(callsAt("2024-01-15T05:00:00Z", 5), callsAt("2024-01-15T01:00:00Z", 1), callsAt("2024-01-15T09:00:00Z", 9), callsAt("2024-01-15T07:00:00Z", 7)),
    );
    assert.deepEqual(quantities(table, { reduce: { delta: "first" } }), ["1"]);
    assert.deepEqual(quantities(table, { reduce: { delta: "last" } }), ["9"]);
  });

  rule("sums_of_huge_counts_do_not_overflow_silently", () => {
    assert.deepEqual(quantities(calls("18446744073709551615", "18446744073709551615")), ["36893488147419103230"]);
    assert.deepEqual(quantities(calls("170141183460469231731687303715884105727", "170141183460469231731687303715884105727")), [
      "340282366920938463463374607431768211454",
    ]);
    const nines = "9".repeat(76);
    let result;
    try {
      [result] = quantities(calls(nines, nines));
    } catch (error) {
      result = error.code;
    }
    assert.include(["number-out-of-range", (2n * BigInt(nines)).toString()], result);
  });

  rule("a_tenth_added_ten_times_is_one", () => {
    const table = normalize(cloudsigmaDaily(Array.from({ length: 10 }, (_, i) => [`2024-01-${10 + i}`, "cpu", 1, "0.1"])));
    assert.equal(aggregate(table)[0].cost, "1");
  });

  rule("great_and_small_costs_keep_every_digit", () => {
    const table = normalize(
      cloudsigmaDaily([
        ["2024-01-10", "cpu", 1, "12345678901234567890"],
        ["2024-01-11", "cpu", 1, "0.00000000000000000001"],
        ["2024-01-12", "cpu", 1, "-12345678901234567890"],
      ]),
    );
    assert.equal(aggregate(table)[0].cost, "0.00000000000000000001");
  });

  // cost
  rule("cost_adds_up_where_there_is_no_quantity", () => {
    const rows = aggregate(normalize(fixture("made/onapp-hourly.json")));
    const total = only(assert, rows, { metric: "cost.total" });
    assert.deepEqual([total.quantity, total.unit, total.cost, total.currency, total.records], [null, null, "3.75", "USD", 2]);
  });

  rule("costs_of_different_currencies_are_never_added", () => {
    const rows = select(aggregate(normalize(fixture("made/onapp-mixed-currencies.xml"))), { metric: "cost.vm" });
    assert.sameDeepMembers(
      rows.map(({ currency, cost }) => [currency, cost]),
      [
        ["USD", "1"],
        ["EUR", "2"],
        [null, "4"],
      ],
    );
  });

  rule("an_unknown_cost_is_never_zero", () => {
    for (const row of aggregate(normalize(fixture("provider-docs/wasabi-bucket-daily.json")))) assert.isNull(row.cost, row.metric);
    for (const row of aggregate(normalize(fixture("provider-docs/wasabi-bucket-daily.json")), { reduce: { delta: "count", gauge: "count" } }))
      assert.isNull(row.cost, row.metric);
  });

  rule("a_known_cost_of_zero_is_zero", () => {
    const rows = aggregate(normalize(fixture("provider-docs/onapp-user-statistics-period.xml")));
    for (const row of rows) assert.deepEqual([row.cost, row.quantity], ["0", null]);
  });

  rule("occurrences_of_one_element_can_be_distinguished_in_an_aggregate", () => {
    const table = normalize(fixture("made/onapp-duplicate-elements.xml"));
    const rows = select(aggregate(table, { by: ["dimensions.occurrence"] }), { metric: "cost.backup" });
    assert.deepEqual(
      rows.map(({ key, cost }) => [key["dimensions.occurrence"], cost]),
      [
        ["1", "0"],
        ["2", "96500"],
      ],
    );
  });
};
