// The test provider follows Barracuda's rules (docs/formats.md#barracuda): a token of another origin, pages whose links lack the query, local midnights.
import assert from "node:assert/strict";
import { test } from "node:test";
import { NOW, assertExpected, numbersOf, start, startsIn, totalsOf } from "./support.mjs";

const HISTORY = "/v1/partners/acme/usage_history";
const dates = (reply) => reply.json.list.map(({ date }) => date);

test("a_token_is_given_for_the_right_secret_and_its_life_is_a_text", async (t) => {
  const { askToken, baseUrls } = await start(t);
  const reply = await askToken();
  assert.equal(reply.status, 200);
  assert.equal(reply.json.expires_in, "3600");
  assert.match(reply.json.access_token, /^[0-9a-f]{40}$/);
  assert.notEqual(new URL(baseUrls.barracudaTokens).origin, new URL(baseUrls.barracuda).origin);
});

test("a_wrong_secret_grant_or_scope_is_refused_as_oauth_does", async (t) => {
  const { askToken } = await start(t);
  for (const [fields, status, error] of [
    [{ client_secret: "wrong" }, 401, "invalid_client"],
    [{ grant_type: "client_credentials" }, 400, "unsupported_grant_type"],
    [{ scope: "everything" }, 400, "invalid_scope"],
    [{ scope: "" }, 400, "invalid_scope"],
  ]) {
    const reply = await askToken(fields);
    assert.deepEqual([reply.status, reply.json.error], [status, error]);
    assert.equal(typeof reply.json.error_description, "string");
  }
});

test("scopes_are_joined_by_a_plus_that_is_not_a_blank", async (t) => {
  const { askToken } = await start(t);
  assert.equal((await askToken({ scope: "partners_read accounts_read" })).status, 400);
  assert.equal((await askToken({ scope: "partners_read+accounts_read" })).status, 200);
});

test("a_request_needs_the_oauth_word_and_a_token_that_is_known", async (t) => {
  const { barracuda, askToken } = await start(t);
  const { access_token: token } = (await askToken()).json;
  for (const authorization of [`Bearer ${token}`, token, "OAuth", "OAuth 0000"]) {
    const reply = await barracuda(HISTORY, { headers: { authorization } });
    assert.equal(reply.status, 401, authorization);
    assert.equal(typeof reply.json.message, "string");
  }
  assert.equal((await barracuda(HISTORY, { headers: { authorization: `OAuth ${token}` } })).status, 200);
});

test("a_token_is_valid_until_its_time_is_over", async (t) => {
  let now = NOW;
  const { barracuda, askToken } = await start(t, { clock: () => now, tokenSeconds: 60 });
  const headers = { authorization: `OAuth ${(await askToken()).json.access_token}` };
  now += 59_000;
  assert.equal((await barracuda(HISTORY, { headers })).status, 200);
  now += 1000;
  assert.equal((await barracuda(HISTORY, { headers })).status, 401);
});

test("a_token_without_the_scope_is_forbidden", async (t) => {
  const { barracuda, askToken } = await start(t);
  const headers = { authorization: `OAuth ${(await askToken({ scope: "accounts_read" })).json.access_token}` };
  assert.equal((await barracuda(HISTORY, { headers })).status, 403);
  assert.equal((await barracuda("/v1/accounts/bakery/usage_history", { headers })).status, 200);
});

test("accept_names_one_of_two_types", async (t) => {
  const { barracuda } = await start(t);
  for (const accept of ["*/*", "text/html", "application/json, application/xml"]) {
    assert.equal((await barracuda(HISTORY, { headers: { accept } })).status, 406, accept);
  }
  assert.equal((await barracuda(HISTORY)).type, "application/json");
  assert.equal((await barracuda(HISTORY, { headers: { accept: "application/xml" } })).type, "application/xml");
});

