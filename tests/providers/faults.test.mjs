// Each injected fault has its documented effect, for the given number of requests, and then ends.
import assert from "node:assert/strict";
import { test } from "node:test";
import { normalize } from "meterglot";
import { assertExpected, start, startsIn, totalsOf } from "./support.mjs";

const PATHS = {
  barracuda: "/v1/partners/acme/usage_history?start_date=2024-01-01&end_date=2024-01-20&page_size=5",
  cloudsigma: "/api/2.0/dailyburstusage/?date__gt=2024-01-01&date__lt=2024-01-06",
  wasabi: "/v1/accounts/101430/utilizations/buckets?from=2024-01-01&to=2024-02-01",
  wasabiStats: "/v1/standalone/utilizations/bucket?from=2024-01-01&to=2024-02-01",
  onapp: "/users/4/user_statistics.json?hourly_stats&period[startdate]=2024-01-01+00:00:00&period[enddate]=2024-02-01+00:00:00",
};
const HISTORY = { start: "2024-01-10T00:00:00Z", end: "2024-01-20T00:00:00Z" };
const ALL = [...Object.keys(PATHS), "devicewise"];

/** One request for usage, whatever the provider. */
const ask = (client, provider, init) => (provider === "devicewise" ? client.history(HISTORY) : client[provider](PATHS[provider], init));

/** The connection as it is: what of the body came, and whether it came to its end. */
async function rawly(client, provider = "wasabi") {
  const headers = { authorization: client.credentials.wasabi.key, "x-wasabi-service": "partner" };
  const response = await fetch(`${client.baseUrls[provider]}${PATHS[provider]}`, { headers });
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of response.body) {
      text += decoder.decode(chunk, { stream: true });
    }
    return { response, text, ended: true };
  } catch (error) {
    return { response, text, ended: false, error };
  }
}

test("a_fault_affects_as_many_requests_as_it_says_after_those_that_it_skips", async (t) => {
  const client = await start(t);
  const day = client.injectFault("wasabi", { kind: "503", times: 2, after: 1 });
  const statuses = [];
  for (let i = 0; i < 5; i += 1) {
    statuses.push((await ask(client, "wasabi")).status);
  }
  assert.deepEqual(statuses, [200, 503, 503, 200, 200]);
  assert.equal(day.affected, 2);
  assert.deepEqual(client.faults.active, []);
});

test("a_fault_without_a_limit_lasts_until_it_is_ended", async (t) => {
  const client = await start(t);
  const day = client.injectFault("wasabi", { kind: "503", times: Infinity });
  for (let i = 0; i < 5; i += 1) {
    assert.equal((await ask(client, "wasabi")).status, 503);
  }
  day.end();
  assert.equal((await ask(client, "wasabi")).status, 200);
});

test("several_faults_occur_in_turn_and_only_at_their_provider_and_path", async (t) => {
  const client = await start(t);
  client.injectFault("wasabi", { kind: "429", path: "/utilizations/buckets" });
  client.injectFault("wasabi", { kind: "503" });
  assert.equal((await ask(client, "onapp")).status, 200);
  assert.equal((await client.wasabi("/v1/utilizations?latest=true")).status, 503);
  assert.equal((await ask(client, "wasabi")).status, 429);
  assert.equal((await ask(client, "wasabi")).status, 200);
});

test("a_fault_that_is_unknown_or_impossible_there_is_refused", async (t) => {
  const client = await start(t);
  for (const [origin, day] of [
    ["wasabi", { kind: "418" }],
    ["wasabi", { kind: "endless-next" }],
    ["onapp", { kind: "row-removed" }],
    ["cloudsigma", { kind: "foreign-next" }],
    ["wasabi", { kind: "command-failed" }],
    ["wasabi", { kind: "not-counted" }],
    ["wasabi", { kind: "cut", ms: 5 }],
    ["wasabi", { kind: "429", wait: 5 }],
  ]) {
    assert.throws(() => client.injectFault(origin, day), TypeError, JSON.stringify(day));
  }
  assert.deepEqual(client.faults.active, []);
});

