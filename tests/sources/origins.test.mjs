// Where credentials go: to the configured origin, and nowhere else.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { barracudaSource, onappSource, SourceError, wasabiSource } from "meterglot/sources";
import { all, answering, barracudaPage, failure, january, json, secrets, sources, wasabiRow } from "./support.mjs";

const redirect = (location, status = 302) => new Response(null, { status, headers: { location } });

test("a_redirect_within_the_origin_is_followed_with_the_credentials", async () => {
  const { fetch, sent } = answering(redirect("/elsewhere?from=2024-01-01&to=2024-02-01", 301), json([wasabiRow(1)]));
  assert.equal((await all(sources.wasabi(fetch).records(january))).length, 1);
  assert.equal(sent[1].url, "https://partner.wasabisys.com/elsewhere?from=2024-01-01&to=2024-02-01");
  assert.equal(sent[1].headers.get("authorization"), secrets.apiKey);
  assert.equal(sent[1].redirect, "manual");
});

for (const location of [
  "https://evil.test/",
  "//evil.test/v1",
  "http://partner.wasabisys.com/v1/utilizations",
  "https://partner.wasabisys.com:8443/",
  "https://partner.wasabisys.com.evil.test/",
  "https://user@partner.wasabisys.com/",
  "https://:word@partner.wasabisys.com/",
  "data:application/json,[]",
]) {
  test(`a_redirect_to_${location}_is_not_followed`, async () => {
    const { fetch, sent } = answering(redirect(location), json([]));
    const error = await failure(all(sources.wasabi(fetch).records(january)), "foreign-origin");
    assert.equal(sent.length, 1);
    assert.equal(error.status, 302);
    assert.equal(error.provider, "wasabi");
  });
}

test("a_redirect_that_asks_for_something_else_is_not_followed", async () => {
  for (const location of ["/elsewhere", "/elsewhere?from=2024-01-01", "?from=2024-01-01&to=2024-03-01", "/elsewhere?from=2024-01-01&to=2024-02-01&page=2"]) {
    const { fetch, sent } = answering(redirect(location), json([]));
    const error = await failure(all(sources.wasabi(fetch).records(january)), "provider-error");
    assert.deepEqual([sent.length, error.status], [1, 302]);
  }
});

test("redirects_in_a_circle_come_to_an_end", async () => {
  const { fetch, sent } = answering(redirect("/again?from=2024-01-01&to=2024-02-01"));
  await failure(all(sources.wasabi(fetch).records(january)), "provider-error");
  assert.equal(sent.length, 5);
});

test("a_redirect_that_a_runtime_hides_is_not_followed", async () => {
  const hidden = { status: 0, ok: false, type: "opaqueredirect", headers: new Headers(), body: null };
  const { fetch, sent } = answering(() => hidden);
  await failure(all(sources.wasabi(fetch).records(january)), "foreign-origin");
  assert.equal(sent.length, 1);
});

test("a_post_keeps_its_body_over_307_and_is_not_made_a_get", async () => {
  const reply = json({ usage: { success: true, params: { counters: { thing: [3] }, total: 3, ts: ["2024-01-01T00:00:00Z"] } } });
  const kept = answering(redirect("/api/", 307), reply);
  assert.equal((await all(sources.devicewise(kept.fetch).records({ from: "2024-01-01", to: "2024-01-02" }))).length, 1);
  assert.equal(kept.sent[1].method, "POST");
  assert.equal(kept.sent[1].sentBody, kept.sent[0].sentBody);
  const lost = answering(redirect("/api/", 302), reply);
  await failure(all(sources.devicewise(lost.fetch).records({ from: "2024-01-01", to: "2024-01-02" })), "provider-error");
  assert.equal(lost.sent.length, 1);
});

test("a_next_link_to_another_origin_gives_only_its_page", async () => {
  const { fetch, sent } = answering(
    barracudaPage({ days: [2], count: 2, next: 2, href: "https://evil.test/v1/partners/acme/usage_history" }),
    barracudaPage({ days: [3], count: 2, page: 2 }),
  );
  assert.equal((await all(sources.barracuda(fetch).records(january))).length, 2);
  assert.deepEqual(new Set(sent.map(({ url }) => new URL(url).origin)), new Set(["https://api.intronis.com"]));
});

