// Pages: which have a next one, and the count that the provider states of the whole listing.
import { fails, text, wasabiRow } from "./support.mjs";

export default ({ rule, assert, meterglot, fixture }) => {
  const { Listing, nextRequest, normalize, parse } = meterglot;
  const day = { start: "2024-01-15T00:00:00Z", end: "2024-01-16T00:00:00Z" };
  const range = (from, count) => Array.from({ length: count }, (_, i) => from + i);
  const query = (request) => request && Object.fromEntries(new URL(request.url).searchParams);
  const page = (body, options) => normalize(body, options).page;

  // Wasabi's Stats API
  const STATS = "https://stats.wasabisys.com/v1/standalone/utilizations/bucket?from=2024-01-15&to=2024-01-16";
  const buckets = (from, count) => range(from, count).map((bucket) => wasabiRow({ ...day, bucket, NumAPICalls: 1 }));
  const stats = (info, rows) => `{"PageInfo":${JSON.stringify(info)},"Records":[${rows.join(",")}]}`;
  const first = (rows, RecordCount, more = {}) => stats({ RecordCount, PageCount: Math.ceil(RecordCount / 100), PageSize: 100, PageNum: 0, ...more }, rows);
  const later = (rows, PageNum, more = {}) => stats({ RecordCount: 0, PageCount: 0, PageSize: 100, PageNum, ...more }, rows);
  const listing250 = [first(buckets(0, 100), 250), later(buckets(100, 100), 1), later(buckets(200, 50), 2)];
  const rowsCheck = (expected, actual) => [
    { name: "rows", expected: `${expected}`, actual: `${actual}`, ok: expected === actual, pointer: "/PageInfo/RecordCount" },
  ];

  const readAll = (bodies, options) => {
    const listing = new Listing({ to: "table", ...options });
    const next = bodies.map((body, number) => {
      listing.begin({ request: `${STATS}&pageNum=${number}` });
      const bytes = new TextEncoder().encode(body);
      for (let i = 0; i < bytes.length; i += 1000) listing.push(bytes.subarray(i, i + 1000));
      return listing.end().next;
    });
    return { table: listing.finish(), next };
  };

  rule("a_full_page_of_the_stats_api_has_a_next_one_whatever_its_counts_are", () => {
    let request = STATS;
    for (const [number, body] of listing250.entries()) {
      const next = nextRequest(body, { request });
      assert.equal(page(body, { request }).hasNext, number < 2, `page ${number}`);
      if (number === 2) assert.isNull(next);
      else assert.equal(query(next).pageNum, `${number + 1}`);
      request = next?.url;
    }
  });

  rule("a_count_of_zero_on_a_later_page_is_not_reported", () => {
    assert.deepEqual(page(listing250[1]), { number: 1, size: 100, offset: null, totalRows: null, hasNext: true });
    assert.deepEqual(page(listing250[2]), { number: 2, size: 100, offset: null, totalRows: null, hasNext: false });
    assert.deepEqual(page(listing250[0]), { number: 0, size: 100, offset: null, totalRows: 250, hasNext: true });
  });

  rule("the_check_rows_compares_the_count_of_page_0_with_the_whole_listing", () => {
    assert.deepEqual(normalize(listing250).checks(), rowsCheck(250, 250));
    assert.deepEqual(normalize(listing250.slice(0, 2)).checks(), rowsCheck(250, 200));
    assert.deepEqual(normalize(listing250[1]).checks(), []);
    const { table, next } = readAll(listing250);
    assert.deepEqual([table.checks(), next.map((request) => query(request)?.pageNum ?? null)], [rowsCheck(250, 250), ["1", "2", null]]);
    // What a later page counts is another thing.
    assert.deepEqual(
      normalize([listing250[0], stats({ RecordCount: 100, PageCount: 1, PageSize: 100, PageNum: 1 }, buckets(100, 100))]).checks(),
      rowsCheck(250, 200),
    );
  });

  rule("a_faulty_row_is_missing_from_the_check_rows", () => {
    const rows = buckets(0, 3);
    rows[1] = rows[1].replace('"NumAPICalls":1', '"NumAPICalls":"many"');
    assert.deepEqual(normalize(first(rows, 3), { onError: "collect" }).checks(), rowsCheck(3, 2));
  });

  rule("an_empty_stats_listing_has_no_rows_and_no_next_page", () => {
    const empty = first([], 0);
    assert.deepEqual(normalize(empty).checks(), rowsCheck(0, 0));
    assert.deepEqual(page(empty), { number: 0, size: 100, offset: null, totalRows: 0, hasNext: false });
    assert.isNull(nextRequest(later([], 3), { request: `${STATS}&pageNum=3` }));
  });

  rule("a_full_page_is_as_long_as_was_asked_for_and_at_most_a_hundred_rows", () => {
    const silent = { RecordCount: 0, PageCount: 0, PageSize: 0, PageNum: 0 };
    const cases = [
      ["", 100, true],
      ["", 99, false],
      ["&pageSize=40", 40, true],
      ["&pageSize=40", 39, false],
      ["&pageSize=0", 100, true],
      ["&pageSize=0", 99, false],
      ["&pageSize=1000", 100, true],
    ];
    for (const [size, rows, hasNext] of cases) {
      const next = nextRequest(stats(silent, buckets(0, rows)), { request: `${STATS}&pageNum=4${size}` });
      assert.equal(query(next)?.pageNum ?? null, hasNext ? "5" : null, `${size} ${rows}`);
    }
  });

  rule("counts_that_are_null_or_absent_are_not_reported_either", () => {
    for (const info of [{}, { PageNum: 1 }, { RecordCount: null, PageCount: null, PageSize: null, PageNum: null }]) {
      assert.equal(query(nextRequest(stats(info, buckets(0, 100)), { request: `${STATS}&pageNum=1` })).pageNum, "2");
      assert.isNull(nextRequest(stats(info, buckets(0, 12)), { request: `${STATS}&pageNum=1` }));
      assert.deepEqual(normalize(stats(info, buckets(0, 12))).checks(), []);
    }
  });

  rule("a_full_last_page_that_the_first_page_counts_is_the_last", () => {
    assert.isNull(nextRequest(first(buckets(0, 100), 100), { request: STATS }));
    assert.isFalse(page(first(buckets(0, 100), 100)).hasNext);
  });

  rule("a_bare_list_of_the_stats_api_goes_on_where_it_is_full", () => {
    const bare = (count) => `[${buckets(0, count).join(",")}]`;
    assert.equal(query(nextRequest(bare(100), { request: `${STATS}&pageNum=2` })).pageNum, "3");
    assert.isNull(nextRequest(bare(99), { request: STATS }));
    assert.isNull(nextRequest(bare(250), { request: STATS }));
    assert.isNull(nextRequest(bare(100), { request: "https://partner.wasabisys.com/v1/utilizations/buckets" }));
  });

  // CloudSigma
  const BURST = "https://zrh.cloudsigma.com/api/2.0/burstusage/?date__gte=2024-01-01&date__lt=2024-02-01";
  const burst = (count, broken = []) =>
    range(0, count).map((i) => `{"amount":"1","resource_type":"ip","usage":${broken.includes(i) ? '"many"' : 1},"uuid":"u${i}"}`);
  const objects = (rows, meta) => `{${meta === undefined ? "" : `"meta":${JSON.stringify(meta)},`}"objects":[${rows.join(",")}]}`;

  rule("cloudsigma_without_meta_goes_on_after_a_full_page", () => {
    const cases = [
      ["", 20, "20"],
      ["", 19, null],
      ["&limit=50", 50, "50"],
      ["&limit=50", 20, null],
      ["&limit=0", 20, null],
      ["&limit=20&offset=40", 20, "60"],
      ["&offset=40", 7, null],
      ["", 0, null],
    ];
    for (const [more, rows, offset] of cases) {
      for (const meta of [undefined, null, {}]) {
        const options = { request: BURST + more, provider: "cloudsigma" };
        const body = objects(burst(rows), meta);
        assert.equal(query(nextRequest(body, options))?.offset ?? null, offset, `${more} ${rows} ${meta}`);
        assert.equal(page(body, options).hasNext, offset !== null, `${more} ${rows} ${meta}`);
        assert.equal(parse(body, options).page.hasNext, offset !== null);
      }
    }
  });

  rule("a_limit_that_meta_states_is_the_length_of_a_full_page", () => {
    assert.equal(query(nextRequest(objects(burst(5), { limit: 5 }), { request: BURST })).offset, "5");
    assert.isNull(nextRequest(objects(burst(5), { limit: 6, offset: 10 }), { request: BURST }));
    assert.isNull(nextRequest(objects(burst(20), { limit: 20, offset: 0, total_count: 20 }), { request: BURST }));
  });

  rule("a_total_below_what_was_read_does_not_end_a_listing", () => {
    assert.equal(query(nextRequest(objects(burst(20), { limit: 20, offset: 0, total_count: 0 }), { request: BURST })).offset, "20");
    assert.isNull(nextRequest(objects(burst(6), { limit: 20, offset: 0, total_count: 0 }), { request: BURST }));
  });

  rule("a_page_is_full_of_rows_valid_or_not", () => {
    const collect = { request: BURST, onError: "collect" };
    for (const meta of [undefined, { limit: 20, offset: 0 }]) {
      const body = objects(burst(20, [3, 7]), meta);
      assert.equal(query(nextRequest(body, collect)).offset, "20");
      const table = normalize(body, collect);
      assert.deepEqual([table.length, table.issues.length, table.page.hasNext], [18, 2, true]);
    }
    assert.isFalse(page(objects(burst(4, [0]), { limit: 4, offset: 0, total_count: 4 }), collect).hasNext);
    const rows = buckets(0, 100).map((row, i) => (i % 9 === 0 ? row.replace('"NumAPICalls":1', '"NumAPICalls":"x"') : row));
    assert.equal(query(nextRequest(later(rows, 1), { request: `${STATS}&pageNum=1`, onError: "collect" })).pageNum, "2");
    const listing = new Listing({ to: "ndjson", onError: "collect" }).begin({ request: `${STATS}&pageNum=1` });
    listing.push(new TextEncoder().encode(later(rows, 1)));
    const { rows: told, page: info } = listing.end();
    assert.deepEqual([told, info.hasNext], [100, true]);
    listing.free();
  });

  rule("a_count_that_later_pages_do_not_report_is_that_of_the_earlier", () => {
    const meta = { limit: 2, offset: 0, total_count: 4 };
    const daily = (rows, own) =>
      objects(
        rows.map((row) => row.replace("{", '{"date":"2024-01-15",')),
        own,
      );
    const four = burst(4);
    for (const own of [
      { limit: 2, offset: 2 },
      { limit: 2, offset: 2, total_count: null },
      { limit: 2, offset: 2, total_count: 0 },
    ]) {
      assert.deepEqual(normalize([daily(four.slice(0, 2), meta), daily(four.slice(2), own)]).checks(), [
        { name: "rows", expected: "4", actual: "4", ok: true, pointer: "/meta/total_count" },
      ]);
    }
    const [one, two] = [1, 2].map((n) => text(fixture(`made/barracuda-pages-${n}.json`)));
    for (const count of ["null", "0"]) {
      const silent = two.replace(/"count":\d+/, `"count":${count}`);
      assert.deepEqual(normalize([one, silent]).checks(), [{ name: "rows", expected: "3", actual: "3", ok: true, pointer: "/count" }]);
    }
  });

  // Requests of several bodies
  const bucketRow = (calls) => `[{"BucketNum":2,"StartTime":"2024-01-15T00:00:00Z","EndTime":"2024-01-16T00:00:00Z","NumAPICalls":${calls}}]`;
  const accounts = ["7363", "101430"].map((account) => `https://partner.wasabisys.com/v1/accounts/${account}/utilizations/buckets`);

  rule("each_body_is_read_by_its_own_request", () => {
    const bodies = [bucketRow(1), bucketRow(2)];
    const read = (request) => [...normalize(bodies, { request, onError: "collect" })].map(({ account, quantity }) => [account, quantity]);
    assert.deepEqual(read(accounts), [
      ["7363", "1"],
      ["101430", "2"],
    ]);
    assert.deepEqual(read([...accounts].reverse()), [
      ["101430", "1"],
      ["7363", "2"],
    ]);
    assert.deepEqual(read([{ url: accounts[0] }, accounts[1]]), [
      ["7363", "1"],
      ["101430", "2"],
    ]);
    // One request is that of both: the same bucket and day twice.
    assert.deepEqual(read(accounts[0]), [["7363", "1"]]);
    assert.equal([...normalize(bodies[0], { request: [accounts[1]] })][0].account, "101430");
    assert.equal(normalize([], { request: [] }).length, 0);
  });

  rule("a_list_of_requests_is_as_long_as_the_bodies", () => {
    const bodies = [bucketRow(1), bucketRow(2)];
    for (const [body, request] of [
      [bodies, accounts.slice(1)],
      [bodies, []],
      [bodies, [...accounts, accounts[0]]],
      [bodies[0], accounts],
      [bodies[0], []],
      [[], accounts],
    ]) {
      for (const onError of ["throw", "collect"]) {
        const error = fails({ assert, meterglot }, "invalid-option", () => normalize(body, { request, onError }));
        assert.include(error.message, "request");
      }
    }
    const error = fails({ assert, meterglot }, "invalid-option", () => normalize(bodies, { request: [accounts[0], 5] }));
    assert.include(error.message, "request[1]");
  });

  rule("only_normalize_takes_a_list_of_requests", () => {
    const list = { request: accounts.slice(1) };
    const calls = {
      detect: () => meterglot.detect(bucketRow(1), list),
      parse: () => parse(bucketRow(1), list),
      nextRequest: () => nextRequest(bucketRow(1), list),
      normalizeStream: () => meterglot.normalizeStream({ ...list, to: "ndjson" }),
      Listing: () => new Listing({ ...list, to: "table" }),
      begin: () => new Listing({ to: "table" }).begin(list),
    };
    for (const [name, call] of Object.entries(calls)) {
      assert.include(fails({ assert, meterglot }, "invalid-option", call, name).message, "request", name);
    }
  });
};
