// Pages that belong together: where they end, what they are held against, and what is told when they do not fit.
import assert from "node:assert/strict";
import { test } from "node:test";
import { barracudaSource } from "meterglot/sources";
import { all, answering, barracudaPage, cloudsigmaPage, failure, january, json, quick, secrets, sources, wasabiRow } from "./support.mjs";

const days = (first, count) => Array.from({ length: count }, (_, i) => first + i);

async function tableOf(source, query = january) {
  const table = await source.table(query);
  const records = table.records();
  table.free();
  return records;
}

// Barracuda

test("the_whole_query_is_kept_from_page_to_page", async () => {
  const { fetch, sent } = answering(
    barracudaPage({ days: days(1, 3), count: 5, next: 2 }),
    barracudaPage({ days: days(4, 2), count: 5, page: 2 }),
  );
  await all(sources.barracuda(fetch).records({ ...january, pageSize: 3, resolution: "2d" }));
  const [first, second] = sent.map(({ url }) => new URL(url));
  second.searchParams.delete("page");
  assert.equal(String(second), String(first));
});

test("a_next_link_that_leads_back_is_found", async () => {
  const { fetch, sent } = answering(barracudaPage({ days: days(1, 3), count: 9, next: 1 }));
  const error = await failure(all(sources.barracuda(fetch).records(january)), "too-many-pages");
  assert.equal(sent.length, 2);
  assert.equal(error.missing, "what follows after 3 rows");
});

test("a_next_link_without_end_is_found_where_nothing_is_counted", async () => {
  const page = ({ url }) => {
    const number = Number(new URL(url).searchParams.get("page") ?? 1);
    return json({ links: [{ rel: "next", href: `https://api.intronis.com/x?page=${number + 1}` }], list: [] });
  };
  const { fetch, sent } = answering(page);
  await failure(all(sources.barracuda(fetch).records(january)), "too-many-pages");
  assert.equal(sent.length, 1);
});

test("a_next_link_after_the_last_row_is_looked_at_once", async () => {
  const last = { days: days(4, 2), count: 5, page: 2, next: 3 };
  const { fetch, sent } = answering(barracudaPage({ days: days(1, 3), count: 5, next: 2 }), barracudaPage(last));
  assert.equal((await all(sources.barracuda(fetch).records(january))).length, 5);
  assert.equal(sent.length, 3);
  // Rows beyond the period are not remembered: what comes again there is not taken for more.
  const beyond = answering(barracudaPage({ days: days(1, 3), count: 5, next: 2 }), barracudaPage(last));
  assert.equal((await all(sources.barracuda(beyond.fetch).records({ from: "2024-01-01", to: "2024-01-05" }))).length, 4);
  const more = answering(barracudaPage({ days: days(1, 3), count: 5, next: 2 }), barracudaPage(last), barracudaPage({ ...last, days: days(6, 1), page: 3 }));
  await failure(all(sources.barracuda(more.fetch).records(january)), "listing-changed");
});

test("a_listing_has_at_most_so_many_pages", async () => {
  const pages = days(1, 9).map((page) => barracudaPage({ days: [page], count: 9, page, next: page < 9 ? page + 1 : null }));
  const { fetch, sent } = answering(...pages);
  const error = await failure(all(sources.barracuda(fetch, { maxPages: 4 }).records(january)), "too-many-pages");
  assert.match(error.message, /at most 4 pages/);
  assert.equal(error.missing, "what follows after 4 rows");
  assert.ok(sent.length <= 5);
  assert.equal((await all(sources.barracuda(answering(...pages).fetch, { maxPages: 9 }).records(january))).length, 9);
});

test("rows_that_are_missing_are_told_by_number", async () => {
  const { fetch } = answering(barracudaPage({ days: days(1, 3), count: 5 }));
  const error = await failure(all(sources.barracuda(fetch).records(january)), "incomplete");
  assert.equal(error.missing, "2 of 5 rows");
  assert.match(error.message, /expected 5 rows, as barracuda counts them, found 3/);
});

test("rows_before_the_period_count_and_are_not_given", async () => {
  const { fetch } = answering(barracudaPage({ days: days(1, 9) }));
  const records = await all(sources.barracuda(fetch).records({ from: "2024-01-03", to: "2024-01-05" }));
  assert.deepEqual(records.map(({ start }) => start), ["2024-01-03T05:00:00Z", "2024-01-04T05:00:00Z"]);
});

