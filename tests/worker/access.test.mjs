// Access: who may read what, and what a caller cannot make the worker do.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { verdictOf } from "./support/answers.mjs";
import { NOTHING_KEPT, stage, TOKEN } from "./support/stage.mjs";

const ISSUER = "https://login.example";
const AUDIENCE = "meterglot";
const WEEK = { from: "2024-03-08", to: "2024-03-15" };

const SHARED = Buffer.from("a secret that more than one party knows");

const keys = await generateKeyPair("ES256");
const otherKeys = await generateKeyPair("ES256");
/** The key set's server, and how it behaves. */
const keyServer = {
  requests: 0,
  status: 200,
  keys: [
    { ...(await exportJWK(keys.publicKey)), kid: "one", alg: "ES256" },
    // A set should hold no such key; if it does, it is no proof.
    { kty: "oct", k: SHARED.toString("base64url"), kid: "shared", alg: "HS256" },
  ],
};

let world;
before(async () => {
  keyServer.server = createServer((_, response) => {
    keyServer.requests += 1;
    response.writeHead(keyServer.status, { "Content-Type": "application/json" }).end(JSON.stringify({ keys: keyServer.keys }));
  });
  await new Promise((resolve) => keyServer.server.listen(0, "127.0.0.1", resolve));
  world = await stage({
    limits: NOTHING_KEPT,
    tokens: {
      "only-wasabi": { sources: ["wasabi"], name: "portal" },
      "was-good": { sources: "*", expires: "2024-01-01T00:00:00Z" },
      "is-good": { sources: ["onapp"], expires: "2999-01-01T00:00:00+02:00" },
    },
    bindings: {
      METERGLOT_JWKS_URL: `http://127.0.0.1:${keyServer.server.address().port}/keys`,
      METERGLOT_JWKS_ISSUER: ISSUER,
      METERGLOT_JWKS_AUDIENCE: AUDIENCE,
      METERGLOT_CORS: "https://portal.example, https://other.example",
    },
  });
});
after(async () => {
  await world.close();
  keyServer.server.close();
});

const read = async (source, options) => verdictOf(await world.ask(`/v1/usage/${source}`, { query: WEEK, ...options }));
const codeOf = ({ status, problem }) => [status, problem?.code];

describe("tokens", () => {
  test("without_one_nothing_under_v1_answers", async () => {
    for (const path of ["/v1/sources", "/v1/usage/wasabi", "/v1/aggregate/wasabi", "/v1/normalize", "/v1/else"]) {
      const response = await world.ask(path, { token: null, ...(path.endsWith("normalize") ? { method: "POST", body: "[]" } : {}) });
      assert.deepEqual(codeOf(await verdictOf(response)), [401, "token-missing"], path);
      assert.equal(response.headers.get("www-authenticate"), 'Bearer realm="meterglot"');
    }
  });

  test("a_wrong_one_is_refused", async () => {
    for (const token of ["wrong", `${TOKEN}x`, TOKEN.slice(0, -1), TOKEN.toUpperCase(), "a.b.c"]) {
      assert.deepEqual(codeOf(await read("wasabi", { token })), [401, "token-invalid"], token);
    }
  });

  test("its_digest_is_not_a_token", async () => {
    for (const digest of Object.keys(JSON.parse(world.bindings.METERGLOT_TOKENS))) {
      assert.deepEqual(codeOf(await read("wasabi", { token: digest })), [401, "token-invalid"]);
    }
  });

  test("an_expired_one_is_refused_and_one_that_expires_later_is_not", async () => {
    assert.deepEqual(codeOf(await read("wasabi", { token: "was-good" })), [401, "token-expired"]);
    assert.equal((await read("onapp", { token: "is-good" })).status, 200);
  });

  test("one_for_another_source_is_refused_whether_that_source_is_there_or_not", async () => {
    const there = await read("onapp", { token: "only-wasabi" });
    const nowhere = await read("no-such", { token: "only-wasabi" });
    assert.deepEqual(codeOf(there), [403, "source-not-allowed"]);
    assert.deepEqual({ ...nowhere.problem, instance: "" }, { ...there.problem, instance: "" });
    assert.deepEqual(codeOf(await read("no-such")), [404, "unknown-source"]);
  });

  test("the_list_of_sources_is_that_of_the_token", async () => {
    const listed = async (token) => (await (await world.ask("/v1/sources", { token })).json()).sources.map(({ name }) => name);
    assert.deepEqual(await listed("only-wasabi"), ["wasabi"]);
    assert.deepEqual(await listed(TOKEN), ["barracuda", "devicewise", "cloudsigma", "wasabi", "wasabi-stats", "onapp"]);
  });

  test("it_stands_in_the_authorization_header_and_nowhere_else", async () => {
    assert.deepEqual(codeOf(await read("wasabi", { token: null, headers: { Cookie: `token=${TOKEN}`, "X-Api-Key": TOKEN } })), [401, "token-missing"]);
    for (const name of ["token", "access_token", "authorization"]) {
      assert.equal((await world.ask("/v1/sources", { token: null, query: { [name]: TOKEN } })).status, 401);
      const { status, problem } = await read("wasabi", { query: { ...WEEK, [name]: TOKEN } });
      assert.equal(status, 400);
      assert.doesNotMatch(JSON.stringify(problem), new RegExp(TOKEN));
    }
    assert.deepEqual(codeOf(await read("wasabi", { token: null, headers: { Authorization: `Basic ${btoa(`x:${TOKEN}`)}` } })), [401, "token-invalid"]);
  });

  test("a_huge_header_is_refused_unread", async () => {
    assert.deepEqual(codeOf(await read("wasabi", { token: "x".repeat(10_000) })), [431, "header-too-large"]);
    // What no worker sees, workerd refuses itself.
    const { port } = world.worker.url;
    const answer = await new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1");
      let text = "";
      socket
        .on("data", (data) => (text += data))
        .on("close", () => resolve(text))
        .on("error", () => resolve(text));
      socket.write(`GET /v1/sources HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${"x".repeat(2_000_000)}\r\n\r\n`);
    });
    assert.match(answer, /^(HTTP\/1\.1 4\d\d |$)/);
    assert.equal((await world.ask("/v1/sources")).status, 200);
  });
});

