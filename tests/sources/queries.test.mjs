// What may be asked, how each provider is asked for it, and what is refused before anything is sent.
import assert from "node:assert/strict";
import { test } from "node:test";
import { barracudaSource, cloudsigmaSource, devicewiseSource, onappSource, openSource, wasabiSource } from "meterglot/sources";
import { all, answering, barracudaPage, cloudsigmaPage, failure, january, json, secrets, sources, statsPage } from "./support.mjs";

/** The requests that a query leads to, every reply being an empty one. */
async function asked(provider, query, more) {
  const empty = {
    barracuda: () => barracudaPage({ days: [] }),
    devicewise: () => json({ usage: { success: true, params: { counters: null, total: 0, ts: null } } }),
    cloudsigma: ({ url }) => (url.includes("daily") ? cloudsigmaPage({ days: [] }) : json({ objects: [] })),
    wasabi: () => json([]),
    wasabiStats: () => statsPage([]),
    onapp: ({ url }) => (url.includes(".json") ? json([]) : new Response('<user_stats type="array"/>')),
  };
  const { fetch, sent } = answering(empty[provider]);
  assert.deepEqual(await all(sources[provider](fetch, more).records(query)), []);
  return sent;
}

const refused = (code, field) => (error) => {
  assert.deepEqual([error.name, error.code], ["SourceError", code]);
  assert.match(error.message, new RegExp(`\`${field}\``));
  return true;
};

test("barracuda_is_asked_with_a_token_for_pages_as_large_as_can_be", async () => {
  const [{ url, headers, method }] = await asked("barracuda", january);
  const { origin, pathname, searchParams } = new URL(url);
  assert.equal(origin + pathname, "https://api.intronis.com/v1/partners/acme/usage_history");
  assert.deepEqual(Object.fromEntries(searchParams), {
    start_date: "2023-12-31",
    end_date: "2024-02-03",
    resolution: "DAY",
    order_by: "DATE",
    order_dir: "ASC",
    page_size: "90",
  });
  assert.deepEqual([method, headers.get("authorization"), headers.get("accept")], ["GET", `OAuth ${secrets.token}`, "application/json"]);
});

test("barracuda_is_asked_by_week_month_and_any_number_of_days", async () => {
  const parameters = async (resolution) => {
    const [{ url }] = await asked("barracuda", { ...january, resolution });
    const { searchParams } = new URL(url);
    // A series of longer steps begins where it is asked to.
    assert.equal(searchParams.get("start_date"), "2024-01-01");
    return [searchParams.get("resolution"), searchParams.get("custom")];
  };
  assert.deepEqual(await parameters("week"), ["WEEK", null]);
  assert.deepEqual(await parameters("month"), ["MONTH", null]);
  assert.deepEqual(await parameters("10d"), ["CUSTOM", "10"]);
  const source = sources.barracuda();
  for (const resolution of ["61d", "0d", "hour", "total", "1.5d", "d", "year"]) {
    assert.throws(() => source.records({ ...january, resolution }), refused("invalid-option", "resolution"), resolution);
  }
});

test("barracuda_is_asked_about_an_account_in_xml", async () => {
  const { fetch, sent } = answering(new Response('<list page="1" page_size="7" count="0"/>', { headers: { "content-type": "application/xml" } }));
  await all(sources.barracuda(fetch, { encoding: "xml" }).records({ ...january, account: "b & k", pageSize: 7 }));
  assert.match(sent[0].url, /\/v1\/accounts\/b%20%26%20k\/usage_history\?.*&page_size=7$/);
  assert.equal(sent[0].headers.get("accept"), "application/xml");
});

test("devicewise_is_asked_within_a_session_for_whole_hours_and_one_more_at_each_end", async () => {
  const [{ url, method, sentBody, headers }] = await asked("devicewise", { from: "2024-01-01T05:30:00+01:00", to: "2024-01-02T00:15:00Z" });
  assert.deepEqual([method, url, headers.get("content-type")], ["POST", "https://api.devicewise.com/api", "application/json"]);
  assert.deepEqual(JSON.parse(sentBody), {
    auth: { sessionId: secrets.sessionId },
    usage: { command: "usage.api.history", params: { start: "2024-01-01T03:00:00Z", end: "2024-01-02T01:59:59.999Z", series: "hour" } },
  });
});

test("devicewise_is_asked_for_organisations", async () => {
  const [{ sentBody }] = await asked("devicewise", { ...january, resolution: "day" }, { dimension: "org", includeSubOrgs: true, showAll: false });
  const { params } = JSON.parse(sentBody).usage;
  assert.deepEqual([params.series, params.dimension, params.includeSubOrgs, params.showAll], ["day", "org", true, false]);
});

