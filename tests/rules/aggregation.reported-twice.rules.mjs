// AGGREGATION: usage that is reported twice is not added, unless the option asks for it.
import { barracuda, callsAt, cloudsigmaDaily, fails, later, only, onapp, select, shuffled, chance, wasabi, wasabiRow } from "./support.mjs";

export default ({ rule, assert, meterglot, fixture }) => {
  const { normalize, aggregate, Aggregator } = meterglot;
  const KEEP = { overlap: "keep" };
  const DAY = { start: "2024-01-15T00:00:00Z", end: "2024-01-16T00:00:00Z" };
  const MONTH = { start: "2024-01-01T00:00:00Z", end: "2024-02-01T00:00:00Z" };
  const twice = (source, spec) => fails({ assert, meterglot }, "incompatible-aggregation", () => aggregate(source, spec), JSON.stringify(spec));
  /** Wasabi's rows of accounts have no bucket. */
  const accounts = (...rows) =>
    normalize(
      `[${rows
        .map((row) =>
          wasabiRow(row)
            .replace(/"BucketNum":\d+,/, "")
            .replace(/"BucketUtilizationNum":1,/, "")
            .replace(/"Bucket":"jk","Region":"[^"]*"/, '"DeleteBytes":0'),
        )
        .join(",")}]`,
    );
  const invoices = (...rows) => normalize(`[${rows.map((row) => wasabiRow({ RawStorageSizeGBDays: 1, ...row })).join(",")}]`);
  const hour = (start, cost, user = "4") =>
    onapp([
      ["vm_cost", cost],
      ["currency_code", "USD"],
      ["user_id", user],
      ["stat_time", start],
    ]);

  rule("an_hour_and_the_summary_that_holds_it_are_reported_twice", () => {
    const hours = normalize(
      onapp(
        ...["00", "01", "02"].map((at) => [
          ["vm_cost", "0.5"],
          ["currency_code", "USD"],
          ["user_id", "4"],
          ["stat_time", `2024-01-15T${at}:00:00Z`],
        ]),
      ),
    );
    const summary = normalize(
      onapp([
        ["vm_cost", "1.5"],
        ["currency_code", "USD"],
        ["user_id", "4"],
      ]),
      { period: MONTH },
    );
    for (const order of [
      [hours, summary],
      [summary, hours],
    ]) {
      const { message } = twice(order);
      for (const part of ["cost.vm", "onapp", "2024-01-15T00:00:00Z", "2024-02-01T00:00:00Z", "overlap"]) assert.include(message, part);
      assert.equal(only(assert, aggregate(order, KEEP), { metric: "cost.vm" }).cost, "3");
    }
  });

  rule("two_listings_that_begin_at_different_minutes_are_reported_twice", () => {
    const at = (minutes) =>
      normalize(
        onapp(
          ...[0, 1, 2].map((hours) => [
            ["vm_cost", "1"],
            ["currency_code", "USD"],
            ["user_id", "4"],
            ["stat_time", later("2024-01-15T00:00:00Z", 3600 * hours + 60 * minutes)],
          ]),
        ),
      );
    twice([at(0), at(10)]);
    assert.equal(aggregate([at(0), at(10)], KEEP)[0].cost, "6");
  });

  rule("a_small_overlap_is_drift_and_is_added", () => {
    const drifting = normalize(
      onapp(
        ...["06:58:16", "07:58:17", "08:58:10"].map((time) => [
          ["vm_cost", "1"],
          ["currency_code", "USD"],
          ["user_id", "4"],
          ["stat_time", `2024-01-15T${time}Z`],
        ]),
      ),
    );
    assert.equal(aggregate(drifting)[0].cost, "3");
    // Half of the shorter period is not more than half.
    const half = [callsAt(DAY.start, 1), callsAt(later(DAY.start, 1800), 2)];
    assert.equal(aggregate(normalize(wasabi(...half)))[0].quantity, "3");
    twice(normalize(wasabi(half[0], callsAt(later(DAY.start, 1799), 2))));
  });

  rule("one_table_pushed_twice_is_reported_twice", () => {
    for (const table of [
      normalize(wasabi({ ...DAY, NumAPICalls: 1 })),
      normalize(wasabi({ ...DAY, RawStorageSizeBytes: 1 })),
      normalize(barracuda([[DAY.start, 1]])),
      normalize(cloudsigmaDaily([["2024-01-15", "cpu", 1, "0"]])),
      normalize(hour(DAY.start, "1")),
      normalize(fixture("made/devicewise-hourly.json")),
      normalize(
        onapp([
          ["vm_cost", "1"],
          ["user_id", "4"],
        ]),
      ),
    ]) {
      assert.isNotEmpty(aggregate([table]));
      for (const spec of [{}, { window: "hour", split: "proportional" }, { by: ["provider", "format", "account", "resource", "region"], window: "day" }]) {
        twice([table, table], spec);
        twice([...table, ...table], spec);
        assert.isNotEmpty(aggregate([table, table], { ...spec, ...KEEP }));
      }
    }
  });

  rule("two_readings_at_one_moment_are_reported_twice", () => {
    const records = [
      ...normalize(
        barracuda([
          [DAY.start, 1],
          [DAY.end, 2],
        ]),
      ),
    ];
    assert.isNotEmpty(aggregate(records));
    twice([...records, { ...records[0], quantity: "7" }]);
  });

  rule("other_series_report_other_usage", () => {
    const [record] = normalize(wasabi({ ...DAY, NumAPICalls: 1 }));
    for (const other of [
      { resourceId: "8" },
      { account: "8" },
      { region: "eu" },
      { dimensions: { a: "b" } },
      { metric: "api.calls.get" },
      { provider: "devicewise", format: "devicewise.api-history" },
      { start: null, end: null },
    ]) {
      assert.isNotEmpty(aggregate([record, { ...record, ...other }]), JSON.stringify(other));
    }
    for (const same of [{}, { resourceName: "renamed" }, { resourceType: "box" }, { providerField: "x" }, { utcOffset: "+01:00" }])
      twice([record, { ...record, ...same }]);
  });

  rule("accounts_and_their_buckets_are_reported_twice", () => {
    const account = accounts({ ...DAY, NumAPICalls: 5, RawStorageSizeBytes: 5 });
    assert.equal(account.format, "wasabi.account-daily");
    const buckets = normalize(
      wasabi({ ...DAY, bucket: 1, NumAPICalls: 2, RawStorageSizeBytes: 2 }, { ...DAY, bucket: 2, NumAPICalls: 3, RawStorageSizeBytes: 3 }),
    );
    for (const spec of [{}, { by: ["account"] }, { window: "month" }, { by: ["provider"], window: "day" }]) {
      const { message } = twice([buckets, account], spec);
      for (const part of ["wasabi.bucket-daily", "wasabi.account-daily", "where.format", "format", "overlap"]) assert.include(message, part);
    }
    const calls = (spec) => select(aggregate([account, buckets], spec), { metric: "api.calls" }).map(({ quantity }) => quantity);
    assert.deepEqual(calls({ by: ["format"] }), ["5", "5"]);
    assert.deepEqual(calls({ where: { format: ["wasabi.account-daily"] } }), ["5"]);
    assert.deepEqual(calls({ where: { format: ["wasabi.bucket-daily"] } }), ["5"]);
    assert.deepEqual(calls(KEEP), ["10"]);
  });

  rule("two_formats_as_pages_of_one_listing_are_reported_twice", () => {
    const account = `[${wasabiRow({ ...DAY, NumAPICalls: 5 })
      .replace(/"BucketNum":\d+,/, "")
      .replace(/"BucketUtilizationNum":1,/, "")
      .replace(/"Bucket":"jk","Region":"[^"]*"/, '"DeleteBytes":0')}]`;
    const table = normalize([account, wasabi({ ...DAY, NumAPICalls: 5 })]);
    assert.lengthOf(new Set([...table].map(({ format }) => format)), 2);
    twice(table);
    assert.lengthOf(select(aggregate(table, { by: ["format"] }), { metric: "api.calls" }), 2);
  });

  rule("a_day_and_the_invoice_of_its_month_are_reported_twice", () => {
    const day = normalize(wasabi({ ...DAY, NumAPICalls: 5 }));
    const invoice = invoices({ ...MONTH, NumAPICalls: 50 });
    assert.equal(invoice.format, "wasabi.bucket-invoice");
    for (const window of ["hour", "day", "month", "all"]) twice([day, invoice], { window });
    // In another month it is other usage.
    const next = invoices({ start: MONTH.end, end: "2024-03-01T00:00:00Z", NumAPICalls: 50 });
    assert.equal(only(assert, aggregate([day, next]), { metric: "api.calls" }).quantity, "55");
    // And so does another account.
    const other = invoices({ ...MONTH, account: 8, NumAPICalls: 50 });
    assert.equal(only(assert, aggregate([day, other]), { metric: "api.calls" }).quantity, "55");
  });

  rule("burst_and_daily_of_cloudsigma_are_reported_twice", () => {
    const daily = normalize(cloudsigmaDaily([["2024-01-15", "cpu", 288, "0.5"]]));
    const burst = normalize('{"objects":[{"amount":0.5,"resource_type":"cpu","usage":288,"uuid":"a"}]}', { period: MONTH });
    assert.deepEqual([daily.format, burst.format], ["cloudsigma.daily-burst-usage", "cloudsigma.burst-usage"]);
    const { message } = twice([daily, burst]);
    for (const part of [daily.format, burst.format, "burst.cpu"]) assert.include(message, part);
    assert.lengthOf(aggregate([daily, burst], { by: ["format"] }), 2);
    assert.equal(aggregate([daily, burst], KEEP)[0].quantity, "576");
  });

  rule("regions_beside_their_account_are_not_reported_twice", () => {
    const table = normalize(fixture("made/wasabi-account-daily.regions.json"));
    for (const by of [[], ["region"], ["account", "region"]]) assert.isNotEmpty(aggregate(table, { by }));
    twice([table, table], { by: ["region"] });
  });

  rule("only_usage_that_counts_is_reported_twice", () => {
    const table = normalize(wasabi({ ...DAY, NumAPICalls: 5 }));
    assert.deepEqual(aggregate([table, table], { where: { start: DAY.end } }), []);
    assert.deepEqual(aggregate([table, table], { where: { metric: ["storage.stored"] } }), []);
    twice([table, table], { where: { start: DAY.start, end: DAY.end } });
  });

  rule("usage_reported_twice_is_found_in_any_order_and_on_many_machines_in_the_same_words", () => {
    const random = chance(7);
    const records = [
      ...normalize(wasabi(...Array.from({ length: 12 }, (_, i) => callsAt(later(DAY.start, 3600 * i), i)), { ...DAY, bucket: 8, NumAPICalls: 3 })),
      ...normalize(wasabi(callsAt(later(DAY.start, 900), 1), { ...DAY, bucket: 8, NumAPICalls: 4 })),
    ];
    const { message } = twice(records);
    for (let round = 0; round < 8; round++) {
      const some = shuffled(records, random);
      assert.equal(twice(some).message, message);
      const at = Math.floor(random() * some.length);
      const merged = new Aggregator();
      for (const part of [some.slice(0, at), some.slice(at)]) merged.merge(new Aggregator().push(part).state());
      assert.equal(fails({ assert, meterglot }, "incompatible-aggregation", () => merged.finish()).message, message);
      merged.free();
    }
  });

  rule("a_state_that_refuses_usage_reported_twice_is_not_one_that_keeps_it", () => {
    const table = normalize(wasabi({ ...DAY, NumAPICalls: 5 }));
    const state = new Aggregator().push(table).state();
    fails({ assert, meterglot }, "invalid-option", () => new Aggregator(KEEP).merge(state));
    const kept = new Aggregator(KEEP).push(table).push(table).state();
    assert.equal(new Aggregator(KEEP).merge(kept).finish()[0].quantity, "10");
  });

  rule("where_keeps_providers", () => {
    const tables = [normalize(wasabi({ ...DAY, NumAPICalls: 5 })), normalize(fixture("made/devicewise-hourly.json"))];
    const calls = (provider) => aggregate(tables, { where: { provider } }).map(({ quantity }) => quantity);
    assert.deepEqual([calls(["wasabi"]), calls(["devicewise"]), calls(["devicewise", "wasabi"]), calls([])], [["5"], ["12"], ["17"], []]);
  });
};