describe("JWTs", () => {
  const sign = (claims = {}, { key = keys.privateKey, kid = "one", issuer = ISSUER, audience = AUDIENCE, expires = "5m" } = {}) => {
    const jwt = new SignJWT({ sources: ["wasabi"], ...claims })
      .setProtectedHeader({ alg: "ES256", kid })
      .setSubject("portal@example")
      .setIssuer(issuer)
      .setAudience(audience);
    return (expires === null ? jwt : jwt.setExpirationTime(expires)).sign(key);
  };

  test("one_that_holds_reads_the_sources_it_names", async () => {
    const token = await sign();
    const response = await world.ask("/v1/usage/wasabi", { query: WEEK, token });
    assert.ok((await verdictOf(response)).records.length > 0);
    assert.equal((await world.lineOf(response)).client, "portal@example");
    assert.deepEqual(codeOf(await read("onapp", { token })), [403, "source-not-allowed"]);
    assert.equal((await read("onapp", { token: await sign({ sources: "onapp devicewise" }) })).status, 200);
    assert.deepEqual(codeOf(await read("onapp", { token: await sign({ sources: undefined }) })), [403, "source-not-allowed"]);
  });

  test("the_keys_are_fetched_once", async () => {
    await read("wasabi", { token: await sign() });
    const { requests } = keyServer;
    await read("wasabi", { token: await sign() });
    assert.equal(keyServer.requests, requests);
  });

  test("one_that_does_not_hold_is_refused", async () => {
    const shared = (kid, secret) =>
      new SignJWT({ sources: ["wasabi"] })
        .setProtectedHeader({ alg: "HS256", kid })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setExpirationTime("5m")
        .sign(secret);
    const unsigned = new UnsecuredJWT({ sources: ["wasabi"] }).setIssuer(ISSUER).setAudience(AUDIENCE).setExpirationTime("5m").encode();
    const good = await sign();
    const tampered = good.replace(/\.[^.]+\./, `.${btoa(JSON.stringify({ sources: "*", iss: ISSUER, aud: AUDIENCE, exp: 9e9 })).replace(/=+$/, "")}.`);
    const wrong = {
      "another key": await sign({}, { key: otherKeys.privateKey }),
      "another issuer": await sign({}, { issuer: "https://evil.example" }),
      "another audience": await sign({}, { audience: "else" }),
      "without an end": await sign({}, { expires: null }),
      "a shared secret": await shared("shared", SHARED),
      "the public key as a secret": await shared("one", new TextEncoder().encode(JSON.stringify(keyServer.keys[0]))),
      "no signature": `${unsigned}`,
      "another payload": tampered,
    };
    for (const [what, token] of Object.entries(wrong)) {
      assert.deepEqual(codeOf(await read("wasabi", { token })), [401, "token-invalid"], what);
    }
    assert.deepEqual(codeOf(await read("wasabi", { token: await sign({}, { expires: new Date(Date.now() - 60_000) }) })), [401, "token-expired"]);
  });

  test("keys_that_cannot_be_had_say_nothing_of_the_token", async () => {
    keyServer.status = 500;
    const fresh = await stage({
      limits: NOTHING_KEPT,
      bindings: { METERGLOT_JWKS_URL: world.bindings.METERGLOT_JWKS_URL, METERGLOT_JWKS_ISSUER: ISSUER, METERGLOT_JWKS_AUDIENCE: AUDIENCE },
    });
    try {
      const response = await fresh.ask("/v1/sources", { token: await sign() });
      assert.deepEqual(codeOf(await verdictOf(response)), [503, "keys-unavailable"]);
      assert.equal(response.headers.get("retry-after"), "5");
      assert.equal((await fresh.ask("/v1/sources")).status, 200, "a token that needs no keys still holds");
    } finally {
      keyServer.status = 200;
      await fresh.close();
    }
  });
});