test("cloudsigma_is_asked_by_day_with_a_limit_of_its_own", async () => {
  const [{ url, headers }] = await asked("cloudsigma", { from: "2024-01-01T12:00:00Z", to: "2024-01-04T12:00:00Z" });
  assert.equal(url, "https://zrh.cloudsigma.com/api/2.0/dailyburstusage/?date__gt=2024-01-02&date__lt=2024-01-05&limit=1000&offset=0");
  assert.equal(headers.get("authorization"), `Basic ${Buffer.from(`me:${secrets.password}`).toString("base64")}`);
  assert.deepEqual(await asked("cloudsigma", { from: "2024-01-01T01:00:00Z", to: "2024-01-01T02:00:00Z" }), []);
});

test("cloudsigma_is_asked_for_a_total_of_whole_days", async () => {
  const [{ url }] = await asked("cloudsigma", { ...january, resolution: "total", pageSize: 50 });
  assert.equal(url, "https://zrh.cloudsigma.com/api/2.0/burstusage/?date__gte=2024-01-01&date__lt=2024-02-01&limit=50&offset=0");
  for (const [field, time] of [
    ["from", "2024-01-01T00:00:01Z"],
    ["to", "2024-02-01T00:00:00-05:00"],
  ]) {
    assert.throws(() => sources.cloudsigma().records({ ...january, [field]: time, resolution: "total" }), refused("invalid-option", field));
  }
});

test("wasabi_is_asked_a_month_at_a_time_with_the_bare_key", async () => {
  const sent = await asked("wasabi", { from: "2024-01-01", to: "2024-03-01T01:00:00Z" });
  const base = "https://partner.wasabisys.com/v1/accounts/7/utilizations/buckets";
  assert.deepEqual(
    sent.map(({ url }) => url),
    [`${base}?from=2024-01-01&to=2024-02-01`, `${base}?from=2024-02-01&to=2024-03-02`],
  );
  assert.deepEqual([sent[0].headers.get("authorization"), sent[0].headers.get("x-wasabi-service")], [secrets.apiKey, "partner"]);
});

test("wasabi_is_asked_by_bucket_account_invoice_and_at_all_accounts", async () => {
  const path = async (query, more) => {
    const [{ url }] = await asked("wasabi", query, more);
    return url.slice("https://partner.wasabisys.com/v1/".length);
  };
  assert.equal(await path({ ...january, bucket: "a b" }), "accounts/7/utilizations/buckets/a%20b?from=2024-01-01&to=2024-02-01");
  assert.equal(
    await path({ ...january, level: "account", account: "8" }),
    "accounts/8/utilizations?from=2024-01-01&to=2024-02-01&includeRegionalUtilizations=true",
  );
  assert.equal(await path({ invoice: "9826" }), "accounts/7/utilizations/buckets?invoice=9826");
  assert.equal(await path({ invoice: "9826" }, { account: undefined }), "utilizations/buckets?invoice=9826");
  const source = sources.wasabi();
  assert.throws(() => source.records({ ...january, bucket: "b", level: "account" }), refused("invalid-option", "bucket"));
  assert.throws(() => source.records({ invoice: "9826", from: "2024-01-01" }), refused("invalid-option", "from"));
  assert.throws(() => source.records({ invoice: "9826", from: "2024-01-01" }), { message: /found "2024-01-01"$/ });
  assert.throws(() => source.records({ invoice: "9826; drop" }), refused("invalid-option", "invoice"));
});

test("wasabis_stats_api_is_asked_a_month_at_a_time_for_pages_of_100_with_both_keys", async () => {
  const sent = await asked("wasabiStats", { from: "2024-01-01", to: "2024-03-01T01:00:00Z" });
  const base = "https://stats.wasabisys.com/v1/standalone/utilizations/bucket";
  assert.deepEqual(
    sent.map(({ url }) => url),
    [`${base}?from=2024-01-01&to=2024-02-01&pageNum=0&pageSize=100`, `${base}?from=2024-02-01&to=2024-03-02&pageNum=0&pageSize=100`],
  );
  assert.deepEqual([sent[0].headers.get("authorization"), sent[0].headers.get("x-wasabi-service")], [`${secrets.accessKey}:${secrets.secretKey}`, null]);
});

