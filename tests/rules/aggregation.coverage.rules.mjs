// AGGREGATION: what a row says of its window, its records and its resources; groups and filters.
import { BARRACUDA_URL, barracuda, callsAt, devicewise, fails, only, select, wasabi } from "./support.mjs";

export default ({ rule, assert, meterglot, fixture }) => {
  const { normalize, aggregate } = meterglot;
  const calls = (...rows) =>
    normalize(wasabi(...rows.map(([hour, count, more]) => callsAt(`2024-01-15T${String(hour).padStart(2, "0")}:00:00Z`, count, more))));

  rule("a_row_says_how_much_of_its_window_is_covered", () => {
    const [row] = aggregate(calls([0, 1], [1, 1], [5, 1]), { window: "day" });
    assert.deepEqual([row.coveredSeconds, row.gapSeconds], [10800, 75600]);
  });

  rule("coverage_is_reported_per_series_and_then_added", () => {
    const [row] = aggregate(calls([0, 1, { bucket: 1 }], [0, 1, { bucket: 2 }], [1, 1, { bucket: 2 }]), { window: "day" });
    assert.deepEqual([row.coveredSeconds, row.gapSeconds], [10800, 2 * 86400 - 10800]);
  });

  rule("the_gap_of_all_is_compared_with_the_window_of_the_group", () => {
    const [row] = aggregate(calls([0, 1, { bucket: 1 }], [9, 1, { bucket: 2 }]));
    assert.deepEqual([row.start, row.end, row.coveredSeconds, row.gapSeconds], ["2024-01-15T00:00:00Z", "2024-01-15T10:00:00Z", 7200, 64800]);
  });

  rule("time_is_not_covered_twice_by_records_that_overlap", () => {
    // One bucket in two regions is two series; two periods of one series that overlap cover their union.
    const table = normalize(
      wasabi(
        { start: "2024-01-15T00:00:00Z", end: "2024-01-15T04:00:00Z", NumAPICalls: 1 },
        { start: "2024-01-15T02:00:00Z", end: "2024-01-15T06:00:00Z", NumAPICalls: 1 },
      ),
    );
    const [row] = aggregate(table, { window: "day" });
    assert.deepEqual([row.quantity, row.coveredSeconds, row.gapSeconds], ["2", 21600, 64800]);
  });

  rule("resources_are_distinct_by_provider_account_and_id", () => {
    const table = calls(
      [0, 1, { account: 1, bucket: 5 }],
      [1, 1, { account: 1, bucket: 5 }],
      [0, 1, { account: 2, bucket: 5 }],
      [0, 1, { account: 2, bucket: 6 }],
    );
    const [row] = aggregate(table);
    assert.deepEqual([row.records, row.resources], [4, 3]);
  });

  rule("a_resource_in_two_regions_is_one_resource", () => {
    const [row] = aggregate(calls([0, 1, { region: "a" }], [0, 1, { region: "b" }]));
    assert.deepEqual([row.records, row.resources], [2, 1]);
  });

  // groups
  rule("each_requested_key_is_in_the_row", () => {
    const table = normalize(fixture("made/wasabi-same-name-twice.json"));
    const by = ["provider", "format", "account", "resource", "resourceType", "region"];
    const row = aggregate(table, { by, where: { resource: ["1011082"], metric: ["api.calls"] } })[0];
    assert.deepEqual(row.key, {
      provider: "wasabi",
      format: "wasabi.bucket-daily",
      account: "101430",
      resource: "1011082",
      resourceType: "bucket",
      region: "us-east-1",
    });
  });

  rule("without_keys_a_row_has_an_empty_key", () => {
    for (const row of aggregate(normalize(fixture("made/wasabi-same-name-twice.json")))) assert.deepEqual(row.key, {});
  });

  rule("a_dimension_can_be_a_key", () => {
    const rows = aggregate(normalize(fixture("made/devicewise-hourly.json")), { by: ["dimensions.service"] });
    assert.deepEqual(
      rows.map(({ key, quantity }) => [key["dimensions.service"], quantity]),
      [
        ["location", "7"],
        ["usage", "5"],
      ],
    );
  });

  rule("a_key_that_a_record_does_not_have_is_null", () => {
    const rows = aggregate(normalize(fixture("made/devicewise-hourly.json")), { by: ["account", "dimensions.org"] });
    assert.deepEqual(
      rows.map(({ key, quantity }) => [key, quantity]),
      [[{ account: null, "dimensions.org": null }, "12"]],
    );
  });

  rule("one_metric_of_many_providers_adds_up", () => {
    const device = normalize(devicewise({ usage: [5] }, ["2024-01-15T00:00:00Z"]));
    const bucket = calls([0, 7]);
    const row = only(assert, aggregate([device, bucket]), { metric: "api.calls" });
    assert.deepEqual([row.quantity, row.records, row.resources], ["12", 2, 2]);
    assert.deepEqual(
      aggregate([device, bucket], { by: ["provider"] }).map(({ key, quantity }) => [key.provider, quantity]),
      [
        ["devicewise", "5"],
        ["wasabi", "7"],
      ],
    );
  });

  rule("kind_and_unit_always_separate_groups", () => {
    const day = { start: "2019-11-28T00:00:00Z", end: "2019-12-28T00:00:00Z" };
    const rows = select(
      aggregate([normalize(wasabi({ ...day, RawStorageSizeBytes: 1, UploadBytes: 1 })), normalize(wasabi({ ...day, RawStorageSizeGBDays: 2, UploadGB: 2 }))]),
      {},
    );
    assert.sameDeepMembers(
      rows.map(({ metric, kind, unit, quantity }) => [metric, kind, unit, quantity]),
      [
        ["storage.stored", "gauge", "By", "1"],
        ["storage.stored", "integral", "GiBy.d", "2"],
        ["transfer.upload", "delta", "By", "1"],
        ["transfer.upload", "delta", "GiBy", "2"],
      ],
    );
  });

  // filters
  rule("where_keeps_what_is_named", () => {
    const table = normalize(fixture("made/wasabi-same-name-twice.json"));
    const quantities = (where) => aggregate(table, { where: { metric: ["api.calls"], ...where } }).map(({ quantity }) => quantity);
    assert.deepEqual(quantities({}), ["220"]);
    assert.deepEqual(quantities({ resource: ["1011082"] }), ["132"]);
    assert.deepEqual(quantities({ region: ["us-west-1"] }), ["88"]);
    assert.deepEqual(quantities({ region: ["us-west-1", "us-east-1"] }), ["220"]);
    assert.deepEqual(quantities({ account: ["101430"] }), ["220"]);
    assert.deepEqual(quantities({ account: ["1"] }), []);
    assert.deepEqual(quantities({ resource: [] }), []);
    assert.deepEqual(
      aggregate(table, { where: { metric: ["api.calls", "storage.stored"] } }).map(({ metric }) => metric),
      ["api.calls", "storage.stored"],
    );
  });

  rule("where_keeps_the_records_inside_a_period", () => {
    const table = calls([0, 1], [5, 2], [10, 4]);
    const quantities = (where) => aggregate(table, { where }).map(({ quantity }) => quantity);
    assert.deepEqual(quantities({ start: "2024-01-15T05:00:00Z" }), ["6"]);
    assert.deepEqual(quantities({ end: "2024-01-15T10:00:00Z" }), ["3"]);
    assert.deepEqual(quantities({ start: "2024-01-15T05:00:00Z", end: "2024-01-15T06:00:00Z" }), ["2"]);
    assert.deepEqual(quantities({ start: "2025-01-01T00:00:00Z" }), []);
  });

  // what an aggregate may be made from
  rule("records_tables_and_lists_of_tables_give_the_same", () => {
    const table = normalize(fixture("provider-docs/wasabi-bucket-invoice.json"));
    const due = aggregate(table, { by: ["resource"], window: "month" });
    assert.deepEqual(aggregate([...table], { by: ["resource"], window: "month" }), due);
    assert.deepEqual(aggregate([table], { by: ["resource"], window: "month" }), due);
    assert.deepEqual(aggregate(table.records(), { by: ["resource"], window: "month" }), due);
  });

  rule("records_that_went_through_ndjson_give_the_same", () => {
    for (const name of [
      "provider-docs/wasabi-bucket-invoice.json",
      "provider-docs/onapp-user-statistics-period.xml",
      "made/wasabi-account-daily.regions.json",
      "made/barracuda-76-digits.json",
    ]) {
      const table = normalize(fixture(name));
      const lines = new TextDecoder()
        .decode(table.toNDJSON())
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      assert.deepEqual(aggregate(lines, { by: ["region"], window: "day" }), aggregate(table, { by: ["region"], window: "day" }), name);
    }
  });

  rule("nothing_gives_no_rows", () => {
    assert.deepEqual(aggregate([]), []);
    assert.deepEqual(aggregate(normalize("[]")), []);
  });

  rule("pages_that_share_rows_are_read_together_or_their_usage_is_reported_twice", () => {
    const body = wasabi(callsAt("2024-01-15T00:00:00Z", 5));
    fails({ assert, meterglot }, "incompatible-aggregation", () => aggregate([normalize(body), normalize(body)]));
    assert.equal(aggregate([normalize(body), normalize(body)], { overlap: "keep" })[0].quantity, "10");
    assert.equal(aggregate(normalize([body, body]))[0].quantity, "5");
  });

  // conversion
  rule("units_convert_the_quantities_of_a_metric", () => {
    const table = normalize(fixture("provider-docs/wasabi-bucket-daily.json"));
    const rows = aggregate(table, { units: { "storage.stored": "GiBy", "transfer.upload": "kBy" } });
    assert.deepEqual(
      select(rows, { metric: "storage.stored" }).map(({ quantity, unit }) => [quantity, unit]),
      [["1", "GiBy"]],
    );
    assert.deepEqual(
      select(rows, { metric: "transfer.upload" }).map(({ quantity, unit }) => [quantity, unit]),
      [["716963.101", "kBy"]],
    );
    assert.deepEqual(
      select(rows, { metric: "transfer.download" }).map(({ quantity, unit }) => [quantity, unit]),
      [["76027", "By"]],
    );
  });

  rule("conversion_brings_units_of_one_metric_together", () => {
    const day = { start: "2019-11-28T00:00:00Z", end: "2019-12-28T00:00:00Z" };
    const bytes = normalize(wasabi({ ...day, bucket: 1, UploadBytes: 1073741824 }));
    const gibibytes = [...bytes].map((record) => ({ ...record, resourceId: "2", quantity: "2.5", unit: "GiBy" }));
    const rows = aggregate([...bytes, ...gibibytes], { units: { "transfer.upload": "MiBy" } });
    assert.deepEqual(
      rows.map(({ quantity, unit, records }) => [quantity, unit, records]),
      [["3584", "MiBy", 2]],
    );
  });

  rule("fraction_digits_round_only_a_quotient_that_does_not_end", () => {
    const table = normalize(
      barracuda([
        ["2024-01-15T00:00:00Z", 1],
        ["2024-01-16T00:00:00Z", 1],
        ["2024-01-17T00:00:00Z", 2],
      ]),
      { request: `${BARRACUDA_URL}?resolution=DAY` },
    );
    assert.equal(aggregate(table)[0].quantity, "1.33333333333333333333");
    assert.equal(aggregate(table, { fractionDigits: 2 })[0].quantity, "1.33");
    const eighth = normalize(barracuda([["2024-01-15T00:00:00Z", "0.125"]]));
    assert.equal(aggregate(eighth, { fractionDigits: 0 })[0].quantity, "0.125");
  });
};
