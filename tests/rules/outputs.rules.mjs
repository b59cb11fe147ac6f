// What a table gives: records, columns, NDJSON, CSV.
import { SOUND } from "./fixtures.mjs";
import { readCsv, RECORD_KEYS, select, text } from "./support.mjs";

export default ({ rule, assert, meterglot, fixture }) => {
  const { normalize } = meterglot;
  const REQUEST = "https://partner.wasabisys.com/v1/accounts/11681/utilizations/buckets?invoice=9826";

  rule("a_record_has_every_key_of_the_contract_and_no_other", () => {
    for (const { name } of SOUND) {
      for (const record of normalize(fixture(name))) assert.sameMembers(Object.keys(record), RECORD_KEYS, name);
    }
  });

  rule("a_record_keeps_the_types_of_the_contract", () => {
    for (const { name } of SOUND) {
      for (const record of normalize(fixture(name))) {
        for (const key of [
          "account",
          "resourceId",
          "resourceName",
          "resourceType",
          "region",
          "quantity",
          "unit",
          "cost",
          "currency",
          "start",
          "end",
          "utcOffset",
          "partOf",
        ]) {
          assert.isTrue(record[key] === null || typeof record[key] === "string", `${name} ${key}`);
        }
        assert.isTrue(Array.isArray(record.notes) && Number.isInteger(record.page) && typeof record.pointer === "string", name);
        for (const value of Object.values(record.dimensions)) assert.isString(value);
        for (const key of ["quantity", "cost"])
          if (record[key] !== null) assert.match(record[key], /^(0|-?[1-9]\d*|-?(0|[1-9]\d*)\.\d*[1-9])$/, `${name} ${key}`);
        for (const key of ["start", "end"])
          if (record[key] !== null) assert.match(record[key], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d*[1-9])?Z$/, `${name} ${key}`);
      }
    }
  });

  rule("notes_come_in_the_order_of_the_contract", () => {
    const order = ["assumed-utc", "resolution-inferred", "unit-inferred", "float32-source", "duplicate-element", "period-from-request"];
    for (const { name } of SOUND) {
      for (const { notes } of normalize(fixture(name)))
        assert.deepEqual(
          notes,
          order.filter((note) => notes.includes(note)),
          name,
        );
    }
  });

  rule("a_pointer_leads_to_the_value", () => {
    for (const { name, encoding } of SOUND.filter((one) => one.encoding === "json" && !/twice-in-json|bom|beyond|76|spellings|exponents/.test(one.name))) {
      const body = JSON.parse(text(fixture(name)));
      for (const { pointer, quantity, cost } of normalize(fixture(name))) {
        const value = pointer
          .split("/")
          .slice(1)
          .reduce((at, key) => at[key.replaceAll("~1", "/").replaceAll("~0", "~")], body);
        assert.equal(Number(value), Number(quantity ?? cost), `${name} ${pointer} ${encoding}`);
      }
    }
  });

  rule("a_stretch_of_records_is_cut_out_of_all", () => {
    for (const { name } of SOUND) {
      const table = normalize(fixture(name));
      const all = table.records();
      for (let start = 0; start <= Math.min(all.length, 24); start++) {
        for (const end of [start, start + 1, start + 2, start + 7, all.length]) {
          assert.deepEqual(table.records(start, end), all.slice(start, end), `${name} ${start} to ${end}`);
        }
      }
    }
  });

  rule("texts_of_every_kind_of_character_are_distinguished_in_records", () => {
    const day = (index, bucket) => ({
      BucketNum: index,
      Bucket: bucket,
      Region: `r${bucket}`,
      StartTime: `2024-01-${10 + index}T00:00:00Z`,
      EndTime: `2024-01-${11 + index}T00:00:00Z`,
      NumAPICalls: index,
      DownloadBytes: 10 ** index,
    });
    const names = ["\ufeffmark", "", "é", "日本", "😀😀", '\u0000\n"\\', "plain"];
    const table = normalize(JSON.stringify(names.map((name, index) => day(index, name))), { account: "\ufeff😀" });
    const records = table.records();
    assert.deepEqual(
      records.filter(({ metric }) => metric === "api.calls").map((record) => record.resourceName),
      names,
    );
    for (const [i, line] of text(table.toNDJSON()).trimEnd().split("\n").entries()) assert.deepEqual(JSON.parse(line), records[i]);
  });

  // NDJSON
  rule("ndjson_is_one_record_a_line_with_its_keys_in_order", () => {
    for (const { name } of SOUND) {
      const table = normalize(fixture(name));
      const output = text(table.toNDJSON());
      const lines = output.split("\n");
      assert.equal(lines.pop(), "", `${name}: each line ends with a line feed`);
      assert.deepEqual(
        lines,
        table.records().map((record) => JSON.stringify(record)),
        name,
      );
      for (const line of lines) assert.deepEqual(Object.keys(JSON.parse(line)), RECORD_KEYS, name);
    }
  });

  rule("ndjson_of_nothing_is_empty", () => {
    assert.equal(normalize("[]").toNDJSON().length, 0);
  });

  rule("ndjson_writes_decimals_as_strings", () => {
    const line = text(normalize(fixture("made/barracuda-76-digits.json")).toNDJSON()).split("\n")[1];
    assert.include(line, `"quantity":"${"9".repeat(76)}"`);
  });

  // CSV
  const csv = (table) => readCsv(text(table.toCSV()));
  rule("csv_has_a_header_and_a_line_a_record", () => {
    for (const { name } of SOUND) {
      const table = normalize(fixture(name));
      const [header, ...rows] = csv(table);
      assert.deepEqual(header, RECORD_KEYS, name);
      assert.lengthOf(rows, table.length, name);
      for (const row of rows) assert.lengthOf(row, RECORD_KEYS.length, name);
    }
  });

  rule("csv_lines_end_with_carriage_return_and_line_feed", () => {
    const output = text(normalize(fixture("provider-docs/barracuda-usage-history.json")).toCSV());
    assert.notMatch(output, /[^\r]\n/);
    assert.isTrue(output.startsWith(`${RECORD_KEYS.join(",")}\r\n`));
  });

  rule("csv_of_nothing_is_its_header", () => {
    assert.deepEqual(csv(normalize("[]")), [RECORD_KEYS]);
  });

  rule("csv_reports_what_the_records_report", () => {
    for (const [name, options] of [
      ["provider-docs/wasabi-bucket-invoice.json", { request: REQUEST }],
      ["made/onapp-vm-stats.xml", {}],
      ["provider-docs/cloudsigma-daily-burst-usage.json", {}],
      ["made/devicewise-org-services.json", {}],
    ]) {
      const table = normalize(fixture(name), options);
      const [header, ...rows] = csv(table);
      table.records().forEach((record, i) => {
        const cells = Object.fromEntries(header.map((key, k) => [key, rows[i][k]]));
        for (const key of RECORD_KEYS) {
          if (key === "dimensions")
            assert.equal(
              cells[key],
              Object.entries(record[key])
                .sort(([a], [b]) => (a < b ? -1 : 1))
                .map(([k, v]) => `${k}=${v}`)
                .join(";"),
              name,
            );
          else if (key === "notes") assert.equal(cells[key], record[key].join(";"), name);
          else assert.equal(cells[key].replace(/^'(?=[-+=@])/, ""), record[key] === null ? "" : String(record[key]), `${name} ${key}`);
        }
      });
    }
  });

  rule("an_unknown_value_is_an_empty_cell", () => {
    const [header, row] = csv(normalize(fixture("provider-docs/barracuda-usage-history.json")));
    for (const key of ["cost", "currency", "end", "partOf", "region"]) assert.equal(row[header.indexOf(key)], "", key);
  });

  rule("a_cell_that_a_spreadsheet_would_run_is_neutralised", () => {
    const [header, ...rows] = csv(normalize(fixture("made/wasabi-formula-bucket.json")));
    const names = new Set(rows.map((row) => row[header.indexOf("resourceName")]));
    assert.sameMembers([...names], ["'=1+1", "'+cmd", "'-2", "'@sum", 'a,"b"\r\nc', "'\tx", "plain"]);
  });

  rule("numbers_are_never_touched", () => {
    const table = normalize(fixture("made/cloudsigma-daily.amounts.json"));
    const [header, ...rows] = csv(table);
    assert.include(
      rows.map((row) => row[header.indexOf("cost")]),
      "-55.45000000000000284217",
    );
  });

  rule("a_separator_inside_a_dimension_is_escaped", () => {
    const name = "a;b=c\\d";
    const table = normalize(JSON.stringify({ 1: { success: true, params: { counters: { [name]: [1] }, total: 1, ts: ["2024-01-20T08:00:00Z"] } } }));
    const [header, row] = csv(table);
    assert.equal(row[header.indexOf("dimensions")], "service=a\\;b\\=c\\\\d");
  });

  rule("characters_beyond_ascii_leave_as_utf_8", () => {
    const table = normalize(
      `[{"BucketUtilizationNum":1,"AcctNum":1,"BucketNum":2,"StartTime":"2024-01-15T00:00:00Z","EndTime":"2024-01-16T00:00:00Z","NumAPICalls":1,"Bucket":"Zürich-日本-\\ud83d\\ude00","Region":"r"}]`,
    );
    assert.equal([...table][0].resourceName, "Zürich-日本-😀");
    assert.equal(JSON.parse(text(table.toNDJSON())).resourceName, "Zürich-日本-😀");
    assert.equal(csv(table)[1][RECORD_KEYS.indexOf("resourceName")], "Zürich-日本-😀");
  });

  // columns
  const decode = ({ values, codes }) => Array.from(codes, (code) => (code === -1 ? null : values[code]));
  rule("columns_report_what_the_records_report", () => {
    for (const { name } of SOUND) {
      const table = normalize(fixture(name));
      const columns = table.columns();
      const records = table.records();
      const number = (value) => (value === null ? NaN : Number(value));
      // JavaScript's own times end at milliseconds; those of a column do not.
      const time = (value) => {
        const [, fraction = "0"] = /\.(\d+)/.exec(value) ?? [];
        return value === null ? NaN : Date.parse(value.replace(/\.\d+/, "")) + Number(`0.${fraction}`) * 1000;
      };
      assert.deepEqual(
        Array.from(columns.quantity),
        records.map(({ quantity }) => number(quantity)),
        name,
      );
      assert.deepEqual(
        Array.from(columns.cost),
        records.map(({ cost }) => number(cost)),
        name,
      );
      assert.deepEqual(
        Array.from(columns.start),
        records.map(({ start }) => time(start)),
        name,
      );
      assert.deepEqual(
        Array.from(columns.end),
        records.map(({ end }) => time(end)),
        name,
      );
      for (const key of ["metric", "resourceId", "account", "region", "unit", "currency"]) {
        assert.deepEqual(
          decode(columns[key]),
          records.map((record) => record[key]),
          `${name} ${key}`,
        );
      }
    }
  });

  rule("columns_are_typed_arrays_and_dictionaries_without_repeats", () => {
    const columns = normalize(fixture("provider-docs/wasabi-bucket-invoice.json")).columns();
    for (const key of ["start", "end", "quantity", "cost"]) assert.instanceOf(columns[key], Float64Array);
    for (const key of ["metric", "resourceId", "account", "region", "unit", "currency"]) {
      assert.instanceOf(columns[key].codes, Int32Array);
      assert.equal(new Set(columns[key].values).size, columns[key].values.length, key);
    }
    assert.sameMembers(columns.resourceId.values, ["18298", "18299"]);
    assert.deepEqual(columns.currency, { values: [], codes: new Int32Array(30).fill(-1) });
  });

  rule("a_number_in_a_column_is_the_nearest_double", () => {
    const columns = normalize(fixture("made/barracuda-beyond-2-53.json")).columns();
    assert.deepEqual(
      Array.from(columns.quantity),
      [9007199254740991, 9007199254740992, 18446744073709552000, 340282366920938463463374607431768211457n].map(Number),
    );
    assert.equal(normalize(fixture("made/cloudsigma-daily.page-1.json")).columns().cost[0], 0.1);
  });

  rule("columns_outlive_their_table", () => {
    const table = normalize(fixture("provider-docs/wasabi-bucket-invoice.json"));
    const columns = table.columns();
    const before = Array.from(columns.quantity);
    table.free();
    for (let i = 0; i < 20; i++) normalize(fixture("made/wasabi-formula-bucket.json")).free();
    assert.deepEqual(Array.from(columns.quantity), before);
  });

  // the table itself
  rule("the_page_of_a_table_is_the_one_of_its_last_page", () => {
    const pages = [fixture("made/barracuda-pages-1.json"), fixture("made/barracuda-pages-2.json")];
    assert.deepEqual(normalize(pages).page, { number: 2, size: 2, offset: null, totalRows: 3, hasNext: false });
    assert.deepEqual(normalize(pages[0]).page, { number: 1, size: 2, offset: null, totalRows: 3, hasNext: true });
    assert.deepEqual(normalize(fixture("made/cloudsigma-daily.page-1.json")).page, { number: null, size: 2, offset: 0, totalRows: 3, hasNext: true });
    assert.deepEqual(normalize(fixture("made/cloudsigma-daily.page-2.json")).page, { number: null, size: 2, offset: 2, totalRows: 3, hasNext: false });
    assert.isNull(normalize(fixture("made/devicewise-hourly.json")).page);
  });

  rule("records_report_the_page_they_came_from", () => {
    const table = normalize([fixture("made/barracuda-pages-1.json"), fixture("made/barracuda-pages-2.json")]);
    assert.deepEqual(
      [...table].map(({ page, pointer, quantity }) => [page, pointer, quantity]),
      [
        [0, "/list/0/bytes", "10"],
        [0, "/list/1/bytes", "11"],
        [1, "/list/0/bytes", "12"],
      ],
    );
    assert.lengthOf(select(table, { account: "acme" }), 3);
  });

  rule("a_table_is_disposable_and_may_be_freed_twice", () => {
    const table = normalize(fixture("provider-docs/wasabi-bucket-daily.json"));
    if (typeof Symbol.dispose === "symbol") assert.isFunction(table[Symbol.dispose]);
    table.free();
    table.free();
    assert.equal(normalize(fixture("provider-docs/wasabi-bucket-daily.json")).length, 18);
  });

  rule("a_freed_table_is_an_error_and_not_a_trap", () => {
    const table = normalize(fixture("provider-docs/wasabi-bucket-daily.json"));
    table.free();
    assert.throws(() => table.records());
    assert.equal(normalize(fixture("provider-docs/wasabi-bucket-daily.json")).length, 18);
  });

  rule("the_version_is_a_version", () => {
    assert.match(meterglot.version, /^\d+\.\d+\.\d+(-[\w.]+)?$/);
  });
};
