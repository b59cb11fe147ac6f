// The test provider follows deviceWISE's rules (docs/formats.md#devicewise): independent commands, failures with status 200, a silent cap of 5,000 records.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertExpected, start, startsIn, totalsOf } from "./support.mjs";

const DAY = { start: "2024-01-10T00:00:00.000-00:00", end: "2024-01-11T00:00:00.000-00:00" };

test("a_login_opens_a_session_for_the_body_or_the_header", async (t) => {
  const { tr50, credentials } = await start(t);
  const { username, password } = credentials.devicewise;
  const login = await tr50({ auth: { command: "api.authenticate", params: { username, password } } });
  assert.equal(login.json.auth.success, true);
  const { sessionId } = login.json.auth.params;
  assert.notEqual(sessionId, credentials.devicewise.sessionId);
  const get = { command: "usage.api.history", params: DAY };
  for (const reply of [await tr50({ auth: { sessionId }, get }), await tr50({ get }, { sessionId })]) {
    assert.equal(reply.json.get.success, true);
  }
});

test("a_login_that_fails_is_a_command_that_fails_with_status_200", async (t) => {
  const { tr50, credentials } = await start(t);
  const params = { username: credentials.devicewise.username, password: "wrong" };
  const { status, json } = await tr50({ auth: { command: "api.authenticate", params } });
  assert.equal(status, 200);
  assert.equal(json.auth.success, false);
  assert.deepEqual([typeof json.auth.errorCodes[0], typeof json.auth.errorMessages[0]], ["number", "string"]);
});

test("a_session_that_is_not_valid_is_a_failure_at_the_root_with_status_200", async (t) => {
  const { tr50 } = await start(t);
  const get = { command: "usage.api.history", params: DAY };
  for (const [body, headers] of [[{ get }], [{ auth: { sessionId: "0" }, get }], [{ get }, { sessionId: "0" }]]) {
    const { status, json } = await tr50(body, headers);
    assert.equal(status, 200);
    assert.deepEqual([json.success, json.errorMessages], [false, ["Authentication session is invalid"]]);
    assert.equal("get" in json, false);
  }
});

test("a_body_that_is_no_json_fails_at_the_root", async (t) => {
  const { tr50 } = await start(t);
  for (const body of ["{", "[]", "1"]) {
    const { status, json } = await tr50(body);
    assert.deepEqual([status, json.success], [200, false]);
  }
});

test("commands_are_answered_by_their_callers_ids_and_fail_on_their_own", async (t) => {
  const { tr50, credentials } = await start(t);
  const { json } = await tr50({
    auth: { sessionId: credentials.devicewise.sessionId },
    1: { command: "usage.api.history", params: DAY },
    lost: { command: "usage.other", params: {} },
    all: { command: "usage.api.history", params: { ...DAY, showAll: true } },
    wrong: { command: "usage.api.history", params: { ...DAY, series: "week" } },
    empty: { command: "usage.api.history", params: {} },
  });
  assert.deepEqual(Object.keys(json).sort(), ["1", "all", "empty", "lost", "wrong"]);
  assert.equal(json[1].success, true);
  for (const id of ["lost", "all", "wrong", "empty"]) {
    assert.equal(json[id].success, false, id);
    assert.equal(json[id].errorCodes.length, json[id].errorMessages.length);
  }
});

test("keys_in_another_case_and_booleans_as_texts_are_taken", async (t) => {
  const { tr50, credentials } = await start(t);
  const { sessionId } = credentials.devicewise;
  const calls = async (includeSubOrgs) =>
    (
      await tr50({
        Auth: { SessionId: sessionId },
        get: { Command: "usage.api.history", Params: { ...DAY, IncludeSubOrgs: includeSubOrgs } },
      })
    ).json.get.params.total;
  assert.equal(await calls("true"), await calls(true));
  assert.notEqual(await calls("true"), await calls("false"));
});

