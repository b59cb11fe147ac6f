// Edge cases that were once wrong: the order of restatements, similar names, rows next to faulty ones.
const wasabi = (...rows) =>
  JSON.stringify(rows.map((row) => ({ AcctNum: 1, BucketNum: 2, StartTime: "2024-01-01T00:00:00Z", EndTime: "2024-01-02T00:00:00Z", ...row })));
const created = (day, calls) => ({ CreateTime: `2024-01-0${day}T00:00:00Z`, NumAPICalls: calls });
const GOOD = { AcctNum: 1, BucketNum: 2, StartTime: "2024-01-01T00:00:00Z", EndTime: "2024-01-02T00:00:00Z", NumAPICalls: 7 };

export default (env) => {
  const { rule, assert, meterglot } = env;
  const { normalize, parse, nextRequest, aggregate, MeterglotError } = meterglot;
  const collected = (body, options = {}) => normalize(body, { onError: "collect", ...options });
  const quantities = (table) => [...table].map((record) => record.quantity);
  const codes = (table) => table.issues.map((issue) => issue.code);

  rule("the_newest_calculation_is_used_whatever_the_order", () => {
    const rows = [created(2, 5), created(4, 5), created(3, 9)];
    for (const order of [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ]) {
      assert.deepEqual(quantities(normalize(wasabi(...order.map((i) => rows[i])))), ["5"], `${order}`);
    }
  });

  rule("a_row_that_is_dropped_leaves_no_calculation_time_behind", () => {
    const february = { StartTime: "2024-02-01T00:00:00Z", EndTime: "2024-02-02T00:00:00Z" };
    const body = wasabi(created(2, 5), created(9, 5), { ...february, NumAPICalls: 7 }, { ...february, ...created(3, 8) });
    assert.deepEqual(codes(collected(body)), ["conflicting-record"]);
    assert.deepEqual(quantities(collected(body)), ["5", "7"]);
  });

  rule("a_quote_in_a_name_must_be_escaped_in_every_row", () => {
    const row = (name) => `{"AcctNum":1,"BucketNum":2,"StartTime":"2024-01-01T00:00:00Z","EndTime":"2024-01-02T00:00:00Z","NumAPICalls":1,${name}:1}`;
    const table = collected(`[${row('"a\\"b"')},${row('"a"b"')}]`);
    assert.deepEqual(codes(table), ["invalid-json"]);
  });

  rule("names_that_are_escaped_alike_are_distinguished", () => {
    const row = (name, day) => `{"AcctNum":1,"BucketNum":2,"StartTime":"2024-01-0${day}T00:00:00Z","EndTime":"2024-01-0${day + 1}T00:00:00Z","${name}":1}`;
    const table = normalize(`[${row("Num\\\\u0041Calls", 1)},${row("Num\\u0041Calls", 2)}]`);
    assert.deepEqual(
      [...table].map((record) => record.providerField),
      ["Num\\u0041Calls", "NumACalls"],
    );
  });

  rule("a_faulty_first_row_costs_no_other_row", () => {
    for (const faulty of ["5", "{}", "null", "[1]", '"x"']) {
      const table = collected(`[${faulty},${JSON.stringify(GOOD)}]`);
      assert.deepEqual([table.format, ...quantities(table)], ["wasabi.bucket-daily", "7"], faulty);
      assert.equal(table.issues.length, 1, faulty);
    }
    const daily = '{"amount":"1","date":"2024-01-15","resource_type":"cpu","usage":1}';
    assert.equal(collected(`{"meta":{"total_count":2},"objects":[null,${daily}]}`).length, 1);
  });

  rule("rows_of_parse_are_objects", () => {
    const body = `[${JSON.stringify(GOOD)},5,[1]]`;
    const document = parse(body, { onError: "collect" });
    assert.deepEqual([document.rows.length, document.issues.map((issue) => issue.code)], [1, ["unexpected-shape", "unexpected-shape"]]);
    assert.throws(() => parse(body), MeterglotError);
  });

  rule("a_command_that_says_only_why_it_failed_has_failed", () => {
    const table = collected(
      '{"1":{"errorCodes":[-1],"errorMessages":["x"]},"2":{"success":true,"params":{"counters":{"a":[1]},"ts":["2024-01-01T00:00:00Z"]}}}',
    );
    assert.deepEqual([codes(table), quantities(table)], [["provider-error"], ["1"]]);
  });

  rule("a_page_whose_offset_only_the_request_contains_goes_on_from_there", () => {
    const body = '{"meta":{"total_count":40},"objects":[{"amount":"1","date":"2024-01-15","resource_type":"cpu","usage":1}]}';
    const next = nextRequest(body, { request: "https://zrh.cloudsigma.com/api/2.0/dailyburstusage/?limit=20&offset=10" });
    assert.equal(new URL(next.url).searchParams.get("offset"), "11");
  });

  rule("an_onapp_list_of_one_machine_may_have_lost_its_list", () => {
    const body = '[{"user_stat":{"user_id":4,"stat_time":"2024-01-01T00:00:00Z","vm_stats":{"virtual_machine_id":7,"total_cost":1}}}]';
    assert.deepEqual(
      [...normalize(body)].map(({ resourceId, pointer }) => [resourceId, pointer]),
      [["7", "/0/user_stat/vm_stats/total_cost"]],
    );
  });

  rule("unlimited_faults_end_with_limit_exceeded", () => {
    const table = collected(`[${JSON.stringify(GOOD)}${",5".repeat(200_000)}]`);
    assert.equal(table.issues.at(-1).code, "limit-exceeded");
    assert.isBelow(table.issues.length, 20_000);
    assert.equal(table.length, 1);
  });

  rule("an_unknown_body_is_read_in_one_pass", () => {
    const body = `{${Array.from({ length: 100_000 }, (_, i) => `"k${i}":{}`).join(",")}}`;
    assert.deepEqual(codes(collected(body)), ["unknown-format"]);
  });

  rule("many_machines_in_one_row_are_read_in_one_pass", () => {
    const machines = Array.from({ length: 20_000 }, (_, i) => `<vm_stat><virtual_machine_id>${i}</virtual_machine_id><vm_cost>1</vm_cost></vm_stat>`);
    const table = normalize(`<user_stats><user_stat><user_id>4</user_id><vm_stats type="array">${machines.join("")}</vm_stats></user_stat></user_stats>`, {
      limits: { maxRowBytes: 1 << 22 },
    });
    assert.equal(table.length, 20_000);
  });

  rule("more_windows_than_rows_are_allowed_are_refused", () => {
    const [record] = [...normalize(JSON.stringify([GOOD]))];
    const long = { ...record, kind: "gauge", metric: "storage.stored", start: "0001-01-01T00:00:00Z", end: "9999-01-01T00:00:00Z" };
    assert.throws(() => aggregate([long], { window: "hour" }), MeterglotError, /rows|pieces/);
  });

  rule("no_csv_cell_is_taken_for_a_formula_whatever_it_starts_with", () => {
    const body = '{"objects":[{"amount":"-1","resource_type":"ip","usage":-1}]}';
    for (const start of ["=", "+", "-", "@", "\t", "\r"]) {
      const csv = new TextDecoder().decode(normalize(body, { account: `${start}1` }).toCSV());
      assert.include(csv, `'${start}1`, JSON.stringify(start));
      assert.include(csv, ",-1,", "numbers stay numbers");
    }
  });

  rule("a_reply_that_is_deeper_than_any_is_refused_before_it_is_read", () => {
    assert.throws(() => normalize("[]", { limits: { maxDepth: 1e9 } }), MeterglotError, /maxDepth/);
  });

  rule("a_list_or_object_in_a_row_hides_no_field_that_determines_the_format", () => {
    const { detect } = meterglot;
    for (const container of ["[]", "{}", "[{}]", '{"a":[1]}']) {
      const row = (more) =>
        JSON.stringify({ AcctNum: 5, Tags: 0, BucketNum: 7, StartTime: GOOD.StartTime, EndTime: GOOD.EndTime, ...more }).replace(
          '"Tags":0',
          `"Tags":${container}`,
        );
      for (const listed of [(rows) => `[${rows}]`, (rows) => `{"PageInfo":{},"Records":[${rows}]}`]) {
        const daily = listed(row({ NumAPICalls: 2 }));
        assert.equal(detect(daily).format, "wasabi.bucket-daily", daily);
        assert.deepEqual(quantities(normalize(daily)), ["2"], daily);
        assert.equal(detect(listed(row({ RawStorageSizeGBDays: 30 }))).format, "wasabi.bucket-invoice", container);
      }
      const burst = `{"resource_type":"cpu","usage":1,"tags":${container},"amount":"1","date":"2014-11-17"}`;
      for (const body of [`{"objects":[${burst}]}`, `{"objects":${burst}}`, burst]) {
        assert.equal(detect(body).format, "cloudsigma.daily-burst-usage", body);
      }
    }
  });

  rule("an_unknown_cost_also_has_its_currency", () => {
    const row = (day, usage, amount) => ({ amount, date: `2014-11-${day}`, resource_type: "cpu", usage });
    const body = JSON.stringify({ meta: { limit: 0, offset: 0, total_count: 2 }, objects: [row(17, 5, null), row(18, 7, "2")] });
    const table = normalize(body, { currency: "CHF" });
    assert.deepEqual(
      [...table].map(({ cost, currency }) => [cost, currency]),
      [
        [null, "CHF"],
        ["2", "CHF"],
      ],
    );
    assert.deepEqual(
      new TextDecoder()
        .decode(table.toNDJSON())
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
      [...table],
    );
    const { values, codes: currencies } = table.columns().currency;
    assert.deepEqual(
      Array.from(currencies, (code) => values[code]),
      ["CHF", "CHF"],
    );
    const told = (source) => aggregate(source).map(({ quantity, cost, currency, records }) => [quantity, cost, currency, records]);
    assert.deepEqual(told(table), [["12", "2", "CHF", 2]]);
    assert.deepEqual(told([...table]), told(table));
    const aggregator = (source) => {
      const one = new meterglot.Aggregator({});
      one.push(source);
      return one;
    };
    assert.deepEqual(aggregator([...table]).state(), aggregator(table).state());
    const merged = new meterglot.Aggregator({});
    merged.merge(aggregator(table).state());
    assert.deepEqual(merged.finish(), aggregate(table));
  });

  rule("a_field_that_occurs_twice_in_a_row_must_have_one_value", () => {
    const date = "2024-01-15T00:00:00-05:00";
    const json = (fields) => `{"page":1,"page_size":9,"count":2,"links":[],"list":[{${fields}},{"date":"2024-01-16T00:00:00-05:00","bytes":8}]}`;
    const xml = (bytes) =>
      `<list page="1" page_size="9" count="2"><usage><date>${date}</date>${bytes}</usage><usage><date>2024-01-16T00:00:00-05:00</date><bytes>8</bytes></usage></list>`;
    const cloudsigma = (fields) => `{"objects":[{${fields}},{"amount":"1","date":"2014-11-18","resource_type":"cpu","usage":8}],"meta":{}}`;
    for (const [body, pointer] of [
      [json(`"date":"${date}","bytes":1,"bytes":2`), "/list/0/bytes"],
      [json(`"date":"${date}","bytes":null,"bytes":2`), "/list/0/bytes"],
      [xml("<bytes>1</bytes><bytes>2</bytes>"), undefined],
      [cloudsigma('"amount":"1","date":"2014-11-17","resource_type":"cpu","usage":1,"usage":2'), "/objects/0/usage"],
      [cloudsigma('"amount":"1","amount":"2","date":"2014-11-17","resource_type":"cpu","usage":1'), "/objects/0/amount"],
      [cloudsigma('"amount":"1","date":"2014-11-17","resource_type":"cpu","resource_type":"ram","usage":1'), "/objects/0/resource_type"],
    ]) {
      const table = collected(body);
      assert.deepEqual([codes(table), quantities(table)], [["unexpected-shape"], ["8"]], body);
      if (pointer !== undefined) assert.equal(table.issues[0].pointer, pointer);
    }
    assert.deepEqual(quantities(normalize(json(`"date":"${date}","bytes":1,"bytes":1`))), ["1", "8"]);
  });

  rule("a_bare_object_of_onapp_needs_no_total", () => {
    const table = normalize('[{"vm_cost":1,"user_id":4,"currency_code":"USD","stat_time":"2024-01-01T00:00:00Z"}]');
    assert.deepEqual([table.format, [...table].map(({ metric, cost }) => [metric, cost])], ["onapp.user-statistics", [["cost.vm", "1"]]]);
  });

  rule("two_hyphens_end_a_comment_of_xml", () => {
    const body = (comment) =>
      `<user_stats type="array"><!--${comment}--><user_stat><user_id>1</user_id><stat_time>2024-01-01T00:00:00Z</stat_time><total_cost>1</total_cost></user_stat></user_stats>`;
    assert.deepEqual(codes(collected(body(" a -- b "))), ["invalid-xml"]);
    assert.equal(normalize(body(" a - b ")).length, 1);
  });

  rule("a_faulty_time_in_the_first_row_changes_no_time_of_the_rows_behind_it", () => {
    const days = ["nonsense", "2024-01-02T00:00:00Z", "2024-01-03T00:00:00Z", "2024-01-04T00:00:00Z"];
    const user = (day) => `<user_stat><user_id>1</user_id><stat_time>${day}</stat_time><total_cost>1</total_cost></user_stat>`;
    const bodies = {
      wasabi: wasabi(...days.map((StartTime) => ({ StartTime, EndTime: "2024-02-01T00:00:00Z", NumAPICalls: 1 }))),
      "wasabi, its ends": wasabi(...days.map((EndTime) => ({ EndTime, NumAPICalls: 1 }))),
      barracuda: JSON.stringify({ list: days.map((date) => ({ date, bytes: 1 })) }),
      onapp: `<user_stats type="array">${days.map(user).join("")}</user_stats>`,
    };
    for (const [name, body] of Object.entries(bodies)) {
      const table = collected(body, { account: "7" });
      assert.deepEqual(codes(table), ["invalid-timestamp"], name);
      const times = [...table].map(({ start, end }) => (name === "wasabi, its ends" ? end : start));
      assert.deepEqual(times, days.slice(1), name);
    }
  });
};
