// Listing: pages with requests of their own, pushed in pieces, read into one table or one text.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Listing, MeterglotError, nextRequest, normalize } from "meterglot";
import { wasabiDays } from "./fresh.mjs";

const bytesOf = (text) => new TextEncoder().encode(text);
const textOf = (bytes) => new TextDecoder().decode(bytes);

const base = "https://api.intronis.com/v1/partners/acme/usage_history?page_size=2&resolution=DAY";

/** A page of Barracuda's as formats.md shows it; its links lose the query. */
function page(number, days, { next = false, count = 3 } = {}) {
  const link = (rel, to) => ({ rel, href: `https://api.intronis.com/v1/partners/acme/usage_history?page=${to}` });
  return bytesOf(
    JSON.stringify({
      page: number,
      page_size: 2,
      count,
      links: [link("first", 1), ...(next ? [link("next", number + 1)] : [])],
      list: days.map(([day, bytes]) => ({ date: `2024-03-${day}T00:00:00-05:00`, bytes })),
    }),
  );
}

const first = page(
  1,
  [
    ["09", 10],
    ["10", 12],
  ],
  { next: true },
);
const second = page(2, [["11", 14]]);

/** Reads pages, cut in pieces, and puts what comes out together. */
function read(options, pages, size = 1 << 20) {
  const listing = new Listing(options);
  const outputs = [];
  for (const [body, context] of pages) {
    listing.begin(context);
    for (let start = 0; start < body.length; start += size) {
      outputs.push(listing.push(body.subarray(start, start + size)));
    }
    outputs.push(listing.end().output);
  }
  const { records, duplicates } = listing;
  const rest = listing.finish();
  return { outputs: [...outputs, rest], rest, records, duplicates };
}

const bytes = (outputs) => Buffer.concat(outputs);

test("a_listing_gives_what_normalize_gives_of_the_same_pages", () => {
  const request = base;
  const pages = [first, second].map((body, index) => [body, { request: `${base}&page=${index + 1}` }]);
  const whole = normalize([first, second], { request });
  for (const size of [1, 13, 1 << 20]) {
    const { rest: table, records } = read({ to: "table" }, pages, size);
    assert.deepEqual(table.records(), whole.records());
    assert.deepEqual(table.checks(), whole.checks());
    assert.equal(records, 3);
    assert.deepEqual(bytes(read({ to: "ndjson" }, pages, size).outputs), Buffer.from(whole.toNDJSON()));
    assert.deepEqual(bytes(read({ to: "csv" }, pages, size).outputs), Buffer.from(whole.toCSV()));
    assert.deepEqual(read({ to: "records" }, pages, size).outputs.flat(), whole.records());
  }
});

test("the_end_of_a_page_has_the_same_next_request_as_nextRequest", () => {
  const listing = new Listing({ to: "table" });
  listing.begin({ request: base });
  listing.push(first);
  const { next, page: info, rows, format } = listing.end();
  assert.deepEqual(next, nextRequest(first, { request: base }));
  assert.match(next.url, /resolution=DAY/);
  assert.deepEqual([info.number, info.totalRows, rows, format], [1, 3, 2, "barracuda.usage-history"]);
  listing.begin({ request: next.url });
  listing.push(second);
  assert.equal(listing.end().next, null);
  listing.free();
});

test("a_record_met_on_an_earlier_page_is_dropped_and_counted", () => {
  const again = page(2, [
    ["10", 12],
    ["11", 14],
  ]);
  const pages = [
    [first, { request: base }],
    [again, { request: base }],
  ];
  for (const to of ["table", "ndjson", "csv", "records"]) {
    const { records, duplicates, outputs } = read({ to, distinct: true }, pages, 17);
    assert.deepEqual([records, duplicates], [3, 1], to);
    if (to === "ndjson") {
      assert.equal(textOf(bytes(outputs)).trimEnd().split("\n").length, 3);
    }
  }
  assert.equal(read({ to: "records" }, pages).outputs.flat().length, 4, "without `distinct` all records are passed on");
});

test("a_record_that_contradicts_an_earlier_page_is_an_error_with_its_place", () => {
  const other = page(2, [
    ["10", 13],
    ["11", 14],
  ]);
  for (const to of ["table", "ndjson", "records"]) {
    assert.throws(
      () =>
        read({ to, distinct: true }, [
          [first, {}],
          [other, {}],
        ]),
      (error) => {
        assert.ok(error instanceof MeterglotError);
        assert.deepEqual([error.code, error.page, error.pointer], ["conflicting-record", 1, "/list/0/bytes"], to);
        return true;
      },
    );
  }
});

test("a_record_that_contradicts_is_an_issue_where_faults_are_collected_and_the_first_stays", () => {
  const other = page(2, [
    ["10", 13],
    ["11", 14],
  ]);
  const issues = [];
  const { outputs, records } = read({ to: "records", distinct: true, onError: "collect", onIssue: (issue) => issues.push(issue) }, [
    [first, {}],
    [other, {}],
  ]);
  assert.deepEqual(
    outputs.flat().map(({ quantity }) => quantity),
    ["10", "12", "14"],
  );
  assert.equal(records, 3);
  assert.deepEqual(
    issues.map(({ code, page: number, pointer }) => [code, number, pointer]),
    [["conflicting-record", 1, "/list/0/bytes"]],
  );
});

test("a_row_of_many_records_that_comes_again_is_dropped_whole_and_counted", () => {
  const body = bytesOf(wasabiDays(40));
  const { length } = normalize(body);
  for (const to of ["table", "ndjson", "records"]) {
    const { records, duplicates } = read(
      { to, distinct: true },
      [
        [body, {}],
        [body, {}],
      ],
      1000,
    );
    assert.deepEqual([records, duplicates], [length, length], to);
  }
});

