// CloudSigma's rules (docs/formats.md#cloudsigma): twenty rows where no limit is given, days that greater-than includes, errors as a list.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertExpected, numbersOf, start, totalsOf } from "./support.mjs";

const DAILY = "/api/2.0/dailyburstusage/";
const BURST = "/api/2.0/burstusage/";
const dates = ({ json }) => [...new Set(json.objects.map(({ date }) => date))].sort();

test("only_http_basic_is_accepted", async (t) => {
  const { cloudsigma, credentials } = await start(t);
  const { user, password } = credentials.cloudsigma;
  for (const authorization of ["", `Basic ${btoa(`${user}:wrong`)}`, `Basic ${btoa(`x:${password}`)}`, `Bearer ${password}`, "Basic", "Basic *"]) {
    const reply = await cloudsigma(DAILY, { headers: { authorization } });
    assert.equal(reply.status, 401, authorization);
    assert.match(reply.headers.get("www-authenticate"), /^Basic /);
  }
  assert.equal((await cloudsigma(DAILY)).status, 200);
});

test("an_error_is_a_list_with_a_type_a_message_and_a_point", async (t) => {
  const { cloudsigma } = await start(t);
  for (const [path, status, type, point] of [
    [`${DAILY}?limit=x`, 400, "validation", "limit"],
    [`${DAILY}?offset=-1`, 400, "validation", "offset"],
    [`${DAILY}?date__gt=soon`, 400, "validation", "date__gt"],
    ["/api/2.0/nothing/", 404, "notexist", null],
  ]) {
    const { status: got, json, headers } = await cloudsigma(path);
    assert.deepEqual([got, json.length, json[0].error_type, json[0].error_point], [status, 1, type, point], path);
    assert.equal(typeof json[0].error_message, "string");
    assert.match(headers.get("x-request-id"), /^[0-9a-f]{32}$/);
  }
});

test("the_path_ends_in_a_slash_and_without_it_the_way_is_reported", async (t) => {
  const { cloudsigma } = await start(t);
  const reply = await cloudsigma("/api/2.0/dailyburstusage?limit=0");
  assert.deepEqual([reply.status, reply.headers.get("location")], [301, `${DAILY}?limit=0`]);
});

test("twenty_rows_are_given_where_no_limit_is_and_the_count_says_that_there_are_more", async (t) => {
  const { cloudsigma } = await start(t);
  const { json, type } = await cloudsigma(`${DAILY}?date__gt=2024-01-01&date__lt=2024-02-01`);
  assert.equal(type, "application/json; charset=utf-8");
  assert.deepEqual(json.meta, { limit: 20, offset: 0, total_count: 31 * 12 });
  assert.equal(json.objects.length, 20);
});

test("a_limit_of_zero_is_everything", async (t) => {
  const { cloudsigma } = await start(t);
  const { json } = await cloudsigma(`${DAILY}?date__gt=2024-01-01&date__lt=2024-02-01&limit=0`);
  assert.equal(json.objects.length, json.meta.total_count);
});

test("greater_than_a_day_includes_it_and_lower_than_a_day_does_not", async (t) => {
  const { cloudsigma } = await start(t);
  const range = (query) => cloudsigma(`${DAILY}?limit=0&${query}`).then(dates);
  assert.deepEqual(await range("date__gt=2024-01-15&date__lt=2024-01-17"), ["2024-01-15", "2024-01-16"]);
  assert.deepEqual(await range("date__gt=2024-01-15T00:00:01&date__lt=2024-01-17T00:00:01"), ["2024-01-16", "2024-01-17"]);
});

test("a_day_can_be_asked_for_by_greater_and_lower_only", async (t) => {
  const { cloudsigma } = await start(t);
  for (const name of ["date", "date__gte", "date__lte", "date__in"]) {
    assert.equal((await cloudsigma(`${DAILY}?${name}=2024-01-01`)).status, 400, name);
  }
  for (const name of ["date", "date__gt", "date__gte", "date__lt", "date__lte"]) {
    assert.equal((await cloudsigma(`${BURST}?${name}=2024-01-01`)).status, 200, name);
  }
});

test("thirty_days_are_given_where_no_period_is", async (t) => {
  const { cloudsigma } = await start(t);
  const all = dates(await cloudsigma(`${DAILY}?limit=0`));
  assert.deepEqual([all.length, all[0], all.at(-1)], [30, "2024-05-16", "2024-06-14"]);
});

