// No credential is seen: not in an error, its stack or cause, not in an issue, not in a URL.
import assert from "node:assert/strict";
import { test } from "node:test";
import { barracudaSource, cloudsigmaSource, devicewiseSource, onappSource, SourceError, wasabiSource } from "meterglot/sources";
import { all, answering, assertNoSecret, body, failure, january, json, secrets, sources } from "./support.mjs";

/** What stands for a text in which a credential is. */
const REDACTED = "[redacted: this text repeats a credential]";

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

  test(`${provider}_and_a_runtime_that_reports_the_request_in_its_error`, async () => {
    const { fetch } = answering(rude);
    const error = await failure(all(source(fetch).records(january)), "upstream-unavailable");
    // The session of deviceWISE is in the body, which this error does not show.
    assert.match(error.cause.message, provider === "devicewise" ? /^cannot fetch https:/ : /^\[redacted: this text repeats a credential\]$/);
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
  assert.equal(error.message, REDACTED);
  assert.equal(error.pointer, "/list/0/date");
});

/** Nothing but our own words, and the status. */
function assertSaysNothingOf(error, words) {
  assert.deepEqual([error.providerCodes, error.providerMessages, error.pointer, error.cause], [[], [], null, undefined]);
  assert.doesNotMatch(error.message, words);
}

for (const [provider, source] of Object.entries(sources)) {
  for (const [status, code] of [
    [401, "unauthorized"],
    [403, "forbidden"],
  ]) {
    test(`${provider}_that_answers_with_status_${status}_has_nothing_of_its_reply_attached`, async () => {
      const said = body(JSON.stringify({ code: "E1", Msg: "hush", message: "hush", error: "hush", errors: ["hush"], errorMessages: ["hush"] }), " ");
      const error = await failure(all(source(async () => json(said, { status })).records(january)), code);
      assert.equal(error.status, status);
      assertSaysNothingOf(error, /hush|E1/);
      assert.ok(said.cancelled, "the body is not read");
    });
  }
}

for (const [status, code] of [
  [400, "unauthorized"],
  [401, "unauthorized"],
  [403, "unauthorized"],
  [404, "provider-error"],
  [429, "rate-limited"],
  [500, "upstream-unavailable"],
]) {
  test(`a_server_that_refuses_a_token_or_a_session_with_status_${status}_has_nothing_of_its_reply_attached`, async () => {
    const refusal = () => json({ error: "hush", error_description: "hush", message: "hush" }, { status });
    const config = { fetch: async () => refusal(), retry: { limit: 0 } };
    const token = barracudaSource({ ...config, partner: "acme", clientId: "me", clientSecret: secrets.clientSecret });
    assertSaysNothingOf(await failure(all(token.records(january)), code), /hush/);
    const session = devicewiseSource({ ...config, username: "me", password: secrets.password });
    const error = await all(session.records(january)).catch((error) => error);
    assert.deepEqual([error.name, error.status], ["SourceError", status]);
    assertSaysNothingOf(error, /hush/);
  });
}

test("devicewise_that_refuses_within_status_200_has_nothing_of_its_reply_attached", async () => {
  const refusal = { success: false, errorCodes: [-90001], errorMessages: ["session hush"] };
  const login = answering(json({ auth: refusal }));
  const user = { username: "me", password: secrets.password };
  assertSaysNothingOf(await failure(all(devicewiseSource({ fetch: login.fetch, ...user }).records(january)), "unauthorized"), /hush|90001/);
  for (const reply of [refusal, { usage: refusal }]) {
    const { fetch } = answering(json(reply));
    assertSaysNothingOf(await failure(all(sources.devicewise(fetch).records(january)), "unauthorized"), /hush|90001/);
  }
});

test("a_credential_that_begins_as_another_leaves_no_end_to_be_seen", async () => {
  const [token, clientSecret] = ["abcdefghijkl", "abcdefghijklmnopqrst"];
  const { fetch } = answering(json({ message: `${token} and ${clientSecret}` }, { status: 422 }));
  const error = await failure(all(barracudaSource({ fetch, partner: "acme", token, clientId: "me", clientSecret }).records(january)), "provider-error");
  assert.deepEqual(error.providerMessages, [REDACTED]);
});

const codes = (text) => Array.from(text, (character) => character.codePointAt(0));
const bytesOf = (text) => [...new TextEncoder().encode(text)];
const hex = (number, digits) => number.toString(16).padStart(digits, "0");