test("wasabis_stats_api_is_asked_by_bucket_and_account_and_for_at_most_60_days", async () => {
  const paths = async (query, more) =>
    (await asked("wasabiStats", query, more)).map(({ url }) => url.slice("https://stats.wasabisys.com/v1/standalone/utilizations".length));
  assert.deepEqual(await paths({ ...january, bucket: "a b", pageSize: 9 }), ["/bucket/a%20b?from=2024-01-01&to=2024-02-01&pageNum=0&pageSize=9"]);
  assert.deepEqual(await paths({ ...january, level: "account" }), ["?from=2024-01-01&to=2024-02-01&pageNum=0&pageSize=100&includeRegionalUtilizations=true"]);
  const halfYear = await paths({ from: "2024-01-01", to: "2024-07-01" }, { daysPerRequest: 60 });
  assert.deepEqual(
    halfYear.map((path) => /from=(.*?)&to=(.*?)&/.exec(path).slice(1)),
    [
      ["2024-01-01", "2024-03-01"],
      ["2024-03-01", "2024-04-30"],
      ["2024-04-30", "2024-06-29"],
      ["2024-06-29", "2024-07-01"],
    ],
  );
  const source = sources.wasabiStats();
  assert.throws(() => sources.wasabiStats(undefined, { daysPerRequest: 61 }), refused("invalid-option", "daysPerRequest"));
  assert.throws(() => source.records({ ...january, pageSize: 101 }), refused("invalid-option", "pageSize"));
  assert.throws(() => source.records({ ...january, bucket: "b", level: "account" }), refused("invalid-option", "bucket"));
  assert.throws(() => source.records({ invoice: "9826" }), refused("invalid-option", "invoice"));
});

test("onapp_is_asked_by_the_hour_for_a_second_beyond_each_bound", async () => {
  const sent = await asked("onapp", { from: "2024-01-01", to: "2024-02-02" });
  const period = (from, to) => `period%5Bstartdate%5D=${from}&period%5Benddate%5D=${to}`;
  assert.deepEqual(
    sent.map(({ url }) => url),
    [
      `https://cloud.test/users/4/user_statistics.xml?hourly_stats=&${period("2023-12-31+23%3A59%3A59", "2024-02-01+00%3A00%3A00")}`,
      `https://cloud.test/users/4/user_statistics.xml?hourly_stats=&${period("2024-01-31+23%3A59%3A59", "2024-02-02+00%3A00%3A00")}`,
    ],
  );
  assert.deepEqual([sent[0].headers.get("accept"), sent[0].headers.get("content-type")], ["application/xml", "application/xml"]);
});

test("onapp_is_asked_for_a_total_in_json", async () => {
  const { fetch, sent } = answering(json({ user_stat: { user_id: 9, vm_cost: 1, total_cost: 1, currency_code: "EUR", stat_time: null } }));
  const records = await all(sources.onapp(fetch, { encoding: "json" }).records({ from: "2024-01-01", to: "2024-07-01", user: "9", resolution: "total" }));
  assert.equal(sent.length, 1);
  assert.match(sent[0].url, /\/users\/9\/user_statistics\.json\?period%5Bstartdate%5D=2024-01-01\+00%3A00%3A00&period%5Benddate%5D=2024-06-30\+23%3A59%3A59$/);
  // The record's period is the caller's own, whatever bounds the provider has.
  assert.deepEqual(
    records.map(({ start, end }) => [start, end]),
    [
      ["2024-01-01T00:00:00Z", "2024-07-01T00:00:00Z"],
      ["2024-01-01T00:00:00Z", "2024-07-01T00:00:00Z"],
    ],
  );
  assert.throws(() => sources.onapp().records({ from: new Date(1), to: "2024-01-01", resolution: "total" }), refused("invalid-option", "from"));
});

test("what_a_provider_cannot_be_asked_by_is_refused_by_name", () => {
  const scopes = { account: "a", bucket: "b", user: "u", invoice: "1", level: "account", pageSize: 10 };
  const known = {
    barracuda: ["account", "pageSize"],
    devicewise: [],
    cloudsigma: ["pageSize"],
    wasabi: ["account", "bucket", "invoice", "level"],
    wasabiStats: ["bucket", "level", "pageSize"],
    onapp: ["user"],
  };
  for (const [provider, source] of Object.entries(sources)) {
    for (const [field, value] of Object.entries(scopes)) {
      if (!known[provider].includes(field)) {
        assert.throws(() => source().records({ ...january, [field]: value }), refused("invalid-option", field), `${provider} ${field}`);
      }
    }
    assert.throws(() => source().records({ ...january, region: "x" }), refused("invalid-option", "region"));
    assert.throws(() => source().records({ ...january, resolution: "year" }), refused("invalid-option", "resolution"));
  }
  assert.throws(() => sources.barracuda().records({ ...january, pageSize: 91 }), refused("invalid-option", "pageSize"));
});

