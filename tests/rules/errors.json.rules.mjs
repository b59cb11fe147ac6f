// ERRORS: faults of JSON have a code, a pointer, a line, a column, a byte offset, and say what was due and what was found.
import { barracuda, bytes, cloudsigmaDaily, concat, devicewise, fails, offsetOf, only, placeOf, standsAt, standsWithin, wasabi } from "./support.mjs";

export default ({ rule, assert, meterglot, fixture }) => {
  const { normalize } = meterglot;
  const env = { assert, meterglot };
  const read = (body, options) => normalize(body, { onError: "collect", ...options });
  const D = "2024-01-15T00:00:00-05:00";

  // the three broken pages
  rule("the_trailing_comma_of_cloudsigma_is_reported_at_the_bracket", () => {
    const body = fixture("provider-docs/cloudsigma-burst-usage.trailing-comma.json");
    const error = fails(env, "invalid-json", () => normalize(body));
    standsAt(assert, error, body, offsetOf(body, "]"));
    assert.deepEqual([error.provider, error.page, error.pointer, error.line, error.column], ["cloudsigma", 0, "/objects/4", 27, 5]);
  });

  rule("every_row_before_the_trailing_comma_is_read", () => {
    const table = read(fixture("provider-docs/cloudsigma-burst-usage.trailing-comma.json"));
    assert.deepEqual(
      [...table].map(({ metric, quantity, cost }) => [metric, quantity, cost]),
      [
        ["burst.ip", "1", "0.01"],
        ["burst.cpu", "12000", "0.0301"],
        ["burst.mem", "9663676416", "0.02"],
        ["burst.dssd", "107374182400", "0.01"],
      ],
    );
    assert.deepEqual(
      table.issues.map(({ code, pointer }) => [code, pointer]),
      [["invalid-json", "/objects/4"]],
    );
    assert.equal(table.format, "cloudsigma.burst-usage");
  });

  rule("the_dots_of_devicewise_are_reported_at_the_first_dot", () => {
    const body = fixture("provider-docs/devicewise-api-history.elided.json");
    const error = fails(env, "invalid-json", () => normalize(body));
    standsAt(assert, error, body, offsetOf(body, "..."));
    assert.deepEqual([error.provider, error.pointer, error.line, error.column], ["devicewise", "/get/params/counters", 7, 1]);
    const table = read(body);
    assert.equal(table.length, 0); // no ts was read, so no counter has a time
    assert.deepEqual(
      table.issues.map(({ code }) => code),
      ["invalid-json"],
    );
  });

  rule("an_issue_says_what_the_error_says", () => {
    for (const name of ["provider-docs/cloudsigma-burst-usage.trailing-comma.json", "made/barracuda-77-digits.json", "made/devicewise-short-counter.json"]) {
      const error = fails(env, read(fixture(name)).issues[0].code, () => normalize(fixture(name)));
      const { code, message, page, pointer, line, column, offset } = error;
      assert.deepEqual(read(fixture(name)).issues[0], { code, message, page, pointer, line, column, offset }, name);
    }
  });

  // syntax
  const syntax = {
    a_single_quote: ["{\"page\":1,'list':[]}", "'"],
    a_comment: ['{"page":1,// one\n"list":[]}', "//"],
    a_leading_zero: [barracuda([[D, "01"]]), "1}"],
    a_plus_sign: [barracuda([[D, "+1"]]), "+1"],
    a_bare_fraction: [barracuda([[D, ".5"]]), ".5"],
    a_fraction_without_digits: [barracuda([[D, "1."]]), "1.}"],
    an_exponent_without_digits: [barracuda([[D, "1e"]]), "1e}"],
    not_a_number: [barracuda([[D, "NaN"]]), "NaN"],
    infinity: [barracuda([[D, "-Infinity"]]), "Infinity"],
    a_word: [barracuda([[D, "True"]]), "True"],
    a_missing_colon: ['{"page" 1,"list":[]}', " 1"],
    a_missing_comma: ['{"page":1 "list":[]}', '"list"'],
    a_key_without_quotes: ['{"page":1,list:[]}', "list"],
    a_printers_quote: ['{"page":1,"list":[{"date":“2024”}]}', "“"],
    a_no_break_space: ['{"page":1,\u00a0"list":[]}', "\u00a0"],
    a_raw_line_end_in_a_text: ['{"page":1,"page_size":30,"count":1,"links":[],"list":[{"date":"2024\n","bytes":1}]}', "\n"],
    an_unknown_escape: ['{"page":1,"page_size":30,"count":1,"links":[],"list":[{"date":"\\x41","bytes":1}]}', "\\x"],
    a_short_escape: ['{"page":1,"page_size":30,"count":1,"links":[],"list":[{"date":"\\u00g0","bytes":1}]}', "\\u"],
    a_high_half_of_a_pair: ['{"page":1,"page_size":30,"count":1,"links":[],"list":[{"date":"\\ud800x","bytes":1}]}', "\\ud800"],
    a_low_half_of_a_pair: ['{"page":1,"page_size":30,"count":1,"links":[],"list":[{"date":"\\udc00","bytes":1}]}', "\\udc00"],
    a_second_root: [`${barracuda([[D, 1]])}{}`, "{}"],
    a_bracket_of_the_other_kind: ['{"page":1,"page_size":30,"count":1,"links":[],"list":[}', "}"],
  };
  for (const [name, [body, needle]] of Object.entries(syntax)) {
    rule(`${name}_is_invalid_json`, () => {
      const error = fails(env, "invalid-json", () => normalize(body, { provider: "barracuda" }), body);
      const at = offsetOf(bytes(body), needle);
      // A fault inside a token may be reported at the token's start or at the byte that breaks it.
      standsWithin(assert, error, bytes(body), Math.max(0, at - 1), at + 6);
      assert.isAbove(error.message.length, 10);
    });
  }

  rule("the_message_says_what_was_expected_and_what_was_found", () => {
    const body = barracuda([[D, '"many"']]);
    const error = fails(env, "invalid-number", () => normalize(body));
    assert.match(error.message, /many/);
    assert.match(error.message, /number|integer|decimal/i);
    assert.match(fails(env, "invalid-timestamp", () => normalize(barracuda([["yesterday", 1]]))).message, /yesterday/);
    assert.match(fails(env, "missing-field", () => normalize('{"page":1,"page_size":30,"count":1,"links":[],"list":[{"bytes":1}]}')).message, /date/);
    assert.match(fails(env, "length-mismatch", () => normalize(fixture("made/devicewise-short-counter.json"))).message, /1.*2|2.*1/);
  });

  rule("a_body_that_ends_too_early_is_invalid_json_at_its_end", () => {
    const whole = bytes(
      barracuda([
        [D, 1],
        ["2024-01-16T00:00:00-05:00", 2],
      ]),
    );
    const body = whole.slice(0, whole.length - 2);
    const error = fails(env, "invalid-json", () => normalize(body));
    standsAt(assert, error, body, body.length);
    assert.equal(read(body).length, 2);
  });

  // shape
  rule("a_fault_of_a_value_is_reported_at_its_position", () => {
    const body = bytes(
      barracuda([
        [D, 1],
        ["yesterday", 2],
        ["2024-01-17T00:00:00-05:00", '"many"'],
        ["2024-01-18T00:00:00-05:00", "true"],
        ["2024-01-19T00:00:00-05:00", 5],
      ]),
    );
    const issues = read(body).issues;
    assert.deepEqual(
      issues.map(({ code, pointer }) => [code, pointer]),
      [
        ["invalid-timestamp", "/list/1/date"],
        ["invalid-number", "/list/2/bytes"],
        ["unexpected-shape", "/list/3/bytes"],
      ],
    );
    const from = ['"yesterday"', '"many"', "true"].map((needle) => offsetOf(body, needle));
    issues.forEach((issue, i) => standsWithin(assert, issue, body, from[i], from[i] + 11));
  });

  rule("a_faulty_row_is_dropped_whole_and_the_others_are_read", () => {
    const table = read(fixture("made/barracuda-two-faults.json"));
    assert.deepEqual(
      [...table].map(({ quantity, pointer }) => [quantity, pointer]),
      [
        ["10", "/list/0/bytes"],
        ["14", "/list/4/bytes"],
      ],
    );
    assert.deepEqual(
      table.issues.map(({ code }) => code),
      ["invalid-timestamp", "missing-field", "invalid-number", "unexpected-shape"],
    );
    const due = [/^\/list\/1\/date$/, /^\/list\/2(\/date)?$/, /^\/list\/3\/bytes$/, /^\/list\/5\/bytes$/];
    table.issues.forEach(({ pointer }, i) => assert.match(pointer, due[i]));
    const day = { start: "2024-01-15T00:00:00Z", end: "2024-01-16T00:00:00Z" };
    const rows = read(wasabi({ ...day, bucket: 1, NumAPICalls: 1, UploadBytes: '"x"' }, { ...day, bucket: 2, NumAPICalls: 2, UploadBytes: 3 }));
    assert.deepEqual(
      [...rows].map(({ resourceId }) => resourceId),
      ["2", "2"],
    );
    assert.equal(only(assert, rows.issues, {}).pointer, "/0/UploadBytes");
  });

  const stamps = [
    "",
    "2024",
    "2024-13-01T00:00:00Z",
    "2024-02-30T00:00:00Z",
    "2023-02-29T00:00:00Z",
    "2024-01-15T24:00:01Z",
    "2024-01-15T00:60:00Z",
    "2024-01-15T00:00:00+25:00",
    "15/01/2024",
    "2024-01-15T00:00Z",
    "٢٠٢٤-01-15T00:00:00Z",
  ];
  for (const stamp of stamps) {
    rule(`"${stamp}"_is_no_timestamp`, () => {
      const error = fails(env, "invalid-timestamp", () => normalize(barracuda([[stamp, 1]])));
      assert.equal(error.pointer, "/list/0/date");
    });
  }

  rule("a_value_of_the_wrong_type_is_an_unexpected_shape", () => {
    for (const [body, pointer] of [
      [barracuda([[D, "{}"]]), "/list/0/bytes"],
      [barracuda([[D, "[1]"]]), "/list/0/bytes"],
      [barracuda([[D, "false"]]), "/list/0/bytes"],
      ['{"page":1,"page_size":30,"count":1,"links":[],"list":[{"date":5,"bytes":1}]}', "/list/0/date"],
      ['{"page":1,"page_size":30,"count":1,"links":[],"list":[5]}', "/list/0"],
      ['{"page":1,"page_size":30,"count":1,"links":[],"list":[[]]}', "/list/0"],
      ['{"page":1,"page_size":30,"count":1,"links":[],"list":"none"}', "/list"],
      [devicewise({ usage: ["x", true] }, ["2024-01-20T00:00:00Z", "2024-01-20T01:00:00Z"]), null],
      [cloudsigmaDaily([["2024-01-15", "cpu", "{}", "0"]]), "/objects/0/usage"],
    ]) {
      const issue = read(body).issues[0];
      assert.exists(issue, body);
      assert.include(pointer === null ? ["unexpected-shape", "invalid-number"] : ["unexpected-shape"], issue.code, body);
      if (pointer !== null) assert.equal(issue.pointer, pointer);
    }
  });

  rule("a_missing_field_names_itself", () => {
    for (const [body, field] of [
      ['{"page":1,"page_size":30,"count":1,"links":[],"list":[{"bytes":1}]}', "date"],
      ['{"meta":{"total_count":1},"objects":[{"amount":"1","date":"2024-01-15","usage":1}]}', "resource_type"],
      ['[{"BucketUtilizationNum":1,"AcctNum":1,"BucketNum":2,"EndTime":"2019-12-27T00:00:00Z","NumAPICalls":1,"Bucket":"jk","Region":"r"}]', "StartTime"],
    ]) {
      const error = fails(env, "missing-field", () => normalize(body), body);
      assert.include(error.message, field);
      assert.isNotNull(error.offset);
    }
  });

  rule("columns_are_counted_in_bytes", () => {
    const body = bytes(
      '{"page":1,"page_size":30,"count":1,\n"links":[{"rel":"first","title":"日本","href":"https://api.intronis.com/v1/partners/acme/usage_history"}],"list":[{"date":"x","bytes":1}]}',
    );
    const error = fails(env, "invalid-timestamp", () => normalize(body));
    const start = placeOf(body, offsetOf(body, '"x"'));
    assert.equal(error.line, 2);
    standsWithin(assert, error, body, start.offset, start.offset + 3);
  });

  // encoding
  rule("a_byte_that_is_not_utf_8_is_reported_at_its_position", () => {
    for (const broken of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe2, 0x28, 0xa1], [0x80]]) {
      const front = bytes('{"page":1,"page_size":30,"count":2,"links":[],"list":[{"date":"2024-01-15T00:00:00Z","bytes":1},{"date":"2024-');
      const body = concat([front, new Uint8Array(broken), bytes('","bytes":2}]}')]);
      const error = fails(env, "invalid-encoding", () => normalize(body), broken.join());
      standsWithin(assert, error, body, front.length, front.length + 2);
      const table = read(body);
      assert.deepEqual(
        [...table].map(({ quantity }) => quantity),
        ["1"],
      );
      assert.deepEqual(
        table.issues.map(({ code }) => code),
        ["invalid-encoding"],
      );
    }
  });

  rule("utf_16_is_not_utf_8", () => {
    const body = new Uint8Array([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]);
    fails(env, "invalid-encoding", () => normalize(body));
    const table = read(body);
    assert.deepEqual([table.length, table.format, table.issues.length], [0, null, 1]);
  });

  rule("a_body_cut_inside_a_character_ends_too_early", () => {
    const whole = bytes(wasabi({ start: "2024-01-15T00:00:00Z", end: "2024-01-16T00:00:00Z", NumAPICalls: 1, name: "日本" }));
    fails(env, "invalid-json", () => normalize(whole.slice(0, offsetOf(whole, "本") + 1)));
  });
};