for (const provider of ALL) {
  test(`429_says_when_to_try_again_in_seconds_as_a_date_or_not_at_all (${provider})`, async (t) => {
    const client = await start(t);
    for (const retryAfter of [undefined, "1", 7, new Date(Date.now() + 5000).toUTCString()]) {
      client.injectFault(provider, { kind: "429", ...(retryAfter === undefined ? {} : { retryAfter }) });
      const reply = await ask(client, provider);
      assert.equal(reply.status, 429);
      assert.equal(reply.headers.get("retry-after"), retryAfter === undefined ? null : String(retryAfter));
      assert.equal((await ask(client, provider)).status, 200);
    }
  });

  test(`a_fault_has_the_providers_own_form (${provider})`, async (t) => {
    const client = await start(t);
    client.injectFault(provider, { kind: "503" });
    const reply = await ask(client, provider);
    assert.equal(reply.status, 503);
    const own = provider === "wasabiStats" ? "wasabi" : provider;
    assert.throws(() => normalize(reply.text, { provider: own }), { code: "provider-error", provider: own });
    client.injectFault(provider, { kind: "forbidden" });
    assert.equal((await ask(client, provider)).status, 403);
  });

  test(`500_is_a_page_in_html_whatever_was_asked_for (${provider})`, async (t) => {
    const client = await start(t);
    client.injectFault(provider, { kind: "500" });
    const reply = await ask(client, provider);
    assert.deepEqual([reply.status, reply.type.startsWith("text/html")], [500, true]);
    assert.match(reply.text, /^<html><body><h1>500 Internal Server Error<\/h1>/);
  });

  test(`a_wrong_content_type_changes_no_byte (${provider})`, async (t) => {
    const client = await start(t);
    const good = await ask(client, provider);
    client.injectFault(provider, { kind: "content-type" });
    client.injectFault(provider, { kind: "content-type", type: "application/octet-stream" });
    const [html, bytes] = [await ask(client, provider), await ask(client, provider)];
    assert.deepEqual([html.type, bytes.type], ["text/html", "application/octet-stream"]);
    assert.deepEqual([html.text, bytes.text], [good.text, good.text]);
  });

  test(`a_connection_breaks_before_the_reply_or_within_it (${provider})`, async (t) => {
    const client = await start(t);
    for (const day of [{ kind: "reset" }, { kind: "cut" }, { kind: "cut", at: 0 }, { kind: "cut", at: 10 }, { kind: "cut", at: 10 ** 9 }]) {
      client.injectFault(provider, day);
      await assert.rejects(ask(client, provider), TypeError, JSON.stringify(day));
      assert.equal((await ask(client, provider)).status, 200);
    }
    assert.deepEqual(
      client
        .requests(provider)
        .map(({ body }) => body)
        .slice(-2),
      ["broken", "complete"],
    );
  });

  test(`a_credential_is_denied_for_a_while (${provider})`, async (t) => {
    const client = await start(t);
    client.injectFault(provider, { kind: "denied" });
    const reply = await ask(client, provider);
    assert.equal(provider === "devicewise" ? reply.json.success : reply.status, provider === "devicewise" ? false : 401);
    assert.equal((await ask(client, provider)).status, 200);
  });
}

test("any_reply_can_be_given_an_empty_one_too", async (t) => {
  const client = await start(t);
  client.injectFault("cloudsigma", { kind: "status", status: 402 });
  client.injectFault("wasabi", { kind: "status", status: 200, body: '{"Msg":"busy"}', type: "application/json" });
  const empty = await ask(client, "cloudsigma");
  assert.deepEqual([empty.status, empty.text], [402, ""]);
  const busy = await ask(client, "wasabi");
  assert.deepEqual([busy.status, busy.json], [200, { Msg: "busy" }]);
});

test("late_headers_and_a_late_body_are_late_and_whole", async (t) => {
  const client = await start(t);
  const good = await rawly(client);
  for (const kind of ["slow-headers", "slow-body"]) {
    client.injectFault("wasabi", { kind, ms: 300 });
    const began = performance.now();
    const response = await fetch(`${client.baseUrls.wasabi}${PATHS.wasabi}`, {
      headers: { authorization: client.credentials.wasabi.key, "x-wasabi-service": "partner" },
    });
    const headersCame = performance.now() - began;
    const text = await response.text();
    const bodyCame = performance.now() - began;
    assert.equal(text, good.text);
    assert.ok(bodyCame >= 295, `${kind}: the body after ${bodyCame} ms`);
    assert.ok(kind === "slow-headers" ? headersCame >= 295 : headersCame < 295, `${kind}: the headers after ${headersCame} ms`);
  }
});

