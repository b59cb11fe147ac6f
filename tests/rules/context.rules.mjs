// CONTEXT: what is read from the request, and what stays unknown without it.
import { BARRACUDA_URL, barracuda, devicewise, devicewiseRequest, fails, only, select } from "./support.mjs";

export default ({ rule, assert, meterglot, fixture }) => {
  const { normalize } = meterglot;
  const one = (body, options) => [...normalize(body, options)][0];
  const period = (body, options) => [...normalize(body, options)].map(({ start, end }) => [start, end]);

  // Barracuda
  rule("barracuda_takes_the_account_from_partners_in_the_request", () => {
    const record = one(fixture("made/barracuda-dst-spring.json"), { request: "https://api.intronis.com/v1/partners/zeta/usage_history" });
    assert.deepEqual([record.account, record.resourceId, record.resourceType], ["zeta", "zeta", "partner"]);
  });

  rule("barracuda_takes_the_account_from_accounts_in_the_request", () => {
    const record = one(fixture("made/barracuda-dst-spring.json"), { request: { url: "https://api.intronis.com/v1/accounts/zeta/usage_history" } });
    assert.deepEqual([record.account, record.resourceId, record.resourceType], ["zeta", "zeta", "account"]);
  });

  rule("barracuda_takes_the_account_from_the_links_where_there_is_no_request", () => {
    const partner = one(fixture("provider-docs/barracuda-usage-history.json"));
    assert.deepEqual([partner.account, partner.resourceId, partner.resourceType], ["barracuda", "barracuda", "partner"]);
    const account = one(fixture("made/barracuda-account-form.json"));
    assert.deepEqual([account.account, account.resourceId, account.resourceType], ["acme-shop", "acme-shop", "account"]);
  });

  rule("barracuda_xml_takes_the_account_from_its_link_elements", () => {
    assert.equal(one(fixture("provider-docs/barracuda-usage-history.xml")).account, "barracuda");
    assert.equal(one(fixture("made/barracuda-account-form.xml")).resourceType, "account");
    assert.equal(one(fixture("made/barracuda-entities.xml")).account, "r&d");
  });

  rule("a_user_name_in_the_path_is_percent_decoded", () => {
    const record = one(barracuda([["2024-01-15T00:00:00-05:00", 1]]), { request: "https://api.intronis.com/v1/partners/r%26d%20lab/usage_history" });
    assert.equal(record.account, "r&d lab");
  });

  rule("the_account_option_serves_only_where_neither_body_nor_request_names_one", () => {
    const silent = '{"page":1,"page_size":30,"count":1,"links":[],"list":[{"date":"2024-01-15T00:00:00-05:00","bytes":10}]}';
    assert.isNull(one(silent).account);
    assert.equal(one(silent, { account: "mine" }).account, "mine");
    assert.equal(one(silent, { account: "mine", request: BARRACUDA_URL }).account, "acme");
    assert.equal(one(fixture("made/barracuda-dst-spring.json"), { account: "mine" }).account, "acme");
  });

  const ends = {
    "resolution=DAY": "2024-01-16T05:00:00Z",
    "resolution=WEEK": "2024-01-22T05:00:00Z",
    "resolution=MONTH": "2024-02-15T05:00:00Z",
    "resolution=CUSTOM&custom=3": "2024-01-18T05:00:00Z",
    "resolution=CUSTOM&custom=60": "2024-03-15T05:00:00Z",
    "resolution=CUSTOM": "2024-01-16T05:00:00Z",
  };
  for (const [query, end] of Object.entries(ends)) {
    rule(`barracuda_${query.toLowerCase().replace(/\W/g, "_")}_gives_the_length_of_a_period`, () => {
      const record = one(barracuda([["2024-01-15T00:00:00-05:00", 1]]), { request: `${BARRACUDA_URL}?${query}` });
      assert.deepEqual([record.start, record.end], ["2024-01-15T05:00:00Z", end]);
    });
  }

  rule("barracuda_without_a_resolution_is_an_instant", () => {
    const body = barracuda([["2024-01-15T00:00:00-05:00", 1]]);
    for (const options of [{}, { request: BARRACUDA_URL }, { request: `${BARRACUDA_URL}?page=1&custom=4` }]) {
      assert.deepEqual(period(body, options), [["2024-01-15T05:00:00Z", null]]);
    }
  });

  rule("barracuda_month_clamps_to_the_end_of_the_next_month", () => {
    assert.deepEqual(period(fixture("made/barracuda-month-ends.json"), { request: `${BARRACUDA_URL}?resolution=MONTH` }), [
      ["2024-01-31T05:00:00Z", "2024-02-29T05:00:00Z"],
      ["2024-02-29T05:00:00Z", "2024-03-29T05:00:00Z"],
    ]);
    assert.deepEqual(
      period(
        barracuda([
          ["2023-01-31T00:00:00-05:00", 1],
          ["2023-12-31T00:00:00-05:00", 1],
        ]),
        { request: `${BARRACUDA_URL}?resolution=MONTH` },
      ),
      [
        ["2023-01-31T05:00:00Z", "2023-02-28T05:00:00Z"],
        ["2023-12-31T05:00:00Z", "2024-01-31T05:00:00Z"],
      ],
    );
  });

  rule("a_barracuda_day_is_a_day_of_the_written_offset", () => {
    assert.deepEqual(period(fixture("made/barracuda-dst-spring.json"), { request: `${BARRACUDA_URL}?resolution=DAY` }), [
      ["2024-03-09T05:00:00Z", "2024-03-10T05:00:00Z"],
      ["2024-03-10T05:00:00Z", "2024-03-11T05:00:00Z"],
      ["2024-03-11T04:00:00Z", "2024-03-12T04:00:00Z"],
    ]);
  });

  rule("a_barracuda_month_is_a_month_of_the_written_offset", () => {
    assert.deepEqual(period(barracuda([["2024-02-29T22:30:00-05:00", 1]]), { request: `${BARRACUDA_URL}?resolution=MONTH` }), [
      ["2024-03-01T03:30:00Z", "2024-03-30T03:30:00Z"],
    ]);
  });

  rule("request_parameters_are_read_in_any_case", () => {
    const body = barracuda([["2024-01-15T00:00:00-05:00", 1]]);
    for (const query of ["Resolution=WEEK", "RESOLUTION=WEEK", "resolution=week", "Resolution=Week"]) {
      assert.deepEqual(period(body, { request: `${BARRACUDA_URL}?${query}` }), [["2024-01-15T05:00:00Z", "2024-01-22T05:00:00Z"]], query);
    }
    const [start] = period(fixture("made/cloudsigma-burst-usage.json"), {
      request: "https://zrh.cloudsigma.com/api/2.0/burstusage/?Date__GTE=2014-07-01&DATE__lt=2014-08-01",
    });
    assert.deepEqual(start, ["2014-07-01T00:00:00Z", "2014-08-01T00:00:00Z"]);
  });

  // deviceWISE
  rule("devicewise_reads_series_from_the_command_that_was_sent", () => {
    const body = devicewise({ usage: [1, 2] }, ["2024-01-20T00:00:00-05:00", "2024-01-22T00:00:00-05:00"]);
    for (const [series, end] of [
      ["hour", "2024-01-20T06:00:00Z"],
      ["day", "2024-01-21T05:00:00Z"],
    ]) {
      const record = one(body, { request: devicewiseRequest({ series, last: "24h" }) });
      assert.deepEqual([record.start, record.end, record.notes], ["2024-01-20T05:00:00Z", end, []], series);
    }
  });

  rule("each_devicewise_command_is_read_by_its_own_request", () => {
    const body = JSON.stringify({
      a: { success: true, params: { counters: { usage: [1] }, total: 1, ts: ["2024-01-20T00:00:00Z"] } },
      b: { success: true, params: { counters: { thing: [2] }, total: 2, ts: ["2024-01-20T00:00:00Z"] } },
    });
    const request = {
      url: "https://api.devicewise.com/api",
      body: JSON.stringify({ b: { command: "usage.api.history", params: { series: "day" } }, a: { command: "usage.api.history", params: { series: "hour" } } }),
    };
    const table = normalize(body, { request });
    assert.equal(only(assert, table, { dimensions: { service: "usage" } }).end, "2024-01-20T01:00:00Z");
    assert.equal(only(assert, table, { dimensions: { service: "thing" } }).end, "2024-01-21T00:00:00Z");
  });

  rule("a_devicewise_request_without_series_means_hour", () => {
    const record = one(fixture("made/devicewise-daily.json"), { request: devicewiseRequest({ last: "48h" }) });
    assert.deepEqual([record.start, record.end], ["2024-01-20T05:00:00Z", "2024-01-20T06:00:00Z"]);
    assert.notInclude(record.notes, "resolution-inferred");
  });

  rule("a_devicewise_reply_without_a_request_has_days_or_hours_as_ts_shows", () => {
    const daily = normalize(fixture("made/devicewise-daily.json"));
    assert.deepEqual(period(fixture("made/devicewise-daily.json")), [
      ["2024-01-20T05:00:00Z", "2024-01-21T05:00:00Z"],
      ["2024-01-21T05:00:00Z", "2024-01-22T05:00:00Z"],
    ]);
    for (const record of daily) assert.deepEqual(record.notes, ["resolution-inferred"]);
    const halfHours = devicewise({ usage: [1, 2] }, ["2024-01-20T00:00:00Z", "2024-01-20T00:30:00Z"]);
    assert.deepEqual(
      period(halfHours).map(([, end]) => end),
      ["2024-01-20T01:00:00Z", "2024-01-20T01:30:00Z"],
    );
  });

  const lengths = (body, options) => period(body, options).map(([start, end]) => (Date.parse(end) - Date.parse(start)) / 3_600_000);
  const at = (...days) => days.map((day) => (day.includes("T") ? day : `${day}T00:00:00-05:00`));

  rule("a_gap_in_ts_stays_a_gap", () => {
    const hours = ["2024-01-20T00:00:00Z", "2024-01-20T06:00:00Z", "2024-01-20T08:00:00Z"];
    assert.deepEqual(
      period(devicewise({ usage: [1, 2, 3] }, hours)).map(([, end]) => end),
      ["2024-01-20T01:00:00Z", "2024-01-20T07:00:00Z", "2024-01-20T09:00:00Z"],
    );
    for (const days of [
      at("2024-01-01", "2024-01-08"),
      at("2024-01-01", "2024-01-08", "2024-01-15"),
      at("2024-01-15", "2024-01-01"),
      at("2024-01-01", "2024-02-01"),
    ]) {
      assert.deepEqual(
        lengths(devicewise({ usage: days.map(() => 1) }, days)),
        days.map(() => 24),
        `${days}`,
      );
    }
  });

  rule("the_step_of_ts_is_taken_in_written_local_time", () => {
    const spring = at("2024-03-08", "2024-03-09", "2024-03-10", "2024-03-11T00:00:00-04:00", "2024-03-12T00:00:00-04:00");
    const autumn = ["2024-11-02T00:00:00-04:00", "2024-11-03T00:00:00-04:00", ...at("2024-11-04", "2024-11-05")];
    // The day of 23 hours, written in one offset.
    const constant = at("2024-03-09T00:00:00-05:00", "2024-03-10T00:00:00-05:00", "2024-03-10T23:00:00-05:00");
    for (const days of [spring, autumn, constant]) {
      assert.deepEqual(
        lengths(devicewise({ usage: days.map(() => 1) }, days)),
        days.map(() => 24),
        `${days}`,
      );
    }
    const shorter = ["2024-03-10T00:00:00-05:00", "2024-03-10T22:59:59-05:00"];
    assert.deepEqual(lengths(devicewise({ usage: [1, 2] }, shorter)), [1, 1]);
    assert.deepEqual(period(fixture("made/devicewise-dst.json")), [
      ["2024-03-10T06:00:00Z", "2024-03-10T07:00:00Z"],
      ["2024-03-10T07:00:00Z", "2024-03-10T08:00:00Z"],
      ["2024-03-10T08:00:00Z", "2024-03-10T09:00:00Z"],
    ]);
  });

  rule("a_request_that_does_not_name_a_known_series_leaves_it_to_ts", () => {
    const body = fixture("made/devicewise-daily.json");
    const other = { url: "https://api.devicewise.com/api", body: JSON.stringify({ a: { command: "usage.api.history" }, b: { command: "usage.api.history" } }) };
    for (const request of ["https://api.devicewise.com/api", other, devicewiseRequest({ series: "week" })]) {
      assert.deepEqual(lengths(body, { request }), [24, 24]);
      for (const record of normalize(body, { request })) assert.deepEqual(record.notes, ["resolution-inferred"]);
    }
  });

  rule("a_single_devicewise_period_without_a_request_is_one_hour", () => {
    const record = one(fixture("made/devicewise-one-period.json"));
    assert.deepEqual([record.start, record.end], ["2024-01-20T05:00:00Z", "2024-01-20T06:00:00Z"]);
    assert.include(record.notes, "resolution-inferred");
  });

  rule("devicewise_reads_dimension_org_from_the_request", () => {
    const body = devicewise({ north: [1, 2] }, ["2024-01-20T00:00:00Z", "2024-01-20T01:00:00Z"]);
    assert.deepEqual(one(body).dimensions, { service: "north" });
    assert.deepEqual(one(body, { request: devicewiseRequest({ dimension: "org" }) }).dimensions, { org: "north" });
  });

  rule("devicewise_org_totals_take_their_period_from_the_request", () => {
    const body = fixture("made/devicewise-org-numbers.json");
    const request = devicewiseRequest({ dimension: "org", start: "2024-01-01T00:00:00.000-00:00", end: "2024-02-01T00:00:00.000-00:00" });
    const record = only(assert, normalize(body, { request }), { dimensions: { org: "560ef49c681fdc7d1f015606" } });
    assert.deepEqual([record.quantity, record.start, record.end], ["11", "2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z"]);
    assert.include(record.notes, "period-from-request");
    assert.deepEqual(period(body), [
      [null, null],
      [null, null],
    ]);
  });

  rule("a_devicewise_request_for_another_command_is_not_usage_of_the_api", () => {
    const body = devicewise({ aggregates: [16352] }, ["2024-01-20T00:00:00Z"]);
    const error = fails({ assert, meterglot }, "unexpected-shape", () =>
      normalize(body, { request: devicewiseRequest({}, { command: "usage.storage.history" }) }),
    );
    assert.equal(error.provider, "devicewise");
  });

  // CloudSigma
  const burst = (query) => period(fixture("made/cloudsigma-burst-usage.json"), { request: `https://zrh.cloudsigma.com/api/2.0/burstusage/?${query}` })[0];
  rule("cloudsigma_burst_rows_take_their_period_from_the_date_filters", () => {
    assert.deepEqual(burst("date__gte=2014-07-01&date__lt=2014-08-01"), ["2014-07-01T00:00:00Z", "2014-08-01T00:00:00Z"]);
    assert.deepEqual(burst("date=2014-10-21"), ["2014-10-21T00:00:00Z", "2014-10-22T00:00:00Z"]);
  });

  rule("cloudsigma_greater_than_includes_its_day_and_lower_than_does_not", () => {
    assert.deepEqual(burst("date__gt=2014-07-01&date__lt=2014-08-01"), ["2014-07-01T00:00:00Z", "2014-08-01T00:00:00Z"]);
    assert.deepEqual(burst("date__gte=2014-07-01&date__lte=2014-07-31"), ["2014-07-01T00:00:00Z", "2014-08-01T00:00:00Z"]);
  });

  rule("a_period_from_the_request_is_noted", () => {
    const table = normalize(fixture("made/cloudsigma-burst-usage.json"), { request: "https://zrh.cloudsigma.com/api/2.0/burstusage/?date=2014-10-21" });
    for (const record of table) assert.include(record.notes, "period-from-request");
    for (const record of normalize(fixture("made/cloudsigma-burst-usage.json"))) assert.notInclude(record.notes, "period-from-request");
  });

  rule("no_clock_is_read_so_the_last_thirty_days_are_unknown", () => {
    const body = fixture("made/cloudsigma-burst-usage.json");
    for (const options of [{}, { request: "https://zrh.cloudsigma.com/api/2.0/burstusage/" }]) {
      assert.deepEqual(period(body, options), [
        [null, null],
        [null, null],
      ]);
    }
    assert.deepEqual(period(fixture("made/onapp-summary.json"), { request: "https://onapp.test/users/4/user_statistics.json" })[0], [null, null]);
  });

  rule("the_period_option_serves_rows_that_carry_no_time", () => {
    const given = { start: "2014-07-01T00:00:00Z", end: "2014-08-01T00:00:00Z" };
    assert.deepEqual(period(fixture("made/cloudsigma-burst-usage.json"), { period: given })[0], [given.start, given.end]);
    assert.deepEqual(period(fixture("made/onapp-summary.xml"), { period: given })[0], [given.start, given.end]);
    assert.equal(one(fixture("provider-docs/cloudsigma-daily-burst-usage.json"), { period: given }).start, "2014-11-17T00:00:00Z");
  });

  rule("the_region_of_cloudsigma_is_the_location_in_the_host", () => {
    const daily = fixture("provider-docs/cloudsigma-daily-burst-usage.json");
    assert.equal(one(daily, { request: "https://zrh.cloudsigma.com/api/2.0/dailyburstusage/" }).region, "zrh");
    assert.equal(one(daily, { request: "https://WDC.cloudsigma.com/api/2.0/dailyburstusage/" }).region, "wdc");
    assert.isNull(one(daily).region);
  });

  rule("the_path_of_the_request_distinguishes_an_empty_cloudsigma_list", () => {
    const request = "https://zrh.cloudsigma.com/api/2.0/dailyburstusage/";
    assert.equal(normalize(fixture("made/cloudsigma-empty.json"), { request }).format, "cloudsigma.daily-burst-usage");
    assert.equal(normalize(fixture("made/cloudsigma-empty.json")).format, "cloudsigma.burst-usage");
    assert.equal(normalize(fixture("made/cloudsigma-daily-empty.json")).format, "cloudsigma.daily-burst-usage");
  });

  rule("the_currency_option_serves_where_the_body_names_none", () => {
    assert.equal(one(fixture("provider-docs/cloudsigma-daily-burst-usage.json"), { currency: "CHF" }).currency, "CHF");
    assert.isNull(one(fixture("provider-docs/cloudsigma-daily-burst-usage.json")).currency);
    assert.equal(one(fixture("made/onapp-hourly.json"), { currency: "CHF" }).currency, "USD");
  });

  // Wasabi
  rule("wasabi_takes_the_account_from_the_request_where_rows_lack_it", () => {
    const row =
      '[{"BucketUtilizationNum":1,"BucketNum":2,"StartTime":"2019-12-26T00:00:00Z","EndTime":"2019-12-27T00:00:00Z","NumAPICalls":1,"Bucket":"jk","Region":"us-west-1"}]';
    assert.equal(one(row, { request: "https://partner.wasabisys.com/v1/accounts/7363/utilizations/buckets" }).account, "7363");
    assert.isNull(one(row).account);
    assert.equal(
      one(fixture("provider-docs/wasabi-bucket-daily.json"), { request: "https://partner.wasabisys.com/v1/accounts/7363/utilizations/buckets/jk" }).account,
      "101430",
    );
  });

  rule("wasabi_reads_the_invoice_from_the_request", () => {
    const body = fixture("provider-docs/wasabi-bucket-invoice.json");
    const records = [...normalize(body, { request: "https://partner.wasabisys.com/v1/accounts/11681/utilizations/buckets?invoice=9826" })];
    for (const record of records) assert.deepEqual(record.dimensions, { invoice: "9826" });
    for (const record of normalize(body)) assert.deepEqual(record.dimensions, {});
  });

  // OnApp
  rule("onapp_takes_the_user_from_the_path_where_rows_lack_it", () => {
    const body = '[{"user_stat":{"vm_cost":"1.0","currency_code":"USD","stat_time":"2012-03-13T11:43:36Z"}}]';
    const record = one(body, { request: "https://onapp.test/users/23/user_statistics.json?hourly_stats" });
    assert.deepEqual([record.account, record.resourceId], ["23", "23"]);
  });

  rule("onapp_reads_the_period_of_a_summary_from_the_request", () => {
    for (const query of [
      "period[startdate]=2012-03-15+06:58:16&period[enddate]=2012-03-15+08:58:16",
      "period%5Bstartdate%5D=2012-03-15%2006%3A58%3A16&period%5Benddate%5D=2012-03-15%2008%3A58%3A16",
    ]) {
      const record = select(normalize(fixture("made/onapp-summary.xml"), { request: `https://onapp.test/users/4/user_statistics.xml?${query}` }), {
        metric: "cost.vm",
      })[0];
      assert.deepEqual([record.start, record.end, record.utcOffset], ["2012-03-15T06:58:16Z", "2012-03-15T08:58:16Z", null]);
      assert.include(record.notes, "period-from-request");
    }
  });

  const onappPeriod = (start, end, more = "") => `https://onapp.test/users/4/user_statistics.xml?period[startdate]=${start}&period[enddate]=${end}${more}`;
  const summaries = ["made/onapp-summary.xml", "made/onapp-summary.json"];

  rule("onapp_reads_a_period_to_the_day_the_minute_or_the_second", () => {
    const asked = {
      "2024-02-01 00:30": "2024-02-01T00:30:00Z",
      "2024-02-01+00:30": "2024-02-01T00:30:00Z",
      "2024-02-01%2000%3A30": "2024-02-01T00:30:00Z",
      "2024-02-01T00:30": "2024-02-01T00:30:00Z",
      "2024-02-01%2B00:30": "2024-02-01T00:30:00Z",
      "2024-02-01": "2024-02-01T00:00:00Z",
      "2024-02-01+00:30:15": "2024-02-01T00:30:15Z",
      "2024-02-01T00:30:15": "2024-02-01T00:30:15Z",
      "2024-02-01T00:30:15Z": "2024-02-01T00:30:15Z",
    };
    for (const name of summaries) {
      for (const [written, start] of Object.entries(asked)) {
        const request = onappPeriod(written, "2024-03-01 00:30");
        for (const url of [
          request,
          request.replaceAll("[", "%5B").replaceAll("]", "%5D"),
          request.replace("startdate", "StartDate").replace("period[end", "PERIOD[End"),
        ]) {
          assert.deepEqual(period(fixture(name), { request: url })[0], [start, "2024-03-01T00:30:00Z"], url);
        }
      }
    }
  });

  rule("local_times_of_an_onapp_period_are_assumed_to_be_utc", () => {
    const notes = (more, start = "2024-02-01+00:30") => one(fixture(summaries[0]), { request: onappPeriod(start, "2024-03-01+00:30", more) }).notes;
    assert.deepEqual(notes(""), ["period-from-request"]);
    assert.deepEqual(notes("&period[use_local_time]=0"), ["period-from-request"]);
    assert.deepEqual(notes("&period[use_local_time]=1"), ["assumed-utc", "period-from-request"]);
    assert.deepEqual(notes("&period%5Buse_local_time%5D=true"), ["assumed-utc", "period-from-request"]);
  });

  rule("a_period_of_the_request_that_cannot_be_read_is_reported", () => {
    const burst = fixture("made/cloudsigma-burst-usage.json");
    const totals = fixture("made/devicewise-org-numbers.json");
    const filtered = (query) => `https://zrh.cloudsigma.com/api/2.0/burstusage/?${query}`;
    const unreadable = [
      ...summaries.flatMap((name) =>
        [
          ["yesterday", "2024-03-01"],
          ["2024-02-01", "2024-02-30"],
          ["01/02/2024", "2024-03-01"],
          ["2024-03-01", "2024-02-01"],
        ].map((dates) => [fixture(name), onappPeriod(...dates)]),
      ),
      ...["date=2014", "date__gte=July&date__lt=2014-08-01", "date__gte=2014-08-01&date__lt=2014-07-01"].map((query) => [burst, filtered(query)]),
      [totals, devicewiseRequest({ dimension: "org", start: "2024-01-01", end: "soon" })],
    ];
    for (const [body, request] of unreadable) {
      const about = JSON.stringify(request);
      const error = fails({ assert, meterglot }, "invalid-timestamp", () => normalize(body, { request }), about);
      assert.include(error.message, "request", about);
      const table = normalize(body, { request, onError: "collect" });
      assert.deepEqual(
        table.issues.map(({ code }) => code),
        ["invalid-timestamp"],
        about,
      );
      assert.isAbove(table.length, 0, about);
      for (const record of table) assert.deepEqual([record.start, record.end], [null, null], about);
      const given = { start: "2014-07-01T00:00:00Z", end: "2014-08-01T00:00:00Z" };
      assert.deepEqual(period(body, { request, period: given })[0], [given.start, given.end], about);
    }
  });

  rule("a_period_of_the_request_that_no_row_needs_is_not_read", () => {
    const hours = fixture("provider-docs/onapp-user-statistics-period.xml");
    assert.isAbove(normalize(hours, { request: `${onappPeriod("never", "ever")}&hourly_stats` }).length, 0);
    const daily = fixture("provider-docs/cloudsigma-daily-burst-usage.json");
    assert.equal(normalize(daily, { request: "https://zrh.cloudsigma.com/api/2.0/dailyburstusage/?date__gt=x" }).length, 4);
  });

  rule("cloudsigma_reads_its_filters_to_the_minute_too", () => {
    assert.deepEqual(burst("date__gte=2014-07-01T00:30&date__lt=2014-08-01+00:30:00"), ["2014-07-01T00:30:00Z", "2014-08-01T00:30:00Z"]);
    assert.deepEqual(burst("date__gte=2014-07-01T02:00:00%2B02:00&date__lt=2014-08-01T00:00:00+00:00"), ["2014-07-01T00:00:00Z", "2014-08-01T00:00:00Z"]);
  });

  rule("an_onapp_hour_keeps_its_own_time_whatever_the_request_says", () => {
    const request = "https://onapp.test/users/4/user_statistics.xml?hourly_stats&period[startdate]=2012-03-15+06:58:16&period[enddate]=2012-03-15+08:58:16";
    const record = select(normalize(fixture("provider-docs/onapp-user-statistics-period.xml"), { request }), { metric: "cost.total" })[1];
    assert.deepEqual([record.start, record.end], ["2012-03-15T07:58:17Z", "2012-03-15T08:58:17Z"]);
    assert.notInclude(record.notes, "period-from-request");
  });
};