test("a_row_that_comes_again_with_another_number_contradicts", () => {
  const row = (calls) =>
    bytesOf(`[{"AcctNum":1,"BucketNum":2,"StartTime":"2024-01-01T00:00:00Z","EndTime":"2024-01-02T00:00:00Z","NumAPICalls":${calls},"UploadBytes":7}]`);
  for (const to of ["table", "ndjson", "records"]) {
    assert.throws(
      () =>
        read({ to, distinct: true }, [
          [row(5), {}],
          [row(9), {}],
        ]),
      { code: "conflicting-record", page: 1 },
      to,
    );
  }
});

test("a_page_may_have_a_span_of_its_own", () => {
  const body = bytesOf(wasabiDays(40));
  const whole = normalize(body).records();
  const starts = [...new Set(whole.map(({ start }) => start))].sort();
  const spans = [
    { start: starts[0], end: starts[1] },
    { start: starts[1], end: "9999-01-01T00:00:00Z" },
  ];
  for (const to of ["ndjson", "records", "table"]) {
    const { records, duplicates } = read(
      { to, distinct: true },
      spans.map((between) => [body, { between }]),
      1000,
    );
    assert.deepEqual([records, duplicates], [whole.length, 0], to);
  }
});

test("rows_that_start_outside_the_span_are_left_out_and_its_end_is_exclusive", () => {
  const between = { start: "2024-03-10T05:00:00Z", end: "2024-03-11T05:00:00Z" };
  for (const to of ["table", "ndjson", "records"]) {
    const { outputs, rest, records } = read(
      { to, between },
      [
        [first, { request: base }],
        [second, { request: base }],
      ],
      5,
    );
    const kept =
      to === "table"
        ? rest.records()
        : to === "records"
          ? outputs.flat()
          : textOf(bytes(outputs))
              .trimEnd()
              .split("\n")
              .map((line) => JSON.parse(line));
    assert.deepEqual(
      kept.map(({ start }) => start),
      ["2024-03-10T05:00:00Z"],
      to,
    );
    assert.equal(records, 1);
  }
});

test("rows_that_are_left_out_count_as_read", () => {
  const between = { start: "2024-03-10T05:00:00Z", end: "2024-03-11T05:00:00Z" };
  const table = read({ to: "table", between }, [
    [first, {}],
    [second, {}],
  ]).rest;
  assert.deepEqual(
    table.checks().map(({ name, expected, actual, ok }) => ({ name, expected, actual, ok })),
    [{ name: "rows", expected: "3", actual: "3", ok: true }],
  );
});

test("a_row_without_a_time_is_never_left_out", () => {
  const body = bytesOf('{"objects":[{"amount":"0.01","resource_type":"ip","usage":1,"uuid":"u"}]}');
  const between = { start: "2024-03-10T00:00:00Z", end: "2024-03-11T00:00:00Z" };
  assert.equal(read({ to: "table", between, provider: "cloudsigma" }, [[body, {}]]).records, 1);
});

test("a_text_without_pages_still_has_its_head", () => {
  assert.match(textOf(new Listing({ to: "csv" }).finish()), /^id,provider,.*\r\n$/);
  assert.equal(new Listing({ to: "ndjson" }).finish().length, 0);
  assert.deepEqual(new Listing({ to: "records" }).finish(), []);
  assert.equal(new Listing({ to: "table" }).finish().length, 0);
});

test("a_page_of_a_table_is_bounded_by_maxBytes_and_a_text_is_not", () => {
  const body = bytesOf(wasabiDays(20));
  const limits = { maxBytes: 1000 };
  assert.throws(() => read({ to: "table", limits }, [[body, {}]], 100), { code: "limit-exceeded" });
  assert.ok(read({ to: "ndjson", limits }, [[body, {}]], 100).records > 0);
});

test("calls_out_of_order_are_refused", () => {
  const listing = new Listing({ to: "table" });
  assert.throws(() => listing.push(first), { code: "invalid-option" });
  assert.throws(() => listing.end(), { code: "invalid-option" });
  listing.begin();
  assert.throws(() => listing.begin(), { code: "invalid-option" });
  assert.throws(() => listing.finish(), { code: "invalid-option" });
  assert.throws(() => listing.push("text"), { code: "invalid-option" });
  listing.push(second);
  listing.end();
  listing.finish();
  assert.throws(() => listing.begin(), /has been freed/);
});

test("a_listing_that_failed_reads_nothing_more", () => {
  const listing = new Listing({ to: "ndjson" }).begin();
  assert.throws(() => listing.push(bytesOf('{"page":1,"list":[}')), { code: "invalid-json" });
  assert.throws(() => listing.push(second), /has been freed/);
});

test("options_of_a_listing_are_checked_by_name", () => {
  const span = { start: "2024-03-10T00:00:00Z", end: "2024-03-10T00:00:00Z" };
  for (const [options, name] of [
    [{}, "to"],
    [{ to: "xml" }, "to"],
    [{ to: "csv", distinct: 1 }, "distinct"],
    [{ to: "csv", between: { start: "2024" } }, "between.end"],
    [{ to: "csv", between: { start: "yesterday", end: "2024-03-10T00:00:00Z" } }, "between.start"],
    [{ to: "csv", between: span }, "between"],
    [{ to: "csv", pages: 3 }, "pages"],
  ]) {
    assert.throws(
      () => new Listing(options),
      (error) => error.code === "invalid-option" && error.message.includes(`\`${name}\``),
      JSON.stringify(options),
    );
  }
  assert.throws(() => new Listing({ to: "csv" }).begin({ provider: "wasabi" }), /`provider`/);
});