test("the_days_come_in_no_order_and_in_the_same_one_each_time", async (t) => {
  const { cloudsigma } = await start(t);
  const order = async () => (await cloudsigma(`${DAILY}?date__gt=2024-01-01&date__lt=2024-02-01&limit=0`)).json.objects.map(({ date }) => date);
  const first = await order();
  assert.notDeepEqual(first, [...first].sort());
  assert.deepEqual(await order(), first);
});

test("an_amount_is_a_text_of_twenty_decimals_by_day_and_a_number_altogether", async (t) => {
  const { cloudsigma } = await start(t);
  const [day] = (await cloudsigma(DAILY)).json.objects;
  assert.match(day.amount, /^\d+\.\d{20}$/);
  assert.deepEqual(Object.keys(day), ["amount", "date", "resource_type", "usage"]);
  const { json, text } = await cloudsigma(BURST);
  assert.deepEqual(Object.keys(json), ["objects"]);
  assert.deepEqual(Object.keys(json.objects[0]), ["uuid", "amount", "resource_type", "usage"]);
  assert.equal(typeof json.objects[0].amount, "number");
  assert.match(text, /"amount": \d+\.\d{20},/);
});

test("usage_is_a_sum_of_five_minute_samples_priced_as_the_vendor_prices_it", async (t) => {
  const { cloudsigma } = await start(t);
  const { text, json } = await cloudsigma(`${DAILY}?date__gt=2024-01-01&date__lt=2024-02-01&limit=0`);
  const amounts = numbersOf(text, "amount");
  json.objects.forEach(({ resource_type, usage }, i) => {
    if (resource_type === "dssd") {
      // 0.266 for a GiB and a month of thirty days, up to a few millionths for the rate of exchange.
      const price = (usage * 300 * 0.266) / (2 ** 30 * 2_592_000);
      assert.ok(Math.abs(Number(amounts[i]) / price - 1) < 5e-6, `${amounts[i]} for ${usage}`);
    }
  });
});

test("rows_altogether_are_cut_at_twenty_too_and_nothing_says_so", async (t) => {
  const { cloudsigma } = await start(t, { size: { cloudsigma: { resources: 25 } } });
  assert.equal((await cloudsigma(`${BURST}?date__gte=2024-01-01&date__lt=2024-02-01`)).json.objects.length, 20);
  assert.equal((await cloudsigma(`${BURST}?date__gte=2024-01-01&date__lt=2024-02-01&limit=0`)).json.objects.length, 25);
});

test("today_is_not_reported_before_it_is_over", async (t) => {
  const { cloudsigma } = await start(t);
  assert.equal(dates(await cloudsigma(`${DAILY}?date__gt=2024-06-10&limit=0`)).at(-1), "2024-06-14");
});

test("nothing_is_an_empty_list_with_a_count_of_zero", async (t) => {
  const { cloudsigma } = await start(t);
  for (const query of ["date__gt=2024-02-01&date__lt=2024-01-01", "date__lt=2010-01-01"]) {
    const { json, table } = await cloudsigma(`${DAILY}?${query}`);
    assert.deepEqual([json.meta.total_count, json.objects, table.length], [0, [], 0]);
    assert.deepEqual((await cloudsigma(`${BURST}?${query}`)).json, { objects: [] });
  }
});

for (const [resources, limit] of [
  [1, 7],
  [12, 0],
  [12, 50],
  [40, 333],
]) {
  test(`all_pages_are_exactly_the_expected_data (${resources} resources, limit ${limit})`, async (t) => {
    const { cloudsigma, expected, rows } = await start(t, { size: { cloudsigma: { resources } } });
    const asked = { from: "2023-12-01", to: "2024-03-01" };
    const tables = [];
    do {
      const offset = tables.length * limit;
      tables.push((await cloudsigma(`${DAILY}?date__gt=${asked.from}&date__lt=${asked.to}&limit=${limit}&offset=${offset}`)).table);
    } while (tables.at(-1).page.hasNext);
    assertExpected(totalsOf(tables), expected("cloudsigma", asked));
    assert.equal(tables[0].page.totalRows, rows("cloudsigma", asked));
  });
}

test("the_rows_altogether_are_exactly_the_expected_data", async (t) => {
  const { cloudsigma, expected } = await start(t, { size: { cloudsigma: { resources: 30 } } });
  const { table, text } = await cloudsigma(`${BURST}?date__gte=2023-01-01&date__lt=2024-01-01&limit=0`);
  assert.ok(numbersOf(text, "usage").some((usage) => BigInt(usage) > 2n ** 53n));
  assertExpected(totalsOf(table), expected("cloudsigma", { from: "2023-01-01", to: "2024-01-01", resolution: "total" }));
});