test("a_period_is_two_times_the_first_before_the_second", () => {
  const source = sources.wasabi();
  const wrong = [
    ["from", undefined],
    ["to", undefined],
    ["from", "yesterday"],
    ["from", "2024-02-30"],
    ["from", "2024-13-01"],
    ["from", "2024-01-01T00:00:00"],
    ["from", "2024-01-01T24:00:00Z"],
    ["from", "2024-01-01T00:00:61Z"],
    ["from", 1704067200000],
    ["from", new Date(Number.NaN)],
    ["to", "2024-01-01"],
    ["to", "2023-01-01"],
    ["to", "2024-02-01T00:00:00+25:00"],
    ["to", null],
    ["from", "0000-01-01"],
    ["to", "9999-12-31"],
  ];
  for (const [field, value] of wrong) {
    assert.throws(() => source.records({ ...january, [field]: value }), refused("invalid-option", field), `${field} ${String(value)}`);
  }
});

test("times_are_taken_as_written_as_dates_and_as_date", async () => {
  for (const from of [
    "2024-01-01",
    "2024-01-01T00:00:00Z",
    "2024-01-01t00:00:00z",
    "2023-12-31T19:00:00-05:00",
    "2024-01-01T00:00:00.000Z",
    new Date("2024-01-01"),
  ]) {
    const [{ url }] = await asked("wasabi", { from, to: "2024-02-01" });
    assert.match(url, /from=2024-01-01&to=2024-02-01$/);
  }
});

test("a_wrong_query_is_thrown_by_the_call_and_never_sent", async () => {
  const { fetch, sent } = answering(json([]));
  const source = sources.wasabi(fetch);
  assert.throws(() => source.records({ from: "x", to: "y" }), refused("invalid-option", "from"));
  assert.throws(() => source.stream({ from: "x", to: "y" }, "ndjson"), refused("invalid-option", "from"));
  assert.throws(() => source.stream(january, "xlsx"), refused("invalid-option", "to"));
  await failure(source.table({ from: "x", to: "y" }), "invalid-option");
  assert.throws(() => source.records(january, { onProgress: 1 }), refused("invalid-option", "onProgress"));
  assert.throws(() => source.records(january, { signal: "now" }), refused("invalid-option", "signal"));
  assert.throws(() => source.records(january, { retries: 1 }), refused("invalid-option", "retries"));
  assert.equal(sent.length, 0);
});

test("a_configuration_is_checked_field_by_field", () => {
  const wrong = [
    [() => barracudaSource({ partner: "acme" }), "clientId"],
    [() => barracudaSource({ partner: "acme", clientId: "me" }), "clientSecret"],
    [() => barracudaSource({ partner: "acme", clientSecret: "password" }), "clientId"],
    [() => barracudaSource({ token: "token-of-acme" }).records(january), "account"],
    [() => barracudaSource({ token: "token-of-acme", partner: "acme", encoding: "yaml" }), "encoding"],
    [() => devicewiseSource({}), "username"],
    [() => devicewiseSource({ username: "me" }), "password"],
    [() => devicewiseSource({ sessionId: "session-1", dimension: "service" }), "dimension"],
    [() => cloudsigmaSource({ user: "me", password: "password" }), "location"],
    [() => cloudsigmaSource({ location: "zrh.evil.test/", user: "me", password: "password" }), "location"],
    [() => cloudsigmaSource({ location: "zrh", password: "password" }), "user"],
    [() => cloudsigmaSource({ location: "zrh", user: "me:you", password: "password" }), "user"],
    [() => onappSource({ baseUrl: "https://cloud.test", login: "me:", password: "password" }), "login"],
    [() => wasabiSource({}), "apiKey"],
    [() => wasabiSource({ api: "stats", secretKey: "secret-of-wasabi" }), "accessKey"],
    [() => wasabiSource({ api: "stats", accessKey: "access-of-wasabi" }), "secretKey"],
    [() => wasabiSource({ api: "stats", accessKey: "access:of-wasabi", secretKey: "secret-of-wasabi" }), "accessKey"],
    [() => wasabiSource({ accessKey: "access-of-wasabi", secretKey: "secret-of-wasabi" }), "api"],
    [() => wasabiSource({ api: "s3", apiKey: "key-of-wasabi" }), "api"],
    [() => wasabiSource({ api: "stats", apiKey: "key-of-wasabi" }), "apiKey"],
    [() => wasabiSource({ apiKey: "key-of-wasabi", retry: { limit: -1 } }), "retry.limit"],
    [() => wasabiSource({ apiKey: "key-of-wasabi", retry: { times: 1 } }), "retry.times"],
    [() => wasabiSource({ apiKey: "key-of-wasabi", timeoutMs: 2 ** 31 }), "timeoutMs"],
    [() => wasabiSource({ apiKey: "key-of-wasabi", maxPages: 0 }), "maxPages"],
    [() => wasabiSource({ apiKey: "key-of-wasabi", fetch: "https://a.test" }), "fetch"],
    [() => wasabiSource({ apiKey: "key-of-wasabi", apikey: "k" }), "apikey"],
    [() => onappSource({ login: "me", password: "password" }), "baseUrl"],
    [() => onappSource({ baseUrl: "https://cloud.test", login: "me", password: "password" }).records(january), "user"],
    [() => openSource("aws", {}), "provider"],
  ];
  for (const [make, field] of wrong) {
    assert.throws(make, refused("invalid-option", field.replace(".", "\\.")), field);
  }
});

