// Without faults: every source in every representation, compared with the expected data.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { aggregate, normalize } from "meterglot";
import { assertExact, parseCsv, REPRESENTATIONS, verdictOf } from "./support/answers.mjs";
import { NOTHING_KEPT, stage } from "./support/stage.mjs";

const PROVIDERS = ["barracuda", "devicewise", "cloudsigma", "wasabi", "wasabi-stats", "onapp"];
const WEEK = { from: "2024-03-08", to: "2024-03-15" };

let world;
before(async () => (world = await stage({ limits: NOTHING_KEPT, each: { barracuda: { accounts: ["bakery"] }, onapp: { accounts: "*" } } })));
after(() => world.close());

/** What the data says: the source asks as its configuration does. */
const expectedOf = (source, query) => {
  const provider = source === "wasabi-stats" ? "wasabi" : source;
  return world.expected(provider, {
    ...query,
    ...{ wasabi: { account: world.credentials.wasabi.account, regional: true }, onapp: { encoding: "xml" } }[provider],
  });
};

const usage = async (provider, query, accept) => verdictOf(await world.ask(`/v1/usage/${provider}`, { query, accept }));

describe("usage", () => {
  for (const provider of PROVIDERS) {
    test(`${provider}_is_complete_and_exact_in_every_representation`, async () => {
      const expected = expectedOf(provider, WEEK);
      assert.ok(expected.records > 0);
      for (const [name, accept] of Object.entries(REPRESENTATIONS)) {
        assertExact((await usage(provider, WEEK, accept)).records, expected, name);
      }
    });
  }

  test("the_three_representations_hold_the_same_records", async () => {
    const { records: json, text } = await usage("wasabi", WEEK, "application/json");
    const { records: ndjson } = await usage("wasabi", WEEK, "application/x-ndjson");
    const { records: csv } = await usage("wasabi", WEEK, "text/csv");
    assert.deepEqual(ndjson, json);
    assert.deepEqual(
      csv.map(({ id, quantity }) => [id, quantity]),
      json.map(({ id, quantity }) => [id, quantity]),
    );
    assert.match(text, /"complete":true\}\n$/);
  });

  test("ndjson_ends_in_a_summary_where_it_is_asked_for", async () => {
    const { records, text } = await usage("wasabi", WEEK, "application/x-ndjson");
    const summed = await usage("wasabi", { ...WEEK, summary: "true" }, "application/x-ndjson");
    assert.equal(summed.text, `${text}{"complete":true,"records":${records.length},"duplicates":0}\n`);
    assert.equal((await usage("wasabi", { ...WEEK, summary: "false" }, "application/x-ndjson")).text, text);
    const nothing = await usage("wasabi", { from: "2010-01-01", to: "2010-01-02", summary: "true" }, "application/x-ndjson");
    assert.equal(nothing.text, '{"complete":true,"records":0,"duplicates":0}\n');
    const json = await usage("wasabi", WEEK, "application/json");
    assert.equal((await usage("wasabi", { ...WEEK, summary: "true" }, "application/json")).text, json.text, "JSON has one anyway");
    const { status, problem } = await usage("wasabi", { ...WEEK, summary: "true" }, "text/csv");
    assert.deepEqual([status, problem.code], [400, "invalid-option"]);
  });

  test("a_period_without_usage_is_an_empty_whole_answer", async () => {
    const query = { from: "2010-01-01", to: "2010-01-02" };
    assert.deepEqual((await usage("wasabi", query, "application/json")).records, []);
    assert.equal((await usage("wasabi", query, "application/x-ndjson")).text, "");
    assert.deepEqual((await usage("wasabi", query, "text/csv")).records, []);
  });

  test("a_bucket_a_user_an_account_and_a_resolution_reach_the_provider", async () => {
    const { records } = await usage("wasabi", { ...WEEK, bucket: "media-0" });
    assert.deepEqual([...new Set(records.map(({ resourceName }) => resourceName))], ["media-0"]);
    const bakery = await usage("barracuda", { ...WEEK, account: "bakery" });
    assertExact(bakery.records, world.expected("barracuda", { ...WEEK, account: "bakery" }));
    const days = await usage("devicewise", { ...WEEK, resolution: "day" });
    assertExact(days.records, world.expected("devicewise", { ...WEEK, resolution: "day" }));
    const user = String(world.data.onapp.users[1]);
    assertExact((await usage("onapp", { ...WEEK, user })).records, world.expected("onapp", { ...WEEK, user, encoding: "xml" }));
  });

  test("a_bound_between_two_records_is_kept_to_the_millisecond", async () => {
    const query = { from: "2024-03-08T07:30:00+02:00", to: "2024-03-09T00:00:00.500Z" };
    assertExact((await usage("devicewise", query)).records, world.expected("devicewise", query));
  });

  test("what_a_provider_cannot_be_asked_for_is_refused_and_named", async () => {
    const { status, problem } = await usage("barracuda", { ...WEEK, bucket: "photos" });
    assert.equal(status, 400);
    assert.equal(problem.code, "invalid-option");
    assert.match(problem.detail, /`bucket`/);
  });

  test("what_is_refused_beside_an_invoice_is_named_in_the_callers_words", async () => {
    for (const [more, name] of [
      [WEEK, "from"],
      [{ to: WEEK.to }, "to"],
      [{ resolution: "day" }, "resolution"],
    ]) {
      for (const route of ["usage", "aggregate"]) {
        const { status, problem } = await verdictOf(await world.ask(`/v1/${route}/wasabi`, { query: { invoice: "1", ...more } }));
        assert.deepEqual([status, problem.code], [400, "invalid-option"]);
        assert.match(problem.detail, new RegExp(`^query parameter \`${name}\`: expected none beside \`invoice\``));
        assert.doesNotMatch(problem.detail, /\d{6}/);
      }
    }
  });

  test("a_head_asks_no_provider", async () => {
    world.forgetRequests();
    const response = await world.ask("/v1/usage/wasabi", { query: WEEK, method: "HEAD" });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.equal(world.requests("wasabi").length, 0);
  });

  test("a_head_has_the_status_of_a_get_where_no_provider_need_be_asked", async () => {
    world.forgetRequests();
    const cases = [
      ["/v1/usage/barracuda", { ...WEEK, bucket: "photos" }, 400],
      ["/v1/usage/devicewise", { ...WEEK, pageSize: "5" }, 400],
      ["/v1/usage/wasabi", { ...WEEK, resolution: "hour" }, 400],
      ["/v1/usage/wasabi", { ...WEEK, invoice: "1" }, 400],
      ["/v1/aggregate/cloudsigma", { ...WEEK, account: "acme" }, 400],
      ["/v1/aggregate/wasabi", { ...WEEK, timeZone: "Europe/Atlantis" }, 400],
      ["/v1/usage/nowhere", WEEK, 404],
    ];
    for (const [path, query, status] of cases) {
      const head = await world.ask(path, { query, method: "HEAD" });
      assert.deepEqual([head.status, await head.text()], [status, ""], path);
      assert.equal(head.headers.get("content-type"), "application/problem+json");
      assert.equal((await world.ask(path, { query })).status, status, path);
    }
    assert.equal(world.requests().length, 0);
  });
});