describe("what a caller cannot do", () => {
  test("read_another_account_or_user_through_a_source_that_has_its_own", async () => {
    const { wasabi, onapp } = world.credentials;
    const another = String(world.data.wasabi.accounts.find((account) => String(account) !== wasabi.account));
    const cases = [
      ["wasabi", "account", [another, ` ${wasabi.account}`, `${wasabi.account} `, `0${wasabi.account}`, "*"]],
      ["onapp", "user", [String(world.data.onapp.users[1]), `0${onapp.userId}`, "*"]],
      ["barracuda", "account", ["bakery", world.credentials.barracuda.username]],
    ];
    world.forgetRequests();
    for (const [source, parameter, names] of cases) {
      for (const name of names) {
        for (const path of ["usage", "aggregate"]) {
          for (const method of ["GET", "HEAD"]) {
            const response = await world.ask(`/v1/${path}/${source}`, { method, query: { ...WEEK, [parameter]: name } });
            assert.equal(response.status, 403, `${source} ${name}`);
            if (method === "GET") {
              const { code, detail } = await response.json();
              assert.equal(code, "source-not-allowed");
              assert.match(detail, new RegExp(`^query parameter \`${parameter}\`: `));
            }
          }
        }
      }
    }
    assert.equal(world.requests().length, 0);
    assert.equal((await read("onapp", { query: { ...WEEK, user: onapp.userId } })).status, 200, "its own may be named");
    const invoice = await read("wasabi", { query: { invoice: "1001", account: another } });
    assert.deepEqual(codeOf(invoice), [403, "source-not-allowed"]);
  });

  test("name_an_upstream_host", async () => {
    world.forgetRequests();
    for (const name of ["baseUrl", "url", "host", "origin", "tokenUrl", "apiKey", "fetch", "from[]", "__proto__", "constructor"]) {
      const { status, problem } = await read("wasabi", { query: { ...WEEK, [name]: world.baseUrls.elsewhere } });
      assert.deepEqual([status, problem.code], [400, "invalid-option"], name);
      assert.ok(problem.detail.includes(`\`${name}\`: is not known`), problem.detail);
    }
    for (const source of ["http:%2F%2F127.0.0.1", "..%2Fwasabi", "__proto__", "constructor", "%00"]) {
      assert.ok([400, 403, 404].includes((await world.ask(`/v1/usage/${source}`, { query: WEEK })).status), source);
    }
    const response = await world.ask("/v1/usage/wasabi", {
      query: { ...WEEK, account: world.credentials.wasabi.account },
      headers: { "X-Forwarded-Host": "evil.example", Forwarded: "host=evil.example" },
    });
    assert.equal((await verdictOf(response)).status, 200);
    assert.equal(world.requests("elsewhere").length, 0);
  });

  test("have_the_request_that_was_answered_fetched", async () => {
    world.forgetRequests();
    const body = '{"page":1,"page_size":1,"count":0,"links":[],"list":[]}';
    const query = { request: `${world.baseUrls.elsewhere}/v1/partners/acme/usage_history` };
    await verdictOf(await world.ask("/v1/normalize", { method: "POST", body, query }));
    assert.equal(world.requests().length, 0);
  });

  test("break_a_header_or_a_line_of_the_upstream_request", async () => {
    world.forgetRequests();
    for (const value of ["a\r\nX-Evil: 1", "a\nHost: evil.example", "a\u0000b", "a\u2028b", "\r\n\r\nGET /evil HTTP/1.1"]) {
      for (const parameter of ["account", "bucket", "user", "resolution", "invoice", "level", "pageSize"]) {
        const { status, problem } = await read("wasabi", { query: { ...WEEK, [parameter]: value } });
        assert.deepEqual([status, problem.code], [400, "invalid-option"], `${parameter} ${JSON.stringify(value)}`);
        assert.doesNotMatch(problem.detail, /evil/i);
      }
    }
    assert.equal(world.requests().length, 0);
  });

  test("leave_the_path_that_a_source_asks_at", async () => {
    for (const bucket of [
      "../../../v1/utilizations",
      "a/../../b",
      "x?from=2000-01-01",
      "x#y",
      "a;b",
      "%2e%2e",
      "@evil.example",
      "\\\\evil.example",
      "a&account=7",
    ]) {
      world.forgetRequests();
      const { records } = await read("wasabi", { query: { ...WEEK, bucket } });
      assert.deepEqual(records, [], bucket);
      assert.equal(world.requests("wasabi").length, 1, bucket);
      for (const { path, query } of world.requests("wasabi")) {
        const { account } = world.credentials.wasabi;
        assert.ok(path.startsWith(`/v1/accounts/${account}/utilizations/buckets/`), path);
        assert.equal(path.split("/").length, 7, path);
        assert.deepEqual([...new URLSearchParams(query).keys()], ["from", "to"], query);
      }
    }
    for (const bucket of [".", ".."]) {
      assert.equal((await read("wasabi", { query: { ...WEEK, bucket } })).status, 400);
    }
  });

  test("choose_an_id_that_is_no_word", async () => {
    for (const id of ["a b", "x".repeat(65), "a\tb", "<script>", 'a"b', ""]) {
      const answer = await world.ask("/healthz", { headers: { "X-Request-Id": id } });
      assert.match(answer.headers.get("x-request-id"), /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/, id);
    }
    const named = await world.ask("/v1/none", { headers: { "X-Request-Id": "portal-4711" } });
    assert.equal(named.headers.get("x-request-id"), "portal-4711");
    assert.equal((await named.json()).instance, "urn:meterglot:request:portal-4711");
  });

  test("have_credentials_sent_across_a_redirect", async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      world.forgetRequests();
      const day = world.injectFault("wasabi", { kind: "redirect", status, times: Infinity });
      const { problem } = await read("wasabi");
      day.end();
      assert.deepEqual([problem.status, problem.code], [502, "foreign-origin"]);
      for (const { credential, headerNames } of world.requests("elsewhere")) {
        assert.equal(credential, "missing");
        assert.ok(!headerNames.includes("authorization") && !headerNames.includes("x-wasabi-service"));
      }
    }
  });

  test("have_credentials_sent_along_a_next_link", async () => {
    world.forgetRequests();
    const day = world.injectFault("barracuda", { kind: "foreign-next", times: Infinity });
    const expected = world.expected("barracuda", WEEK);
    const { records } = await read("barracuda", { query: { ...WEEK, pageSize: 3 } });
    day.end();
    assert.equal(records?.length, expected.records, "the link is not followed, its page number is");
    assert.equal(world.requests("elsewhere").length, 0);
  });
});