test("a_server_that_closes_waits_for_no_connection", async (t) => {
  const client = await start(t);
  client.injectFault("wasabi", { kind: "slow-headers", ms: 60_000 });
  client.injectFault("wasabi", { kind: "slow-body", ms: 60_000 });
  const [headers, body] = [assert.rejects(rawly(client), TypeError), rawly(client)];
  while (client.requests("wasabi").filter(({ fault }) => fault !== null).length < 2) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const began = performance.now();
  await client.close();
  assert.ok(performance.now() - began < 2000);
  await headers;
  assert.equal((await body).ended, false);
});

test("a_cut_connection_sends_exactly_the_configured_bytes_and_no_end", async (t) => {
  const client = await start(t);
  const good = await rawly(client);
  for (const at of [1, 1000, 100_000]) {
    client.injectFault("wasabi", { kind: "cut", at });
    const cut = await rawly(client);
    assert.equal(cut.ended, false, `at ${at}`);
    assert.equal(cut.text, good.text.slice(0, at));
    assert.equal(client.requests("wasabi").at(-1).body, "broken");
  }
});

test("a_body_that_ends_early_ends_as_if_it_were_all", async (t) => {
  const client = await start(t);
  const good = await rawly(client);
  for (const at of [0, 1000, 100_000]) {
    client.injectFault("wasabi", { kind: "short", at });
    const short = await rawly(client);
    assert.equal(short.ended, true);
    assert.equal(short.text, good.text.slice(0, at));
  }
  client.injectFault("wasabi", { kind: "short" });
  const half = await rawly(client);
  assert.ok(half.ended && half.text.length > 0 && half.text.length < good.text.length);
});

test("a_page_comes_without_the_first_row_and_the_next_with_it_where_a_row_is_inserted", async (t) => {
  const client = await start(t);
  const page = async (number) => (await client.barracuda(`${PATHS.barracuda}&page=${number}`)).json;
  const [good1, good2] = [await page(1), await page(2)];
  client.injectFault("barracuda", { kind: "row-inserted" });
  const [first, second] = [await page(1), await page(2)];
  assert.equal(first.count, good1.count - 1);
  assert.deepEqual(first.list, [...good1.list.slice(1), good2.list[0]]);
  assert.deepEqual(second, good2);
  assert.deepEqual(first.list.at(-1), second.list[0], "the last row comes once more");
});

test("a_row_is_skipped_between_two_pages_where_one_is_removed", async (t) => {
  const client = await start(t);
  const page = async (number) => (await client.barracuda(`${PATHS.barracuda}&page=${number}`)).json;
  const good2 = await page(2);
  client.injectFault("barracuda", { kind: "row-removed" });
  await page(1);
  const second = await page(2);
  assert.equal(second.count, good2.count - 1);
  assert.deepEqual(second.list.slice(0, 4), good2.list.slice(1));
});

test("a_row_goes_and_another_comes_between_two_pages_where_one_is_replaced", async (t) => {
  const client = await start(t);
  const page = async (number) => (await client.barracuda(`${PATHS.barracuda}&page=${number}`)).json;
  const [good1, good2, good3] = [await page(1), await page(2), await page(3)];
  client.injectFault("barracuda", { kind: "row-replaced", times: Infinity });
  assert.deepEqual(await page(1), good1);
  const second = await page(2);
  assert.equal(second.count, good2.count);
  assert.deepEqual(second.list, [...good2.list.slice(1), good3.list[0]]);
  client.injectFault("cloudsigma", { kind: "row-replaced", after: 0, times: Infinity });
  const { meta, objects } = (await client.cloudsigma(`${PATHS.cloudsigma}&limit=0`)).json;
  client.faults.end();
  const good = (await client.cloudsigma(`${PATHS.cloudsigma}&limit=0`)).json;
  assert.deepEqual([meta, objects.slice(0, -1)], [good.meta, good.objects.slice(1)]);
  assert.equal(objects.at(-1).date, "2024-01-06");
});