test("a_constructor_names_all_that_its_configuration_lacks_and_says_what_each_is", () => {
  const makers = { barracuda: barracudaSource, devicewise: devicewiseSource, cloudsigma: cloudsigmaSource, wasabi: wasabiSource, onapp: onappSource };
  const missing = {
    barracuda: ["clientId", "clientSecret", "token"],
    devicewise: ["username", "password", "sessionId"],
    cloudsigma: ["user", "password", "location", "baseUrl"],
    wasabi: ["apiKey", "accessKey", "secretKey"],
    onapp: ["baseUrl", "login", "password"],
  };
  for (const [provider, make] of Object.entries(makers)) {
    assert.throws(
      () => make({}),
      (error) => {
        assert.deepEqual([error.name, error.code, error.provider], ["SourceError", "invalid-option", provider]);
        assert.match(error.message, /^options? `.*: expected .*, found none$/);
        missing[provider].forEach((field) => assert.ok(error.message.includes(`\`${field}\``), `${field}: ${error.message}`));
        // A constructor has no query.
        assert.doesNotMatch(error.message, /query|undefined/);
        return true;
      },
    );
    for (const nothing of [undefined, null, "key"]) {
      assert.throws(() => make(nothing), { code: "invalid-option", message: /`config`: expected an object with the source's configuration/ }, provider);
    }
  }
  assert.throws(() => cloudsigmaSource({ user: "me", location: "zrh" }), { message: "option `password`: expected the login's password, found none" });
  // A field that a query lacks is named as a field of a query.
  assert.throws(() => sources.onapp(undefined, { user: undefined }).records(january), {
    message: /`user`: expected a value in the query, since the source's configuration has no `user`/,
  });
});

test("the_limits_of_a_source_are_checked_when_it_is_made", () => {
  for (const [limits, message] of [
    [5, "option `limits`: expected an object, found 5"],
    [{ maxBytes: "1" }, 'option `limits.maxBytes`: expected a whole number above zero, found "1"'],
    [{ maxRows: 1 }, "option `limits.maxRows`: is not known; known are maxBytes, maxRowBytes, maxDepth, maxRecords, maxDigits"],
  ]) {
    const make = () => wasabiSource({ apiKey: "the-key-of-acme", limits });
    assert.throws(make, { name: "SourceError", code: "invalid-option", provider: "wasabi", message });
  }
});

test("a_source_is_opened_by_its_providers_name", () => {
  const configs = {
    barracuda: { token: "token-of-acme", partner: "acme" },
    devicewise: { sessionId: "session-1" },
    cloudsigma: { location: "sjc", user: "me", password: "password" },
    wasabi: { apiKey: "key-of-wasabi" },
    onapp: { baseUrl: "https://cloud.test/panel", login: "me", password: "password" },
  };
  const origins = Object.entries(configs).map(([provider, config]) => {
    const source = openSource(provider, config);
    assert.equal(source.provider, provider);
    return source.origin;
  });
  assert.deepEqual(origins, [
    "https://api.intronis.com",
    "https://api.devicewise.com",
    "https://sjc.cloudsigma.com",
    "https://partner.wasabisys.com",
    "https://cloud.test",
  ]);
});