test("the_envelope_is_the_vendors_in_json_and_in_xml", async (t) => {
  const { barracuda } = await start(t);
  const path = `${HISTORY}?start_date=2024-01-01&end_date=2024-01-03&page_size=2`;
  const json = (await barracuda(path)).json;
  assert.deepEqual(Object.keys(json), ["page", "page_size", "count", "links", "list"]);
  assert.deepEqual([json.page, json.page_size, json.count], [1, 2, 3]);
  assert.deepEqual(
    json.links.map(({ rel }) => rel),
    ["first", "next"],
  );
  const xml = (await barracuda(path, { headers: { accept: "application/xml" } })).text;
  assert.match(xml, /^<\?xml version="1.0" encoding="UTF-8"\?>\n<list page="1" page_size="2" count="3">\n {2}<link rel="first" href="[^"]+"\/>/);
  assert.match(xml, /<usage>\s*<date>2024-01-01T00:00:00-05:00<\/date>\s*<bytes>\d+<\/bytes>\s*<\/usage>/);
});

test("json_and_xml_say_the_same", async (t) => {
  const { barracuda } = await start(t);
  const path = `${HISTORY}?start_date=2024-01-01&end_date=2024-01-20`;
  const essence = ({ table }) => table.records().map(({ id, quantity }) => [id, quantity]);
  assert.deepEqual(essence(await barracuda(path)), essence(await barracuda(path, { headers: { accept: "application/xml" } })));
});

test("the_links_bear_the_page_and_lose_the_query", async (t) => {
  const { barracuda, baseUrls } = await start(t);
  const reply = await barracuda(`${HISTORY}?start_date=2024-01-01&end_date=2024-03-01&page_size=5`);
  const next = reply.json.links.find(({ rel }) => rel === "next").href;
  assert.equal(next, `${baseUrls.barracuda}${HISTORY}?page=2`);
  const blind = await barracuda(`${HISTORY}?page=2`);
  assert.notEqual(blind.json.count, reply.json.count);
});