test("a_changed_listing_may_keep_its_count", async (t) => {
  const client = await start(t);
  const offset = (from) => client.cloudsigma(`${PATHS.cloudsigma}&offset=${from}`).then(({ json }) => json);
  const good = await offset(20);
  client.injectFault("cloudsigma", { kind: "row-removed", keepsCount: true, times: Infinity });
  const rows = [];
  for (const from of [0, 20, 40]) {
    const { meta, objects } = await offset(from);
    assert.equal(meta.total_count, good.meta.total_count);
    rows.push(...objects);
  }
  assert.equal(rows.length, good.meta.total_count - 1);
});

test("a_listing_without_end_always_has_a_next_page_with_the_last_rows_again", async (t) => {
  const client = await start(t);
  client.injectFault("barracuda", { kind: "endless-next", times: Infinity });
  const last = (await client.barracuda(`${PATHS.barracuda}&page=4`)).json;
  for (const page of [5, 50, 5000]) {
    const { list, links } = (await client.barracuda(`${PATHS.barracuda}&page=${page}`)).json;
    assert.deepEqual(list, last.list);
    assert.equal(new URL(links.find(({ rel }) => rel === "next").href).searchParams.get("page"), String(page + 1));
  }
  client.injectFault("cloudsigma", { kind: "endless-next", times: Infinity });
  for (const offset of [0, 40, 60, 6000]) {
    const { table } = await client.cloudsigma(`${PATHS.cloudsigma}&offset=${offset}`);
    assert.ok(table.length > 0);
    assert.equal(table.page.hasNext, true, `offset ${offset}`);
  }
});

test("a_next_page_and_a_redirect_may_lead_to_another_origin", async (t) => {
  const client = await start(t);
  client.injectFault("barracuda", { kind: "foreign-next" });
  const { links } = (await client.barracuda(PATHS.barracuda)).json;
  assert.equal(links.find(({ rel }) => rel === "next").href, `${client.baseUrls.elsewhere}/v1/partners/acme/usage_history?page=2`);
  for (const provider of ALL) {
    client.injectFault(provider, { kind: "redirect", status: 307 });
    const path = provider === "devicewise" ? "/api" : PATHS[provider];
    const response = await fetch(`${client.baseUrls[provider]}${path}`, {
      method: provider === "devicewise" ? "POST" : "GET",
      redirect: "manual",
    });
    assert.equal(response.status, 307);
    assert.equal(decodeURI(response.headers.get("location")), decodeURI(`${client.baseUrls.elsewhere}${path}`));
  }
  client.injectFault("wasabi", { kind: "redirect", to: "/v1/utilizations?latest=true" });
  assert.equal((await ask(client, "wasabi")).headers.get("location"), "/v1/utilizations?latest=true");
});

test("a_credential_that_is_sent_to_another_origin_is_recorded", async (t) => {
  const client = await start(t);
  await fetch(`${client.baseUrls.elsewhere}/anything?x=1`);
  await fetch(client.baseUrls.elsewhere, { headers: { authorization: "OAuth secret" } });
  await fetch(client.baseUrls.elsewhere, { method: "POST", headers: { sessionId: "secret" }, body: "{}" });
  await fetch(client.baseUrls.elsewhere, { method: "POST", body: JSON.stringify({ auth: { sessionId: "secret" } }) });
  await fetch(client.baseUrls.elsewhere, { method: "POST", body: new URLSearchParams({ client_secret: "secret" }) });
  assert.deepEqual(
    client.requests("elsewhere").map(({ credential }) => credential),
    ["missing", "wrong", "wrong", "wrong", "wrong"],
  );
});

test("a_token_that_expired_is_valid_no_more_and_a_new_one_is", async (t) => {
  const client = await start(t);
  const headers = { authorization: `OAuth ${(await client.askToken()).json.access_token}` };
  client.injectFault("barracuda", { kind: "expired" });
  for (let i = 0; i < 2; i += 1) {
    assert.equal((await client.barracuda(PATHS.barracuda, { headers })).status, 401);
  }
  assert.equal((await client.barracuda(PATHS.barracuda)).status, 200);
});

