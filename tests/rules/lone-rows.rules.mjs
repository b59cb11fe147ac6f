// SMALL DECISIONS: a single row of a known provider is a listing of one row; elements without a rule next to rows are ignored.
import { bytes, drain, fails } from "./support.mjs";
import { URLS } from "./errors.senders.rules.mjs";

const DAY = { StartTime: "2024-01-15T00:00:00Z", EndTime: "2024-01-16T00:00:00Z" };
const LONE = {
  "barracuda.usage-history": ['{"date":"2024-01-15T00:00:00-05:00","bytes":10}', "/bytes", "10"],
  "barracuda.usage-history as XML": ["<usage><date>2024-01-15T00:00:00-05:00</date><bytes>10</bytes></usage>", "/usage/bytes", "10"],
  "devicewise.api-history": ['{"success":true,"params":{"counters":{"a/b":[3]},"total":3,"ts":["2024-01-15T00:00:00Z"]}}', "/params/counters/a~1b/0", "3"],
  "cloudsigma.daily-burst-usage": ['{"amount":"1","date":"2024-01-15","resource_type":"cpu","usage":5}', "/usage", "5"],
  "cloudsigma.burst-usage": ['{"uuid":"u","amount":"1","resource_type":"cpu","usage":5}', "/usage", "5"],
  "wasabi.bucket-daily": [JSON.stringify({ AcctNum: 1, BucketNum: 2, Bucket: "b", ...DAY, NumAPICalls: 7 }), "/NumAPICalls", "7"],
  "wasabi.bucket-invoice": [JSON.stringify({ AcctNum: 1, BucketNum: 2, Bucket: "b", ...DAY, RawStorageSizeGBDays: 30 }), "/RawStorageSizeGBDays", "30"],
  "wasabi.account-daily": [JSON.stringify({ AcctNum: 1, UtilizationNum: 2, ...DAY, NumAPICalls: 7 }), "/NumAPICalls", "7"],
  "onapp.user-statistics": ['{"user_id":4,"stat_time":"2024-01-15T00:00:00Z","vm_cost":1.5}', "/vm_cost", null],
  "onapp.user-statistics as XML": [
    "<user_stat><user_id>4</user_id><stat_time>2024-01-15T00:00:00Z</stat_time><vm_cost>1.5</vm_cost></user_stat>",
    "/user_stat/vm_cost",
    null,
  ],
};

