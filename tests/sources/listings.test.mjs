// Pages of one listing: where they end, what they are compared with, and the errors when they do not match.
import assert from "node:assert/strict";
import { test } from "node:test";
import { barracudaSource } from "meterglot/sources";
import { all, answering, barracudaPage, cloudsigmaPage, failure, january, json, quick, secrets, sources, statsPage, wasabiRow } from "./support.mjs";

const days = (first, count) => Array.from({ length: count }, (_, i) => first + i);

async function tableOf(source, query = january) {
  const table = await source.table(query);
  const records = table.records();
  table.free();
  return records;
}

// Barracuda

test("the_whole_query_is_kept_from_page_to_page", async () => {
  const { fetch, sent } = answering(barracudaPage({ days: days(1, 3), count: 5, next: 2 }), barracudaPage({ days: days(4, 2), count: 5, page: 2 }));
  await all(sources.barracuda(fetch).records({ ...january, pageSize: 3, resolution: "2d" }));
  const [first, second] = sent.map(({ url }) => new URL(url));
  second.searchParams.delete("page");
  assert.equal(String(second), String(first));
});

test("a_next_link_that_leads_back_is_found", async () => {
  const { fetch, sent } = answering(barracudaPage({ days: days(1, 3), count: 9, next: 1 }));
  const error = await failure(all(sources.barracuda(fetch).records(january)), "incomplete");
  assert.equal(sent.length, 1);
  assert.equal(error.missing, "what follows after 3 rows");
});

test("a_next_link_that_leaves_a_page_out_is_found", async () => {
  const page = (days, number, next) =>
    json({
      page: number,
      links: next === null ? [] : [{ rel: "next", href: `https://api.intronis.com/x?page=${next}` }],
      list: days.map((day) => ({ date: `2024-01-0${day}T00:00:00-05:00`, bytes: day })),
    });
  const error = await failure(all(sources.barracuda(answering(page([1, 2], 1, 3), page([5, 6], 3, null)).fetch).records(january)), "incomplete");
  assert.match(error.message, /it is page 3, where 2 was expected/);
  assert.equal(error.missing, "what follows after 2 rows");
  assert.equal((await all(sources.barracuda(answering(page([1, 2], 1, 2), page([3, 4], 2, null)).fetch).records(january))).length, 4);
});

/** A server of January's days, as they are at each of its requests. */
const daysAt = (listings, size, { inXml = false } = {}) => {
  let requests = 0;
  return answering(({ url }) => {
    const page = Number(new URL(url).searchParams.get("page") ?? 1);
    const all = listings[Math.min(requests, listings.length - 1)];
    requests += 1;
    const list = all.slice((page - 1) * size, page * size).map((day) => ({ date: `2024-01-${String(day).padStart(2, "0")}T00:00:00-05:00`, bytes: day }));
    const href = `https://api.intronis.com/x?page=${page + 1}`;
    const hasNext = page * size < all.length;
    if (inXml) {
      const usage = list.map(({ date, bytes }) => `<usage><date>${date}</date><bytes>${bytes}</bytes></usage>`).join("");
      const text = `<list page="${page}" page_size="${size}" count="${all.length}">${hasNext ? `<link rel="next" href="${href}"/>` : ""}${usage}</list>`;
      return new Response(text, { headers: { "content-type": "application/xml" } });
    }
    return json({ page, page_size: size, count: all.length, links: hasNext ? [{ rel: "next", href }] : [], list });
  });
};

test("a_day_that_slips_from_one_page_to_another_is_reported_where_as_many_come_as_go", async () => {
  const [before, after] = [days(1, 6), days(2, 6)];
  for (const listings of [
    [before, after],
    [before, after, before],
    [before, after, after, before],
    [after, before],
  ]) {
    for (const inXml of [false, true]) {
      const ask = (source) => all(source.records(january));
      await failure(ask(sources.barracuda(daysAt(listings, 3, { inXml }).fetch, { encoding: inXml ? "xml" : "json" })), "listing-changed");
    }
  }
  assert.equal((await tableOf(sources.barracuda(daysAt([before, after], 3).fetch))).length, 6);
});

