// OnApp's rules (docs/formats.md#onapp): both bounds in, times that drift, XML that says more than JSON, errors in several forms.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertExpected, start, startsIn, totalsOf } from "./support.mjs";

const HOURLY = "/users/4/user_statistics";
const period = (from, to) => `period[startdate]=${encodeURIComponent(from)}&period[enddate]=${encodeURIComponent(to)}`;
const DAY = period("2024-01-10 00:00:00", "2024-01-11 00:00:00");
const times = ({ json }) => json.map(({ user_stat }) => user_stat.stat_time);
const written = (time) => time.replace("T", " ").replace("Z", "");

test("only_http_basic_is_accepted_and_a_refusal_has_the_requested_form", async (t) => {
  const { onapp } = await start(t);
  const headers = { authorization: `Basic ${btoa("billing@example.com:wrong")}` };
  const json = await onapp(`${HOURLY}.json?hourly_stats`, { headers });
  assert.deepEqual([json.status, Object.keys(json.json)], [401, ["error"]]);
  const xml = await onapp(`${HOURLY}.xml?hourly_stats`, { headers });
  assert.equal(xml.status, 401);
  assert.match(xml.text, /<errors>\s*<error>[^<]+<\/error>\s*<\/errors>/);
  assert.equal((await onapp(`${HOURLY}.json`, { headers: { authorization: "" } })).status, 401);
});

test("what_is_not_found_is_reported_as_a_list_or_as_one_text", async (t) => {
  const { onapp } = await start(t);
  assert.deepEqual(await onapp("/users/99/user_statistics.json").then(({ status, json }) => [status, json]), [404, { errors: ["Resource not found"] }]);
  assert.deepEqual(await onapp("/users/4/nothing.json").then(({ status, json }) => [status, json]), [404, { error: "Resource not found" }]);
  assert.match((await onapp("/users/99/user_statistics.xml")).text, /<errors>\s*<error>Resource not found<\/error>/);
});

test("a_period_that_is_none_is_unprocessable", async (t) => {
  const { onapp } = await start(t);
  const { status, json } = await onapp(`${HOURLY}.json?hourly_stats&${period("soon", "2024-01-01 00:00:00")}`);
  assert.deepEqual([status, json], [422, { errors: ["Period is invalid"] }]);
});

test("the_extension_decides_the_form_whatever_accept_says", async (t) => {
  const { onapp } = await start(t);
  const headers = { accept: "application/json" };
  const xml = await onapp(`${HOURLY}.xml?hourly_stats&${DAY}`, { headers });
  assert.equal(xml.type, "application/xml; charset=utf-8");
  assert.match(xml.text, /^<\?xml version="1.0" encoding="UTF-8"\?>\n<user_stats type="array">\n {2}<user_stat>/);
  const json = await onapp(`${HOURLY}.json?hourly_stats&${DAY}`);
  assert.equal(json.type, "application/json; charset=utf-8");
  assert.ok(json.json.every((entry) => Object.keys(entry).join() === "user_stat"));
});

test("both_bounds_are_in", async (t) => {
  const { onapp } = await start(t);
  const [first, , third] = times(await onapp(`${HOURLY}.json?hourly_stats&${DAY}`));
  const between = times(await onapp(`${HOURLY}.json?hourly_stats&${period(written(first), written(third))}`));
  assert.deepEqual([between.length, between[0], between[2]], [3, first, third]);
  assert.deepEqual(times(await onapp(`${HOURLY}.json?hourly_stats&${period(written(first), written(first))}`)), [first]);
});

test("brackets_may_be_encoded_and_blanks_may_be_pluses", async (t) => {
  const { onapp } = await start(t);
  const plain = await onapp(`${HOURLY}.json?hourly_stats&period[startdate]=2024-01-10+00:00:00&period[enddate]=2024-01-10+05:00:00`);
  const encoded = await onapp(`${HOURLY}.json?hourly_stats&period%5Bstartdate%5D=2024-01-10%2000%3A00%3A00&period%5Benddate%5D=2024-01-10%2005%3A00%3A00`);
  assert.deepEqual(times(encoded), times(plain));
  assert.equal(times(plain).length, 5);
});

test("each_time_is_an_hour_and_a_second_after_the_one_before", async (t) => {
  const { onapp } = await start(t);
  const all = times(await onapp(`${HOURLY}.json?hourly_stats&${DAY}`)).map((time) => Date.parse(time));
  assert.ok(all.length >= 23);
  assert.ok(all.slice(1).every((time, i) => time - all[i] === 3_601_000));
  assert.notEqual(all[0] % 3_600_000, 0);
});

test("three_months_are_given_where_no_period_is", async (t) => {
  const { onapp } = await start(t);
  const all = times(await onapp(`${HOURLY}.json?hourly_stats`));
  assert.ok(all[0].startsWith("2024-03-15T0"));
  assert.ok(all.at(-1).startsWith("2024-06-15T1"));
});