describe("aggregate", () => {
  const spec = { by: ["resource"], window: "day", reduce: { gauge: "max" }, units: { "storage.stored": "GiBy" } };
  const query = { ...WEEK, by: "resource", window: "day", reduce: "gauge:max", units: "storage.stored:GiBy" };

  /** The same records, added up by the engine in this process. */
  async function expected() {
    const { records } = await usage("wasabi", WEEK);
    return { rows: aggregate(records, spec), records: records.length };
  }

  test("rows_are_those_of_the_engine", async () => {
    const answer = await (await world.ask("/v1/aggregate/wasabi", { query })).json();
    const { rows, records } = await expected();
    assert.deepEqual(answer.rows, rows);
    assert.equal(answer.records, records);
    assert.equal(answer.complete, true);
  });

  test("ndjson_and_csv_hold_the_same_rows", async () => {
    const { rows } = await expected();
    const ndjson = await (await world.ask("/v1/aggregate/wasabi", { query, accept: "application/x-ndjson" })).text();
    assert.deepEqual(
      ndjson
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
      rows,
    );
    const [header, ...csv] = parseCsv(await (await world.ask("/v1/aggregate/wasabi", { query, accept: "text/csv" })).text());
    assert.deepEqual(header.slice(0, 4), ["resource", "metric", "kind", "reducer"]);
    assert.deepEqual(
      csv.map((row) => row[header.indexOf("quantity")]),
      rows.map(({ quantity }) => quantity ?? ""),
    );
    assert.equal(csv.length, rows.length);
  });

  test("only_what_is_asked_for_is_added", async () => {
    const answer = await (await world.ask("/v1/aggregate/wasabi", { query: { ...WEEK, metric: "api.calls,transfer.upload" } })).json();
    assert.deepEqual(
      answer.rows.map(({ metric }) => metric),
      ["api.calls", "transfer.upload"],
    );
    const calls = world.expected("wasabi", { ...WEEK, account: world.credentials.wasabi.account }).metrics["api.calls"];
    assert.equal(answer.rows[0].quantity, calls.quantity);
  });

  test("a_sum_of_metrics_is_derived_as_by_the_engine", async () => {
    const derive = ["storage.billed:storage.padded", "storage.billed:storage.deleted"];
    const { records } = await usage("wasabi", WEEK);
    const rows = aggregate(records, { by: ["resource"], derive: { "storage.billed": ["storage.padded", "storage.deleted"] } });
    const answer = await (await world.ask("/v1/aggregate/wasabi", { query: { ...WEEK, by: "resource", derive: derive.join(",") } })).json();
    assert.ok(answer.rows.some(({ metric, quantity }) => metric === "storage.billed" && quantity > 0));
    assert.deepEqual(answer.rows, rows);
    const twice = await world.ask("/v1/aggregate/wasabi", { query: { ...WEEK, derive: "api.calls:storage.padded" } });
    const { status, problem } = await verdictOf(twice);
    assert.deepEqual([status, problem.code], [400, "invalid-option"]);
  });

  test("overlapping_usage_is_added_where_the_caller_says_so", async () => {
    const { records } = await usage("wasabi", WEEK);
    for (const overlap of ["error", "keep"]) {
      const answer = await (await world.ask("/v1/aggregate/wasabi", { query: { ...WEEK, overlap } })).json();
      assert.deepEqual(answer.rows, aggregate(records, { overlap }), overlap);
    }
    const { status, problem } = await verdictOf(await world.ask("/v1/aggregate/wasabi", { query: { ...WEEK, overlap: "add" } }));
    assert.deepEqual([status, problem.code], [400, "invalid-option"]);
  });

  test("only_the_formats_and_providers_that_are_asked_for_are_added", async () => {
    const { rows: all } = await (await world.ask("/v1/aggregate/wasabi", { query: WEEK })).json();
    const { format } = (await usage("wasabi", WEEK)).records[0];
    for (const [more, expectedRows] of [
      [{ format }, all],
      [{ provider: "wasabi" }, all],
      [{ provider: "onapp" }, []],
    ]) {
      const { rows } = await (await world.ask("/v1/aggregate/wasabi", { query: { ...WEEK, ...more } })).json();
      assert.deepEqual(rows, expectedRows, JSON.stringify(more));
    }
  });

  test("the_sum_of_a_level_is_refused", async () => {
    const response = await world.ask("/v1/aggregate/wasabi", { query: { ...WEEK, reduce: "gauge:sum" } });
    const { status, problem } = await verdictOf(response);
    assert.deepEqual([status, problem.code], [422, "incompatible-aggregation"]);
    assert.match(problem.detail, /integral/);
  });

  test("a_specification_that_is_refused_asks_no_provider", async () => {
    world.forgetRequests();
    for (const more of [{ timeZone: "Europe/Atlantis" }, { window: "fortnight" }, { by: "colour" }, { reduce: "gauge:average" }, { reduce: "gauge" }]) {
      const { status, problem } = await verdictOf(await world.ask("/v1/aggregate/wasabi", { query: { ...WEEK, ...more } }));
      assert.deepEqual([status, problem.code], [400, "invalid-option"], JSON.stringify(more));
    }
    assert.equal(world.requests("wasabi").length, 0);
  });
});

