// docs/design.md#errors: no input may cause a panic, a hang or unbounded memory, and nothing is dropped silently.
import { ALL, SOUND } from "./fixtures.mjs";
import { barracuda, bytes, chance, concat, ERROR_CODES, fails, only, wasabi } from "./support.mjs";

export default ({ rule, assert, meterglot, fixture }) => {
  const { normalize, parse, detect } = meterglot;
  const env = { assert, meterglot };
  const DAY = { start: "2024-01-15T00:00:00Z", end: "2024-01-16T00:00:00Z" };
  const D = "2024-01-15T00:00:00-05:00";

  /** Whatever comes in: a table or a typed error, never a trap; and the next call works. */
  const survives = (body, options, about = "") => {
    let table;
    try {
      table = normalize(body, { onError: "collect", ...options });
    } catch (error) {
      assert.instanceOf(error, meterglot.MeterglotError, `${about} ${String(error)}`);
      assert.include(ERROR_CODES, error.code, about);
      assert.notEqual(error.code, "internal", `${about} ${error.message}`);
      return null;
    }
    for (const { code, message } of table.issues) {
      assert.include(ERROR_CODES, code, about);
      assert.notEqual(code, "internal", `${about} ${message}`);
    }
    return table;
  };
  const stillWorks = () => assert.equal(normalize(fixture("provider-docs/wasabi-bucket-daily.json")).length, 18);
  const stepOf = (body) => (body.length > 700 ? 7 : 1);

  rule("every_prefix_of_every_fixture_is_an_answer_and_never_a_trap", () => {
    for (const name of ALL) {
      const body = fixture(name);
      for (let length = 0; length < body.length; length += stepOf(body)) {
        const table = survives(body.subarray(0, length), {}, `${name} cut at ${length}`);
        assert.isNotNull(table, `${name} cut at ${length}: collect throws nothing for a fault of a body`);
      }
    }
    stillWorks();
  });

  rule("every_prefix_of_a_valid_body_has_one_issue_and_its_whole_rows", () => {
    for (const { name } of SOUND) {
      const body = fixture(name);
      const whole = normalize(body);
      const known = new Map([...whole].map((record) => [record.id, record]));
      let before = 0;
      for (let length = 0; length < body.length; length += stepOf(body)) {
        const about = `${name} cut at ${length}`;
        const rest = new TextDecoder().decode(body.subarray(length));
        const table = survives(body.subarray(0, length), {}, about);
        if (rest.trim() === "" || /^\s*<!--[\s\S]*-->\s*$/.test(rest)) continue;
        assert.lengthOf(table.issues, 1, about);
        assert.isAtLeast(table.length, before, `${about}: a longer prefix never has fewer records`);
        before = table.length;
        if (!name.includes("restated") && !name.includes("devicewise")) for (const { id } of table) assert.isTrue(known.has(id), about);
      }
    }
  });

  rule("a_cut_body_keeps_exactly_the_rows_complete_before_the_cut", () => {
    for (const [name, close, records] of [
      ["made/barracuda-dst-spring.json", "}", 1],
      ["made/barracuda-account-form.xml", "</usage>", 1],
      ["made/cloudsigma-daily.page-1.json", "}", 1],
      ["made/wasabi-same-name-twice.json", "}", 18],
      ["made/onapp-mixed-currencies.xml", "</user_stat>", 1],
    ]) {
      const body = fixture(name);
      const source = new TextDecoder().decode(body); // these are ASCII: a byte is a character
      const all = normalize(body).length;
      const first = Math.max(source.indexOf('"list"'), source.indexOf('"objects"'), 0);
      for (let length = 0; length < body.length - 3; length++) {
        const complete = source.slice(first, Math.max(first, length)).split(close).length - 1;
        const rows = Math.min(complete, all / records);
        const table = survives(body.subarray(0, length), {}, `${name} cut at ${length}`);
        assert.equal(table.length, rows * records, `${name} cut at ${length}`);
      }
    }
  });

  rule("bytes_changed_anywhere_are_an_answer_and_never_a_trap", () => {
    const random = chance(20241103);
    const bodies = ALL.map(fixture).filter((body) => body.length > 0);
    for (let round = 0; round < 3000; round++) {
      const body = bodies[Math.floor(random() * bodies.length)].slice();
      for (let hits = 1 + Math.floor(random() * 4); hits > 0; hits--) body[Math.floor(random() * body.length)] = Math.floor(random() * 256);
      survives(body, {}, `round ${round}`);
    }
    stillWorks();
  });

  rule("pieces_of_fixtures_put_together_are_an_answer_and_never_a_trap", () => {
    const random = chance(20240310);
    const bodies = ALL.map(fixture);
    const piece = () => {
      const body = bodies[Math.floor(random() * bodies.length)];
      const from = Math.floor(random() * body.length);
      return body.slice(from, from + Math.floor(random() * 200));
    };
    for (let round = 0; round < 1500; round++)
      survives(concat([bodies[round % bodies.length].slice(0, Math.floor(random() * 300)), piece(), piece()]), {}, `round ${round}`);
    stillWorks();
  });

  rule("random_bytes_are_no_format", () => {
    const random = chance(7);
    for (let round = 0; round < 300; round++) {
      const body = Uint8Array.from({ length: Math.floor(random() * 200) }, () => Math.floor(random() * 256));
      const table = survives(body, {}, `round ${round}`);
      assert.equal(table.length, 0);
      assert.lengthOf(table.issues, 1);
      assert.isNull(detect(body));
    }
  });

  rule("nothing_at_all_is_an_unknown_format", () => {
    for (const body of ["", " ", "\n\t\r\n ", "\ufeff"]) {
      fails(env, "unknown-format", () => normalize(body), JSON.stringify(body));
      assert.isNull(detect(body));
      const table = normalize(body, { onError: "collect" });
      assert.deepEqual([table.length, table.format, table.issues.map(({ code }) => code)], [0, null, ["unknown-format"]]);
    }
  });

  rule("what_is_none_of_the_formats_is_reported_as_such", () => {
    for (const body of [
      "{}",
      "5",
      '"text"',
      "null",
      "true",
      "[5]",
      '[{"a":1}]',
      '{"a":{"b":1}}',
      "<a/>",
      "<rss><channel/></rss>",
      '{"data":{"id":1},"success":true}',
    ]) {
      const table = normalize(body, { onError: "collect" });
      assert.deepEqual([table.length, table.format], [0, null], body);
      assert.lengthOf(table.issues, 1, body);
      assert.isNull(detect(body), body);
    }
    for (const body of ["{}", '[{"a":1}]', "<a/>"]) fails(env, "unknown-format", () => normalize(body), body);
  });

  rule("plain_text_is_no_format", () => {
    for (const body of ["hello", "Service Unavailable", "StartTime,EndTime,NumBillableActiveStorageObjects\n1,2,3", "--- yaml"]) {
      const table = normalize(body, { onError: "collect" });
      assert.deepEqual([table.length, table.format, table.issues.length], [0, null, 1], body);
    }
  });

  rule("depth_without_end_is_an_answer", () => {
    for (const [open, close] of [
      ["[", "]"],
      ['{"a":', "}"],
      ['{"list":[', "]}"],
      ["<a>", "</a>"],
      ["<list>", "</list>"],
      ["<user_stats><user_stat>", ""],
    ]) {
      for (const depth of [100, 10000, 200000]) survives(open.repeat(depth) + close.repeat(depth), {}, `${open} ${depth}`);
      survives(open.repeat(200000), {}, open);
    }
    const deep = "[".repeat(5000) + "]".repeat(5000);
    fails(env, "limit-exceeded", () => normalize(barracuda([[D, 1]]).replace('"count"', `"extra":${deep},"count"`)));
    fails(env, "limit-exceeded", () => normalize(wasabi({ ...DAY, Extra: deep, NumAPICalls: 1 })));
    stillWorks();
  });

  rule("great_texts_and_names_are_an_answer", () => {
    const long = "x".repeat(3_000_000);
    for (const body of [
      `"${long}"`,
      `{"${long}":1}`,
      `<${long}/>`,
      `<list ${long}="1"/>`,
      `<list page="${long}"/>`,
      `<!--${long}-->`,
      `<?${long}?>`,
      barracuda([[long, 1]]),
      barracuda([[D, `"${long}"`]]),
      barracuda([[D, "1".repeat(3_000_000)]]),
      wasabi({ ...DAY, name: long, NumAPICalls: 1 }),
    ]) {
      assert.equal(survives(body, {}, body.slice(0, 40))?.length ?? 0, 0, body.slice(0, 40));
    }
    stillWorks();
  });

  rule("many_attributes_are_an_answer", () => {
    survives(`<list ${Array.from({ length: 50000 }, (_, i) => `a${i}="1"`).join(" ")} page="1" page_size="30" count="0"/>`);
    stillWorks();
  });

  rule("absurd_numbers_are_reported_or_exact", () => {
    for (const number of [
      "1e400",
      "-1e400",
      "1e76",
      "1e257",
      "1e-257",
      "1e99999999999999999999",
      "1e-99999999999999999999",
      `1${"0".repeat(76)}`,
      `0.${"0".repeat(256)}1`,
      "9".repeat(77),
      `1.${"3".repeat(76)}`,
    ]) {
      const error = fails(env, "number-out-of-range", () => normalize(barracuda([[D, number]])), number);
      assert.equal(error.pointer, "/list/0/bytes");
    }
    for (const [number, due] of [
      ["1e75", `1${"0".repeat(75)}`],
      ["1e-256", `0.${"0".repeat(255)}1`],
      ["0e400", "0"],
      ["0E-20", "0"],
      ["-0.0", "0"],
      [`1.5${"0".repeat(500)}`, "1.5"],
      [`0.${"9".repeat(76)}`, `0.${"9".repeat(76)}`],
      ["3.49e+26", "349000000000000000000000000"],
    ]) {
      assert.equal(only(assert, normalize(barracuda([[D, number]])), {}).quantity, due, number);
    }
    for (const number of ["0e99999999999999999999", "0e-99999999999999999999"]) survives(barracuda([[D, number]]));
  });

  rule("keys_that_name_what_every_object_has_do_no_harm", () => {
    const body = fixture("made/hostile-proto-keys.json");
    const table = normalize(body);
    assert.include(only(assert, table, { metric: "api.calls" }), { resourceName: "__proto__", region: "constructor" });
    const [row] = parse(body).rows;
    assert.isTrue(Object.hasOwn(row, "__proto__"));
    assert.deepEqual(Object.getOwnPropertyDescriptor(row, "__proto__").value, { polluted: true });
    assert.isUndefined({}.polluted);
    assert.equal(Object.getPrototypeOf({}), Object.prototype);
    const services = [
      ...normalize('{"__proto__":{"success":true,"params":{"counters":{"__proto__":[1],"constructor":[2]},"total":3,"ts":["2024-01-20T08:00:00Z"]}}}'),
    ];
    assert.deepEqual(
      services.map(({ quantity }) => quantity),
      ["1", "2"],
    );
    assert.deepEqual(
      services.map(({ dimensions }) => dimensions.service),
      ["__proto__", "constructor"],
    );
    assert.isUndefined({}.success);
  });

  rule("a_nul_in_a_text_is_kept_or_reported", () => {
    const table = normalize(wasabi({ ...DAY, name: "a\u0000b", NumAPICalls: 1 }));
    assert.equal(only(assert, table, {}).resourceName, "a\u0000b");
    survives(concat([bytes('{"page":1,'), new Uint8Array([0]), bytes('"list":[]}')]));
    survives(`<list page="1" page_size="30" count="1"><usage><date>\u0000</date><bytes>1</bytes></usage></list>`);
  });

  rule("thousands_of_faults_are_thousands_of_issues", () => {
    const table = normalize(
      barracuda(
        Array.from({ length: 5000 }, (_, i) => [
          i % 2
            ? "never"
            : `20${10 + (i % 80)}-01-15T${String(i % 24).padStart(2, "0")}:${String(i % 60).padStart(2, "0")}:${String(i % 59).padStart(2, "0")}Z`,
          1,
        ]),
      ),
      { onError: "collect" },
    );
    assert.equal(table.issues.filter(({ code }) => code === "invalid-timestamp").length, 2500);
    assert.equal(table.length + table.duplicates, 2500);
  });
};
