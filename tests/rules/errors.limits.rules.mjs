// ERRORS: limits are settings with documented defaults and an error of their own.
import { barracuda, fails, onapp, wasabi } from "./support.mjs";

export default ({ rule, assert, meterglot, fixture }) => {
  const { normalize, parse } = meterglot;
  const env = { assert, meterglot };
  const D = "2024-01-15T00:00:00-05:00";
  const days = (count) => barracuda(Array.from({ length: count }, (_, i) => [`2024-01-${String(i + 1).padStart(2, "0")}T00:00:00-05:00`, i]));
  const over = (body, limits) => fails(env, "limit-exceeded", () => normalize(body, { limits }), JSON.stringify(limits));

  rule("max_bytes_bounds_a_whole_body", () => {
    const body = fixture("provider-docs/barracuda-usage-history.json");
    const error = over(body, { maxBytes: body.length - 1 });
    assert.match(error.message, new RegExp(`maxBytes|${body.length - 1}`));
    assert.equal(normalize(body, { limits: { maxBytes: body.length } }).length, 2);
    assert.equal(normalize(body, { onError: "collect", limits: { maxBytes: 10 } }).issues[0].code, "limit-exceeded");
  });

  rule("max_bytes_bounds_each_body_of_a_listing", () => {
    const pages = [fixture("made/barracuda-pages-1.json"), fixture("made/barracuda-pages-2.json")];
    const longest = Math.max(...pages.map(({ length }) => length));
    assert.equal(normalize(pages, { limits: { maxBytes: longest } }).length, 3);
  });

  rule("max_bytes_is_64_mebibytes_where_nothing_is_said", () => {
    const error = over(new Uint8Array(64 * 1024 * 1024 + 1).fill(0x20), undefined);
    assert.match(error.message, /maxBytes|67108864/);
  });

  rule("max_row_bytes_bounds_one_row", () => {
    const wide = (size) => wasabi({ start: "2024-01-15T00:00:00Z", end: "2024-01-16T00:00:00Z", NumAPICalls: 1, name: "x".repeat(size) });
    over(wide(5000), { maxRowBytes: 2000 });
    assert.equal(normalize(wide(5000), { limits: { maxRowBytes: 10000 } }).length, 1);
    over(wide(1_100_000), undefined);
    assert.equal(normalize(wide(900_000)).length, 1);
  });

  rule("max_row_bytes_bounds_a_row_of_xml", () => {
    const wide = onapp([
      ["vm_cost", "1"],
      ["user_id", "4"],
      ["stat_time", "2012-03-13T11:43:36Z"],
      ["label", "x".repeat(5000)],
    ]);
    over(wide, { maxRowBytes: 2000 });
    assert.equal(normalize(wide, { limits: { maxRowBytes: 10000 } }).length, 1);
  });

  rule("max_row_bytes_does_not_bound_the_body", () => {
    const body = days(28);
    assert.isAbove(body.length, 1000);
    assert.equal(normalize(body, { limits: { maxRowBytes: 300 } }).length, 28);
  });

  rule("max_depth_bounds_json_and_xml_alike", () => {
    const json = (depth) => barracuda([[D, 1]]).replace('"count"', `"extra":${"[".repeat(depth)}${"]".repeat(depth)},"count"`);
    over(json(70), undefined);
    assert.equal(normalize(json(50)).length, 1);
    over(json(20), { maxDepth: 10 });
    assert.equal(normalize(json(70), { limits: { maxDepth: 100 } }).length, 1);
    const xml = (depth) =>
      onapp([
        ["vm_cost", "1"],
        ["user_id", "4"],
        ["stat_time", "2012-03-13T11:43:36Z"],
      ]).replace("<user_id>", `${"<x>".repeat(depth)}${"</x>".repeat(depth)}<user_id>`);
    over(xml(70), undefined);
    assert.equal(normalize(xml(50)).length, 1);
    over(xml(20), { maxDepth: 10 });
    assert.equal(normalize(xml(70), { limits: { maxDepth: 100 } }).length, 1);
  });

  rule("max_records_bounds_the_records", () => {
    over(days(6), { maxRecords: 5 });
    assert.equal(normalize(days(5), { limits: { maxRecords: 5 } }).length, 5);
    const table = normalize(days(6), { onError: "collect", limits: { maxRecords: 4 } });
    assert.equal(table.length, 4);
    assert.deepEqual(
      table.issues.map(({ code }) => code),
      ["limit-exceeded"],
    );
  });

  rule("max_records_counts_over_all_pages", () => {
    const pages = [fixture("made/barracuda-pages-1.json"), fixture("made/barracuda-pages-2.json")];
    assert.equal(normalize(pages, { limits: { maxRecords: 3 } }).length, 3);
    assert.equal(over(pages, { maxRecords: 2 }).page, 1);
  });

  rule("max_digits_bounds_the_significant_digits_of_a_number", () => {
    const one = (number, limits) => normalize(barracuda([[D, number]]), { limits });
    fails(env, "number-out-of-range", () => one("123456", { maxDigits: 5 }));
    assert.equal(one("12345", { maxDigits: 5 }).length, 1);
    assert.equal(one("0.00012345", { maxDigits: 5 }).length, 1);
    assert.equal(one("12345.000", { maxDigits: 5 }).length, 1);
    fails(env, "number-out-of-range", () => one("100000", { maxDigits: 5 }));
    fails(env, "number-out-of-range", () => one("1e5", { maxDigits: 5 }));
  });

  rule("too_many_digits_are_out_of_range_and_never_rounded", () => {
    const error = fails(env, "number-out-of-range", () => normalize(fixture("made/barracuda-77-digits.json")));
    assert.equal(error.pointer, "/list/1/bytes");
    const table = normalize(fixture("made/barracuda-77-digits.json"), { onError: "collect" });
    assert.deepEqual(
      [...table].map(({ quantity }) => quantity),
      ["10"],
    );
  });

  rule("a_limit_is_a_fault_after_which_nothing_more_is_read", () => {
    const rows = [
      { name: "a", bucket: 1 },
      { name: "x".repeat(3000), bucket: 2 },
      { name: "c", bucket: 3 },
    ].map((row) => ({ ...row, start: "2024-01-15T00:00:00Z", end: "2024-01-16T00:00:00Z", NumAPICalls: 1 }));
    const table = normalize(wasabi(...rows), { onError: "collect", limits: { maxRowBytes: 1000 } });
    assert.deepEqual(
      [...table].map(({ resourceId }) => resourceId),
      ["1"],
    );
    assert.deepEqual(
      table.issues.map(({ code }) => code),
      ["limit-exceeded"],
    );
  });

  rule("parse_keeps_the_same_limits", () => {
    fails(env, "limit-exceeded", () => parse(days(3), { limits: { maxBytes: 20 } }));
    fails(env, "limit-exceeded", () => parse(barracuda([[D, 1]]).replace('"count"', `"extra":${"[".repeat(70)}${"]".repeat(70)},"count"`)));
  });
};