describe("normalize", () => {
  const url = "https://api.intronis.com/v1/partners/acme/usage_history?resolution=DAY";
  const reply = JSON.stringify({
    page: 1,
    page_size: 2,
    count: 2,
    list: [
      { date: "2024-01-01T00:00:00-05:00", bytes: 1073741824 },
      { date: "2024-01-02T00:00:00-05:00", bytes: 3221225472 },
    ],
  });
  const post = async (body, options = {}) => verdictOf(await world.ask("/v1/normalize", { method: "POST", body, duplex: "half", ...options }));

  test("a_reply_comes_back_as_records", async () => {
    const expected = normalize(reply, { request: url }).records();
    assert.deepEqual((await post(reply, { query: { request: url } })).records, expected);
    assert.deepEqual((await post(reply, { query: { request: url }, accept: "application/x-ndjson" })).records, expected);
    assert.deepEqual(
      (await post(reply, { query: { request: url }, accept: "text/csv" })).records.map(({ id }) => id),
      expected.map(({ id }) => id),
    );
  });

  test("hints_may_stand_in_headers_and_the_query_wins", async () => {
    const expected = normalize(reply, { request: url }).records();
    assert.deepEqual((await post(reply, { headers: { "Meterglot-Request": url } })).records, expected);
    const { problem } = await post(reply, { query: { provider: "wasabi" }, headers: { "Meterglot-Provider": "barracuda" } });
    assert.equal(problem.provider, "wasabi");
  });

  test("a_request_with_a_body_is_given_as_json", async () => {
    const tr50 = JSON.stringify({ get: { success: true, params: { counters: { usage: [1] }, total: 1, ts: ["2024-01-20T08:00:00-05:00"] } } });
    const request = { url: "https://api.devicewise.com/api", body: JSON.stringify({ get: { command: "usage.api.history", params: { series: "day" } } }) };
    const { records } = await post(tr50, { headers: { "Meterglot-Request": JSON.stringify(request) } });
    assert.deepEqual(
      records.map(({ start, end }) => [start, end]),
      [["2024-01-20T13:00:00Z", "2024-01-21T13:00:00Z"]],
    );
  });

  test("a_fault_has_its_position", async () => {
    const { status, problem } = await post('{"objects":[{"amount":"0.01","resource_type":"ip","usage":1},]}', { accept: "text/csv" });
    assert.deepEqual([status, problem.code, problem.pointer, problem.line, problem.column], [422, "invalid-json", "/objects/1", 1, 62]);
  });

  test("collected_faults_come_after_the_valid_rows", async () => {
    const cut = reply.slice(0, -40);
    const { records, issues } = await post(cut, { query: { request: url, onError: "collect" } });
    assert.deepEqual([records.length, issues.length, issues[0].code], [1, 1, "invalid-json"]);
    const lines = (await post(cut, { query: { request: url, onError: "collect" }, accept: "application/x-ndjson" })).records;
    assert.deepEqual(
      lines.map((line) => Object.keys(line)[0]),
      ["id", "issue"],
    );
    assert.equal((await post(cut, { query: { onError: "collect" }, accept: "text/csv" })).status, 400);
    const summed = (await post(cut, { query: { request: url, onError: "collect", summary: "true" }, accept: "application/x-ndjson" })).records;
    assert.deepEqual(summed, [...lines, { complete: false, records: 1, issues: 1 }]);
    const faulty = reply.replace(/"usage":\s*[^,}]+/, '"usage":"many"');
    for (const [body, complete] of [
      [reply, true],
      [cut, false],
      [faulty, true],
      [`${reply},`, false],
      ["<html></html>", false],
    ]) {
      const { text } = await post(body, { query: { request: url, onError: "collect" } });
      assert.equal(JSON.parse(text).complete, complete, body.slice(-60));
    }
  });

  test("nothing_is_an_unknown_format", async () => {
    const { status, problem } = await post("");
    assert.deepEqual([status, problem.code], [422, "unknown-format"]);
  });

  test("half_a_period_is_refused", async () => {
    const { status, problem } = await post(reply, { query: { from: "2024-01-01" } });
    assert.equal(status, 400);
    assert.match(problem.detail, /`to`: is missing/);
  });

  test("an_encoded_body_is_not_read", async () => {
    const { status, problem } = await post(reply, { headers: { "Content-Encoding": "gzip" } });
    assert.deepEqual([status, problem.code], [415, "unsupported-media-type"]);
  });
});