/** Ways in which a text is written elsewhere. */
const ENCODINGS = {
  "as it is": (text) => text,
  "in base64": (text) => Buffer.from(text).toString("base64"),
  "in base64 for URLs": (text) => Buffer.from(text).toString("base64url"),
  "in base64 after one byte": (text) => Buffer.from(`x${text}yz`).toString("base64"),
  "in base64 after two bytes": (text) => Buffer.from(`xy${text}`).toString("base64"),
  "percent-encoded": encodeURIComponent,
  "percent-encoded to the last byte": (text) =>
    bytesOf(text)
      .map((byte) => `%${hex(byte, 2)}`)
      .join(""),
  "in a form": (text) => new URLSearchParams([["k", text]]).toString().slice(2),
  "in JSON": (text) => JSON.stringify(text).slice(1, -1),
  "in JSON to the last character": (text) => Array.from({ length: text.length }, (_, i) => `\\u${hex(text.charCodeAt(i), 4)}`).join(""),
  "in JSON with slashes": (text) => JSON.stringify(text).slice(1, -1).replaceAll("/", "\\/"),
  "as Rust quotes": (text) =>
    codes(text)
      .map((code) => `\\u{${code.toString(16)}}`)
      .join(""),
  "in XML": (text) => text.replace(/[&<>"']/g, (it) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" })[it]),
  "in XML by numbers": (text) =>
    codes(text)
      .map((code) => `&#${code};`)
      .join(""),
  "in XML by hexadecimal numbers": (text) =>
    codes(text)
      .map((code) => `&#x00${code.toString(16).toUpperCase()};`)
      .join(""),
};

const ODD = [
  "plain-secret-0001",
  'pass"word/für?everyone',
  "a b+c&d<e>'f'",
  "100%41 \\u0041 &#65;",
  "\u{1f511}\u{1f511}key of emoji",
  'p"%41q\\n&amp;',
  "8 chars.",
];

for (const [how, encode] of Object.entries(ENCODINGS)) {
  test(`a_secret_that_a_provider_echoes_${how}_is_not_seen`, async () => {
    for (const password of ODD) {
      const source = (text, status) =>
        onappSource({
          fetch: answering(() => json({ errors: [`before ${text} after`] }, { status })).fetch,
          baseUrl: "https://cloud.test",
          login: "me",
          password,
          user: "4",
          encoding: "json",
        });
      for (const text of [password, `me:${password}`, Buffer.from(`me:${password}`).toString("base64")].map(encode)) {
        for (const status of [200, 422]) {
          const error = await all(source(text, status).records(january)).catch((error) => error);
          const seen = [error.message, error.stack, ...error.providerMessages].join("\n");
          assert.ok(!seen.includes(text), seen);
          assert.deepEqual(error.providerMessages, [REDACTED]);
        }
      }
    }
  });
}

test("a_secret_is_one_in_capitals_and_without", async () => {
  const apiKey = "ABCDefgh12345678";
  for (const location of [`https://${apiKey}.evil.example/x`, `https://${apiKey.toUpperCase()}/x`]) {
    const { fetch } = answering(new Response(null, { status: 302, headers: { location } }));
    const error = await failure(all(wasabiSource({ fetch, apiKey }).records(january)), "foreign-origin");
    assert.match(error.message, /to \[redacted: this text repeats a credential\], where/);
    assert.doesNotMatch(error.stack, /abcdefgh/i);
  }
  for (const password of [apiKey, "Für-Änne-und-Øyvind"]) {
    for (const turned of [password.toLowerCase(), password.toUpperCase()]) {
      for (const shown of [
        turned,
        encodeURIComponent(turned),
        encodeURIComponent(turned).toLowerCase(),
        Buffer.from(`me:${turned}`).toString("base64"),
        Buffer.from(`me:${password}`).toString("base64").toLowerCase(),
      ]) {
        const { fetch } = answering(() => json({ errors: [`bad: ${shown}`] }, { status: 400 }));
        const error = await failure(
          all(onappSource({ fetch, baseUrl: "https://cloud.test", login: "me", password, user: "4", encoding: "json" }).records(january)),
          "provider-error",
        );
        assert.deepEqual(error.providerMessages, [REDACTED], shown);
      }
    }
  }
});

