// AGGREGATION: windows are half-open, in the asked zone.
import { barracuda, callsAt, cloudsigmaDaily, devicewise, only, select, wasabi } from "./support.mjs";

export default ({ rule, assert, meterglot, fixture }) => {
  const { normalize, aggregate } = meterglot;
  /** A bucket a start: they may lie as near as they like. */
  const calls = (...starts) => normalize(wasabi(...starts.map((start, i) => callsAt(start, 2 ** i, { bucket: i }))));
  const edges = (table, spec) => aggregate(table, spec).map(({ start, end, quantity }) => [start, end, quantity]);

  rule("an_hour_window_is_an_hour", () => {
    assert.deepEqual(edges(calls("2024-01-15T10:00:00Z", "2024-01-15T10:59:59Z", "2024-01-15T11:00:00Z"), { window: "hour" }), [
      ["2024-01-15T10:00:00Z", "2024-01-15T11:00:00Z", "3"],
      ["2024-01-15T11:00:00Z", "2024-01-15T12:00:00Z", "4"],
    ]);
  });

  rule("windows_are_half_open", () => {
    assert.deepEqual(edges(calls("2024-01-15T23:00:00Z", "2024-01-16T00:00:00Z"), { window: "day" }), [
      ["2024-01-15T00:00:00Z", "2024-01-16T00:00:00Z", "1"],
      ["2024-01-16T00:00:00Z", "2024-01-17T00:00:00Z", "2"],
    ]);
  });

  rule("utc_is_the_zone_where_none_is_asked_for", () => {
    const table = calls("2024-01-15T23:00:00Z");
    assert.deepEqual(aggregate(table, { window: "day" }), aggregate(table, { window: "day", timeZone: "UTC" }));
  });

  rule("a_week_begins_on_monday_unless_sunday_is_asked_for", () => {
    const table = calls("2024-01-14T12:00:00Z", "2024-01-15T12:00:00Z", "2024-01-21T12:00:00Z");
    assert.deepEqual(edges(table, { window: "week" }), [
      ["2024-01-08T00:00:00Z", "2024-01-15T00:00:00Z", "1"],
      ["2024-01-15T00:00:00Z", "2024-01-22T00:00:00Z", "6"],
    ]);
    assert.deepEqual(edges(table, { window: "week", weekStart: "sunday" }), [
      ["2024-01-14T00:00:00Z", "2024-01-21T00:00:00Z", "3"],
      ["2024-01-21T00:00:00Z", "2024-01-28T00:00:00Z", "4"],
    ]);
    assert.deepEqual(edges(table, { window: "week", weekStart: "monday" }), edges(table, { window: "week" }));
  });

  rule("months_quarters_and_years_follow_the_calendar", () => {
    const table = calls("2023-12-31T23:00:00Z", "2024-02-29T12:00:00Z", "2024-03-01T00:00:00Z", "2024-04-01T00:00:00Z");
    assert.deepEqual(edges(table, { window: "month" }), [
      ["2023-12-01T00:00:00Z", "2024-01-01T00:00:00Z", "1"],
      ["2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z", "2"],
      ["2024-03-01T00:00:00Z", "2024-04-01T00:00:00Z", "4"],
      ["2024-04-01T00:00:00Z", "2024-05-01T00:00:00Z", "8"],
    ]);
    assert.deepEqual(edges(table, { window: "quarter" }), [
      ["2023-10-01T00:00:00Z", "2024-01-01T00:00:00Z", "1"],
      ["2024-01-01T00:00:00Z", "2024-04-01T00:00:00Z", "6"],
      ["2024-04-01T00:00:00Z", "2024-07-01T00:00:00Z", "8"],
    ]);
    assert.deepEqual(edges(table, { window: "year" }), [
      ["2023-01-01T00:00:00Z", "2024-01-01T00:00:00Z", "1"],
      ["2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z", "14"],
    ]);
  });

  rule("a_period_of_centuries_in_a_zone_has_a_window_for_every_day", () => {
    // From 1500, before clocks followed zones, to 2500, by rules that go on.
    const table = normalize(wasabi({ start: "1500-01-01T00:00:00Z", end: "2500-01-01T00:00:00Z", RawStorageSizeBytes: 7 }));
    const days = (timeZone) => aggregate(table, { window: "day", timeZone });
    const utc = days("UTC");
    for (const timeZone of ["Europe/Zurich", "America/New_York"]) {
      const rows = days(timeZone);
      assert.lengthOf(rows, utc.length + 1, timeZone);
      const lengths = {};
      for (const [i, { start, end, coveredSeconds, gapSeconds }] of rows.entries()) {
        if (i > 0 && start !== rows[i - 1].end) assert.fail(`${timeZone}: ${start} after ${rows[i - 1].end}`);
        const seconds = coveredSeconds + gapSeconds;
        if (i > 0 && end > "2100" && end < "2400") lengths[seconds] = (lengths[seconds] ?? 0) + 1;
      }
      assert.deepEqual(lengths, { 82800: 300, 86400: 300 * 365 + 72 - 600, 90000: 300 }, timeZone);
    }
  });

  rule("all_is_the_window_where_none_is_asked_for", () => {
    const table = calls("2024-01-15T23:00:00Z", "2024-03-01T00:00:00Z");
    assert.deepEqual(aggregate(table), aggregate(table, { window: "all" }));
    assert.deepEqual(aggregate(table, {}), aggregate(table, { window: "all" }));
  });

  rule("all_runs_from_the_earliest_start_to_the_latest_end_of_its_group", () => {
    assert.deepEqual(edges(calls("2024-03-01T00:00:00Z", "2024-01-15T23:00:00Z", "2024-02-01T00:00:00Z"), { window: "all" }), [
      ["2024-01-15T23:00:00Z", "2024-03-01T01:00:00Z", "7"],
    ]);
  });

  rule("an_empty_window_has_no_row", () => {
    assert.lengthOf(aggregate(calls("2024-01-01T00:00:00Z", "2024-01-31T00:00:00Z"), { window: "day" }), 2);
    assert.deepEqual(aggregate(normalize(fixture("made/cloudsigma-empty.json")), { window: "day" }), []);
  });

  rule("a_day_of_daylight_saving_has_23_hours", () => {
    const table = calls("2024-03-10T04:59:00Z", "2024-03-10T05:00:00Z", "2024-03-11T03:59:00Z", "2024-03-11T04:00:00Z");
    assert.deepEqual(edges(table, { window: "day", timeZone: "America/New_York" }), [
      ["2024-03-09T05:00:00Z", "2024-03-10T05:00:00Z", "1"],
      ["2024-03-10T05:00:00Z", "2024-03-11T04:00:00Z", "6"],
      ["2024-03-11T04:00:00Z", "2024-03-12T04:00:00Z", "8"],
    ]);
  });

  rule("a_day_that_ends_daylight_saving_has_25_hours", () => {
    const table = calls("2024-11-03T04:00:00Z", "2024-11-04T04:59:00Z", "2024-11-04T05:00:00Z");
    assert.deepEqual(edges(table, { window: "day", timeZone: "America/New_York" }), [
      ["2024-11-03T04:00:00Z", "2024-11-04T05:00:00Z", "3"],
      ["2024-11-04T05:00:00Z", "2024-11-05T05:00:00Z", "4"],
    ]);
  });

  rule("months_and_years_begin_at_midnight_of_the_zone", () => {
    const table = calls("2024-07-01T03:59:00Z", "2024-07-01T04:00:00Z");
    assert.deepEqual(edges(table, { window: "month", timeZone: "America/New_York" }), [
      ["2024-06-01T04:00:00Z", "2024-07-01T04:00:00Z", "1"],
      ["2024-07-01T04:00:00Z", "2024-08-01T04:00:00Z", "2"],
    ]);
    assert.deepEqual(edges(table, { window: "year", timeZone: "America/New_York" }), [["2024-01-01T05:00:00Z", "2025-01-01T05:00:00Z", "3"]]);
    assert.deepEqual(edges(table, { window: "quarter", timeZone: "Australia/Sydney" }), [["2024-06-30T14:00:00Z", "2024-09-30T14:00:00Z", "3"]]);
  });

  rule("hours_follow_the_local_clock", () => {
    assert.deepEqual(edges(calls("2024-01-15T07:00:00Z"), { window: "hour", timeZone: "Asia/Kolkata" }), [
      ["2024-01-15T06:30:00Z", "2024-01-15T07:30:00Z", "1"],
    ]);
    assert.deepEqual(edges(calls("2024-01-15T07:00:00Z"), { window: "hour", timeZone: "Asia/Kathmandu" }), [
      ["2024-01-15T06:15:00Z", "2024-01-15T07:15:00Z", "1"],
    ]);
  });

  rule("an_hour_that_comes_twice_is_two_windows", () => {
    assert.deepEqual(edges(calls("2024-11-03T05:00:00Z", "2024-11-03T06:00:00Z"), { window: "hour", timeZone: "America/New_York" }), [
      ["2024-11-03T05:00:00Z", "2024-11-03T06:00:00Z", "1"],
      ["2024-11-03T06:00:00Z", "2024-11-03T07:00:00Z", "2"],
    ]);
  });

  rule("hours_are_cut_at_a_change_of_offset", () => {
    // Lord Howe Island goes back by half an hour at 15:00Z: the clock then reads 01:30.
    assert.deepEqual(
      edges(calls("2024-04-06T14:00:00Z", "2024-04-06T15:00:00Z", "2024-04-06T15:30:00Z"), { window: "hour", timeZone: "Australia/Lord_Howe" }),
      [
        ["2024-04-06T14:00:00Z", "2024-04-06T15:00:00Z", "1"],
        ["2024-04-06T15:00:00Z", "2024-04-06T15:30:00Z", "2"],
        ["2024-04-06T15:30:00Z", "2024-04-06T16:30:00Z", "4"],
      ],
    );
  });

  rule("a_day_the_calendar_leaves_out_is_no_window", () => {
    // Samoa skipped 30 December 2011: at 10:00Z the date changed from 29 to 31 December.
    assert.deepEqual(edges(calls("2011-12-30T09:00:00Z", "2011-12-30T10:00:00Z"), { window: "day", timeZone: "Pacific/Apia" }), [
      ["2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z", "1"],
      ["2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z", "2"],
    ]);
  });

  rule("a_day_without_a_midnight_begins_at_its_first_moment", () => {
    // In São Paulo the clock changed from 24:00 on 3 November 2018 to 01:00.
    assert.deepEqual(edges(calls("2018-11-04T02:30:00Z", "2018-11-04T03:00:00Z"), { window: "day", timeZone: "America/Sao_Paulo" }), [
      ["2018-11-03T03:00:00Z", "2018-11-04T03:00:00Z", "1"],
      ["2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z", "2"],
    ]);
  });

  rule("source_is_the_calendar_written_in_the_offset", () => {
    const table = normalize(devicewise({ usage: [1, 2, 4] }, ["2024-01-31T22:00:00-05:00", "2024-01-31T23:00:00-05:00", "2024-02-01T00:00:00-05:00"]));
    assert.deepEqual(
      aggregate(table, { window: "month", timeZone: "source" }).map(({ quantity }) => quantity),
      ["3", "4"],
    );
    assert.deepEqual(
      aggregate(table, { window: "month" }).map(({ quantity }) => quantity),
      ["7"],
    );
    assert.deepEqual(edges(table, { window: "day", timeZone: "source" }), [
      ["2024-01-31T05:00:00Z", "2024-02-01T05:00:00Z", "3"],
      ["2024-02-01T05:00:00Z", "2024-02-02T05:00:00Z", "4"],
    ]);
  });

  rule("source_windows_are_one_row_a_label_whatever_the_offset", () => {
    // The same written day, once in -05:00 and once in -04:00.
    const table = normalize(devicewise({ usage: [1, 2, 4] }, ["2024-03-10T01:00:00-05:00", "2024-03-10T03:00:00-04:00", "2024-03-11T00:00:00-04:00"]), {
      request: { url: "https://api.devicewise.com/api", body: '{"1":{"command":"usage.api.history","params":{"series":"hour"}}}' },
    });
    assert.deepEqual(
      aggregate(table, { window: "day", timeZone: "source" }).map(({ quantity }) => quantity),
      ["3", "4"],
    );
  });

  rule("source_is_utc_where_the_provider_wrote_z_or_nothing", () => {
    const written = calls("2024-01-15T23:30:00Z");
    assert.deepEqual(aggregate(written, { window: "day", timeZone: "source" }), aggregate(written, { window: "day" }));
    const silent = normalize(
      cloudsigmaDaily([
        ["2024-01-15", "cpu", 5, "0.1"],
        ["2024-01-16", "cpu", 6, "0.2"],
      ]),
    );
    assert.deepEqual(aggregate(silent, { window: "day", timeZone: "source" }), aggregate(silent, { window: "day" }));
  });

  rule("the_first_and_the_last_window_may_be_far_apart", () => {
    assert.deepEqual(edges(calls("1970-01-01T00:00:00Z", "2199-12-31T23:00:00Z"), { window: "year" }), [
      ["1970-01-01T00:00:00Z", "1971-01-01T00:00:00Z", "1"],
      ["2199-01-01T00:00:00Z", "2200-01-01T00:00:00Z", "2"],
    ]);
  });

  for (const window of ["hour", "day", "week", "month", "quarter", "year", "all"]) {
    rule(`a_record_without_a_time_has_a_row_of_its_own_by_${window}`, () => {
      const table = normalize(fixture("made/cloudsigma-daily.null-date.json"));
      const rows = aggregate(table, { window, split: "start" });
      assert.lengthOf(rows, 2);
      const timeless = only(assert, rows, { start: null });
      assert.deepEqual([timeless.end, timeless.quantity, timeless.cost, timeless.records], [null, "309237645312", "0.0089", 1]);
      assert.equal(rows.find(({ start }) => start !== null).quantity, "309237645313");
    });
  }

  rule("all_over_records_without_a_time_has_no_edges", () => {
    for (const row of aggregate(normalize(fixture("made/cloudsigma-burst-usage.json")))) {
      assert.deepEqual([row.start, row.end, row.coveredSeconds, row.gapSeconds], [null, null, 0, 0]);
    }
  });

  rule("a_zone_may_be_any_iana_name", () => {
    const table = calls("2024-06-15T12:00:00Z");
    for (const timeZone of ["Europe/Zurich", "Pacific/Chatham", "America/Argentina/Buenos_Aires", "Etc/GMT+12", "Africa/Casablanca"]) {
      assert.lengthOf(aggregate(table, { window: "day", timeZone }), 1, timeZone);
    }
    assert.deepEqual(edges(table, { window: "day", timeZone: "Pacific/Chatham" }), [["2024-06-15T11:15:00Z", "2024-06-16T11:15:00Z", "1"]]);
  });

  rule("rows_come_sorted_by_key_metric_and_window", () => {
    const body = (user, dates) =>
      normalize(
        barracuda(
          dates.map((date, i) => [date, i + 1]),
          { user },
        ),
        { request: `https://api.intronis.com/v1/partners/${user}/usage_history?resolution=DAY` },
      );
    const spec = { by: ["account"], window: "day" };
    const dates = ["2024-01-17T00:00:00Z", "2024-01-15T00:00:00Z"];
    const rows = aggregate([body("beta", dates), body("alpha", dates)], spec);
    assert.deepEqual(
      rows.map(({ key, start }) => [key.account, start.slice(0, 10)]),
      [
        ["alpha", "2024-01-15"],
        ["alpha", "2024-01-17"],
        ["beta", "2024-01-15"],
        ["beta", "2024-01-17"],
      ],
    );
    const metrics = aggregate(normalize(fixture("provider-docs/wasabi-bucket-daily.json"))).map(({ metric }) => metric);
    assert.deepEqual(metrics, [...metrics].sort());
    assert.lengthOf(select(rows, { metric: "storage.stored" }), 4);
  });
};