test("a_session_that_expired_fails_at_the_root_until_a_new_login", async (t) => {
  const client = await start(t);
  client.injectFault("devicewise", { kind: "expired" });
  for (let i = 0; i < 2; i += 1) {
    const { status, json } = await client.history(HISTORY);
    assert.deepEqual([status, json.success], [200, false]);
  }
  const { username, password } = client.credentials.devicewise;
  const { sessionId } = (await client.tr50({ auth: { command: "api.authenticate", params: { username, password } } })).json.auth.params;
  const reply = await client.tr50({ auth: { sessionId }, get: { command: "usage.api.history", params: HISTORY } });
  assert.equal(reply.json.get.success, true);
});

for (const provider of ["cloudsigma", "wasabi", "onapp"]) {
  test(`what_was_refused_once_is_accepted_the_next_time (${provider})`, async (t) => {
    const client = await start(t);
    client.injectFault(provider, { kind: "expired" });
    assert.deepEqual([(await ask(client, provider)).status, (await ask(client, provider)).status], [401, 200]);
  });
}

test("a_command_fails_and_the_request_does_not", async (t) => {
  const client = await start(t);
  client.injectFault("devicewise", { kind: "command-failed" });
  const { status, json } = await client.history(HISTORY);
  assert.deepEqual([status, json.get.success, "success" in json], [200, false, false]);
});

test("hours_come_as_a_summary_or_without_their_time", async (t) => {
  const client = await start(t);
  const hours = "/users/4/user_statistics.json?hourly_stats&period[startdate]=2024-01-10 00:00:00&period[enddate]=2024-01-10 05:00:00";
  client.injectFault("onapp", { kind: "hours-unheeded" });
  assert.match((await client.onapp(hours)).json.user_stat.stat_time, /^2024-06-15T12:00:00Z$/);
  client.injectFault("onapp", { kind: "hours-without-time" });
  const { json } = await client.onapp(hours);
  assert.ok(json.length > 3 && json.every(({ user_stat }) => user_stat.stat_time === null));
  assert.ok((await client.onapp(hours)).json.every(({ user_stat }) => user_stat.stat_time !== null));
});

test("the_token_server_has_faults_of_its_own", async (t) => {
  const client = await start(t);
  for (const [kind, status] of [
    ["429", 429],
    ["500", 500],
    ["denied", 401],
  ]) {
    client.injectFault("barracudaTokens", { kind });
    assert.equal((await client.askToken()).status, status);
  }
  assert.equal((await client.askToken()).status, 200);
});

test("the_log_has_names_of_headers_and_no_secret", async (t) => {
  const client = await start(t);
  await ask(client, "wasabi");
  await client.wasabi("/v1/utilizations?latest=true", { headers: { authorization: "wrong-secret" } });
  client.injectFault("wasabi", { kind: "429" });
  await ask(client, "wasabi");
  const log = client.requests("wasabi");
  assert.deepEqual(
    log.map(({ credential, status, fault }) => [credential, status, fault]),
    [
      ["right", 200, null],
      ["wrong", 401, null],
      ["right", 429, "429"],
    ],
  );
  assert.deepEqual([log[0].method, log[0].path, log[0].query], ["GET", ...PATHS.wasabi.split("?")]);
  assert.ok(log[0].headerNames.includes("authorization"));
  assert.equal(JSON.stringify(client.requests()).includes(client.credentials.wasabi.key), false);
  assert.equal(JSON.stringify(client.requests()).includes("wrong-secret"), false);
  client.forgetRequests();
  assert.deepEqual(client.requests(), []);
});

test("after_any_fault_the_answer_is_as_expected_again", async (t) => {
  const client = await start(t);
  for (const day of [{ kind: "cut" }, { kind: "short" }, { kind: "429" }, { kind: "content-type" }]) {
    client.injectFault("onapp", day);
    await ask(client, "onapp").catch(() => {});
  }
  const range = { from: "2024-01-01", to: "2024-02-01" };
  assertExpected(totalsOf((await ask(client, "onapp")).table, startsIn(range.from, range.to)), client.expected("onapp", range));
});