test("a_reply_has_a_counter_a_service_a_time_a_period_and_the_total_of_all", async (t) => {
  const { history } = await start(t, { size: { devicewise: { services: 3 } } });
  const { counters, total, ts } = (await history(DAY)).json.get.params;
  assert.deepEqual(Object.keys(counters), ["location", "mailbox", "module"]);
  assert.equal(
    total,
    Object.values(counters)
      .flat()
      .reduce((sum, calls) => sum + calls, 0),
  );
  assert.ok(Object.values(counters).every((counter) => counter.length === ts.length));
});

test("an_hour_is_the_default_and_times_are_of_the_east_coast_even_when_asked_in_utc", async (t) => {
  const { history } = await start(t);
  const { ts } = (await history({ start: "2024-03-10T05:00:00Z", end: "2024-03-10T09:00:00Z" })).json.get.params;
  assert.deepEqual(ts, [
    "2024-03-10T00:00:00-05:00",
    "2024-03-10T01:00:00-05:00",
    "2024-03-10T03:00:00-04:00",
    "2024-03-10T04:00:00-04:00",
    "2024-03-10T05:00:00-04:00",
  ]);
});

test("a_day_is_one_of_the_east_coast_and_adds_up_its_23_24_or_25_hours", async (t) => {
  const { history } = await start(t);
  const period = { start: "2024-03-09T05:00:00Z", end: "2024-03-12T03:59:59Z" };
  const days = (await history({ ...period, series: "day" })).json.get.params;
  assert.deepEqual(days.ts, ["2024-03-09T00:00:00-05:00", "2024-03-10T00:00:00-05:00", "2024-03-11T00:00:00-04:00"]);
  const hours = (await history(period)).json.get.params;
  assert.equal(hours.ts.length, 24 + 23 + 24);
  assert.equal(days.total, hours.total);
});

test("the_period_that_holds_the_start_is_given_whole", async (t) => {
  const { history } = await start(t);
  const whole = (await history({ start: "2024-01-10T08:00:00Z", end: "2024-01-10T08:30:00Z" })).json.get.params;
  const late = (await history({ start: "2024-01-10T08:59:00Z", end: "2024-01-10T08:59:30Z" })).json.get.params;
  assert.deepEqual(late, whole);
});

test("whether_the_period_that_begins_at_the_end_is_in_can_be_chosen_since_the_vendor_does_not_say", async (t) => {
  const hours = async (options) => (await (await start(t, options)).history(DAY)).json.get.params.ts.length;
  assert.equal(await hours({}), 25);
  assert.equal(await hours({ endIncluded: false }), 24);
});

test("last_goes_back_from_now_and_reports_whole_hours", async (t) => {
  const { history } = await start(t);
  const { ts } = (await history({ last: "24h" })).json.get.params;
  assert.deepEqual([ts.length, ts[0], ts.at(-1)], [24, "2024-06-14T08:00:00-04:00", "2024-06-15T07:00:00-04:00"]);
  assert.equal((await history({ last: "1w" })).json.get.success, false);
});

test("5000_records_are_the_most_and_more_is_silently_cut", async (t) => {
  const { history } = await start(t, { size: { devicewise: { services: 2 } } });
  const { success, params } = (await history({ start: "2023-01-01T00:00:00Z", end: "2024-01-01T00:00:00Z" })).json.get;
  assert.equal(success, true);
  assert.deepEqual([params.ts.length, params.ts[0]], [5000, "2022-12-31T19:00:00-05:00"]);
  assert.equal(
    params.total,
    Object.values(params.counters)
      .flat()
      .reduce((sum, calls) => sum + calls, 0),
  );
});

test("of_nothing_there_is_null", async (t) => {
  const { history } = await start(t);
  const reply = await history({ start: "2010-01-01T00:00:00Z", end: "2010-01-02T00:00:00Z" });
  assert.deepEqual(reply.json.get.params, { counters: null, total: 0, ts: null });
  assert.equal(reply.table.length, 0);
});

