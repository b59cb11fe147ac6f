// Options are read field by field; what is not as the contract says is named.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Aggregator, aggregate, convert, detect, nextRequest, normalize, normalizeStream, parse } from "meterglot";
import { wasabiDays } from "./fresh.mjs";

const invalid = (naming) => ({ name: "MeterglotError", code: "invalid-option", message: naming });

const cyclic = {};
cyclic.self = cyclic;

let deep = {};
for (let depth = 0; depth < 100_000; depth += 1) {
  deep = { deep };
}

const readers = {
  parse: (options) => parse("[]", options),
  normalize: (options) => normalize("[]", options),
  nextRequest: (options) => nextRequest("[]", { request: "https://partner.wasabisys.com/v1/utilizations", ...options }),
  normalizeStream: (options) => normalizeStream({ to: "csv", ...options }),
};

const wrongReadOptions = [
  [{ acount: "7" }, /acount/],
  [{ provider: "aws" }, /provider/],
  [{ provider: null }, /provider/],
  [{ contentType: 1 }, /contentType/],
  [{ request: 5 }, /request/],
  [{ request: { body: "{}" } }, /request\.url/],
  [{ request: { url: "https://example.com", method: "GET" } }, /request\.method/],
  [{ request: deep }, /request\.deep/],
  [{ request: cyclic }, /request\.self/],
  [{ account: 7 }, /account/],
  [{ currency: Symbol("EUR") }, /currency/],
  [{ period: "2024-01" }, /period/],
  [{ period: { start: "2024-01-01T00:00:00Z" } }, /period\.end/],
  [{ period: { start: new Date(), end: "2024-01-01T00:00:00Z" } }, /period\.start/],
  [{ onError: "ignore" }, /onError/],
  [{ limits: cyclic }, /limits\.self/],
  [{ limits: deep }, /limits\.deep/],
  [{ limits: [] }, /limits/],
  [{ limits: { maxBytes: "1" } }, /limits\.maxBytes/],
  [{ limits: { maxDepth: -1 } }, /limits\.maxDepth/],
  [{ limits: { maxDigits: 1.5 } }, /limits\.maxDigits/],
  [{ limits: { maxRecords: Infinity } }, /limits\.maxRecords/],
  [{ limits: { maxRowBytes: NaN } }, /limits\.maxRowBytes/],
  [{ limits: { maxRows: 1 } }, /limits\.maxRows/],
];

test("an_option_that_is_not_known_or_of_the_wrong_type_is_named", () => {
  for (const [name, read] of Object.entries(readers)) {
    for (const [options, naming] of wrongReadOptions) {
      assert.throws(() => read(options), invalid(naming), `${name}, ${naming}`);
    }
  }
});

test("what_json_cannot_hold_is_refused_in_the_same_words", () => {
  const limit = "option `limits.maxDepth`: expected a whole number above zero and up to 512, found ";
  for (const [maxDepth, found] of [
    [1.5, "1.5"],
    [NaN, "NaN"],
    [-Infinity, "-Infinity"],
    [10n, "10n"],
    [Symbol("x"), "a symbol"],
    [() => 1, "a function"],
    [new Date(), "an object"],
    [["8"], "an array"],
  ]) {
    assert.throws(() => normalize("[]", { limits: { maxDepth } }), { message: limit + found });
  }
  const known = "provider, format, formats, contentType, request, account, currency, period, onError, limits";
  assert.throws(() => normalize("[]", { onIssue() {} }), { message: `option \`onIssue\`: is not known; known are ${known}` });
  assert.throws(() => normalize("[]", () => {}), { message: "option `options`: expected an object, found a function" });
  assert.throws(() => aggregate([], { reduce: () => {} }), { message: "option `reduce`: expected an object, found a function" });
  assert.throws(() => aggregate([], { by: [undefined] }), { message: "option `by[0]`: expected a string, found undefined" });
  assert.throws(() => normalize("[]", JSON.parse('{"__proto__": {"account": "mine"}}')), invalid(/`__proto__`: is not known/));
});

test("code_of_an_option_runs_before_the_engine_does", () => {
  const calls = [];
  const options = new Proxy(
    { limits: { maxDepth: 8, toJSON: () => ({}) } },
    {
      get(target, name) {
        // A call within a call of the engine would fail, and restart it.
        calls.push(normalize("[]").length);
        return target[name];
      },
    },
  );
  assert.throws(() => normalize("[]", options), invalid(/limits\.toJSON/));
  assert.deepEqual(calls, [0]);
});

test("options_that_are_no_object_are_refused", () => {
  for (const options of [null, 1, "collect", true, [], () => {}]) {
    assert.throws(() => normalize("[]", options), invalid(/options/));
    assert.throws(() => aggregate([], options), invalid(/options/));
    assert.throws(() => detect("[]", options), invalid(/options/));
    assert.throws(() => normalizeStream(options), invalid(/options/));
  }
});

test("an_option_that_is_undefined_counts_as_absent", () => {
  assert.equal(normalize("[]", { provider: undefined, limits: { maxBytes: undefined } }).length, 0);
  assert.equal(normalize("[]", undefined).length, 0);
});

test("detect_knows_two_options", () => {
  assert.equal(detect("{}", { contentType: "application/json", request: "https://partner.wasabisys.com/v1/utilizations" }), null);
  assert.throws(() => detect("[]", { provider: "wasabi" }), invalid(/provider/));
});

test("the_next_request_needs_the_one_that_was_answered", () => {
  assert.throws(() => nextRequest("[]", {}), invalid(/request/));
  assert.throws(() => nextRequest("[]"), invalid(/request/));
  assert.throws(() => nextRequest("[]", null), invalid(/options/));
});

