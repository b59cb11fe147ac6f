// Edges where a first version went wrong: order of restatements, names that only look alike, rows beside faulty ones.
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

  rule("the_newest_calculation_stands_whatever_the_order", () => {
    const rows = [created(2, 5), created(4, 5), created(3, 9)];
    for (const order of [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]) {
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
    const row = (name) => `{"AcctNum":1,"BucketNum":2,"StartTime":"2024-01-01T00:00:00Z","EndTime":"2024-01-02T00:00:00Z",${name}:1}`;
    const table = collected(`[${row('"a\\"b"')},${row('"a"b"')}]`);
    assert.deepEqual(codes(table), ["invalid-json"]);
  });

  rule("names_that_are_escaped_alike_are_told_apart", () => {
    const row = (name, day) => `{"AcctNum":1,"BucketNum":2,"StartTime":"2024-01-0${day}T00:00:00Z","EndTime":"2024-01-0${day + 1}T00:00:00Z","${name}":1}`;
    const table = normalize(`[${row("Num\\\\u0041Calls", 1)},${row("Num\\u0041Calls", 2)}]`);
    assert.deepEqual([...table].map((record) => record.providerField), ["Num\\u0041Calls", "NumACalls"]);
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
    const table = collected('{"1":{"errorCodes":[-1],"errorMessages":["x"]},"2":{"success":true,"params":{"counters":{"a":[1]},"ts":["2024-01-01T00:00:00Z"]}}}');
    assert.deepEqual([codes(table), quantities(table)], [["provider-error"], ["1"]]);
  });

  rule("a_page_whose_offset_only_the_request_tells_goes_on_from_there", () => {
    const body = '{"meta":{"total_count":40},"objects":[{"amount":"1","date":"2024-01-15","resource_type":"cpu","usage":1}]}';
    const next = nextRequest(body, { request: "https://zrh.cloudsigma.com/api/2.0/dailyburstusage/?limit=20&offset=10" });
    assert.equal(new URL(next.url).searchParams.get("offset"), "11");
  });

  rule("an_onapp_list_of_one_machine_may_have_lost_its_list", () => {
    const body = '[{"user_stat":{"user_id":4,"stat_time":"2024-01-01T00:00:00Z","vm_stats":{"virtual_machine_id":7,"total_cost":1}}}]';
    assert.deepEqual([...normalize(body)].map(({ resourceId, pointer }) => [resourceId, pointer]), [["7", "/0/user_stat/vm_stats/total_cost"]]);
  });

  rule("faults_without_end_are_cut_with_a_word", () => {
    const table = collected(`[${JSON.stringify(GOOD)}${",5".repeat(200_000)}]`);
    assert.equal(table.issues.at(-1).code, "limit-exceeded");
    assert.isBelow(table.issues.length, 20_000);
    assert.equal(table.length, 1);
  });

  rule("a_body_that_nobody_recognises_is_read_in_one_go", () => {
    const body = `{${Array.from({ length: 100_000 }, (_, i) => `"k${i}":{}`).join(",")}}`;
    assert.deepEqual(codes(collected(body)), ["unknown-format"]);
  });

  rule("many_machines_in_one_row_are_read_in_one_go", () => {
    const machines = Array.from({ length: 20_000 }, (_, i) => `<vm_stat><virtual_machine_id>${i}</virtual_machine_id><vm_cost>1</vm_cost></vm_stat>`);
    const table = normalize(`<user_stats><user_stat><user_id>4</user_id><vm_stats type="array">${machines.join("")}</vm_stats></user_stat></user_stats>`, { limits: { maxRowBytes: 1 << 22 } });
    assert.equal(table.length, 20_000);
  });

  rule("more_windows_than_anybody_reads_are_refused", () => {
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
};
