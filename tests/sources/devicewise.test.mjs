// deviceWISE: replies that its silent cap may have cut, the time outside their times, its sessions.
import assert from "node:assert/strict";
import { test } from "node:test";
import { devicewiseSource } from "meterglot/sources";
import { all, answering, failure, json, secrets, sources } from "./support.mjs";

const days = (first, count) => Array.from({ length: count }, (_, i) => first + i);

const hour = (n) => new Date(Date.UTC(2024, 0, 1, n)).toISOString();
/** A reply of one counter, from one hour to another. */
function history(from, to, extra = {}) {
  const hours = days(from, to - from);
  return counters({ thing: hours.map((n) => n % 7) }, hours.map(hour), extra);
}
const added = (counter) =>
  (Array.isArray(counter) ? counter : Object.values(counter)).flat(3).reduce((sum, figure) => sum + (typeof figure === "number" ? figure : added(figure)), 0);
const counters = (counters, ts, extra = {}) => json({ usage: { success: true, params: { counters, ts, total: added(counters), ...extra } } });
const paramsOf = ({ sentBody }) => JSON.parse(sentBody).usage.params;
const hoursAsked = (request) =>
  [paramsOf(request).start, paramsOf(request).end].map((time) => Math.round((Date.parse(time) - Date.UTC(2024, 0, 1)) / 3_600_000));

test("a_reply_at_the_cap_is_thrown_away_and_its_range_asked_for_in_halves", async () => {
  const cap = 5000;
  // Finer than it was asked for, so that even the range that should fit does not.
  const answer = (request) => {
    const [from, to] = hoursAsked(request);
    const times = days(0, (to - from) * 2)
      .slice(0, cap)
      .map((n) => new Date(Date.UTC(2024, 0, 1, from) + n * 1_800_000).toISOString());
    return counters({ thing: times.map(() => 1) }, times);
  };
  const { fetch, sent } = answering(answer);
  const records = await all(sources.devicewise(fetch).records({ from: "2024-01-01", to: "2024-06-09" }));
  assert.equal(records.length, 160 * 48);
  assert.equal(new Set(records.map(({ start }) => start)).size, 160 * 48);
  assert.deepEqual(sent.map(hoursAsked), [
    [-1, 3841],
    [-1, 1921],
    [1919, 3841],
  ]);
});

/** A server with so many services, whose replies have so many figures: only whole periods, or the last one in part. */
const capped =
  (services, { cap = 5000, over = false, until = Infinity } = {}) =>
  (request) => {
    const [from, to] = hoursAsked(request);
    const most = over ? Math.ceil(cap / services) : Math.floor(cap / services);
    const hours = days(from, Math.max(0, Math.min(to, until) - from)).slice(0, most);
    return counters(Object.fromEntries(days(0, services).map((n) => [`service_${n}`, hours.map((hour) => (hour + n) & 7)])), hours.map(hour));
  };

for (const [services, length] of [
  [1, 6000],
  [5, 1001],
  [7, 1440],
  [10, 501],
  [12, 1440],
  [20, 300],
  [60, 168],
  [1500, 7],
]) {
  test(`a_cap_that_counts_figures_of_${services}_services_loses_none_of_${length}_hours`, async () => {
    for (const over of [false, true]) {
      const { fetch } = answering(capped(services, { over }));
      const records = await all(sources.devicewise(fetch).records({ from: "2024-01-01", to: hour(length) }));
      assert.equal(records.length, services * length);
      assert.equal(new Set(records.map(({ id }) => id)).size, services * length);
    }
  });
}

test("more_figures_than_the_cap_show_that_it_is_periods_that_count", async () => {
  const { fetch, sent } = answering(capped(12, { cap: Infinity }));
  assert.equal((await all(sources.devicewise(fetch).records({ from: "2024-01-01", to: hour(1440) }))).length, 12 * 1440);
  assert.equal(sent.length, 1);
});

