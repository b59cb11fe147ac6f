// The source of a user's format: pages by the descriptor's `next`, from a local server.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { defineFormat, normalize } from "meterglot";
import { formatSource, SourceError } from "meterglot/sources";
import { all, failure, quick, textOf } from "./support.mjs";

const acme = {
  descriptor: 1,
  provider: "acme",
  format: "acme.usage",
  title: "Acme usage",
  detect: [{ row: { has: ["resource", "bytes"] } }],
  errors: [{ when: { has: "/error/message" }, messages: "/error/message" }],
  rows: [{ at: "/items/*" }],
  account: { query: "account" },
  resource: { id: { field: "resource" } },
  period: { start: { field: "day", zone: "UTC" }, step: "P1D" },
  metrics: { bytes: { metric: "acme.bytes", kind: "delta", unit: "By" }, calls: { metric: "acme.calls", kind: "delta", unit: "{call}" } },
};

const paging = {
  cursor: { next: { by: "cursor", at: "/next", parameter: "cursor" } },
  link: { next: { by: "link", at: "/links/*", rel: { field: "rel", is: ["next"] }, href: "href", parameter: "page" } },
  offset: { page: { offset: "/offset", size: "/size", total: "/total" }, next: { by: "offset", parameter: "offset" } },
  page: { page: { number: "/page", size: "/size", total: "/total" }, next: { by: "page", parameter: "page" } },
};

const formatOf = (way, more = {}) => defineFormat({ ...acme, ...paging[way], ...more });

const row = (i) => ({ resource: `vol-${i}`, day: "2026-01-01", bytes: 1000 + i, calls: i });
const rows = Array.from({ length: 7 }, (_, i) => row(i));
const SIZE = 3;

/** A server with the rows, in pages; `alter` changes what it replies. */
async function serve(t, alter = (reply) => reply) {
  const asked = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url, "http://localhost");
    asked.push({ url, headers: request.headers });
    const parameter = (name) => Number(url.searchParams.get(name) ?? 0);
    const start = url.searchParams.has("offset") ? parameter("offset") : SIZE * (parameter("cursor") || (parameter("page") || 1) - 1);
    const number = start / SIZE + 1;
    const isLast = start + SIZE >= rows.length;
    const body = {
      items: rows.slice(start, start + SIZE),
      ...(isLast ? {} : { next: String(number) }),
      links: isLast ? [] : [{ rel: "next", href: `https://elsewhere.example/?page=${number + 1}` }],
      ...{ offset: start, size: SIZE, total: rows.length, page: number },
    };
    const { status = 200, headers = {}, body: text = JSON.stringify(body) } = alter({ body: JSON.stringify(body) }, asked.length, body) ?? {};
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(text);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => server.close());
  const origin = `http://127.0.0.1:${server.address().port}`;
  return { asked, origin, url: `${origin}/v1/usage?account=a-7` };
}

const json = (value) => ({ body: JSON.stringify(value) });

for (const way of Object.keys(paging)) {
  test(`every_page_is_fetched_by_${way}`, async (t) => {
    const { asked, url } = await serve(t);
    const progress = [];
    const records = await all(formatSource({ format: formatOf(way), request: url }).records({ onProgress: (state) => progress.push(state) }));
    const expected = normalize(JSON.stringify({ items: rows }), { format: formatOf(way), request: url });
    const without = (list) => list.map(({ page, pointer, ...record }) => record);
    assert.deepEqual(without(records), without(expected.records()));
    assert.deepEqual([records.length, asked.length, progress.at(-1).pages, progress.at(-1).records], [14, 3, 3, 14]);
    assert.ok(records.every(({ account, provider, format }) => account === "a-7" && provider === "acme" && format === "acme.usage"));
  });
}

test("a_format_without_next_has_one_page", async (t) => {
  const { asked, url } = await serve(t, (_, __, body) => json({ items: body.items }));
  assert.equal((await all(formatSource({ format: formatOf("none"), request: url }).records())).length, 6);
  assert.equal(asked.length, 1);
});

test("tables_and_texts_have_the_same_records", async (t) => {
  const { url } = await serve(t);
  const source = formatSource({ format: formatOf("page"), request: url });
  const records = await all(source.records());
  const table = await source.table();
  assert.deepEqual(table.records(), records);
  table.free();
  const lines = (await textOf(source.stream("ndjson", { trailer: true }))).trimEnd().split("\n").map(JSON.parse);
  assert.deepEqual(lines.pop(), { complete: true, records: 14, issues: 0 });
  assert.deepEqual(lines, records);
  assert.deepEqual((await textOf(source.stream("csv"))).trimEnd().split("\n").length, 15);
});