test("a_total_that_changes_makes_a_table_be_read_once_more", async () => {
  const { fetch, sent } = answering(
    barracudaPage({ days: days(1, 3), count: 5, next: 2 }),
    barracudaPage({ days: days(3, 3), count: 6, page: 2 }),
    barracudaPage({ days: days(1, 3), count: 6, next: 2 }),
    barracudaPage({ days: days(4, 3), count: 6, page: 2 }),
  );
  const seen = [];
  const table = await sources.barracuda(fetch).table(january, { onProgress: (progress) => seen.push(progress) });
  assert.deepEqual([table.length, table.duplicates, sent.length], [6, 0, 4]);
  const { bytes, ...last } = seen.at(-1);
  assert.deepEqual(last, { requests: 4, retries: 0, pages: 2, records: 6, duplicates: 0, total: 6 });
  table.free();
});

test("a_table_is_read_twice_and_no_more", async () => {
  let count = 5;
  const { fetch, sent } = answering(() => barracudaPage({ days: days(1, 3), count: count++, next: 2 }));
  await failure(sources.barracuda(fetch).table(january), "listing-changed");
  assert.equal(sent.length, 4);
});

test("records_that_were_given_cannot_be_taken_back_so_a_change_is_told", async () => {
  const { fetch } = answering(barracudaPage({ days: days(1, 3), count: 5, next: 2 }), barracudaPage({ days: days(3, 3), count: 6, page: 2 }));
  const given = [];
  const error = await failure((async () => {
    for await (const record of sources.barracuda(fetch).records(january)) {
      given.push(record);
    }
  })(), "listing-changed");
  assert.ok(given.length >= 3);
  assert.notEqual(error.missing, null);
});

test("a_row_that_is_another_on_a_later_page_is_a_conflict", async () => {
  const one = barracudaPage({ days: days(1, 3), count: 5, next: 2 });
  const other = json({ page: 2, count: 5, links: [], list: [{ date: "2024-01-03T00:00:00-05:00", bytes: 7 }, { date: "2024-01-04T00:00:00-05:00", bytes: 7 }] });
  await failure(all(sources.barracuda(answering(one, other).fetch).records(january)), "conflicting-record");
  const good = [barracudaPage({ days: days(1, 3), count: 5, next: 2 }), barracudaPage({ days: days(4, 2), count: 5, page: 2 })];
  assert.equal((await tableOf(sources.barracuda(answering(one, other, ...good).fetch))).length, 5);
});

test("a_refused_token_is_renewed_once_and_the_page_asked_for_again", async () => {
  const token = (value) => json({ access_token: value, expires_in: "3600" });
  const denied = json({ code: 401, message: "token is not valid" }, { status: 401 });
  const { fetch, sent } = answering(token("first-token"), denied, token("second-token"), barracudaPage({ days: [1] }));
  const source = barracudaSource({ fetch, retry: quick, partner: "acme", clientId: "me", clientSecret: secrets.clientSecret });
  const seen = [];
  assert.equal((await all(source.records(january, { onProgress: (progress) => seen.push(progress) }))).length, 1);
  assert.deepEqual(sent.map(({ headers }) => headers.get("authorization")), [null, "OAuth first-token", null, "OAuth second-token"]);
  assert.deepEqual([seen.at(-1).requests, seen.at(-1).retries], [4, 1]);
  // The new one is kept.
  assert.equal((await all(source.records(january))).length, 1);
  assert.equal(sent.at(-1).headers.get("authorization"), "OAuth second-token");
  const refusedTwice = answering(token("first-token"), denied, token("second-token"), denied);
  await failure(all(barracudaSource({ fetch: refusedTwice.fetch, partner: "acme", clientId: "me", clientSecret: secrets.clientSecret }).records(january)), "unauthorized");
  assert.equal(refusedTwice.sent.length, 4);
});

test("a_token_is_asked_for_as_the_vendor_has_it", async () => {
  const { fetch, sent } = answering(json({ access_token: "t", expires_in: "3600" }), barracudaPage({ days: [] }));
  await all(barracudaSource({ fetch, partner: "acme", clientId: "me & you", clientSecret: secrets.clientSecret }).records(january));
  assert.deepEqual([sent[0].method, sent[0].headers.get("content-type")], ["POST", "application/x-www-form-urlencoded"]);
  assert.match(sent[0].sentBody, /&grant_type=none&scope=partners_read%2Baccounts_read$/);
  assert.deepEqual(Object.fromEntries(new URLSearchParams(sent[0].sentBody)), {
    client_id: "me & you",
    client_secret: secrets.clientSecret,
    grant_type: "none",
    scope: "partners_read+accounts_read",
  });
});