test("a_reply_larger_than_a_page_is_asked_for_in_halves", async () => {
  const many = capped(150, { cap: Infinity });
  const range = { from: "2024-01-01", to: "2024-06-29" };
  const count = async (fetch, more) => {
    let records = 0;
    for await (const _ of sources.devicewise(fetch, more).records(range)) {
      records += 1;
    }
    return records;
  };
  // More than a row may have elsewhere, and less than a page: one reply.
  const whole = answering(many);
  assert.equal(await count(whole.fetch), 150 * 180 * 24);
  assert.equal(whole.sent.length, 1);
  const halves = answering(many);
  assert.equal(await count(halves.fetch, { maxPageBytes: 700_000 }), 150 * 180 * 24);
  assert.deepEqual(halves.sent.map(hoursAsked).slice(0, 3), [
    [-1, 4321],
    [-1, 2161],
    [-1, 1081],
  ]);
  const hopeless = answering(many);
  const error = await failure(all(sources.devicewise(hopeless.fetch, { maxPageBytes: 1000 }).records(range)), "limit-exceeded");
  assert.match(error.message, /maxPageBytes/);
  assert.ok(hopeless.sent.length < 16, `${hopeless.sent.length} requests`);
});

test("totals_larger_than_a_page_are_asked_for_in_halves", async () => {
  const organisations = days(0, 3).map((n) => String(n).repeat(24));
  // Of services there are lists, which are larger than the totals of organisations.
  const answer = (request) => {
    const [from, to] = hoursAsked(request);
    return paramsOf(request).dimension === "org" ? counters(Object.fromEntries(organisations.map((name) => [name, to - from]))) : capped(3)(request);
  };
  const { fetch } = answering(answer);
  const records = await all(sources.devicewise(fetch, { dimension: "org", maxPageBytes: 3000 }).records({ from: "2024-01-01", to: "2024-01-05" }));
  assert.equal(
    records.reduce((sum, { quantity }) => sum + Number(quantity), 0),
    3 * 96,
  );
});

test("what_lies_beyond_the_last_time_of_a_reply_is_looked_at", async () => {
  // Cut long before the cap, as far as the reply shows: by figures that are added up in it.
  const short = answering(capped(1, { cap: 100 }));
  assert.equal((await all(sources.devicewise(short.fetch).records({ from: "2024-01-01", to: hour(240) }))).length, 240);
  // Or there is no more: one request shows it.
  const { fetch, sent } = answering(capped(1, { until: 30 }));
  assert.equal((await all(sources.devicewise(fetch).records({ from: "2024-01-01", to: hour(240) }))).length, 30);
  assert.deepEqual(sent.map(hoursAsked), [
    [-1, 241],
    [29, 241],
  ]);
});

test("what_lies_before_the_first_time_of_a_reply_is_looked_at", async () => {
  const latest = (request) => {
    const [from, to] = hoursAsked(request);
    const hours = days(from, to - from).slice(-100);
    return counters({ thing: hours.map(() => 1) }, hours.map(hour));
  };
  assert.equal((await all(sources.devicewise(answering(latest).fetch).records({ from: "2024-01-01", to: hour(240) }))).length, 240);
});

test("hours_at_half_past_are_whole_at_both_ends", async () => {
  // A server that returns what is within the bounds: an hour in part if a bound cuts it.
  const half = (request) => {
    const { start, end } = paramsOf(request);
    const [from, to] = [Date.parse(start), Math.ceil(Date.parse(end) / 1000) * 1000];
    const first = Math.floor((from - 1_800_000) / 3_600_000) * 3_600_000 + 1_800_000;
    const starts = days(0, Math.ceil((to - first) / 3_600_000)).map((n) => first + n * 3_600_000);
    const minutes = starts.map((time) => (Math.min(time + 3_600_000, to) - Math.max(time, from)) / 60_000);
    return counters(
      { thing: minutes },
      starts.map((time) => new Date(time).toISOString().replace("Z", "+00:00")),
    );
  };
  const { fetch } = answering(half);
  for (const query of [
    { from: "2024-01-01", to: "2024-01-02" },
    { from: "2024-01-01T00:10:00Z", to: "2024-01-01T23:20:00Z" },
    { from: "2024-01-01", to: "2024-12-01" },
  ]) {
    const records = await all(sources.devicewise(fetch).records(query));
    assert.deepEqual(new Set(records.map(({ quantity }) => quantity)), new Set(["60"]));
    assert.equal(records.length, Math.floor((Date.parse(query.to) - 1_800_001) / 3_600_000) - Math.floor((Date.parse(query.from) - 1_800_001) / 3_600_000));
  }
});