test("headers_go_with_every_page_to_the_origin_alone", async (t) => {
  const { asked, url, origin } = await serve(t);
  const headers = { Authorization: "Bearer token-of-acme-0001", accept: "application/vnd.acme+json" };
  await all(formatSource({ format: formatOf("link"), request: { url, headers } }).records());
  assert.deepEqual(
    asked.map(({ headers }) => [headers.authorization, headers.accept]),
    Array(3).fill([headers.Authorization, headers.accept]),
  );
  assert.ok(asked.every(({ url }) => url.searchParams.get("account") === "a-7"));

  const other = await serve(t);
  const redirecting = await serve(t, () => ({ status: 302, headers: { location: other.url } }));
  await failure(all(formatSource({ format: formatOf("link"), request: { url: redirecting.url, headers } }).records()), "foreign-origin");
  assert.equal(other.asked.length, 0);
  assert.ok(origin !== other.origin);
});

test("xml_is_asked_for_by_the_format", async (t) => {
  const { asked, url } = await serve(t, () => ({
    headers: { "content-type": "application/xml" },
    body: "<items><item resource='vol-0' day='2026-01-01' bytes='5'/></items>",
  }));
  const format = defineFormat({ ...acme, encodings: ["xml"], detect: [{ has: "/items/item" }], errors: [], rows: [{ at: "/items/item" }] });
  const [record] = await all(formatSource({ format, request: url }).records());
  assert.equal(record.quantity, "5");
  assert.equal(asked[0].headers.accept, "application/xml");
});

test("passing_failures_are_tried_again_and_others_are_errors", async (t) => {
  const flaky = await serve(t, (reply, n) => (n % 2 === 1 ? { status: 503, headers: { "retry-after": "0" } } : reply));
  assert.equal((await all(formatSource({ format: formatOf("cursor"), request: flaky.url, retry: quick }).records())).length, 14);
  assert.equal(flaky.asked.length, 6);

  const key = "key-of-acme-0123456789";
  const refusing = await serve(t, () => ({ status: 401, body: JSON.stringify({ error: { message: `bad key ${key}` } }) }));
  const request = { url: refusing.url, headers: { "X-Api-Key": key } };
  const error = await failure(all(formatSource({ format: formatOf("cursor"), request, retry: quick }).records()), "unauthorized");
  assert.equal(error.provider, "acme");
  assert.equal(refusing.asked.length, 1);

  for (const authorization of [`Bearer ${key}`, `Basic ${btoa(`me:${key}`)}`, `session=${key}; user=me`]) {
    const telling = await serve(t, () => json({ error: { message: `no rows for ${key}` } }));
    const source = formatSource({ format: formatOf("cursor"), request: { url: `${telling.url}`, headers: { authorization } } });
    const error = await failure(all(source.records()), "provider-error");
    assert.ok(!JSON.stringify([error.message, error.providerMessages, error.stack]).includes(key), error.message);
  }
});

test("a_listing_that_is_not_whole_is_an_error", async (t) => {
  const lost = await serve(t, (reply, n, body) => (n === 2 ? json({ ...body, items: body.items.slice(1) }) : reply));
  const error = await failure(all(formatSource({ format: formatOf("page"), request: lost.url }).records()), "incomplete");
  assert.equal(error.missing, "1 of 7 rows; what follows after 12 records".split("; ")[0]);

  const blind = await serve(t, (_, __, body) => json({ items: body.items, more: true }));
  const { missing } = await failure(all(formatSource({ format: formatOf("none", { page: { more: "/more" } }), request: blind.url }).records()), "incomplete");
  assert.equal(missing, "what follows after 3 rows");

  const changing = await serve(t, (reply, n, body) => (n === 2 ? json({ ...body, total: 8 }) : reply));
  await failure(all(formatSource({ format: formatOf("page"), request: changing.url }).records()), "listing-changed");
});

