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

for (const status of [301, 302, 303, 307, 308]) {
  test(`a_redirect_of_status_${status}_is_followed_within_the_origin_and_nowhere_else`, async () => {
    const own = answering(redirect("/elsewhere?from=2024-01-01&to=2024-02-01", status), json([wasabiRow(1)]));
    assert.equal((await all(sources.wasabi(own.fetch).records(january))).length, 1);
    assert.deepEqual(
      own.sent.map(({ method }) => method),
      ["GET", "GET"],
    );
    const foreign = answering(redirect("https://evil.test/?from=2024-01-01&to=2024-02-01", status), json([]));
    await failure(all(sources.wasabi(foreign.fetch).records(january)), "foreign-origin");
    assert.equal(foreign.sent.length, 1);
    // A second one may lead away as well as the first.
    const later = answering(redirect("/elsewhere?from=2024-01-01&to=2024-02-01", status), redirect("//evil.test/", status), json([]));
    await failure(all(sources.wasabi(later.fetch).records(january)), "foreign-origin");
    assert.equal(later.sent.length, 2);
  });

  test(`a_post_is_redirected_by_${status}_with_its_body_or_not_at_all`, async () => {
    const reply = json({ usage: { success: true, params: { counters: { thing: [3] }, total: 3, ts: ["2024-01-01T00:00:00Z"] } } });
    const { fetch, sent } = answering(redirect("/api/", status), reply);
    const records = all(sources.devicewise(fetch).records({ from: "2024-01-01", to: "2024-01-02" }));
    if (status < 307) {
      assert.match((await failure(records, "provider-error")).message, /lose its body/);
      assert.equal(sent.length, 1);
    } else {
      assert.equal((await records).length, 1);
      assert.deepEqual(
        sent.slice(0, 2).map(({ method, url, sentBody }) => [method, new URL(url).pathname, sentBody]),
        [
          ["POST", "/api", sent[0].sentBody],
          ["POST", "/api/", sent[0].sentBody],
        ],
      );
    }
    const foreign = answering(redirect("https://evil.test/api", status), reply);
    await failure(all(sources.devicewise(foreign.fetch).records(january)), "foreign-origin");
    assert.equal(foreign.sent.length, 1);
  });
}

for (const status of [300, 304, 305, 306]) {
  test(`status_${status}_leads_nowhere`, async () => {
    const { fetch, sent } = answering(redirect("https://evil.test/", status), json([]));
    assert.equal((await failure(all(sources.wasabi(fetch).records(january)), "provider-error")).status, status);
    assert.equal(sent.length, 1);
  });
}

test("a_redirect_that_does_not_say_where_to_is_the_providers_fault", async () => {
  for (const location of [undefined, "http://[not a host", "https://"]) {
    const { fetch, sent } = answering(new Response(null, { status: 302, headers: location === undefined ? {} : { location } }));
    const error = await failure(all(sources.wasabi(fetch).records(january)), "provider-error");
    assert.deepEqual([sent.length, error.status], [1, 302]);
  }
});

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

test("a_next_link_to_another_origin_gives_only_its_page", async () => {
  const ours = "https://api.intronis.com";
  for (const href of [
    "https://evil.test/v1/partners/acme/usage_history",
    `https://api.intronis.com@evil.test/`,
    "//evil.test/",
    "http://[::1]/",
    `${ours}:8443/v1`,
    `https://user:word@api.intronis.com/other`,
    `${ours}/v1/partners/other/usage_history`,
  ]) {
    const { fetch, sent } = answering(barracudaPage({ days: [2], count: 2, next: 2, href }), barracudaPage({ days: [3], count: 2, page: 2 }));
    assert.equal((await all(sources.barracuda(fetch).records(january))).length, 2, href);
    const [first, second] = sent.map(({ url }) => new URL(url));
    assert.deepEqual([second.origin, second.pathname, second.username], [ours, first.pathname, ""], href);
    assert.equal(second.searchParams.get("page"), "2");
    second.searchParams.delete("page");
    assert.equal(String(second.searchParams), String(first.searchParams));
  }
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
  assert.throws(
    () => onapp({ baseUrl: "http://onapp.test" }),
    ({ code, message }) => code === "invalid-option" && /baseUrl.*https:/.test(message),
  );
  assert.equal(onapp({ baseUrl: "http://onapp.test", allowInsecure: true }).origin, "http://onapp.test");
  for (const here of ["http://localhost:8787", "http://127.0.0.1:1", "http://[::1]:1", "http://api.localhost"]) {
    assert.equal(onapp({ baseUrl: here }).origin, here);
  }
  assert.throws(() => onapp({ baseUrl: "http://127.0.0.1.evil.test" }), SourceError);
  const barracuda = { clientId: "me", clientSecret: secrets.clientSecret };
  assert.throws(() => barracudaSource({ ...barracuda, tokenUrl: "http://auth.test/token" }), /tokenUrl/);
});

test("an_address_may_be_a_number_and_is_its_own_origin", async () => {
  for (const [baseUrl, origin] of [
    ["https://[2001:db8::1]:8443/waca", "https://[2001:db8::1]:8443"],
    ["https://[::FFFF:192.0.2.1]", "https://[::ffff:c000:201]"],
    ["https://192.0.2.1", "https://192.0.2.1"],
    ["http://127.1:80", "http://127.0.0.1"],
    ["https://API.test:443", "https://api.test"],
  ]) {
    const { fetch, sent } = answering(redirect("https://[2001:db8::2]:8443/waca"), json([]));
    const source = sources.wasabi(fetch, { baseUrl });
    assert.equal(source.origin, origin);
    await failure(all(source.records(january)), "foreign-origin");
    assert.deepEqual(
      sent.map(({ url }) => new URL(url).origin),
      [origin],
    );
  }
  for (const baseUrl of ["http://[2001:db8::1]", "http://[::ffff:192.0.2.1]", "http://0.0.0.0", "http://localhost.evil.test", "http://192.0.2.1"]) {
    assert.throws(
      () => sources.wasabi(fetch, { baseUrl }),
      ({ code, message }) => code === "invalid-option" && /https:/.test(message),
      baseUrl,
    );
  }
});

test("an_address_has_no_credentials_query_or_fragment", () => {
  for (const baseUrl of [
    "https://:word@a.test",
    "https://user@[::1]",
    "https://user%40b.test@a.test",
    "https://user:word@a.test",
    "https://a.test/?key=1",
    "https://a.test/#x",
    "ftp://a.test",
    "a.test",
    "https://",
  ]) {
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
