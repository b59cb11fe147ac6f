// The keys that JWTs are checked with: what is their fault, and what is a token's.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from "jose";
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
  new SignJWT({ sub: subject })
    .setProtectedHeader({ alg: "ES256", ...(kid === undefined ? {} : { kid }) })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setExpirationTime(expires)
    .sign(key);

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

/** A token of any header and claims; of a key that is none it has what `signature` gives. */
function made(header, claims, signature = () => "") {
  const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${signed}.${signature(signed)}`;
}

const claims = () => ({ sub: "portal", iss: ISSUER, aud: AUDIENCE, exp: Math.floor(Date.now() / 1000) + 300 });

test("a_public_key_is_no_shared_secret_in_any_of_its_forms", async () => {
  const { publicKey, privateKey } = await generateKeyPair("RS256", { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: "rsa" };
  const { ask } = trusting({ keys: [jwk] });
  const pem = await exportSPKI(publicKey);
  for (const secret of [pem, pem.trimEnd(), pem.replaceAll("\n", ""), JSON.stringify(jwk), jwk.n, Buffer.from(jwk.n, "base64url"), ""]) {
    for (const [alg, hash] of [
      ["HS256", "sha256"],
      ["HS384", "sha384"],
      ["HS512", "sha512"],
      ["hs256", "sha256"],
      ["RS256", "sha256"],
    ]) {
      const token = made({ alg, kid: "rsa" }, claims(), (signed) => createHmac(hash, secret).update(signed).digest("base64url"));
      assert.equal((await ask(token)).status, 401, `${alg} ${secret}`);
    }
  }
  assert.equal(
    (await ask(await new SignJWT(claims()).setProtectedHeader({ alg: "RS256", kid: "rsa" }).sign(privateKey))).status,
    200,
    "the key itself is good",
  );
});

test("nothing_is_no_signature_however_it_is_written", async () => {
  const { ask } = trusting({ keys: [{ ...publicKeys[0], kid: "one" }] });
  const good = await sign({ kid: "one" });
  for (const alg of ["none", "None", "NONE", "nOnE", "", null, ["ES256"], ["none"], { toString: "ES256" }, undefined]) {
    for (const signature of ["", "AA", good.split(".")[2]]) {
      assert.equal((await ask(made({ alg, kid: "one" }, claims(), () => signature))).status, 401, `${JSON.stringify(alg)} ${signature}`);
    }
  }
  const [header, payload, signature] = good.split(".");
  for (const token of [
    `${header}.${payload}`,
    `${header}.${payload}.`,
    `${header}..${signature}`,
    `.${payload}.${signature}`,
    "..",
    `${header}.${payload}.${signature}.AA`,
    `${good}=`,
  ]) {
    assert.equal((await ask(token)).status, 401, token);
  }
  // Zeros: what some checks of ECDSA have taken for a signature of anything.
  assert.equal((await ask(`${header}.${payload}.${Buffer.alloc(64).toString("base64url")}`)).status, 401);
});

test("a_token_brings_no_key_and_names_no_place_for_one", async () => {
  const attacker = await generateKeyPair("ES256", { extractable: true });
  const jwk = await exportJWK(attacker.publicKey);
  const { set: own, ask } = trusting({ keys: [{ ...publicKeys[0], kid: "one" }] });
  const path = `/${sets.size}`;
  const theirs = { body: { keys: [{ ...jwk, kid: "one", alg: "ES256" }] }, requests: 0 };
  sets.set(path, theirs);
  const url = `http://127.0.0.1:${server.address().port}${path}`;
  for (const header of [
    { jwk },
    { jku: url },
    { x5u: url },
    { x5c: ["AA"] },
    { jwk, jku: url, kid: url },
    { kid: "../../../dev/null" },
    { kid: "' OR 1=1 --" },
    { kid: ["one"] },
    { kid: 0 },
    { kid: "__proto__" },
    { crit: ["exp"] },
    { b64: false, crit: ["b64"] },
    { zip: "DEF" },
  ]) {
    const token = await new SignJWT(claims())
      .setProtectedHeader({ alg: "ES256", kid: "one", ...("b64" in header || "crit" in header ? {} : header) })
      .sign(attacker.privateKey);
    assert.equal((await ask(token)).status, 401, JSON.stringify(header));
    assert.equal((await ask(made({ alg: "ES256", kid: "one", ...header }, claims(), () => token.split(".")[2]))).status, 401, JSON.stringify(header));
  }
  assert.equal(theirs.requests, 0);
  assert.ok(own.requests <= 2, "who names keys that are not there does not have the set fetched each time");
});

test("a_claim_is_of_its_kind_and_holds", async () => {
  const { ask } = trusting({ keys: publicKeys.slice(0, 1) });
  const now = Math.floor(Date.now() / 1000);
  const status = async (changes) =>
    (await ask(await new SignJWT({ ...claims(), ...changes }).setProtectedHeader({ alg: "ES256" }).sign(pairs[0].privateKey))).status;
  const good = [{}, { aud: ["else", AUDIENCE] }, { nbf: now - 60 }, { nbf: now + 3 }, { exp: now + 0.5 }];
  const bad = [
    ...[now + 60, String(now - 60), "now", null, [now - 60]].map((nbf) => ({ nbf })),
    ...[String(now + 300), "9e9", null, [now + 300], true, undefined, now - 60, 0, -1].map((exp) => ({ exp })),
    ...[[], ["else"], [[AUDIENCE]], { [AUDIENCE]: true }, `${AUDIENCE} else`, AUDIENCE.toUpperCase(), `${AUDIENCE}/`, null, undefined].map((aud) => ({ aud })),
    ...[[ISSUER], `${ISSUER}/`, `${ISSUER}.evil.example`, ISSUER.toUpperCase(), null, undefined].map((iss) => ({ iss })),
  ];
  for (const changes of good) {
    assert.equal(await status(changes), 200, JSON.stringify(changes));
  }
  for (const changes of bad) {
    assert.equal(await status(changes), 401, JSON.stringify(changes));
  }
});

test("a_token_larger_than_a_header_may_be_is_not_looked_at", async () => {
  const { set, ask } = trusting({ keys: publicKeys.slice(0, 1) });
  const token = await new SignJWT({ ...claims(), filler: "x".repeat(9000) }).setProtectedHeader({ alg: "ES256" }).sign(pairs[0].privateKey);
  assert.deepEqual(await ask(token), { status: 431, code: "header-too-large", client: null });
  assert.equal(set.requests, 0);
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

test("cached_keys_are_used_while_they_cannot_be_fetched_again", async (t) => {
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
