// No credential is seen: not in an error, its stack or cause, not in an issue, not in a URL.
import assert from "node:assert/strict";
import { test } from "node:test";
import { barracudaSource, cloudsigmaSource, devicewiseSource, onappSource, SourceError, wasabiSource } from "meterglot/sources";
import { all, answering, assertNoSecret, failure, january, json, secrets, sources } from "./support.mjs";

/** A reply that echoes what it was sent, as debugging proxies do. */
const echo = (status) => async (request) => {
  const sent = `${[...request.headers].join(" ")} ${await request.text()}`;
  return json({ Msg: `bad: ${sent}`, message: sent, error: sent, success: false, errorMessages: [sent] }, { status });
};

const rude = (request) => {
  throw Object.assign(new TypeError(`cannot fetch ${request.url} with ${[...request.headers]}`), { request, headers: Object.fromEntries(request.headers) });
};

for (const [provider, source] of Object.entries(sources)) {
  for (const status of [200, 400, 401, 403, 404, 429, 500]) {
    test(`${provider}_echoing_everything_with_status_${status}_gives_nothing_away`, async () => {
      const { fetch } = answering(echo(status));
      const error = await all(source(fetch).records(january)).catch((error) => error);
      assert.ok(error instanceof SourceError);
      assertNoSecret(error);
    });
  }

  test(`${provider}_and_a_runtime_that_tells_the_request_in_its_error`, async () => {
    const { fetch } = answering(rude);
    const error = await failure(all(source(fetch).records(january)), "upstream-unavailable");
    assert.match(error.cause.message, /^cannot fetch https:/);
  });

  test(`${provider}_has_no_credential_in_any_url`, async () => {
    const { fetch, sent } = answering(echo(404));
    await all(source(fetch).records(january)).catch(() => {});
    assert.ok(sent.length > 0);
    sent.forEach(({ url }) => assertNoSecret(decodeURIComponent(url)));
  });

  test(`${provider}_shows_no_credential_of_its_own`, () => {
    assertNoSecret(source(fetch));
  });
}

test("an_echo_that_is_cut_short_gives_nothing_away", async () => {
  // The engine shows the beginning of what it found.
  const token = `${secrets.apiKey}${"0123456789abcdef".repeat(20)}`;
  const { fetch } = answering(json({ list: [{ date: token, bytes: 1 }], page: 1, count: 1, links: [] }));
  const error = await failure(all(barracudaSource({ fetch, partner: "acme", token }).records(january)), "invalid-timestamp");
  assert.match(error.message, /\[secret\]/);
  assert.ok(!error.message.includes(secrets.apiKey.slice(0, 9)), error.message);
});

test("a_credential_that_was_sent_in_a_body_is_found_in_the_shape_it_had_there", async () => {
  const form = answering(async (request) => json({ error: "invalid_client", error_description: await request.text() }, { status: 401 }));
  const clientSecret = `${secrets.clientSecret} with a space`;
  const refused = await failure(all(barracudaSource({ fetch: form.fetch, partner: "acme", clientId: "me", clientSecret }).records(january)), "unauthorized");
  assert.match(refused.message, /client_secret=\[secret\]&grant_type/);
  const login = answering(async (request) => json({ auth: { success: false, errorMessages: [await request.text()] } }));
  const error = await failure(all(devicewiseSource({ fetch: login.fetch, username: "me", password: secrets.password }).records(january)), "unauthorized");
  assert.match(error.message, /"password":"\[secret\]"/);
});

test("a_credential_that_begins_as_another_leaves_no_end_to_be_seen", async () => {
  const [token, clientSecret] = ["abcdefghijkl", "abcdefghijklmnopqrst"];
  const { fetch } = answering(json({ message: `${token} and ${clientSecret}` }, { status: 403 }));
  const error = await failure(all(barracudaSource({ fetch, partner: "acme", token, clientId: "me", clientSecret }).records(january)), "forbidden");
  assert.deepEqual(error.providerMessages, ["[secret] and [secret]"]);
});

test("issues_give_nothing_away", async () => {
  const { fetch } = answering(json({ list: [{ date: secrets.token, bytes: 1 }], page: 1, count: 1, links: [] }));
  const issues = [];
  await all(sources.barracuda(fetch).records(january, { onIssue: (issue) => issues.push(issue) }));
  assert.equal(issues.length, 1);
  assertNoSecret(issues);
});

test("a_token_that_was_just_given_is_a_secret_too", async () => {
  const { fetch } = answering(json({ access_token: secrets.token, expires_in: "3600" }), (request) =>
    json({ message: `not good: ${request.headers.get("authorization")}` }, { status: 403 }),
  );
  const source = barracudaSource({ fetch, partner: "acme", clientId: "me", clientSecret: secrets.clientSecret });
  const error = await failure(all(source.records(january)), "forbidden");
  assert.match(error.message, /not good: OAuth \[secret\]$/);
});

test("a_token_reply_that_cannot_be_used_is_not_shown", async () => {
  for (const reply of [{ access_token: `${secrets.token}\n`, expires_in: "3600" }, { token: secrets.token }, `"${secrets.token}"`, secrets.token]) {
    const { fetch } = answering(json(reply));
    await failure(all(barracudaSource({ fetch, partner: "acme", clientId: "me", clientSecret: secrets.clientSecret }).records(january)), "provider-error");
  }
});

test("an_option_that_is_refused_is_not_shown_where_it_is_a_secret", () => {
  const bad = `${secrets.apiKey}\r\nX-Injected: 1`;
  const refused = [
    () => wasabiSource({ apiKey: bad }),
    () => wasabiSource({ apiKey: [secrets.apiKey] }),
    () => barracudaSource({ token: bad, partner: "acme" }),
    () => barracudaSource({ clientId: "me", clientSecret: { secret: secrets.clientSecret } }),
    () => devicewiseSource({ username: "me", password: 12345678 }),
    () => devicewiseSource({ sessionId: "half of \ud800 one" }),
    () => cloudsigmaSource({ location: "zrh", user: "me", password: "" }),
    () => onappSource({ baseUrl: `https://me:${encodeURIComponent(secrets.password)}@cloud.test`, login: "me", password: secrets.password }),
    () => onappSource({ baseUrl: `https//me:${secrets.password}@cloud.test`, login: "me", password: secrets.password }),
  ];
  for (const make of refused) {
    assert.throws(make, (error) => {
      assert.deepEqual([error.name, error.code], ["SourceError", "invalid-option"]);
      assertNoSecret(error);
      assert.doesNotMatch(error.message, /12345678|Injected/);
      return true;
    });
  }
});

test("a_secret_too_short_to_be_hidden_is_refused", () => {
  const refused = ({ code, message }) => code === "invalid-option" && /at least 8 characters$/.test(message) && !message.includes("7 chars");
  assert.throws(() => cloudsigmaSource({ location: "zrh", user: "me", password: "7 chars" }), refused);
  assert.throws(() => wasabiSource({ apiKey: "7-chars" }), refused);
  assert.throws(() => devicewiseSource({ sessionId: "7-chars" }), refused);
  assert.equal(cloudsigmaSource({ location: "zrh", user: "me", password: "8 chars." }).provider, "cloudsigma");
});