test("a_token_that_is_given_and_refused_cannot_be_renewed", async () => {
  const { fetch, sent } = answering(json({ message: "expired" }, { status: 401 }));
  const error = await failure(all(sources.barracuda(fetch).records(january)), "unauthorized");
  assert.deepEqual([sent.length, error.status], [1, 401]);
});

for (const status of [400, 401, 403]) {
  test(`a_client_that_the_token_server_refuses_with_${status}_is_unauthorized`, async () => {
    const { fetch, sent } = answering(json({ error: "invalid_client", error_description: "who are you" }, { status }));
    const error = await failure(all(barracudaSource({ fetch, partner: "acme", clientId: "me", clientSecret: secrets.clientSecret }).records(january)), "unauthorized");
    assert.equal(sent.length, 1);
    assert.match(error.message, /who are you|invalid_client/);
  });
}

test("a_next_page_that_cannot_be_asked_for_is_missing", async () => {
  const page = (links, count) => json({ page: 1, page_size: 90, ...(count === undefined ? {} : { count }), links, list: [{ date: "2024-01-02T00:00:00-05:00", bytes: 1 }] });
  const links = [{ rel: "next", href: "https://api.intronis.com/v1/partners/acme/usage_history?cursor=abc" }];
  const error = await failure(all(sources.barracuda(answering(page(links)).fetch).records(january)), "incomplete");
  assert.equal(error.missing, "what follows after 1 rows");
  assert.equal((await all(sources.barracuda(answering(page(links, 1)).fetch).records(january))).length, 1);
  assert.equal((await all(sources.barracuda(answering(page([])).fetch).records(january))).length, 1);
});

// CloudSigma

test("a_listing_is_read_to_its_count_with_limit_and_offset", async () => {
  const { fetch, sent } = answering(
    cloudsigmaPage({ days: days(1, 10), total: 25, limit: 10 }),
    cloudsigmaPage({ days: days(11, 10), offset: 10, total: 25, limit: 10 }),
    cloudsigmaPage({ days: days(21, 5), offset: 20, total: 25, limit: 10 }),
  );
  assert.equal((await all(sources.cloudsigma(fetch).records({ ...january, pageSize: 10 }))).length, 25);
  assert.deepEqual(sent.map(({ url }) => new URL(url).searchParams.get("offset")), ["0", "10", "20"]);
});

test("a_server_that_gives_fewer_rows_than_asked_for_is_asked_for_the_rest", async () => {
  const { fetch, sent } = answering(cloudsigmaPage({ days: days(1, 20), total: 25, limit: 20 }), cloudsigmaPage({ days: days(21, 5), offset: 20, total: 25, limit: 20 }));
  assert.equal((await all(sources.cloudsigma(fetch).records(january))).length, 25);
  assert.deepEqual(sent.map(({ url }) => new URL(url).searchParams.get("offset")), ["0", "20"]);
});

const bursts = (first, count) => json({ objects: days(first, count).map((n) => ({ uuid: `u${n}`, amount: 0.01, resource_type: "cpu", usage: n })) });

const total = { ...january, resolution: "total" };
/** A server of so many rows that nobody counts, which gives at most so many at once. */
const uncounted = (rows, most) => ({ url }) => {
  const { limit, offset } = Object.fromEntries([...new URL(url).searchParams].map(([name, value]) => [name, Number(value)]));
  return bursts(offset + 1, Math.max(0, Math.min(limit, most, rows - offset)));
};

test("rows_that_nobody_counts_are_asked_for_until_a_page_is_empty", async () => {
  for (const [rows, most] of [[23, 20], [150, 100], [19, 20], [40, 20], [0, 20], [17, 7]]) {
    const { fetch, sent } = answering(uncounted(rows, most));
    assert.equal((await all(sources.cloudsigma(fetch).records(total))).length, rows);
    assert.equal(sent.length, Math.ceil(rows / most) + 1);
  }
});

test("one_page_again_and_again_is_everything_only_where_it_is_not_full", async () => {
  assert.equal((await all(sources.cloudsigma(answering(bursts(1, 19)).fetch).records(total))).length, 19);
  for (const [rows, pageSize] of [[20, 1000], [100, 1000], [7, 7]]) {
    await failure(all(sources.cloudsigma(answering(bursts(1, rows)).fetch).records({ ...total, pageSize })), "incomplete");
  }
  const limited = json({ meta: { limit: 13 }, objects: days(1, 13).map((n) => ({ uuid: `u${n}`, amount: 0.01, resource_type: "cpu", usage: n })) });
  await failure(all(sources.cloudsigma(answering(limited).fetch).records(total)), "incomplete");
});