export default ({ rule, assert, meterglot }) => {
  const { normalize, parse, detect, normalizeStream } = meterglot;
  const env = { assert, meterglot };

  for (const [name, [body, pointer, quantity]] of Object.entries(LONE)) {
    const format = name.split(" ")[0];
    const provider = format.split(".")[0];
    rule(`a_single_row_of_${name}_is_a_listing_of_one_where_its_provider_is_known`, async () => {
      for (const options of [{ provider }, ...URLS[provider].map((request) => ({ request }))]) {
        // A path that names one of the two formats of CloudSigma decides between them.
        const due = options.request?.includes("/burstusage")
          ? "cloudsigma.burst-usage"
          : options.request?.includes("/dailyburst")
            ? "cloudsigma.daily-burst-usage"
            : format;
        const table = normalize(body, options);
        assert.deepEqual([table.format, table.length, table.issues], [due, 1, []], JSON.stringify(options));
        assert.deepEqual(
          [...table].map((record) => [record.pointer, record.quantity]),
          [[pointer, quantity]],
        );
        const document = parse(body, options);
        assert.deepEqual([document.format, document.rows.length], [due, 1]);
        if (options.request) assert.equal(detect(body, options).format, due);
        const streamed = await drain(
          normalizeStream({ to: "records", ...options }),
          [...bytes(body)].map((byte) => Uint8Array.of(byte)),
        );
        assert.deepEqual(streamed.flat(), [...table]);
      }
    });
  }

  rule("a_single_row_is_reported_with_all_its_fields_by_parse", () => {
    assert.deepEqual(parse(LONE["wasabi.bucket-daily"][0], { provider: "wasabi" }).rows, [JSON.parse(LONE["wasabi.bucket-daily"][0])]);
    assert.deepEqual(parse(LONE["devicewise.api-history"][0], { provider: "devicewise" }).rows, [JSON.parse(LONE["devicewise.api-history"][0])]);
  });

  rule("a_single_row_that_is_faulty_is_reported_by_its_fault", () => {
    fails(env, "invalid-number", () => normalize('{"date":"2024-01-15T00:00:00-05:00","bytes":"x"}', { provider: "barracuda" }));
    fails(env, "invalid-timestamp", () => normalize(LONE["wasabi.bucket-daily"][0].replace("2024-01-15", "yesterday"), { provider: "wasabi" }));
    fails(env, "invalid-json", () => normalize('{"date":"2024-01-15T00:00:00-05:00","bytes":10', { provider: "barracuda" }));
  });

  rule("a_single_row_without_a_provider_is_no_format_of_its_own", () => {
    for (const name of ["barracuda.usage-history", "wasabi.bucket-daily", "devicewise.api-history"]) {
      assert.isNull(detect(LONE[name][0]), name);
      fails(env, "unknown-format", () => normalize(LONE[name][0]), name);
    }
  });

  rule("an_empty_list_of_rails_is_an_empty_listing_of_onapp", () => {
    for (const body of [
      '<nil-classes type="array"/>',
      '<?xml version="1.0" encoding="UTF-8"?>\n<nil-classes type="array"></nil-classes>\n',
      '<anything type="array"> <!-- none --> </anything>',
    ]) {
      for (const options of [{}, { provider: "onapp" }, { request: "https://cloud.example/users/4/user_statistics.xml?hourly_stats" }]) {
        const table = normalize(body, options);
        assert.deepEqual([table.format, table.length, table.issues], ["onapp.user-statistics", 0, []], body);
        assert.deepEqual(parse(body, options).rows, []);
      }
      assert.deepEqual(detect(body), { provider: "onapp", format: "onapp.user-statistics", encoding: "xml" });
    }
    for (const body of ["<nil-classes/>", '<nil-classes type="array"><a/></nil-classes>']) assert.isNull(detect(body), body);
    assert.equal(detect('<list type="array"/>').format, "barracuda.usage-history");
    fails(env, "provider-error", () => normalize('<errors type="array"/>'));
    assert.throws(() => normalize('<nil-classes type="array"/>', { provider: "cloudsigma" }), meterglot.MeterglotError);
  });

  rule("a_devicewise_command_has_any_id_and_its_pointer_is_escaped", () => {
    for (const [id, escaped] of [
      ["a/b", "a~1b"],
      ["~", "~0"],
      ["/", "~1"],
      ["~1/~0", "~01~1~00"],
      ["", ""],
      ["0", "0"],
      ["counters", "counters"],
      ["success", "success"],
      ['é"', 'é"'],
      ["x".repeat(300), "x".repeat(300)],
    ]) {
      const body = JSON.stringify({
        [id]: { success: true, params: { counters: { "s/~": [1, 2] }, total: 3, ts: ["2024-01-20T08:00:00Z", "2024-01-20T09:00:00Z"] } },
      });
      assert.equal(detect(body)?.format, "devicewise.api-history", id);
      assert.deepEqual(
        [...normalize(body)].map(({ pointer }) => pointer),
        [0, 1].map((i) => `/${escaped}/params/counters/s~1~0/${i}`),
      );
      assert.equal(normalize(body).checks()[0].pointer, `/${escaped}/params/total`);
      const failed = fails(env, "provider-error", () => normalize(JSON.stringify({ [id]: { success: false, errorMessages: ["No"] } })), id);
      assert.deepEqual([failed.provider, failed.pointer], ["devicewise", `/${escaped}`]);
    }
  });

  rule("a_member_called_like_an_index_is_no_element_of_a_list", () => {
    for (const body of ['{"0":{"AcctNum":1,"BucketNum":2}}', '{"~":{"AcctNum":1,"BucketNum":2}}', '{"0":{"user_stat":{}}}', '{"0":{"error_type":"x"}}']) {
      assert.isNull(detect(body), body);
      fails(env, "unknown-format", () => normalize(body), body);
    }
  });

  rule("many_values_before_the_one_that_determines_the_format_do_not_hide_it", () => {
    const times = Array.from({ length: 2000 }, (_, i) => new Date(Date.UTC(2024, 0, 1) + i * 3_600_000).toISOString().replace(".000", ""));
    const command = JSON.stringify({ 1: { params: { ts: times, counters: { a: times.map(() => 1) } }, success: true } });
    assert.equal(detect(command).format, "devicewise.api-history");
    assert.equal(normalize(command).length, 2000);
    const xml = (root, row) => `<${root}>${"<note>x</note>".repeat(2000)}${row}</${root}>`;
    assert.equal(detect(xml("list", "<usage><date>2024-01-15T00:00:00-05:00</date><bytes>1</bytes></usage>")).format, "barracuda.usage-history");
    assert.equal(detect(xml("rows", "<user_stat><vm_cost>1</vm_cost></user_stat>")).format, "onapp.user-statistics");
  });

  // XML elements without a rule
  const unknown = '<note type="x">hello <b>there</b></note><empty/><rows><row>1</row></rows>';
  const usage = (day) => `<usage>${unknown}<date>2024-01-1${day}T00:00:00-05:00</date>${unknown}<bytes>${day}</bytes>${unknown}</usage>`;
  const hour = (n) =>
    `<user_stat>${unknown}<user_id>4</user_id><vm_cost>${n}</vm_cost><stat_time>2024-01-01T0${n}:00:00Z</stat_time>` +
    `<vm_stats type="array" size="1">${unknown}<vm_stat>${unknown}<virtual_machine_id>7</virtual_machine_id><total_cost>${n}</total_cost></vm_stat>${unknown}</vm_stats>${unknown}</user_stat>`;
  for (const [name, body] of Object.entries({
    barracuda: `<list page="1" page_size="30" count="2" more="x">${unknown}<link rel="first" href="https://api.intronis.com/v1/partners/acme/usage_history"/>${unknown}${usage(1)}${unknown}${usage(2)}${unknown}</list>`,
    onapp: `<user_stats type="array" more="x">${unknown}${hour(1)}${unknown}${hour(2)}${unknown}</user_stats>`,
  })) {
    rule(`elements_of_${name}_that_no_rule_knows_are_ignored_beside_rows_and_in_them`, async () => {
      const table = normalize(body);
      const plain = body.replaceAll(unknown, "").replaceAll(' more="x"', "").replaceAll(' size="1"', "");
      assert.deepEqual([...table], [...normalize(plain)]);
      assert.isAbove(table.length, 1);
      assert.deepEqual(table.checks(), normalize(plain).checks());
      const chunks = [...bytes(body)].map((byte) => Uint8Array.of(byte));
      assert.deepEqual((await drain(normalizeStream({ to: "records" }), chunks)).flat(), [...table]);
    });
  }
};