test("what_the_server_adds_up_is_compared_with_its_figures", async () => {
  const short = answering(history(0, 24, { total: 100 }));
  const error = await failure(all(sources.devicewise(short.fetch).records(day)), "incomplete");
  assert.equal(error.missing, `${100 - added(days(0, 24).map((n) => n % 7))} of 100 calls`);
  const none = answering(json({ usage: { success: true, params: { counters: null, ts: null, total: 77 } } }));
  assert.equal((await failure(all(sources.devicewise(none.fetch).records(day)), "incomplete")).missing, "77 of 77 calls");
  const twice = answering(history(0, 24, { total: 3 }), history(0, 24));
  const table = await sources.devicewise(twice.fetch).table(day);
  assert.equal(table.length, 24);
  table.free();
  for (const total of [undefined, null, [1], "many"]) {
    assert.equal((await all(sources.devicewise(answering(history(0, 24, { total })).fetch).records(day))).length, 24);
  }
});

test("a_period_that_no_reply_can_hold_is_incomplete", async () => {
  const times = days(0, 5000).map(() => hour(0));
  const { fetch } = answering(json({ usage: { success: true, params: { counters: { thing: times.map(() => 1) }, ts: times } } }));
  const error = await failure(all(sources.devicewise(fetch).records({ from: "2024-01-01", to: "2024-01-02" })), "incomplete");
  assert.match(error.missing, /2024-01-01T00:00:00Z/);
});

const login = (sessionId) => json({ auth: { success: true, params: { sessionId } } });
const user = { username: "me@example.com", password: secrets.password };
const day = { from: "2024-01-01", to: "2024-01-02" };

test("a_session_is_opened_once_and_serves_many_calls", async () => {
  const { fetch, sent } = answering(login("first-session"), history(0, 24));
  const source = devicewiseSource({ fetch, ...user });
  assert.equal((await all(source.records(day))).length, 24);
  assert.equal((await all(source.records(day))).length, 24);
  assert.deepEqual(JSON.parse(sent[0].sentBody), { auth: { command: "api.authenticate", params: user } });
  assert.deepEqual(
    sent.slice(1).map(({ sentBody }) => JSON.parse(sentBody).auth),
    [{ sessionId: "first-session" }, { sessionId: "first-session" }],
  );
});

for (const [how, expired] of Object.entries({
  "at the root": { success: false, errorCodes: [-90000], errorMessages: ["Authentication session is invalid"] },
  "at the root, without a word": { success: false },
  "of the command": { usage: { success: false, errorCodes: [-1], errorMessages: ["Session has expired"] } },
  "in other letters": { SUCCESS: false, ErrorMessages: ["not logged in"] },
})) {
  test(`a_session_that_is_refused_${how}_is_renewed_once`, async () => {
    const { fetch, sent } = answering(json(expired), login("second-session"), history(0, 24));
    assert.equal((await all(sources.devicewise(fetch, user).records(day))).length, 24);
    assert.deepEqual(
      sent.map(({ sentBody }) => JSON.parse(sentBody).auth.sessionId ?? "login"),
      [secrets.sessionId, "login", "second-session"],
    );
    const twice = answering(json(expired), login("second-session"), json(expired));
    await failure(all(sources.devicewise(twice.fetch, user).records(day)), "unauthorized");
    assert.equal(twice.sent.length, 3);
    const given = answering(json(expired));
    await failure(all(sources.devicewise(given.fetch).records(day)), "unauthorized");
    assert.equal(given.sent.length, 1);
  });
}