test("xml_has_two_elements_of_one_name_and_json_has_the_last", async (t) => {
  const { onapp } = await start(t);
  const { text } = await onapp(`${HOURLY}.xml?hourly_stats&${DAY}`);
  const [row] = text.match(/<user_stat>.*?<\/user_stat>/s);
  const json = (await onapp(`${HOURLY}.json?hourly_stats&${DAY}`)).text;
  for (const name of ["backup_cost", "template_cost"]) {
    const values = Array.from(row.matchAll(new RegExp(`<${name} type="decimal">([^<]+)<`, "g")), ([, value]) => value);
    assert.equal(values.length, 2);
    assert.notEqual(values[0], values[1]);
    assert.equal(json.match(new RegExp(`"${name}":([^,}]+)`))[1], values[1]);
  }
});

test("machines_come_in_xml_alone_and_cost_what_the_row_says", async (t) => {
  const { onapp } = await start(t);
  const xml = await onapp(`${HOURLY}.xml?hourly_stats&${DAY}`);
  assert.ok(xml.table.records().some(({ resourceType }) => resourceType === "virtual-machine"));
  const json = await onapp(`${HOURLY}.json?hourly_stats&${DAY}`);
  assert.ok(json.table.records().every(({ resourceType }) => resourceType === "user"));
  assert.equal("vm_stats" in json.json[0].user_stat, false);
  assert.match(xml.text, /<vm_stats type="array"\/>/);
});

test("a_total_is_its_parts_at_fifteen_digits", async (t) => {
  const { onapp } = await start(t);
  for (const form of ["xml", "json"]) {
    const checks = (await onapp(`${HOURLY}.${form}?hourly_stats&${period("2023-01-01 00:00:00", "2023-12-31 00:00:00")}`)).table.checks();
    assert.ok(checks.length > 8000);
    assert.deepEqual(
      checks.filter(({ ok }) => !ok),
      [],
    );
  }
});

test("the_smallest_costs_come_with_an_exponent", async (t) => {
  const { onapp } = await start(t);
  const { text } = await onapp(`${HOURLY}.json?hourly_stats&${period("2024-01-01 00:00:00", "2024-02-01 00:00:00")}`);
  assert.match(text, /"edge_group_cost":\d\.\d+e-0[5-9]/);
});

test("the_summary_is_one_record_without_a_time", async (t) => {
  const { onapp } = await start(t);
  const { json } = await onapp(`${HOURLY}.json?${DAY}`);
  assert.equal(json.user_stat.stat_time, null);
  const { text } = await onapp(`${HOURLY}.xml?${DAY}`);
  assert.match(text, /^<\?xml[^>]*>\s*<user_stat>/);
  assert.match(text, /<stat_time nil="true"><\/stat_time>/);
});

test("nothing_is_an_empty_list_in_both_forms", async (t) => {
  const { onapp } = await start(t);
  const never = period("2010-01-01 00:00:00", "2010-01-02 00:00:00");
  assert.equal((await onapp(`${HOURLY}.json?hourly_stats&${never}`)).text, "[]");
  const xml = await onapp(`${HOURLY}.xml?hourly_stats&${never}`);
  assert.match(xml.text, /<user_stats type="array">\s*<\/user_stats>/);
  assert.equal(xml.table.length, 0);
});

test("users_are_distinguished", async (t) => {
  const { onapp } = await start(t, { size: { onapp: { users: 3 } } });
  const costs = await Promise.all([4, 5, 6].map(async (user) => (await onapp(`/users/${user}/user_statistics.json?${DAY}`)).json.user_stat.total_cost));
  assert.equal(new Set(costs).size, 3);
});

for (const [machines, from, to] of [
  [0, "2024-01-10", "2024-01-11"],
  [3, "2023-01-01", "2024-01-01"],
  [40, "2024-05-01", "2024-06-01"],
]) {
  for (const encoding of ["xml", "json"]) {
    test(`the_hours_that_begin_in_the_range_are_exactly_the_expected_data (${encoding}, ${machines} machines)`, async (t) => {
      const { onapp, expected, rows } = await start(t, { size: { onapp: { machines } } });
      const { table } = await onapp(`${HOURLY}.${encoding}?hourly_stats&${period(`${from} 00:00:00`, `${to} 00:00:00`)}`);
      assertExpected(totalsOf(table, startsIn(from, to)), expected("onapp", { from, to, encoding }));
      assert.equal(rows("onapp", { from, to }), expected("onapp", { from, to, encoding }).metrics["cost.total"].records);
    });
  }
}

for (const encoding of ["xml", "json"]) {
  test(`the_summary_is_exactly_the_expected_data (${encoding})`, async (t) => {
    const { onapp, expected } = await start(t);
    const { table } = await onapp(`${HOURLY}.${encoding}?${period("2024-01-01 00:00:00", "2024-01-31 23:59:59")}`);
    assertExpected(totalsOf(table), expected("onapp", { from: "2024-01-01", to: "2024-02-01", resolution: "total", encoding }));
  });
}