test("count_is_of_all_pages_and_the_last_page_has_no_next", async (t) => {
  const { barracuda } = await start(t);
  const seen = [];
  for (let page = 1; ; page += 1) {
    const { json } = await barracuda(`${HISTORY}?start_date=2024-01-01&end_date=2024-01-11&page_size=4&page=${page}`);
    assert.equal(json.count, 11);
    seen.push(...json.list.map(({ date }) => date.slice(8, 10)));
    if (!json.links.some(({ rel }) => rel === "next")) {
      assert.equal(page, 3);
      break;
    }
  }
  assert.deepEqual(seen, ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11"]);
});

test("a_page_beyond_the_last_is_empty", async (t) => {
  const { barracuda } = await start(t);
  const { json } = await barracuda(`${HISTORY}?start_date=2024-01-01&end_date=2024-01-03&page=9`);
  assert.deepEqual([json.count, json.list], [3, []]);
});

test("the_page_size_depends_on_the_resolution_and_is_at_most_90", async (t) => {
  const { barracuda } = await start(t);
  for (const [resolution, size] of [
    ["DAY", 30],
    ["WEEK", 26],
    ["MONTH", 12],
    ["CUSTOM", 30],
  ]) {
    assert.equal((await barracuda(`${HISTORY}?resolution=${resolution}`)).json.page_size, size, resolution);
  }
  assert.equal((await barracuda(`${HISTORY}?page_size=90`)).json.list.length, 90);
  for (const bad of [
    "page_size=91",
    "page_size=0",
    "page=0",
    "page=x",
    "custom=61&resolution=CUSTOM",
    "resolution=YEAR",
    "start_date=soon",
    "order_by=BYTES",
  ]) {
    const reply = await barracuda(`${HISTORY}?${bad}`);
    assert.equal(reply.status, 400, bad);
  }
});

test("a_resolution_steps_from_the_start_date", async (t) => {
  const { barracuda } = await start(t);
  const days = async (query) => dates(await barracuda(`${HISTORY}?start_date=2024-01-31&end_date=2024-05-01&${query}`)).map((date) => date.slice(0, 10));
  assert.deepEqual((await days("resolution=WEEK")).slice(0, 3), ["2024-01-31", "2024-02-07", "2024-02-14"]);
  assert.deepEqual((await days("resolution=CUSTOM&custom=60")).slice(0, 3), ["2024-01-31", "2024-03-31"]);
  assert.deepEqual(await days("resolution=MONTH"), ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"]);
});

test("a_date_is_a_midnight_of_the_east_coast_in_summer_and_winter", async (t) => {
  const { barracuda } = await start(t);
  const reply = await barracuda(`${HISTORY}?start_date=2024-03-10&end_date=2024-03-11`);
  assert.deepEqual(dates(reply), ["2024-03-10T00:00:00-05:00", "2024-03-11T00:00:00-04:00"]);
});

test("a_level_is_the_same_at_every_resolution_and_order", async (t) => {
  const { barracuda } = await start(t);
  const levels = async (query) =>
    new Map((await barracuda(`${HISTORY}?start_date=2024-01-01&end_date=2024-01-29&${query}`)).json.list.map(({ date, bytes }) => [date, bytes]));
  const daily = await levels("resolution=DAY");
  for (const [date, bytes] of await levels("resolution=WEEK")) {
    assert.equal(bytes, daily.get(date));
  }
  assert.deepEqual([...(await levels("order_dir=DESC"))], [...daily].reverse());
});

test("whether_the_end_date_is_in_can_be_chosen_since_the_vendor_does_not_say", async (t) => {
  const path = `${HISTORY}?start_date=2024-01-01&end_date=2024-01-03`;
  assert.equal((await (await start(t)).barracuda(path)).json.count, 3);
  assert.equal((await (await start(t, { endIncluded: false })).barracuda(path)).json.count, 2);
});

test("nothing_is_reported_of_before_the_first_day_and_after_today", async (t) => {
  const { barracuda } = await start(t, { since: "2024-06-01" });
  const reply = await barracuda(`${HISTORY}?start_date=2020-01-01&end_date=2030-01-01`);
  assert.equal(dates(reply)[0].slice(0, 10), "2024-06-01");
  assert.equal(dates(reply).at(-1).slice(0, 10), "2024-06-15");
  const later = await barracuda(`${HISTORY}?start_date=2025-01-01`);
  assert.deepEqual([later.json.count, later.json.list], [0, []]);
});

test("levels_beyond_2_to_the_53_come_digit_for_digit", async (t) => {
  const { barracuda, expected } = await start(t);
  const reply = await barracuda("/v1/partners/huge-partner/usage_history?start_date=2024-01-01&end_date=2024-01-10");
  assert.ok(numbersOf(reply.text, "bytes").every((bytes) => BigInt(bytes) > 2n ** 53n));
  assertExpected(totalsOf(reply.table), expected("barracuda", { partner: "huge-partner", from: "2024-01-01", to: "2024-01-11" }));
});

test("unknown_callers_and_forbidden_requests_have_their_status", async (t) => {
  const { barracuda } = await start(t);
  assert.equal((await barracuda("/v1/partners/nobody/usage_history")).status, 404);
  assert.equal((await barracuda("/v1/accounts/acme/usage_history")).status, 404);
  assert.equal((await barracuda(HISTORY, { method: "POST" })).status, 405);
  assert.equal((await barracuda("/v1/other")).status, 404);
  const xml = await barracuda("/v1/partners/nobody/usage_history", { headers: { accept: "application/xml" } });
  assert.match(xml.text, /<error>\s*<code>404<\/code>/);
});

for (const [resolution, query] of [
  ["day", "DAY"],
  ["week", "WEEK"],
  ["month", "MONTH"],
  ["10d", "CUSTOM&custom=10"],
]) {
  test(`all_pages_of_a_resolution_are_exactly_the_expected_data (${resolution})`, async (t) => {
    const { barracuda, expected, rows } = await start(t);
    const tables = [];
    for (let page = 1; page === 1 || tables.at(-1).page.hasNext; page += 1) {
      tables.push((await barracuda(`${HISTORY}?start_date=2023-01-15&end_date=2024-06-14&resolution=${query}&page_size=7&page=${page}`)).table);
    }
    const asked = { from: "2023-01-15", to: "2024-06-15", resolution };
    assertExpected(totalsOf(tables, startsIn(asked.from, asked.to)), expected("barracuda", asked));
    assert.equal(tables[0].page.totalRows, rows("barracuda", asked));
  });
}