test("the_token_goes_to_the_api_and_the_clients_secret_to_the_token_server", async () => {
  const { fetch, sent } = answering(json({ access_token: secrets.token, expires_in: "3600" }), barracudaPage({ days: [2] }));
  const source = barracudaSource({ fetch, partner: "acme", clientId: "me", clientSecret: secrets.clientSecret });
  await all(source.records(january));
  const [token, page] = sent;
  assert.equal(token.url, "https://auth.intronis.com/oauth2/token");
  assert.ok(token.sentBody.includes(encodeURIComponent(secrets.clientSecret)));
  assert.equal(token.headers.get("authorization"), null);
  assert.ok(page.url.startsWith("https://api.intronis.com/"));
  assert.equal(page.headers.get("authorization"), `OAuth ${secrets.token}`);
});

test("a_token_server_cannot_send_the_clients_secret_elsewhere", async () => {
  const { fetch, sent } = answering(redirect("https://evil.test/token", 307));
  await failure(all(barracudaSource({ fetch, partner: "acme", clientId: "me", clientSecret: secrets.clientSecret }).records(january)), "foreign-origin");
  assert.equal(sent.length, 1);
});

test("credentials_are_not_sent_in_the_clear_to_another_host", () => {
  const onapp = (more) => onappSource({ login: "me", password: secrets.password, user: "4", ...more });
  assert.throws(() => onapp({ baseUrl: "http://onapp.test" }), ({ code, message }) => code === "invalid-option" && /baseUrl.*https:/.test(message));
  assert.equal(onapp({ baseUrl: "http://onapp.test", allowInsecure: true }).origin, "http://onapp.test");
  for (const here of ["http://localhost:8787", "http://127.0.0.1:1", "http://[::1]:1", "http://api.localhost"]) {
    assert.equal(onapp({ baseUrl: here }).origin, here);
  }
  assert.throws(() => onapp({ baseUrl: "http://127.0.0.1.evil.test" }), SourceError);
  const barracuda = { clientId: "me", clientSecret: secrets.clientSecret };
  assert.throws(() => barracudaSource({ ...barracuda, tokenUrl: "http://auth.test/token" }), /tokenUrl/);
});

test("an_address_has_no_credentials_query_or_fragment", () => {
  for (const baseUrl of ["https://user:word@a.test", "https://a.test/?key=1", "https://a.test/#x", "ftp://a.test", "a.test", "https://"]) {
    assert.throws(() => wasabiSource({ apiKey: secrets.apiKey, baseUrl }), { name: "SourceError", code: "invalid-option" }, baseUrl);
  }
});

test("a_path_before_the_documented_one_is_kept", async () => {
  const { fetch, sent } = answering(json([]));
  await all(sources.wasabi(fetch, { baseUrl: "https://proxy.test/wasabi/" }).records(january));
  assert.match(sent[0].url, /^https:\/\/proxy\.test\/wasabi\/v1\/accounts\/7\/utilizations\/buckets\?/);
});

test("names_cannot_leave_their_place_in_the_path", async () => {
  const { fetch, sent } = answering(json([]));
  const source = sources.wasabi(fetch);
  for (const bucket of ["../../v1/secrets", "a/b", "a?to=1", "a#b", "a%2Fb", "ü\u0000"]) {
    await all(source.records({ ...january, bucket }));
    const { pathname, searchParams } = new URL(sent.at(-1).url);
    assert.equal(pathname, `/v1/accounts/7/utilizations/buckets/${encodeURIComponent(bucket)}`);
    assert.equal(searchParams.get("to"), "2024-02-01");
  }
  for (const bucket of ["..", ".", "", "half \ud800 of one"]) {
    assert.throws(() => source.records({ ...january, bucket }), { code: "invalid-option" });
  }
});

test("a_real_server_gets_nothing_after_a_redirect_to_it", async () => {
  const visits = [];
  const listen = (answer) =>
    new Promise((resolve) => {
      const server = createServer(answer).listen(0, "127.0.0.1", () => resolve({ server, url: `http://127.0.0.1:${server.address().port}` }));
    });
  const foreign = await listen((request, response) => {
    visits.push(request.headers);
    response.end("[]");
  });
  const own = await listen((_, response) => response.writeHead(302, { location: `${foreign.url}/v1` }).end());
  await failure(all(wasabiSource({ apiKey: secrets.apiKey, baseUrl: own.url }).records(january)), "foreign-origin");
  assert.deepEqual(visits, []);
  foreign.server.close();
  own.server.close();
});