describe("browsers", () => {
  const from = (origin, options) => world.ask("/v1/sources", { headers: { Origin: origin }, ...options });

  test("only_listed_origins_may_read", async () => {
    const listed = await from("https://portal.example");
    assert.equal(listed.headers.get("access-control-allow-origin"), "https://portal.example");
    for (const origin of ["https://evil.example", "https://portal.example.evil.example", "http://portal.example", "null"]) {
      assert.equal((await from(origin)).headers.get("access-control-allow-origin"), null, origin);
    }
    for (const response of [listed, await from("https://evil.example"), await world.ask("/v1/sources")]) {
      assert.match(response.headers.get("vary"), /Origin/);
      assert.equal(response.headers.get("access-control-allow-credentials"), null);
    }
  });

  test("a_preflight_needs_no_token_and_reports_what_may_be_sent", async () => {
    const response = await from("https://portal.example", {
      method: "OPTIONS",
      token: null,
      headers: { Origin: "https://portal.example", "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization" },
    });
    assert.equal(response.status, 204);
    assert.match(response.headers.get("access-control-allow-headers"), /Authorization/);
    assert.equal(response.headers.get("access-control-allow-methods"), "GET,HEAD,POST");
  });

  test("an_error_can_be_read_by_a_listed_origin", async () => {
    const response = await from("https://portal.example", { token: "wrong" });
    assert.equal(response.status, 401);
    assert.equal(response.headers.get("access-control-allow-origin"), "https://portal.example");
  });

  test("every_answer_has_the_headers_that_browsers_obey", async () => {
    const answers = [
      await world.ask("/healthz"),
      await world.ask("/v1/usage/wasabi", { query: WEEK }),
      await world.ask("/v1/else"),
      await world.ask("/v1/sources", { token: null }),
    ];
    for (const response of answers) {
      const { headers } = response;
      assert.equal(headers.get("x-content-type-options"), "nosniff");
      assert.match(headers.get("content-security-policy"), /default-src 'none'/);
      assert.match(headers.get("strict-transport-security"), /max-age=\d{8}/);
      assert.equal(headers.get("referrer-policy"), "no-referrer");
      assert.equal(headers.get("x-powered-by"), null);
      await response.body?.cancel();
    }
    assert.match(answers[2].headers.get("cache-control"), /no-store/);
  });
});

