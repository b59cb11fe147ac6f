// DETECTION: provider and format of a body, from the body alone; and `parse`, with the provider's own names.
import { ALL, ERROR_REPLIES, FAULTY, SOUND } from "./fixtures.mjs";
import { barracuda, bytes, devicewise, fails, only, wasabi } from "./support.mjs";

export default ({ rule, assert, meterglot, fixture }) => {
  const { detect, parse, normalize } = meterglot;

  for (const { name, provider, format, encoding } of SOUND) {
    rule(`${name.replace(/^.*\//, "")}_is_${format}`, () => {
      assert.deepEqual(detect(fixture(name)), { provider, format, encoding });
      const table = normalize(fixture(name));
      assert.equal(table.format, format);
      assert.deepEqual(table.issues, []);
      const document = parse(fixture(name));
      assert.deepEqual([document.provider, document.format, document.encoding, document.issues], [provider, format, encoding, []]);
    });
  }

  for (const [name, code] of Object.entries(FAULTY)) {
    rule(`${name.replace(/^.*\//, "")}_is_faulty_with_${code}`, () => {
      const error = fails({ assert, meterglot }, code, () => normalize(fixture(name)));
      assert.equal(error.page, 0);
      assert.equal(normalize(fixture(name), { onError: "collect" }).issues[0].code, code);
    });
  }

  rule("detect_never_throws", () => {
    for (const name of ALL) detect(fixture(name));
    for (const name of ERROR_REPLIES) assert.isNull(detect(fixture(name)), name);
    for (const body of ["", "{", "<", "[", "\u0000", "nonsense"]) assert.isNull(detect(body), body);
  });

  rule("the_beginning_of_a_broken_body_is_enough_to_detect_it", () => {
    assert.equal(detect(fixture("provider-docs/cloudsigma-burst-usage.trailing-comma.json")).format, "cloudsigma.burst-usage");
    assert.equal(detect(fixture("provider-docs/onapp-user-statistics-hourly.elided.xml")).format, "onapp.user-statistics");
    assert.equal(detect(fixture("made/barracuda-trailing-comma.json")).format, "barracuda.usage-history");
  });

  rule("a_content_type_is_a_hint_only", () => {
    for (const contentType of ["application/xml", "text/html; charset=utf-8", "application/json", "", "nonsense"]) {
      assert.deepEqual(
        detect(fixture("provider-docs/wasabi-bucket-daily.json"), { contentType }),
        { provider: "wasabi", format: "wasabi.bucket-daily", encoding: "json" },
        contentType,
      );
    }
  });

  rule("an_empty_list_is_of_no_format_of_its_own", () => {
    assert.isNull(detect(fixture("made/wasabi-empty.json")));
    const table = normalize(fixture("made/wasabi-empty.json"));
    assert.deepEqual([table.length, table.format, table.issues], [0, null, []]);
    assert.equal(normalize("[]", { provider: "onapp" }).format, "onapp.user-statistics");
    assert.equal(
      normalize("[]", { provider: "wasabi", request: "https://partner.wasabisys.com/v1/utilizations/buckets?invoice=9826" }).format,
      "wasabi.bucket-invoice",
    );
  });

  rule("the_provider_option_says_whose_body_it_is", () => {
    assert.equal(normalize(fixture("provider-docs/wasabi-bucket-daily.json"), { provider: "wasabi" }).length, 18);
    fails({ assert, meterglot }, "provider-error", () => normalize('{"message":"no"}', { provider: "barracuda" }));
    assert.throws(() => normalize(fixture("provider-docs/wasabi-bucket-daily.json"), { provider: "cloudsigma" }), meterglot.MeterglotError);
  });

  rule("bytes_buffers_and_strings_give_the_same", () => {
    const body = fixture("made/wasabi-formula-bucket.json");
    const due = [...normalize(body)];
    const text = new TextDecoder().decode(body);
    const copy = new Uint8Array(body.length + 20);
    copy.set(body, 13);
    assert.deepEqual([...normalize(text)], due);
    assert.deepEqual([...normalize(body.slice().buffer)], due);
    assert.deepEqual([...normalize(copy.subarray(13, 13 + body.length))], due);
    assert.deepEqual(detect(text), detect(body));
    assert.deepEqual(parse(text), parse(body));
  });

  rule("a_body_is_left_as_it_was", () => {
    const body = fixture("provider-docs/wasabi-bucket-daily.json").slice();
    const before = body.slice();
    normalize(body);
    assert.deepEqual(body, before);
  });

  // parse
  rule("parse_gives_the_rows_with_the_providers_own_names", () => {
    assert.deepEqual(parse(fixture("provider-docs/barracuda-usage-history.json")).rows, [
      { date: "2011-01-01T00:00:00-05:00", bytes: 4368709120 },
      { date: "2011-01-02T00:00:00-05:00", bytes: 5368709120 },
    ]);
    assert.deepEqual(parse(fixture("provider-docs/barracuda-usage-history.xml")).rows, parse(fixture("provider-docs/barracuda-usage-history.json")).rows);
    assert.deepEqual(
      parse(fixture("provider-docs/wasabi-bucket-daily.json")).rows,
      JSON.parse(new TextDecoder().decode(fixture("provider-docs/wasabi-bucket-daily.json"))),
    );
  });

  rule("parse_drops_no_field", () => {
    const [row] = parse(fixture("made/wasabi-null-and-missing.json")).rows;
    const [plain] = JSON.parse(new TextDecoder().decode(fixture("made/wasabi-null-and-missing.json")));
    assert.deepEqual(row, plain);
    assert.deepEqual([row.NumQUANTUMCalls, row.Note, row.RawStorageSizeBytes, Object.hasOwn(row, "UploadBytes")], [3, "made", null, false]);
    assert.deepEqual(
      parse(fixture("made/wasabi-account-daily.regions.json")).rows,
      JSON.parse(new TextDecoder().decode(fixture("made/wasabi-account-daily.regions.json"))),
    );
  });

  rule("parse_gives_great_integers_as_bigint", () => {
    assert.deepEqual(
      parse(fixture("made/barracuda-beyond-2-53.json")).rows.map(({ bytes }) => bytes),
      [9007199254740991, 9007199254740993n, 18446744073709551617n, 340282366920938463463374607431768211457n],
    );
  });

  rule("parse_gives_fractions_and_exponents_as_decimals", () => {
    assert.deepEqual(
      parse(fixture("made/barracuda-number-spellings.json")).rows.map(({ bytes }) => bytes),
      ["1.5", "1.5", 0, "1000", "0"],
    );
    assert.deepEqual(parse(fixture("made/cloudsigma-burst-usage.json")).rows[1], {
      uuid: "f2669d85-2dbd-4f0d-8a1f-40a06deb3233",
      amount: "0.0301",
      resource_type: "cpu",
      usage: 12000,
    });
  });

  rule("parse_leaves_strings_as_they_are", () => {
    assert.equal(parse(fixture("made/cloudsigma-burst-usage.string-amounts.json")).rows[0].amount, "0.01000000000000000000");
    assert.deepEqual(parse(fixture("made/onapp-exponents.json")).rows[0].total_cost, "3.49000004833101E+26");
  });

  rule("parse_gives_a_devicewise_command_under_its_id", () => {
    assert.deepEqual(parse(fixture("made/devicewise-hourly.json")).rows, [JSON.parse(new TextDecoder().decode(fixture("made/devicewise-hourly.json")))]);
    const two = parse(fixture("made/devicewise-params-missing.json")).rows;
    assert.deepEqual(two, [
      { 1: { success: true } },
      { 2: { success: true, params: { counters: { usage: [1, 2] }, total: 3, ts: ["2024-01-20T08:00:00-05:00", "2024-01-20T09:00:00-05:00"] } } },
    ]);
  });

  rule("parse_gives_an_onapp_element_by_its_type", () => {
    const [row] = parse(fixture("provider-docs/onapp-user-statistics-period.xml")).rows;
    assert.deepEqual(row, {
      backup_cost: ["0", "0"],
      user_resources_cost: "0",
      currency_code: "USD",
      total_cost: "0",
      template_cost: ["0", "0"],
      storage_disk_size_cost: "0",
      edge_group_cost: "0",
      user_id: 4,
      backup_disk_size_cost: "0",
      monit_cost: "0",
      stat_time: "2012-03-15T06:58:16Z",
      template_disk_size_cost: "0",
      vm_cost: 0,
      vm_stats: [],
    });
  });

  rule("parse_gives_nil_as_null_and_a_list_as_a_list", () => {
    const [odd] = parse(fixture("made/onapp-unreliable-types.xml")).rows;
    assert.deepEqual([odd.backup_cost, odd.monit_cost, odd.vm_cost, odd.user_resources_cost, odd.total_cost], [null, null, "1", "0.35", "1.35"]);
    const [row] = parse(fixture("made/onapp-vm-stats.xml")).rows;
    assert.lengthOf(row.vm_stats, 3);
    assert.deepEqual(row.vm_stats[2].vm_stat ?? row.vm_stats[2], { virtual_machine_id: 17, total_cost: "4" });
  });

  rule("parse_gives_the_inner_object_of_a_user_stat", () => {
    assert.deepEqual(parse(fixture("made/onapp-hourly.json")).rows[1], {
      backup_cost: "2.5",
      vm_cost: 0,
      user_resources_cost: "2.5",
      total_cost: "2.5",
      currency_code: "USD",
      user_id: 4,
      stat_time: "2012-03-13T12:43:37Z",
    });
    assert.deepEqual(parse(fixture("made/onapp-twice-in-json.json")).rows[0].backup_cost, ["0", "96500"]);
    assert.equal(parse(fixture("made/onapp-bare-objects.json")).rows[0].backup_cost, "0.5");
  });

  rule("parse_reports_the_page", () => {
    assert.deepEqual(parse(fixture("provider-docs/barracuda-usage-history.json")).page, { number: 1, size: 10, offset: null, totalRows: 100, hasNext: true });
    assert.deepEqual(parse(fixture("provider-docs/barracuda-usage-history.xml")).page, { number: 1, size: 10, offset: null, totalRows: 100, hasNext: true });
    assert.isNull(parse(fixture("provider-docs/wasabi-bucket-daily.json")).page);
  });

  rule("parse_throws_or_collects_like_normalize", () => {
    const name = "provider-docs/cloudsigma-burst-usage.trailing-comma.json";
    fails({ assert, meterglot }, "invalid-json", () => parse(fixture(name)));
    const document = parse(fixture(name), { onError: "collect" });
    assert.deepEqual([document.rows.length, document.issues.map(({ code }) => code)], [4, ["invalid-json"]]);
  });

  rule("a_body_of_another_type_is_refused", () => {
    for (const body of [5, null, undefined, true, {}, () => 1, new Date(0), [5]]) {
      assert.throws(() => normalize(body), meterglot.MeterglotError);
    }
  });

  rule("the_first_row_determines_the_wasabi_format", () => {
    const day = { start: "2024-01-15T00:00:00Z", end: "2024-01-16T00:00:00Z" };
    assert.equal(detect(wasabi({ ...day, NumAPICalls: 1 })).format, "wasabi.bucket-daily");
    assert.equal(detect(wasabi({ ...day, RawStorageSizeGBDays: 1 })).format, "wasabi.bucket-invoice");
    assert.equal(
      detect('[{"UtilizationNum":1,"AcctNum":1,"StartTime":"2024-01-15T00:00:00Z","EndTime":"2024-01-16T00:00:00Z","NumAPICalls":1}]').format,
      "wasabi.account-daily",
    );
  });

  rule("a_table_reads_like_a_list", () => {
    const table = normalize(
      barracuda([
        ["2024-01-15T00:00:00Z", 1],
        ["2024-01-16T00:00:00Z", 2],
        ["2024-01-17T00:00:00Z", 3],
      ]),
    );
    assert.deepEqual([...table], table.records());
    assert.lengthOf(table.records(), table.length);
    assert.deepEqual(table.records(1), table.records().slice(1));
    assert.deepEqual(table.records(1, 2), table.records().slice(1, 2));
    assert.deepEqual(table.records(3), []);
    assert.deepEqual(only(assert, table.records(0, 1), {}), [...table][0]);
  });

  rule("key_order_white_space_and_escapes_do_not_matter", () => {
    const plain =
      '{"page":1,"page_size":30,"count":1,"links":[{"rel":"first","href":"https://api.intronis.com/v1/partners/acme/usage_history"}],"list":[{"date":"2024-01-15T00:00:00-05:00","bytes":10}]}';
    const odd =
      ' \r\n\t{ "count" : 1 , "p\\u0061ge":1,"links":[{"href":"https:\\/\\/api.intronis.com\\/v1\\/partners\\/acme\\/usage_history","rel":"first"}],"page_size":30,"li\\u0073t":[{"bytes":10,"d\\u0061te":"2024-01-15T00:00:00\\u002d05:00"}]}\n';
    assert.deepEqual([...normalize(odd)], [...normalize(plain)]);
    assert.deepEqual(detect(bytes(odd)), detect(plain));
  });

  rule("devicewise_is_detected_by_its_content_wherever_the_command_is", () => {
    assert.equal(detect(devicewise({ usage: [1] }, ["2024-01-20T08:00:00Z"], { id: "list" })).format, "devicewise.api-history");
    assert.equal(detect(fixture("made/devicewise-mixed-batch.json")).format, "devicewise.api-history");
  });
};