test("a_listing_without_an_end_is_an_error", async (t) => {
  const same = await serve(t, (_, __, body) => json({ ...body, items: rows.slice(0, SIZE), next: String(Math.random()) }));
  await failure(all(formatSource({ format: formatOf("cursor"), request: same.url }).records()), "too-many-pages");
  assert.equal(same.asked.length, 2);

  const stuck = await serve(t, () => json({ items: [], next: "c1" }));
  await failure(all(formatSource({ format: formatOf("cursor"), request: stuck.url }).records()), "too-many-pages");
  assert.equal(stuck.asked.length, 2);

  const endless = await serve(t, (_, n) => json({ items: [], next: `c${n}` }));
  await failure(all(formatSource({ format: formatOf("cursor"), request: endless.url, maxPages: 5 }).records()), "too-many-pages");
  // One more shows that there are more.
  assert.equal(endless.asked.length, 6);
});

test("empty_pages_between_others_are_sound_and_repeated_rows_count_once", async (t) => {
  const { url } = await serve(t, (_, n) => json([{ items: [row(0)], next: "a" }, { items: [], next: "b" }, { items: [row(0), row(1)] }][n - 1]));
  const progress = [];
  const records = await all(formatSource({ format: formatOf("cursor"), request: url }).records({ onProgress: (state) => progress.push(state) }));
  assert.equal(records.length, 4);
  assert.equal(progress.at(-1).duplicates, 2);
});

test("faulty_rows_are_issues_and_a_signal_aborts", async (t) => {
  const { url, asked } = await serve(t, (_, __, body) => json({ ...body, items: body.items.map((row, i) => (i === 0 ? { ...row, bytes: "many" } : row)) }));
  const issues = [];
  const source = formatSource({ format: formatOf("cursor"), request: url });
  assert.equal((await all(source.records({ onIssue: (issue) => issues.push(issue) }))).length, 8);
  assert.deepEqual(
    issues.map(({ code, page, pointer }) => [code, page, pointer]),
    [0, 1, 2].map((page) => ["invalid-number", page, "/items/0/bytes"]),
  );
  await failure(source.table(), "invalid-number");

  const before = asked.length;
  const controller = new AbortController();
  const reading = source.records({ signal: controller.signal, onIssue() {} });
  const iterator = reading[Symbol.asyncIterator]();
  await iterator.next();
  controller.abort();
  await failure(all({ [Symbol.asyncIterator]: () => iterator }), "aborted");
  assert.equal(asked.length, before + 1);
});

test("limits_apply", async (t) => {
  const { url } = await serve(t);
  const page = formatSource({ format: formatOf("cursor"), request: url, maxPageBytes: 50 });
  await failure(all(page.records()), "limit-exceeded");
  const body = formatSource({ format: formatOf("none"), request: url, limits: { maxBytes: 50 } });
  await failure(all(body.records()), "limit-exceeded");
});

test("a_configuration_is_checked_at_once", () => {
  const format = formatOf("cursor");
  const request = "https://api.acme.example/v1/usage";
  for (const [config, message] of [
    [undefined, /config/],
    [{ request }, /`format`: expected a format of `defineFormat`, found undefined/],
    [{ request, format: "acme.usage" }, /`format`: expected a format of `defineFormat`, found "acme\.usage"/],
    [{ request, format: { ...format } }, /`format`: expected a format of `defineFormat`/],
    [{ format }, /`request`: expected a URL or an object with a URL, found undefined/],
    [{ format, request: { headers: {} } }, /`request\.url`: expected a URL/],
    [{ format, request: { url: request, method: "POST" } }, /`request\.method`: is not known/],
    [{ format, request: "/v1/usage" }, /`request`: expected an absolute URL/],
    [{ format, request: "http://api.acme.example/" }, /`request`: expected a URL of https:/],
    [{ format, request: "https://me:pass@api.acme.example/" }, /`request`: expected a URL without credentials or fragment/],
    [{ format, request: { url: request, headers: { "X-Key": "secret\nkey" } } }, /`request\.headers`: expected names and values of HTTP headers$/],
    [{ format, request: { url: request, headers: { "X-Key": 12345678 } } }, /`request\.headers\.X-Key`: expected a string$/],
    [{ format, request: { url: request, headers: "X-Key: 1" } }, /`request\.headers`: expected an object with headers/],
    [{ format, request, baseUrl: request }, /`baseUrl`: is not known/],
    [{ format, request, limits: { maxBytes: 0 } }, /`limits\.maxBytes`/],
  ]) {
    assert.throws(
      () => formatSource(config),
      (error) => error instanceof SourceError && error.code === "invalid-option" && message.test(error.message),
      `${message}`,
    );
  }
  assert.throws(() => formatSource({ format, request }).stream("json"), SourceError);
});