test("what_a_record_is_can_be_chosen_since_the_vendor_does_not_say", async (t) => {
  const { history } = await start(t, { size: { devicewise: { services: 7 } }, devicewise: { recordIs: "figure" } });
  const { ts, counters } = (await history({ start: "2023-01-01T00:00:00Z", end: "2024-01-01T00:00:00Z" })).json.get.params;
  assert.equal(ts.length, 714);
  assert.equal(Object.values(counters).flat().length, 4998);
});

for (const byOrganisation of ["services", "calls", "totals"]) {
  test(`by_organisation_the_counters_are_below_the_ids_and_add_up (${byOrganisation})`, async (t) => {
    const { history, data } = await start(t, { devicewise: { byOrganisation } });
    const all = (await history({ ...DAY, includeSubOrgs: true })).json.get.params;
    const reply = await history({ ...DAY, includeSubOrgs: true, dimension: "org" });
    const each = reply.json.get.params;
    const { organisation, subOrganisations } = data.devicewise;
    assert.deepEqual(Object.keys(each.counters).sort(), [organisation, ...subOrganisations].sort());
    assert.match(organisation, /^[0-9a-f]{24}$/);
    assert.equal(each.total, all.total);
    assert.deepEqual(each.ts, byOrganisation === "totals" ? undefined : all.ts);
    assert.equal(totalsOf(reply.table).metrics["api.calls"].quantity, String(all.total));
  });
}

test("the_organisations_for_themselves_are_exactly_the_expected_data", async (t) => {
  const { history, expected } = await start(t);
  const { table } = await history({ start: "2024-01-01T00:00:00Z", end: "2024-02-01T00:00:00Z", dimension: "org", includeSubOrgs: "true" });
  const asked = { from: "2024-01-01", to: "2024-02-01", dimension: "org", includeSubOrgs: true };
  assertExpected(totalsOf(table, startsIn(asked.from, asked.to)), expected("devicewise", asked));
});

test("nothing_of_the_hour_that_is_not_over_is_reported", async (t) => {
  const { history } = await start(t, { clock: () => Date.parse("2024-06-15T12:59:59Z") });
  const { ts } = (await history({ start: "2024-06-15T10:00:00Z", end: "2024-06-16T00:00:00Z" })).json.get.params;
  assert.equal(ts.at(-1), "2024-06-15T07:00:00-04:00");
});

test("only_post_to_the_one_path_is_answered", async (t) => {
  const { baseUrls } = await start(t);
  assert.equal((await fetch(`${baseUrls.devicewise}/api`)).status, 405);
  assert.equal((await fetch(`${baseUrls.devicewise}/`, { method: "POST" })).status, 404);
});

for (const [resolution, from, to] of [
  ["hour", "2024-02-01", "2024-04-01"],
  ["day", "2021-01-01", "2024-06-01"],
]) {
  test(`the_periods_that_begin_in_the_range_are_exactly_the_expected_data (${resolution})`, async (t) => {
    const { history, expected, rows } = await start(t);
    const { table } = await history({ start: `${from}T00:00:00Z`, end: `${to}T00:00:00Z`, series: resolution });
    assertExpected(totalsOf(table, startsIn(from, to)), expected("devicewise", { from, to, resolution }));
    assert.equal(rows("devicewise", { from, to, resolution }) * 10, expected("devicewise", { from, to, resolution }).records);
  });
}

test("pieces_of_a_range_make_the_whole_with_nothing_twice_that_differs", async (t) => {
  const { history, expected } = await start(t, { size: { devicewise: { services: 2 } } });
  const [from, to] = ["2023-01-01", "2024-01-01"];
  const seen = new Map();
  for (const [first, end] of [
    ["2023-01-01", "2023-07-01"],
    ["2023-07-01", "2024-01-01"],
  ]) {
    for (const record of (await history({ start: `${first}T00:00:00Z`, end: `${end}T00:00:00Z` })).table) {
      assert.equal(seen.get(record.id)?.quantity ?? record.quantity, record.quantity);
      seen.set(record.id, record);
    }
  }
  assertExpected(totalsOf([[...seen.values()]], startsIn(from, to)), expected("devicewise", { from, to }));
});