test("a_count_that_is_too_low_is_not_trusted", async () => {
  // The vendor's own sample counts 0 where there are 6.
  assert.equal((await all(sources.cloudsigma(answering(cloudsigmaPage({ days: days(1, 6), total: 0 })).fetch).records(january))).length, 6);
  const { fetch } = answering(cloudsigmaPage({ days: days(1, 10), total: 0, limit: 10 }), cloudsigmaPage({ days: days(11, 4), offset: 10, total: 0, limit: 10 }));
  assert.equal((await all(sources.cloudsigma(fetch).records({ ...january, pageSize: 10 }))).length, 14);
});

test("rows_that_moved_between_pages_are_told_apart_and_what_they_hide_is_missing", async () => {
  const moved = [cloudsigmaPage({ days: days(1, 10), total: 20, limit: 10 }), cloudsigmaPage({ days: days(10, 10), offset: 10, total: 20, limit: 10 })];
  const error = await failure(all(sources.cloudsigma(answering(...moved).fetch).records({ ...january, pageSize: 10 })), "incomplete");
  assert.equal(error.missing, "1 of 20 rows");
  const again = [cloudsigmaPage({ days: days(1, 10), total: 20, limit: 10 }), cloudsigmaPage({ days: days(11, 10), offset: 10, total: 20, limit: 10 })];
  assert.equal((await tableOf(sources.cloudsigma(answering(...moved, ...again).fetch), { ...january, pageSize: 10 })).length, 20);
});

test("a_page_with_nothing_on_it_is_the_last_whatever_is_counted", async () => {
  const { fetch, sent } = answering(cloudsigmaPage({ days: days(1, 10), total: 25, limit: 10 }), cloudsigmaPage({ days: [], offset: 10, total: 25, limit: 10 }));
  const error = await failure(all(sources.cloudsigma(fetch).records({ ...january, pageSize: 10 })), "incomplete");
  assert.deepEqual([sent.length, error.missing], [2, "15 of 25 rows"]);
});

// Wasabi and OnApp

const hour = (n) => new Date(Date.UTC(2024, 0, 1, n)).toISOString();
const onappHour = (n, cost = 1) => ({ user_stat: { user_id: 4, vm_cost: cost, total_cost: cost, currency_code: "EUR", stat_time: hour(n).replace(".000", "") } });
const WAYS = {
  records: async (source, query) => (await all(source.records(query))).length,
  table: async (source, query) => (await tableOf(source, query)).length,
  ndjson: async (source, query) => (await new Response(source.stream(query, "ndjson")).text()).split("\n").length - 1,
};

for (const [way, count] of Object.entries(WAYS)) {
  test(`a_row_that_comes_twice_is_given_once_in_${way}`, async () => {
    assert.equal(await count(sources.wasabi(answering(json([wasabiRow(1), wasabiRow(1), wasabiRow(2)])).fetch), january), 2);
    const hours = answering(json([onappHour(1), onappHour(1)]));
    const once = answering(json([onappHour(1)]));
    assert.equal(await count(sources.onapp(hours.fetch, { encoding: "json" }), january), await count(sources.onapp(once.fetch, { encoding: "json" }), january));
  });

  test(`a_row_that_is_another_when_it_comes_again_is_a_conflict_in_${way}`, async () => {
    await failure(count(sources.wasabi(answering(json([wasabiRow(1), { ...wasabiRow(1), NumAPICalls: 9 }])).fetch), january), "conflicting-record");
    await failure(count(sources.onapp(answering(json([onappHour(1), onappHour(1, 2)])).fetch, { encoding: "json" }), january), "conflicting-record");
  });

  test(`a_slice_gives_only_what_starts_in_it_whatever_its_bounds_include_in_${way}`, async () => {
    // Each reply has a row more at both ends than was asked for.
    const day = (text) => Math.round((Date.parse(text.replace(" ", "T").replace(/Z?$/, text.includes(" ") ? "Z" : "")) - Date.UTC(2024, 0, 1)) / 86_400_000);
    const wasabi = ({ url }) => {
      const { from, to } = Object.fromEntries(new URL(url).searchParams);
      return json(days(day(from), day(to) - day(from) + 2).map((n) => wasabiRow(n)));
    };
    assert.equal(await count(sources.wasabi(answering(wasabi).fetch, { daysPerRequest: 2 }), january), 31);
    const onapp = ({ url }) => {
      const { searchParams } = new URL(url);
      const [from, to] = ["start", "end"].map((name) => day(searchParams.get(`period[${name}date]`)) * 24);
      return json(days(from - 1, to - from + 3).map((n) => onappHour(n)));
    };
    const one = await count(sources.onapp(answering(json([onappHour(1)])).fetch, { encoding: "json" }), january);
    assert.equal(await count(sources.onapp(answering(onapp).fetch, { encoding: "json", daysPerRequest: 2 }), january), 31 * 24 * one);
  });
}

