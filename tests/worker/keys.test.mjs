// The keys that JWTs are checked with: what is their fault, and what is a token's.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { createWorker } from "meterglot/worker";

const ISSUER = "https://login.example";
const AUDIENCE = "meterglot";

const pairs = await Promise.all([generateKeyPair("ES256"), generateKeyPair("ES256")]);
const publicKeys = await Promise.all(pairs.map(async ({ publicKey }) => ({ ...(await exportJWK(publicKey)), alg: "ES256" })));

/** What each path of the server answers with, and how often it was asked. */
const sets = new Map();
let server;
before(async () => {
  server = createServer((request, response) => {
    const set = sets.get(request.url);
    set.requests += 1;
    response.writeHead(set.status ?? 200, { "Content-Type": "application/json" }).end(JSON.stringify(set.body));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
});
after(() => server.close());

/** A key set of its own, and a worker that trusts it. */
function trusting(body) {
  const path = `/${sets.size}`;
  const set = { body, requests: 0 };
  sets.set(path, set);
  const bindings = {
    METERGLOT_SOURCES: {},
    METERGLOT_JWKS_URL: `http://127.0.0.1:${server.address().port}${path}`,
    METERGLOT_JWKS_ISSUER: ISSUER,
    METERGLOT_JWKS_AUDIENCE: AUDIENCE,
  };
  const lines = [];
  const worker = createWorker({ log: (line) => lines.push(line) });
  const ask = async (token) => {
    const response = await worker.request("/v1/sources", { headers: { Authorization: `Bearer ${token}` } }, bindings);
    return { status: response.status, code: (await response.json()).code ?? null, client: lines.at(-1).client };
  };
  return { set, ask };
}

const sign = ({ key = pairs[0].privateKey, kid, expires = "5m", subject = "portal" } = {}) =>
  new SignJWT({ sub: subject }).setProtectedHeader({ alg: "ES256", ...(kid === undefined ? {} : { kid }) }).setIssuer(ISSUER).setAudience(AUDIENCE).setExpirationTime(expires).sign(key);

test("a_key_set_that_is_none_says_nothing_of_the_token", async () => {
  for (const body of [{}, { keys: "none" }, [], null, { keys: [{ ...publicKeys[0], x: "AA" }] }]) {
    const { status, code } = await trusting(body).ask(await sign());
    assert.deepEqual([status, code], [503, "keys-unavailable"], JSON.stringify(body));
  }
});

test("a_token_that_names_no_key_may_be_signed_with_any_of_the_set", async () => {
  const { ask } = trusting({ keys: publicKeys });
  for (const { privateKey } of pairs) {
    assert.equal((await ask(await sign({ key: privateKey }))).status, 200);
  }
  const { privateKey } = await generateKeyPair("ES256");
  assert.deepEqual(await ask(await sign({ key: privateKey })), { status: 401, code: "token-invalid", client: null });
  const expired = await sign({ key: pairs[1].privateKey, expires: new Date(Date.now() - 60_000) });
  assert.equal((await ask(expired)).code, "token-expired");
});

test("clocks_may_differ_by_five_seconds", async () => {
  const { ask } = trusting({ keys: publicKeys.slice(0, 1) });
  assert.equal((await ask(await sign({ expires: new Date(Date.now() - 2000) }))).status, 200);
  assert.equal((await ask(await sign({ expires: new Date(Date.now() - 8000) }))).code, "token-expired");
});

test("keys_that_fail_are_not_asked_for_by_every_request", async () => {
  const { set, ask } = trusting({ keys: publicKeys });
  set.status = 500;
  for (let i = 0; i < 5; i++) {
    assert.equal((await ask(await sign())).code, "keys-unavailable");
  }
  assert.equal(set.requests, 1);
});

test("keys_that_were_had_are_used_while_they_cannot_be_fetched_anew", async (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: Date.now() });
  const { set, ask } = trusting({ keys: [{ ...publicKeys[0], kid: "one" }] });
  const lasting = { kid: "one", expires: new Date(Date.now() + 5 * 3_600_000) };
  assert.equal((await ask(await sign(lasting))).status, 200);
  set.status = 500;
  // Older than jose keeps them.
  t.mock.timers.setTime(Date.now() + 11 * 60_000);
  assert.equal((await ask(await sign(lasting))).status, 200);
  assert.equal(set.requests, 2);
  const stranger = await ask(await sign({ ...lasting, kid: "new" }));
  assert.equal(stranger.code, "keys-unavailable", "it may be signed with a key that could not be fetched");
  t.mock.timers.setTime(Date.now() + 3_600_000);
  assert.equal((await ask(await sign(lasting))).code, "keys-unavailable", "a key is not trusted for ever");
});

test("a_subject_in_the_log_is_a_text_of_bounded_length", async () => {
  const { ask } = trusting({ keys: publicKeys });
  assert.equal((await ask(await sign({ subject: "x".repeat(5000) }))).client, "x".repeat(64));
  assert.equal((await ask(await sign({ subject: { name: "portal" } }))).client, null);
});