test("a_login_that_is_refused_says_what_to_check", async () => {
  const { fetch, sent } = answering(json({ auth: { success: false, errorCodes: [-90001], errorMessages: ["Invalid username or password"] } }));
  const error = await failure(all(devicewiseSource({ fetch, ...user }).records(day)), "unauthorized");
  assert.equal(sent.length, 1);
  assert.match(error.message, /^devicewise refused to open a session: check `username` and `password`$/);
});

test("a_failure_of_another_kind_renews_nothing", async () => {
  const { fetch, sent } = answering(json({ usage: { success: false, errorCodes: [-22], errorMessages: ["Device not found"] } }));
  const error = await failure(all(sources.devicewise(fetch, user).records(day)), "provider-error");
  assert.deepEqual([sent.length, error.providerCodes, error.providerMessages], [1, ["-22"], ["Device not found"]]);
});

test("a_reply_without_the_answer_that_was_asked_for_is_incomplete", async () => {
  for (const reply of [{}, { other: { success: true, params: { counters: { thing: [1] }, ts: [hour(0)] } } }]) {
    await failure(all(sources.devicewise(answering(json(reply)).fetch).records(day)), "incomplete");
  }
});

test("an_answer_without_any_counters_is_an_empty_one", async () => {
  for (const params of [
    { counters: null, ts: null, total: 0 },
    { counters: {}, ts: [] },
  ]) {
    assert.deepEqual(await all(sources.devicewise(answering(json({ usage: { success: true, params } })).fetch).records(day)), []);
  }
});

test("names_in_other_letters_are_the_same_names", async () => {
  const reply = json({ Usage: { Success: true, Params: { Counters: { thing: [4] }, TS: [hour(3)], Total: 4 } } });
  const [record] = await all(sources.devicewise(answering(reply).fetch).records(day));
  assert.deepEqual([record.quantity, record.start], ["4", "2024-01-01T03:00:00Z"]);
});

const org = "560ef49c681fdc7d1f015605";
/** Totals by organisation, and lists without: so many services, and a call of each in each hour, cut at so many figures. */
const totalled =
  (services, cap = 5000) =>
  (request) => {
    const [from, to] = hoursAsked(request);
    const hours = days(from, to - from).slice(0, Math.floor(cap / services));
    return paramsOf(request).dimension === "org"
      ? json({ usage: { success: true, params: { counters: { [org]: services * hours.length }, total: services * hours.length } } })
      : counters(Object.fromEntries(days(0, services).map((n) => [`service_${n}`, hours.map(() => 1)])), hours.map(hour));
  };

test("totals_without_times_are_of_the_period_or_refused", async () => {
  const { fetch } = answering(totalled(10));
  const [record, ...others] = await all(sources.devicewise(fetch, { dimension: "org" }).records(day));
  assert.deepEqual([record.quantity, record.start, record.end, others], ["240", "2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z", []]);
  for (const query of [
    { ...day, resolution: "day" },
    { ...day, from: "2024-01-01T00:30:00Z" },
  ]) {
    await failure(all(sources.devicewise(fetch, { dimension: "org" }).records(query)), "unexpected-shape");
  }
});

test("totals_are_only_of_periods_that_a_reply_can_hold", async () => {
  const records = await all(sources.devicewise(answering(totalled(10)).fetch, { dimension: "org" }).records({ from: "2024-01-01", to: hour(3000) }));
  assert.equal(
    records.reduce((sum, { quantity }) => sum + Number(quantity), 0),
    30_000,
  );
  // Where nothing says how many services there are, nothing says that it was not cut.
  const reply = json({ usage: { success: true, params: { counters: { [org]: 12 }, total: 12 } } });
  await failure(all(sources.devicewise(answering(reply).fetch, { dimension: "org" }).records(day)), "unexpected-shape");
});