test("encodings_within_encodings_are_seen_through", async () => {
  const password = 'pass"word/für?everyone';
  const names = Object.keys(ENCODINGS).filter((name) => !name.includes("base64"));
  for (const inner of Object.keys(ENCODINGS)) {
    for (const outer of names) {
      const text = ENCODINGS[outer](ENCODINGS[inner](password));
      const source = onappSource({
        fetch: answering(() => json({ errors: [text] }, { status: 422 })).fetch,
        baseUrl: "https://cloud.test",
        login: "me",
        password,
        user: "4",
      });
      const error = await failure(all(source.records(january)), "provider-error");
      assert.deepEqual(error.providerMessages, [REDACTED], `${inner}, ${outer}: ${text}`);
    }
  }
});

test("an_encoded_secret_that_is_cut_short_is_not_seen", async () => {
  const apiKey = secrets.apiKey;
  for (const [how, encode] of Object.entries(ENCODINGS)) {
    const text = encode(apiKey);
    const each = text.length / apiKey.length;
    const cut = text.slice(0, Math.ceil(each * 20));
    const { fetch } = answering(() => json({ Msg: `it was ${cut}` }, { status: 422 }));
    const error = await failure(all(wasabiSource({ fetch, apiKey }).records(january)), "provider-error");
    assert.deepEqual(error.providerMessages, [REDACTED], how);
  }
});

test("no_few_characters_are_left_where_a_text_is_cut", async () => {
  const token = "12345678";
  for (const shown of [3, 4, 5, 6, 7, 8]) {
    // The engine shows forty characters of what it found.
    const date = `${" ".repeat(40 - shown)}${token} and so on`;
    const { fetch } = answering(json({ list: [{ date, bytes: 1 }], page: 1, count: 1, links: [] }));
    const { message } = await failure(all(barracudaSource({ fetch, partner: "acme", token }).records(january)), "invalid-timestamp");
    assert.equal(message.includes("1234"), false, message);
    assert.equal(message === REDACTED, shown > 3, message);
  }
  // And an error has five hundred of what the provider says.
  for (let before = 440; before < 500; before += 1) {
    const { fetch } = answering(json({ message: `${"x".repeat(before)}${token}` }, { status: 422 }));
    const { message } = await failure(all(barracudaSource({ fetch, partner: "acme", token }).records(january)), "provider-error");
    assert.doesNotMatch(message, /1234/);
  }
});

test("what_is_no_secret_stays_as_it_was_written", async () => {
  const text = 'a "quote", 100%, %41, \\u0041, &amp;, &#65;, \u{1f511}, ünïcode, dGhpcyBpcyBub25l and \\';
  const { fetch } = answering(() => json({ Msg: text }, { status: 422 }));
  const error = await failure(all(wasabiSource({ fetch, apiKey: secrets.apiKey }).records(january)), "provider-error");
  assert.deepEqual(error.providerMessages, [text]);
});

test("hiding_takes_no_long_time_however_a_provider_writes", async () => {
  const packed = Buffer.from(secrets.apiKey).toString("base64").replaceAll("=", "");
  for (const piece of [packed, secrets.apiKey, "%255Cu0025", "&amp;amp;amp;", "\\\\\\", "%", "&#", secrets.apiKey.slice(0, 8)]) {
    const text = piece.repeat(60_000 / piece.length);
    const { fetch } = answering(() => json({ Msg: text }, { status: 422 }));
    const began = performance.now();
    const error = await failure(all(wasabiSource({ fetch, apiKey: secrets.apiKey }).records(january)), "provider-error");
    assert.ok(performance.now() - began < 1500, `${piece} ${performance.now() - began}`);
    assert.equal(error.providerMessages.length, 1);
  }
});

test("a_place_in_a_body_gives_nothing_away", async () => {
  const reply = (counters) => json({ usage: { success: true, params: { counters, ts: ["2024-01-01T00:00:00Z"], total: 1 } } });
  const { fetch } = answering(() => reply({ [secrets.sessionId]: ["x"] }));
  const error = await failure(all(devicewiseSource({ fetch, sessionId: secrets.sessionId }).records(january)), "invalid-number");
  assert.equal(error.pointer, REDACTED);
  const issues = [];
  await all(devicewiseSource({ fetch, sessionId: secrets.sessionId }).records(january, { onIssue: (issue) => issues.push(issue) }));
  assert.ok(issues.length > 0);
  assertNoSecret(issues);
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
    json({ message: `not good: ${request.headers.get("authorization")}` }, { status: 422 }),
  );
  const source = barracudaSource({ fetch, partner: "acme", clientId: "me", clientSecret: secrets.clientSecret });
  const error = await failure(all(source.records(january)), "provider-error");
  assert.match(error.message, /answered with status 422: \[redacted: this text repeats a credential\]$/);
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