// All of them

test("a_faulty_row_is_thrown_unless_issues_are_heard", async () => {
  const page = () => json({ page: 1, count: 3, links: [], list: [{ date: "2024-01-02T00:00:00-05:00", bytes: 1 }, { date: "2024-01-03", bytes: 1 }, { date: "2024-01-04T00:00:00-05:00", bytes: 1 }] });
  const error = await failure(all(sources.barracuda(answering(page).fetch).records(january)), "invalid-timestamp");
  assert.equal(error.pointer, "/list/1/date");
  const issues = [];
  const records = await all(sources.barracuda(answering(page).fetch).records(january, { onIssue: (issue) => issues.push(issue) }));
  assert.deepEqual([records.length, issues.map(({ code }) => code)], [2, ["invalid-timestamp"]]);
});

test("a_page_that_is_not_whole_is_thrown_even_where_issues_are_heard", async () => {
  const cut = () => json('{"page":1,"count":2,"links":[],"list":[{"date":"2024-01-02T00:00:00-05:00","bytes":1}');
  const web = () => new Response("<html><body>Sign in</body></html>", { headers: { "content-type": "application/json" } });
  const heard = { onIssue: () => {} };
  await failure(all(sources.barracuda(answering(cut).fetch).records(january, heard)), "invalid-json");
  await failure(all(sources.barracuda(answering(web).fetch).records(january, heard)), "provider-error");
  await failure(sources.barracuda(answering(web).fetch).table(january, heard), "provider-error");
});

test("a_faulty_row_is_not_a_missing_one_and_a_missing_one_still_is", async () => {
  const list = [{ date: "2024-01-02T00:00:00-05:00", bytes: 1 }, { date: "x", bytes: 1 }];
  const page = (count) => json({ page: 1, count, links: [], list });
  await all(sources.barracuda(answering(page(2)).fetch).records(january, { onIssue: () => {} }));
  await failure(all(sources.barracuda(answering(page(3)).fetch).records(january, { onIssue: () => {} })), "incomplete");
});

test("a_content_type_is_a_hint_and_the_body_tells", async () => {
  const text = await barracudaPage({ days: [2] }).text();
  for (const type of ["text/html", "application/xml", "application/octet-stream", "nonsense"]) {
    const { fetch } = answering(new Response(text, { headers: { "content-type": type } }));
    assert.equal((await all(sources.barracuda(fetch).records(january))).length, 1, type);
  }
  const bare = answering(() => ({ status: 200, ok: true, type: "default", headers: new Headers(), body: new Response(text).body }));
  assert.equal((await all(sources.barracuda(bare.fetch).records(january))).length, 1);
});

test("bounds_of_the_engine_are_the_callers_own", async () => {
  const { fetch } = answering(barracudaPage({ days: days(1, 9) }));
  await failure(all(sources.barracuda(fetch, { limits: { maxRecords: 5 } }).records(january)), "limit-exceeded");
  await failure(sources.barracuda(fetch, { limits: { maxBytes: 100 } }).table(january), "limit-exceeded");
});

test("an_empty_listing_is_an_empty_answer_in_every_form", async () => {
  const { fetch } = answering(barracudaPage({ days: [] }));
  const source = sources.barracuda(fetch);
  assert.deepEqual(await all(source.records(january)), []);
  assert.deepEqual(await tableOf(source), []);
  assert.equal(await new Response(source.stream(january, "ndjson")).text(), "");
  assert.match(await new Response(source.stream(january, "csv")).text(), /^id,provider,[^\n]*\r\n$/);
  // Also where nothing needs to be asked.
  const none = sources.cloudsigma(fetch).stream({ from: "2024-01-01T01:00:00Z", to: "2024-01-01T02:00:00Z" }, "csv");
  assert.match(await new Response(none).text(), /^id,provider,[^\n]*\r\n$/);
});

test("csv_has_one_head_however_many_pages_there_are", async () => {
  const { fetch } = answering(barracudaPage({ days: days(1, 3), count: 5, next: 2 }), barracudaPage({ days: days(4, 2), count: 5, page: 2 }));
  const text = await new Response(sources.barracuda(fetch).stream(january, "csv")).text();
  assert.equal(text.match(/^id,provider/gm).length, 1);
  assert.equal(text.split("\r\n").length, 7);
});