describe("the log", () => {
  test("a_line_a_request_with_what_happened", async () => {
    const response = await world.ask("/v1/usage/wasabi", { query: WEEK, token: "only-wasabi" });
    const { records } = await verdictOf(response);
    const { ms, bytes, ...line } = await world.lineOf(response);
    assert.ok(ms >= 0 && bytes > 0);
    assert.deepEqual(line, {
      event: "request",
      id: response.headers.get("x-request-id"),
      method: "GET",
      route: "/v1/usage/{source}",
      source: "wasabi",
      client: "portal",
      status: 200,
      outcome: "answered",
      code: null,
      cache: "miss",
      records: records.length,
      upstreamRequests: 1,
      upstreamRetries: 0,
    });
  });

  test("no_secret_and_no_query_is_in_it_or_in_an_answer", async () => {
    const secrets = [
      TOKEN,
      "only-wasabi",
      "was-good",
      ...Object.values(world.credentials).flatMap(({ clientSecret, password, sessionId, key, accessKey, secretKey }) => [
        clientSecret,
        password,
        sessionId,
        key,
        accessKey,
        secretKey,
      ]),
    ].filter(Boolean);
    assert.ok(secrets.length >= 8);
    const answers = [];
    for (const source of ["barracuda", "devicewise", "cloudsigma", "wasabi", "wasabi-stats", "onapp"]) {
      const own = source === "wasabi-stats" ? "wasabiStats" : source;
      for (const kind of ["denied", "forbidden", "500", "redirect"]) {
        const origin = source === "barracuda" && kind === "denied" ? "barracudaTokens" : own;
        const day = world.injectFault(origin, { kind, times: Infinity });
        answers.push(await (await world.ask(`/v1/usage/${source}`, { query: { ...WEEK, token: TOKEN } })).text());
        const response = await world.ask(`/v1/usage/${source}`, { query: WEEK });
        answers.push(await response.text());
        await world.lineOf(response);
        day.end();
      }
      // A provider that says what it was sent.
      const echo = world.injectFault(own, {
        kind: "status",
        status: 403,
        type: "application/json",
        body: JSON.stringify({ Msg: `wrong key ${secrets.join(" ")}`, errors: secrets }),
        times: Infinity,
      });
      const answer = await (await world.ask(`/v1/usage/${source}`, { query: WEEK })).text();
      echo.end();
      assert.doesNotMatch(answer, /wrong key/, "nor what else it says");
      const [ownSecret] = Object.values(world.credentials[own]).filter((value) => secrets.includes(value));
      assert.doesNotMatch(answer, new RegExp(ownSecret), source);
    }
    const log = JSON.stringify(world.lines) + world.printed.join("\n");
    for (const secret of secrets) {
      assert.ok(!answers.some((answer) => answer.includes(secret)), "an answer");
      assert.ok(!log.includes(secret), "the log");
    }
    assert.doesNotMatch(log, /2024-03-08/);
  });
});