test("a_stream_needs_to_know_what_to_make", () => {
  assert.throws(() => normalizeStream({}), invalid(/to/));
  assert.throws(() => normalizeStream({ to: "xml" }), invalid(/to/));
  assert.throws(() => normalizeStream({ to: "csv", onIssue: "log" }), invalid(/onIssue/));
});

test("an_aggregate_option_that_is_not_known_or_of_the_wrong_type_is_named", () => {
  const wrong = [
    [{ groupBy: [] }, /groupBy/],
    [{ by: "provider" }, /by/],
    [{ by: ["bucket"] }, /by\[0\]/],
    [{ by: ["provider", 1] }, /by\[1\]/],
    [{ by: ["dimensions."] }, /by\[0\]/],
    [{ window: "minute" }, /window/],
    [{ timeZone: "Mars/Olympus" }, /timeZone/],
    [{ timeZone: "+01:00" }, /timeZone/],
    [{ timeZone: 1 }, /timeZone/],
    [{ weekStart: "friday" }, /weekStart/],
    [{ reduce: { gauge: "median" } }, /reduce\["gauge"\]/],
    [{ reduce: deep }, /reduce\["deep"\]/],
    [{ split: "half" }, /split/],
    [{ where: { metric: "api.calls" } }, /where\.metric/],
    [{ where: { metric: [1] } }, /where\.metric\[0\]/],
    [{ where: { start: 0 } }, /where\.start/],
    [{ where: { provider: ["Acme"] } }, /where\.provider/],
    [{ where: { format: ["wasabi"] } }, /where\.format/],
    [{ overlap: "add" }, /overlap/],
    [{ units: { "storage.stored": 1 } }, /units\["storage\.stored"\]/],
    [{ units: cyclic }, /units\["self"\]/],
    [{ fractionDigits: -1 }, /fractionDigits/],
    [{ fractionDigits: "2" }, /fractionDigits/],
  ];
  for (const [spec, naming] of wrong) {
    assert.throws(() => aggregate([], spec), invalid(naming), String(naming));
    assert.throws(() => new Aggregator(spec), invalid(naming), String(naming));
  }
});

test("a_body_is_bytes_or_text", () => {
  for (const body of [null, undefined, 1, {}, new Date(), new DataView(new ArrayBuffer(1)), new Uint16Array(1)]) {
    assert.throws(() => normalize(body), invalid(/body/));
    assert.throws(() => normalize(["[]", body]), invalid(/body\[1\]/));
    assert.throws(() => detect(body), invalid(/body/));
    assert.throws(() => parse(body), invalid(/body/));
  }
});

test("a_body_may_be_a_view_of_a_larger_buffer", () => {
  const padded = new TextEncoder().encode(`garbage${wasabiDays(2)}garbage`);
  const view = padded.subarray(7, padded.length - 7);
  assert.equal(normalize(view).length, normalize(wasabiDays(2)).length);
  assert.equal(normalize(Buffer.from(view)).length, normalize(view).length);
  assert.equal(normalize(view.slice().buffer).length, normalize(view).length);
});

test("a_record_of_the_callers_is_checked_and_named_by_index_and_field", () => {
  const [record] = normalize(wasabiDays(1)).records();
  const wrong = [
    [null, /records\[1\]/],
    [{}, /records\[1\]\.id/],
    [{ ...record, kind: "level" }, /records\[1\]\.kind/],
    [{ ...record, quantity: 1000 }, /records\[1\]\.quantity/],
    [{ ...record, dimensions: { a: deep } }, /records\[1\]\.dimensions\["a"\]/],
    [{ ...record, dimensions: null }, /records\[1\]\.dimensions/],
    [{ ...record, notes: ["guessed"] }, /records\[1\]\.notes\[0\]/],
    [{ ...record, page: -1 }, /records\[1\]\.page/],
    [{ ...record, start: undefined }, /records\[1\]\.start/],
  ];
  for (const [second, naming] of wrong) {
    assert.throws(() => aggregate([record, second]), invalid(naming), String(naming));
    const aggregator = new Aggregator();
    assert.throws(() => aggregator.push([record, second]), invalid(naming));
    assert.deepEqual(aggregator.finish(), [], "nothing of a refused list is taken");
  }
});

test("fields_of_a_callers_record_that_the_model_lacks_are_dropped", () => {
  const records = normalize(wasabiDays(3)).records();
  const tagged = records.map((record) => ({ ...record, tag: cyclic, toJSON: () => "mine" }));
  assert.deepEqual(aggregate(tagged), aggregate(records));
});

test("sources_of_an_aggregate_are_tables_or_records_not_both", () => {
  const table = normalize(wasabiDays(1));
  for (const source of [null, {}, "[]", [table, table.records()[0]], [table.records()[0], table], [[table]]]) {
    assert.throws(() => aggregate(source), { code: "invalid-option" });
  }
});

test("a_conversion_takes_strings", () => {
  assert.throws(() => convert(1, "By", "kBy"), invalid(/quantity/));
  assert.throws(() => convert("1", undefined, "kBy"), invalid(/from/));
  assert.throws(() => convert("1", "By", null), invalid(/to/));
  assert.throws(() => convert("1", "By", "kBy", 1.5), invalid(/fractionDigits/));
});

test("records_are_counted_as_slice_counts", () => {
  const table = normalize(wasabiDays(3));
  const all = table.records();
  for (const range of [[0], [2], [-2], [1, 3], [0, -1], [5, 2], [0, 1e9], [-1e9, 1]]) {
    assert.deepEqual(table.records(...range), all.slice(...range), String(range));
  }
  assert.throws(() => table.records(0.5), invalid(/start/));
  assert.throws(() => table.records(0, "2"), invalid(/end/));
});