test("days_that_are_missing_between_two_pages_are_asked_for_once_more", async () => {
  const holes = [1, 2, 3, 6, 7, 8, 9];
  const { fetch, sent } = daysAt([holes], 3);
  assert.equal((await all(sources.barracuda(fetch).records(january))).length, 7);
  assert.deepEqual(
    sent.map(({ url }) => new URL(url).searchParams.get("page")),
    [null, "2", null, "2", "3"],
  );
  // Where none is missing, nothing is asked for twice: so it is in a week's steps, and where the clocks change.
  const steps = daysAt([[1, 8, 15, 22, 29]], 2);
  assert.equal((await all(sources.barracuda(steps.fetch).records({ ...january, resolution: "week" }))).length, 5);
  assert.equal(steps.sent.length, 3);
  const downwards = daysAt([days(1, 6).reverse()], 2);
  assert.equal((await all(sources.barracuda(downwards.fetch).records(january))).length, 6);
  await failure(all(sources.barracuda(daysAt([days(1, 6).reverse(), [7, 6, 5, 4, 3, 2]], 2).fetch).records(january)), "listing-changed");
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

test("rows_that_are_missing_are_reported_by_number", async () => {
  const { fetch } = answering(barracudaPage({ days: days(1, 3), count: 5 }));
  const error = await failure(all(sources.barracuda(fetch).records(january)), "incomplete");
  assert.equal(error.missing, "2 of 5 rows");
  assert.match(error.message, /expected 5 rows, as barracuda counts them, found 3/);
});

test("rows_before_the_period_count_and_are_not_given", async () => {
  const { fetch } = answering(barracudaPage({ days: days(1, 9) }));
  const records = await all(sources.barracuda(fetch).records({ from: "2024-01-03", to: "2024-01-05" }));
  assert.deepEqual(
    records.map(({ start }) => start),
    ["2024-01-03T05:00:00Z", "2024-01-04T05:00:00Z"],
  );
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

test("records_that_were_given_cannot_be_taken_back_so_a_change_is_reported", async () => {
  const { fetch } = answering(barracudaPage({ days: days(1, 3), count: 5, next: 2 }), barracudaPage({ days: days(3, 3), count: 6, page: 2 }));
  const given = [];
  const error = await failure(
    (async () => {
      for await (const record of sources.barracuda(fetch).records(january)) {
        given.push(record);
      }
    })(),
    "listing-changed",
  );
  assert.ok(given.length >= 3);
  assert.notEqual(error.missing, null);
});

test("a_row_that_is_another_on_a_later_page_is_a_conflict", async () => {
  const one = barracudaPage({ days: days(1, 3), count: 5, next: 2 });
  const other = json({
    page: 2,
    count: 5,
    links: [],
    list: [
      { date: "2024-01-03T00:00:00-05:00", bytes: 7 },
      { date: "2024-01-04T00:00:00-05:00", bytes: 7 },
    ],
  });
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
  assert.deepEqual(
    sent.map(({ headers }) => headers.get("authorization")),
    [null, "OAuth first-token", null, "OAuth second-token"],
  );
  assert.deepEqual([seen.at(-1).requests, seen.at(-1).retries], [4, 1]);
  // The new one is kept.
  assert.equal((await all(source.records(january))).length, 1);
  assert.equal(sent.at(-1).headers.get("authorization"), "OAuth second-token");
  const refusedTwice = answering(token("first-token"), denied, token("second-token"), denied);
  await failure(
    all(barracudaSource({ fetch: refusedTwice.fetch, partner: "acme", clientId: "me", clientSecret: secrets.clientSecret }).records(january)),
    "unauthorized",
  );
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
    const error = await failure(
      all(barracudaSource({ fetch, partner: "acme", clientId: "me", clientSecret: secrets.clientSecret }).records(january)),
      "unauthorized",
    );
    assert.equal(sent.length, 1);
    assert.match(error.message, new RegExp(`answered with status ${status}$`));
  });
}

test("a_next_page_that_cannot_be_asked_for_is_missing", async () => {
  const page = (links, count) =>
    json({ page: 1, page_size: 90, ...(count === undefined ? {} : { count }), links, list: [{ date: "2024-01-02T00:00:00-05:00", bytes: 1 }] });
  const links = [{ rel: "next", href: "https://api.intronis.com/v1/partners/acme/usage_history?cursor=abc" }];
  const error = await failure(all(sources.barracuda(answering(page(links)).fetch).records(january)), "incomplete");
  assert.equal(error.missing, "what follows after 1 rows");
  assert.equal((await all(sources.barracuda(answering(page(links, 1)).fetch).records(january))).length, 1);
  assert.equal((await all(sources.barracuda(answering(page([])).fetch).records(january))).length, 1);
});

// CloudSigma

/** A server of rows, as they are at each of its requests, which gives at most so many at once. */
const burstsAt = (listings, { most = 1000, total } = {}) => {
  let requests = 0;
  return answering(({ url }) => {
    const [limit, offset] = ["limit", "offset"].map((name) => Number(new URL(url).searchParams.get(name)));
    const all = listings[Math.min(requests, listings.length - 1)];
    requests += 1;
    return cloudsigmaPage({ days: all.slice(offset, offset + Math.min(limit, most)), offset, limit, total: total ?? all.length });
  });
};
const offsets = (sent) => sent.map(({ url }) => Number(new URL(url).searchParams.get("offset")));

test("a_listing_is_read_to_its_count_with_limit_and_offset_each_page_from_the_last_row_on", async () => {
  const { fetch, sent } = burstsAt([days(1, 25)]);
  assert.equal((await all(sources.cloudsigma(fetch).records({ ...january, pageSize: 10 }))).length, 25);
  assert.deepEqual(offsets(sent), [0, 9, 18]);
  for (const pageSize of [1, 2, 3, 24, 25, 26]) {
    const table = await tableOf(sources.cloudsigma(burstsAt([days(1, 25)]).fetch), { ...january, pageSize });
    assert.deepEqual(
      table.map(({ start }) => Number(start.slice(8, 10))),
      days(1, 25),
    );
  }
});

test("a_server_that_gives_fewer_rows_than_asked_for_is_asked_for_the_rest", async () => {
  const { fetch, sent } = burstsAt([days(1, 25)], { most: 20 });
  assert.equal((await all(sources.cloudsigma(fetch).records(january))).length, 25);
  assert.deepEqual(offsets(sent), [0, 19]);
});

test("a_row_that_slips_from_one_page_to_another_is_reported_where_as_many_come_as_go", async () => {
  const [before, after] = [days(1, 6), days(2, 6)];
  for (const listings of [
    [before, after],
    [before, after, before],
    [after, before],
    [before, [1, 2, 4, 5, 6, 7]],
  ]) {
    const { fetch } = burstsAt(listings);
    await failure(all(sources.cloudsigma(fetch).records({ ...january, pageSize: 3 })), "listing-changed");
    const again = burstsAt([...listings, before]);
    assert.equal((await tableOf(sources.cloudsigma(again.fetch), { ...january, pageSize: 3 })).length, 6);
  }
  // What goes when it has been read, behind the last row that is known, or comes there, hides none.
  const known = await all(sources.cloudsigma(burstsAt([before, [1, 2, 3, 4, 6, 7]]).fetch).records({ ...january, pageSize: 3 }));
  assert.deepEqual(
    known.map(({ quantity }) => quantity),
    ["1", "2", "3", "4", "6", "7"],
  );
});

test("a_server_that_returns_one_row_at_a_time_is_reported_as_listing_changed", async () => {
  await failure(all(sources.cloudsigma(burstsAt([days(1, 6)], { most: 1 }).fetch).records(january)), "listing-changed");
  assert.equal((await all(sources.cloudsigma(burstsAt([[1]], { most: 1 }).fetch).records(january))).length, 1);
});

const bursts = (first, count) => json({ objects: days(first, count).map((n) => ({ uuid: `u${n}`, amount: 0.01, resource_type: "cpu", usage: n })) });

const total = { ...january, resolution: "total" };
/** A server with so many rows that states no count, and returns at most so many at once. */
const uncounted =
  (rows, most) =>
  ({ url }) => {
    const { limit, offset } = Object.fromEntries([...new URL(url).searchParams].map(([name, value]) => [name, Number(value)]));
    return bursts(offset + 1, Math.max(0, Math.min(limit, most, rows - offset)));
  };

test("rows_without_a_count_are_requested_until_a_page_is_empty", async () => {
  for (const [rows, most] of [
    [23, 20],
    [150, 100],
    [19, 20],
    [40, 20],
    [0, 20],
    [17, 7],
  ]) {
    const { fetch, sent } = answering(uncounted(rows, most));
    assert.equal((await all(sources.cloudsigma(fetch).records(total))).length, rows);
    // Each page but the first begins with a row that is known; the last one holds no other.
    assert.equal(sent.length, rows === 0 ? 1 : 2 + Math.ceil(Math.max(0, rows - most) / (most - 1)));
  }
});

test("a_page_that_is_repeated_is_everything_only_if_it_is_not_full", async () => {
  assert.equal((await all(sources.cloudsigma(answering(bursts(1, 19)).fetch).records(total))).length, 19);
  for (const [rows, pageSize] of [
    [20, 1000],
    [100, 1000],
    [7, 7],
  ]) {
    await failure(all(sources.cloudsigma(answering(bursts(1, rows)).fetch).records({ ...total, pageSize })), "incomplete");
  }
  const limited = json({ meta: { limit: 13 }, objects: days(1, 13).map((n) => ({ uuid: `u${n}`, amount: 0.01, resource_type: "cpu", usage: n })) });
  await failure(all(sources.cloudsigma(answering(limited).fetch).records(total)), "incomplete");
});

test("a_count_that_is_too_low_is_not_trusted", async () => {
  // The vendor's own sample counts 0 where there are 6.
  assert.equal((await all(sources.cloudsigma(answering(cloudsigmaPage({ days: days(1, 6), total: 0 })).fetch).records(january))).length, 6);
  assert.equal((await all(sources.cloudsigma(burstsAt([days(1, 14)], { total: 0 }).fetch).records({ ...january, pageSize: 10 }))).length, 14);
});

test("rows_that_come_again_hide_none_that_are_counted", async () => {
  // A server without an order: rows that it returns twice take the place of others.
  const shuffled = [
    [...days(1, 10), ...days(11, 10)],
    [...days(11, 9), 10, ...days(1, 10)],
  ];
  const error = await failure(all(sources.cloudsigma(burstsAt(shuffled).fetch).records({ ...january, pageSize: 10 })), "incomplete");
  assert.equal(error.missing, "10 of 20 rows");
  assert.equal((await tableOf(sources.cloudsigma(burstsAt([...shuffled, days(1, 20)]).fetch), { ...january, pageSize: 10 })).length, 20);
});

test("a_page_with_nothing_on_it_is_the_last_whatever_is_counted", async () => {
  const { fetch, sent } = answering(
    cloudsigmaPage({ days: days(1, 10), total: 25, limit: 10 }),
    cloudsigmaPage({ days: [], offset: 10, total: 25, limit: 10 }),
  );
  const error = await failure(all(sources.cloudsigma(fetch).records({ ...january, pageSize: 10 })), "incomplete");
  assert.deepEqual([sent.length, error.missing], [2, "15 of 25 rows"]);
});

// Wasabi and OnApp

const hour = (n) => new Date(Date.UTC(2024, 0, 1, n)).toISOString();
const onappHour = (n, cost = 1) => ({
  user_stat: { user_id: 4, vm_cost: cost, total_cost: cost, currency_code: "EUR", stat_time: hour(n).replace(".000", "") },
});
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

  test(`a_user_without_usage_has_an_empty_listing_in_${way}`, async () => {
    for (const [type, text] of [
      ["application/xml", '<nil-classes type="array"/>'],
      ["application/xml", '<user_stats type="array"/>'],
      ["application/json", "[]"],
    ]) {
      const idle = () => new Response(text, { headers: { "content-type": type } });
      assert.equal(await count(sources.onapp(answering(idle).fetch, { encoding: type.slice("application/".length) }), january), 0, text);
    }
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

test("a_restated_row_is_in_a_table_and_is_an_error_elsewhere", async () => {
  const restated = { ...wasabiRow(2), CreateTime: "2024-01-05T03:00:00Z", NumAPICalls: 9 };
  const source = () => sources.wasabi(answering(json([wasabiRow(1), { ...wasabiRow(2), CreateTime: "2024-01-04T03:00:00Z" }, restated])).fetch);
  assert.deepEqual(
    (await tableOf(source())).map(({ quantity }) => quantity),
    ["11", "9"],
  );
  for (const ask of [all(source().records(january)), new Response(source().stream(january, "ndjson")).text()]) {
    const error = await failure(ask, "conflicting-record");
    // Rows before it were given.
    assert.equal(error.missing, "the newer of two rows, which `table()` gives; what follows after 2 records");
    assert.match(error.message, /: 7, 1, b1, 2024-01-02T00:00:00Z$/);
  }
  const issues = [];
  await all(source().records(january, { onIssue: (issue) => issues.push(issue) }));
  assert.match(issues[0].message, /: 7, 1, b1, 2024-01-02T00:00:00Z$/);
});

// All of them

test("a_faulty_row_is_thrown_unless_onIssue_is_set", async () => {
  const page = () =>
    json({
      page: 1,
      count: 3,
      links: [],
      list: [
        { date: "2024-01-02T00:00:00-05:00", bytes: 1 },
        { date: "2024-01-03", bytes: 1 },
        { date: "2024-01-04T00:00:00-05:00", bytes: 1 },
      ],
    });
  const error = await failure(all(sources.barracuda(answering(page).fetch).records(january)), "invalid-timestamp");
  assert.equal(error.pointer, "/list/1/date");
  const issues = [];
  const records = await all(sources.barracuda(answering(page).fetch).records(january, { onIssue: (issue) => issues.push(issue) }));
  assert.deepEqual([records.length, issues.map(({ code }) => code)], [2, ["invalid-timestamp"]]);
});

test("an_incomplete_page_is_thrown_even_if_onIssue_is_set", async () => {
  const cut = () => json('{"page":1,"count":2,"links":[],"list":[{"date":"2024-01-02T00:00:00-05:00","bytes":1}');
  const web = () => new Response("<html><body>Sign in</body></html>", { headers: { "content-type": "application/json" } });
  const heard = { onIssue: () => {} };
  await failure(all(sources.barracuda(answering(cut).fetch).records(january, heard)), "invalid-json");
  await failure(all(sources.barracuda(answering(web).fetch).records(january, heard)), "provider-error");
  await failure(sources.barracuda(answering(web).fetch).table(january, heard), "provider-error");
});

test("a_faulty_row_is_not_a_missing_one_and_a_missing_one_still_is", async () => {
  const list = [
    { date: "2024-01-02T00:00:00-05:00", bytes: 1 },
    { date: "x", bytes: 1 },
  ];
  const page = (count) => json({ page: 1, count, links: [], list });
  await all(sources.barracuda(answering(page(2)).fetch).records(january, { onIssue: () => {} }));
  await failure(all(sources.barracuda(answering(page(3)).fetch).records(january, { onIssue: () => {} })), "incomplete");
});

test("a_content_type_is_a_hint_and_the_body_decides", async () => {
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

// Wasabi's Stats API

/** `days` rows of each of so many buckets, day by day. */
const statsRows = (buckets, first = 1, count = 1) => days(first, count).flatMap((day) => days(1, buckets).map((bucket) => wasabiRow(day, bucket)));

/** A server of rows, as they are at each of its requests for a listing. It answers for the days that it is asked for. */
const statsAt = (listings, { count = (rows) => rows.length, most = 100 } = {}) => {
  let requests = 0;
  return answering(({ url }) => {
    const { from, to, pageNum, pageSize } = Object.fromEntries(new URL(url).searchParams);
    const all = listings[Math.min(requests, listings.length - 1)].filter(({ StartTime }) => StartTime >= from && StartTime < to);
    requests += 1;
    const [page, size] = [Number(pageNum), Math.min(Number(pageSize), most)];
    return statsPage(all.slice(page * size, (page + 1) * size), { page, size, count: count(all) });
  });
};
const pagesAsked = (sent) => sent.map(({ url }) => Number(new URL(url).searchParams.get("pageNum")));

for (const [way, count] of Object.entries(WAYS)) {
  test(`a_listing_that_is_counted_on_its_first_page_alone_is_read_to_its_end_in_${way}`, async () => {
    for (const buckets of [0, 1, 99, 100, 101, 200, 250]) {
      const { fetch, sent } = statsAt([statsRows(buckets)]);
      assert.equal(await count(sources.wasabiStats(fetch), january), buckets);
      assert.deepEqual(pagesAsked(sent), days(0, Math.max(1, Math.ceil(buckets / 100))), `${buckets} buckets`);
    }
  });

  test(`a_full_page_has_a_next_one_where_nothing_is_counted_in_${way}`, async () => {
    for (const [buckets, pages] of [
      [0, 1],
      [99, 1],
      [100, 2],
      [250, 3],
      [300, 4],
    ]) {
      const { fetch, sent } = statsAt([statsRows(buckets)], { count: () => 0 });
      assert.equal(await count(sources.wasabiStats(fetch), january), buckets);
      assert.deepEqual(pagesAsked(sent), days(0, pages));
    }
  });

  test(`rows_of_the_stats_api_that_are_missing_are_reported_by_number_in_${way}`, async () => {
    const cut = answering(({ url }) => {
      const page = Number(new URL(url).searchParams.get("pageNum"));
      return statsPage(page > 1 ? [] : statsRows(250).slice(page * 100, (page + 1) * 100), { page, count: 250 });
    });
    const error = await failure(count(sources.wasabiStats(cut.fetch), january), "incomplete");
    assert.equal(error.missing, "50 of 250 rows");
    assert.match(error.message, /expected 250 rows, as wasabi counts them, found 200/);
  });

  test(`each_slice_of_the_stats_api_is_counted_by_itself_in_${way}`, async () => {
    const { fetch, sent } = statsAt([statsRows(70, 1, 31)]);
    const seen = [];
    const source = sources.wasabiStats(fetch, { daysPerRequest: 10 });
    const asked =
      way === "table" ? source.table(january, { onProgress: (progress) => seen.push(progress) }).then((table) => table.free()) : count(source, january);
    await asked;
    // Seven pages of ten days, and one of the last day.
    assert.deepEqual(pagesAsked(sent), [...days(0, 7), ...days(0, 7), ...days(0, 7), 0]);
    if (way === "table") {
      assert.deepEqual([seen.at(-1).total, seen.at(-1).pages], [70 * 31, 22]);
    }
  });
}

test("a_server_of_the_stats_api_that_gives_fewer_rows_than_asked_for_is_asked_for_the_rest", async () => {
  const { fetch, sent } = statsAt([statsRows(120)], { most: 50 });
  assert.equal((await all(sources.wasabiStats(fetch).records(january))).length, 120);
  assert.deepEqual(pagesAsked(sent), [0, 1, 2]);
});

test("rows_that_shift_from_page_to_page_change_a_listing", async () => {
  const rows = statsRows(150, 1, 3);
  const without = rows.slice(1);
  const more = [...without, wasabiRow(4, 1)];
  const cases = {
    "a row comes before": [[without, rows], "listing-changed"],
    "a row goes": [[rows, without], "listing-changed"],
    "one goes and one comes": [[rows, more], "listing-changed"],
    "one goes and one comes later": [[rows, rows, rows, more], "listing-changed"],
    "more than are counted": [[rows.slice(0, 430), rows.slice(0, 440)], "listing-changed"],
  };
  for (const [name, [listings, code]] of Object.entries(cases)) {
    const error = await failure(all(sources.wasabiStats(statsAt(listings).fetch).records(january)), code);
    assert.notEqual(error.missing, null, name);
    // A table is read once more, and then whole.
    const { fetch } = statsAt([...listings, ...Array(8).fill(listings.at(-1))]);
    assert.equal((await tableOf(sources.wasabiStats(fetch))).length, listings.at(-1).length, name);
  }
});

test("a_day_that_a_bucket_lacks_is_asked_for_and_is_no_fault_where_it_is_not_there", async () => {
  const rows = statsRows(60, 1, 5).filter(({ BucketNum, StartTime }) => BucketNum !== 7 || !StartTime.startsWith("2024-01-03"));
  const { fetch, sent } = statsAt([rows]);
  assert.equal((await all(sources.wasabiStats(fetch).records(january))).length, 299);
  assert.deepEqual(sent.map(({ url }) => new URL(url).search).slice(3), ["?from=2024-01-03&to=2024-01-04&pageNum=0&pageSize=100"]);
});

test("a_page_that_is_repeated_is_reported_and_a_bare_list_is_everything", async () => {
  const same = answering(() => statsPage(statsRows(100), { count: 0 }));
  await failure(all(sources.wasabiStats(same.fetch).records(january)), "incomplete");
  assert.equal(same.sent.length, 2);
  const bare = answering(() => json(statsRows(250)));
  assert.equal((await all(sources.wasabiStats(bare.fetch).records(january))).length, 250);
  const short = answering(() => json(statsRows(3)));
  assert.equal((await all(sources.wasabiStats(short.fetch).records(january))).length, 3);
  assert.equal(short.sent.length, 1);
  await failure(all(sources.wasabiStats(answering(() => json(statsRows(100))).fetch).records(january)), "incomplete");
});

test("a_restated_row_of_the_stats_api_is_in_a_table_from_any_page", async () => {
  const restated = { ...wasabiRow(1, 2), CreateTime: "2024-01-05T03:00:00Z", NumAPICalls: 9 };
  const rows = [wasabiRow(1, 1), { ...wasabiRow(1, 2), CreateTime: "2024-01-04T03:00:00Z" }, ...statsRows(120).slice(2), restated];
  const source = () => sources.wasabiStats(statsAt([rows]).fetch);
  const records = await tableOf(source());
  assert.deepEqual([records.length, records.find(({ resourceId }) => resourceId === "2").quantity], [120, "9"]);
  const error = await failure(all(source().records(january)), "conflicting-record");
  assert.match(error.missing, /^the newer of two rows, which `table\(\)` gives/);
});

test("a_row_that_occurs_twice_on_a_page_is_returned_once_whether_it_is_counted_or_not", async () => {
  const rows = [wasabiRow(1, 1), ...statsRows(149)];
  for (const count of [149, 150]) {
    const { fetch } = statsAt([rows], { count: () => count });
    assert.equal((await all(sources.wasabiStats(fetch).records(january))).length, 149);
    assert.equal((await tableOf(sources.wasabiStats(fetch))).length, 149);
  }
});

test("an_error_of_the_stats_api_has_its_message_and_429_is_waited_for", async () => {
  const refused = json({ message: "Invalid bucket" }, { status: 400 });
  const error = await failure(all(sources.wasabiStats(answering(refused).fetch).records(january)), "provider-error");
  assert.deepEqual([error.status, error.providerMessages], [400, ["Invalid bucket"]]);
  const busy = json({ message: "Too Many Requests" }, { status: 429, headers: { "retry-after": "0" } });
  const { fetch, sent } = answering(busy, busy, statsPage(statsRows(3)));
  assert.equal((await all(sources.wasabiStats(fetch).records(january))).length, 3);
  assert.equal(sent.length, 3);
  // A success reply that is an error is one.
  await failure(all(sources.wasabiStats(answering(json({ message: "down" })).fetch).records(january)), "provider-error");
});
