// The bindings: their content, and the report of faulty ones.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createWorker } from "meterglot/worker";
import { digestOf } from "../../www/worker/local/bindings.mjs";

const TOKEN = "a-token";
const SOUND = {
  METERGLOT_SOURCES: { "wasabi-eu": { provider: "wasabi", account: "7" } },
  METERGLOT_SECRET_WASABI_EU: '{"apiKey":"s3cret-key"}',
  METERGLOT_TOKENS: { [digestOf(TOKEN)]: { sources: "*" } },
};

async function ask(path, bindings) {
  const lines = [];
  const worker = createWorker({ log: (line) => lines.push(line) });
  const response = await worker.request(path, { headers: { Authorization: `Bearer ${TOKEN}` } }, bindings);
  return { status: response.status, text: await response.text(), lines };
}

/** What the log names as wrong. */
async function faultsOf(changes) {
  const { status, text, lines } = await ask("/healthz", { ...SOUND, ...changes });
  assert.equal(status, 500);
  assert.equal(JSON.parse(text).code, "misconfigured");
  assert.ok(!text.includes("METERGLOT"), "the caller learns nothing of it");
  return lines.find(({ event }) => event === "misconfigured").faults;
}

describe("valid bindings", () => {
  test("may_be_json_texts_or_values", async () => {
    const texts = Object.fromEntries(Object.entries(SOUND).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]));
    for (const bindings of [SOUND, texts]) {
      const { status, text } = await ask("/v1/sources", bindings);
      assert.equal(status, 200);
      assert.deepEqual(JSON.parse(text), { sources: [{ name: "wasabi-eu", provider: "wasabi" }] });
    }
  });

  test("may_list_origins_as_words_or_json", async () => {
    for (const METERGLOT_CORS of [
      "https://a.example https://b.example",
      "https://a.example,https://b.example",
      '["https://a.example","https://b.example"]',
      ["https://a.example", "https://b.example"],
    ]) {
      const worker = createWorker({ log() {} });
      const response = await worker.request("/healthz", { headers: { Origin: "https://b.example" } }, { ...SOUND, METERGLOT_CORS });
      assert.equal(response.headers.get("access-control-allow-origin"), "https://b.example");
    }
  });

  test("without_any_source_a_worker_still_normalizes", async () => {
    const worker = createWorker({ log() {} });
    const bindings = { METERGLOT_SOURCES: {}, METERGLOT_TOKENS: SOUND.METERGLOT_TOKENS };
    const response = await worker.request(
      "/v1/normalize",
      {
        method: "POST",
        body: '{"page":1,"page_size":30,"count":0,"links":[],"list":[]}',
        headers: { Authorization: `Bearer ${TOKEN}`, "Meterglot-Provider": "barracuda" },
      },
      bindings,
    );
    assert.equal(response.status, 200);
    // What is not taken is waited for.
    assert.deepEqual((await response.json()).records, []);
  });
});

describe("whose usage a source may be asked for", () => {
  const FIELDS = { wasabi: {}, onapp: { login: "a@b.example", baseUrl: "https://cloud.example" }, barracuda: { clientId: "id" } };
  const SECRETS = { wasabi: { apiKey: "s3cret-key" }, onapp: { password: "s3cret-key" }, barracuda: { clientSecret: "s3cret-key" } };

  /** The status of a HEAD, for which no provider is asked. */
  async function statusOf(provider, fields, query) {
    const worker = createWorker({ log() {} });
    const bindings = {
      METERGLOT_SOURCES: { a: { provider, ...FIELDS[provider], ...fields } },
      METERGLOT_SECRET_A: SECRETS[provider],
      METERGLOT_TOKENS: { [digestOf(TOKEN)]: { sources: "*" } },
    };
    const search = new URLSearchParams({ from: "2024-01-01", to: "2024-01-02", ...query });
    return (await worker.request(`/v1/usage/a?${search}`, { method: "HEAD", headers: { Authorization: `Bearer ${TOKEN}` } }, bindings)).status;
  }

  const cases = [
    ["its own alone", "wasabi", { account: "7" }, { none: 200, 7: 200, 8: 403 }],
    ["its own and those that are listed", "wasabi", { account: "7", accounts: ["8"] }, { none: 200, 7: 200, 8: 200, 9: 403 }],
    ["anybody's where it says so", "wasabi", { account: "7", accounts: "*" }, { none: 200, 8: 200 }],
    ["one of those that are listed, by name", "wasabi", { accounts: ["8"] }, { none: 400, 8: 200, 9: 403 }],
    ["whomever the credentials read, where it names nobody", "wasabi", {}, { none: 200, 8: 200 }],
    ["a user's", "onapp", { user: "4" }, { none: 200, 4: 200, 5: 403 }],
    ["a listed user's", "onapp", { accounts: ["5"] }, { none: 400, 4: 403, 5: 200 }],
    ["a partner's, and no account's of its name", "barracuda", { partner: "acme" }, { none: 200, acme: 403, bakery: 403 }],
    ["a listed account's", "barracuda", { accounts: ["bakery"] }, { none: 400, bakery: 200, acme: 403 }],
  ];
  for (const [what, provider, fields, statuses] of cases) {
    test(what.replaceAll(" ", "_"), async () => {
      for (const [name, status] of Object.entries(statuses)) {
        const query = name === "none" ? {} : { [provider === "onapp" ? "user" : "account"]: name };
        assert.equal(await statusOf(provider, fields, query), status, name);
      }
    });
  }

  test("is_not_said_of_a_provider_that_takes_no_name", async () => {
    const METERGLOT_SOURCES = { "wasabi-eu": { provider: "cloudsigma", location: "zrh", user: "u", accounts: "*" } };
    assert.match(
      (await faultsOf({ METERGLOT_SOURCES, METERGLOT_SECRET_WASABI_EU: { password: "s3cret-key" } })).join(),
      /^METERGLOT_SOURCES\.wasabi-eu\.accounts: is not known/,
    );
  });
});

test("a_source_of_wasabis_stats_api_takes_its_two_keys_as_a_secret_and_so_many_pages", async () => {
  const opened = [];
  const worker = createWorker({
    log() {},
    openSource: (provider, config) => {
      opened.push({ provider, ...config });
      return { provider };
    },
  });
  const keys = { accessKey: "an-access-key", secretKey: "a-secret-key" };
  for (const fields of [{}, { maxPages: 5 }]) {
    const bindings = {
      METERGLOT_SOURCES: { a: { provider: "wasabi", api: "stats", ...fields } },
      METERGLOT_SECRET_A: keys,
      METERGLOT_TOKENS: SOUND.METERGLOT_TOKENS,
    };
    assert.equal((await worker.request("/healthz", {}, bindings)).status, 200);
  }
  assert.deepEqual(
    opened.map(({ maxPages }) => maxPages),
    [3000, 5],
  );
  const { limits, maxPages, ...rest } = opened[0];
  assert.deepEqual(rest, { provider: "wasabi", api: "stats", ...keys });
});

describe("the limits of a source", () => {
  /** What a source is opened with. */
  async function openedWith(fields, provider = "cloudsigma") {
    let opened;
    const worker = createWorker({
      log() {},
      openSource: (_, config) => {
        opened = config;
        return { provider };
      },
    });
    await worker.request("/healthz", {}, { METERGLOT_SOURCES: { a: { provider, ...fields } }, METERGLOT_TOKENS: { [digestOf(TOKEN)]: { sources: "*" } } });
    return opened.limits;
  }

  test("leave_the_others_as_they_are", async () => {
    assert.deepEqual(await openedWith({}), { maxRecords: 500_000 });
    assert.deepEqual(await openedWith({ limits: { maxDepth: 16 } }), { maxRecords: 500_000, maxDepth: 16 });
    assert.deepEqual(await openedWith({ limits: { maxRecords: 7 } }), { maxRecords: 7 });
    assert.deepEqual(await openedWith({}, "onapp"), { maxBytes: 256 * 1024 * 1024 });
    assert.deepEqual(await openedWith({ limits: { maxDepth: 16 } }, "wasabi"), { maxBytes: 256 * 1024 * 1024, maxDepth: 16 });
  });

  test("are_refused_where_they_are_none", async () => {
    for (const limits of ["none", 5, null, [], [7]]) {
      const faults = await faultsOf({ METERGLOT_SOURCES: { "wasabi-eu": { provider: "wasabi", limits } } });
      assert.match(faults.join(), /limits/);
    }
  });
});

describe("faulty bindings are named", () => {
  const cases = {
    "no sources": [{ METERGLOT_SOURCES: undefined }, /^METERGLOT_SOURCES: /],
    "no JSON": [{ METERGLOT_SOURCES: "{oops" }, /^METERGLOT_SOURCES: is not JSON$/],
    "an unknown provider": [{ METERGLOT_SOURCES: { a: { provider: "acme" } }, METERGLOT_SECRET_WASABI_EU: undefined }, /^METERGLOT_SOURCES\.a\.provider: /],
    "a name that no path holds": [
      { METERGLOT_SOURCES: { "a/b": { provider: "wasabi" } }, METERGLOT_SECRET_WASABI_EU: undefined },
      /^METERGLOT_SOURCES\.a\/b: expected a name/,
    ],
    "no secret": [{ METERGLOT_SECRET_WASABI_EU: undefined }, /^METERGLOT_SOURCES\.wasabi-eu, with METERGLOT_SECRET_WASABI_EU: option `apiKey`/],
    "a secret of no source": [{ METERGLOT_SECRET_WASABI_US: "{}" }, /^METERGLOT_SECRET_WASABI_US: METERGLOT_SOURCES has no source/],
    "a secret among what is none": [
      { METERGLOT_SOURCES: { "wasabi-eu": { provider: "wasabi", apiKey: "s3cret-key" } } },
      /^METERGLOT_SOURCES\.wasabi-eu\.apiKey: belongs in/,
    ],
    "keys of the Stats API among what is no secret": [
      { METERGLOT_SOURCES: { "wasabi-eu": { provider: "wasabi", api: "stats", accessKey: "an-access-key" } } },
      /^METERGLOT_SOURCES\.wasabi-eu\.accessKey: belongs in/,
    ],
    "one key of two": [
      { METERGLOT_SOURCES: { "wasabi-eu": { provider: "wasabi", api: "stats" } }, METERGLOT_SECRET_WASABI_EU: { accessKey: "an-access-key" } },
      /^METERGLOT_SOURCES\.wasabi-eu, with METERGLOT_SECRET_WASABI_EU: option `secretKey`: expected/,
    ],
    "accounts of keys that are of one": [
      {
        METERGLOT_SOURCES: { "wasabi-eu": { provider: "wasabi", api: "stats", accounts: ["7"] } },
        METERGLOT_SECRET_WASABI_EU: { accessKey: "an-access-key", secretKey: "a-secret-key" },
      },
      /^METERGLOT_SOURCES\.wasabi-eu\.accounts: is not known/,
    ],
    "an unknown field": [{ METERGLOT_SOURCES: { "wasabi-eu": { provider: "wasabi", colour: "red" } } }, /option `colour`: is not known/],
    "leave to send credentials in the clear": [
      { METERGLOT_SOURCES: { "wasabi-eu": { provider: "wasabi", baseUrl: "http://partner.example", allowInsecure: true } } },
      /^METERGLOT_SOURCES\.wasabi-eu\.allowInsecure: is not allowed/,
    ],
    "leave to send credentials in the clear, as a secret": [
      {
        METERGLOT_SOURCES: { "wasabi-eu": { provider: "wasabi", baseUrl: "http://10.0.0.1" } },
        METERGLOT_SECRET_WASABI_EU: '{"apiKey":"s3cret-key","allowInsecure":true}',
      },
      /^METERGLOT_SECRET_WASABI_EU\.allowInsecure: is not allowed/,
    ],
    "an address among the secrets": [
      { METERGLOT_SECRET_WASABI_EU: '{"apiKey":"s3cret-key","baseUrl":"https://evil.example"}' },
      /^METERGLOT_SECRET_WASABI_EU\.baseUrl: is not a credential/,
    ],
    "a bound among the secrets": [
      { METERGLOT_SECRET_WASABI_EU: '{"apiKey":"s3cret-key","account":"8"}' },
      /^METERGLOT_SECRET_WASABI_EU\.account: is not a credential/,
    ],
    "a secret too short to be hidden": [
      { METERGLOT_SECRET_WASABI_EU: '{"apiKey":"s3cret"}' },
      /^METERGLOT_SECRET_WASABI_EU\.apiKey: expected at least 8 characters$/,
    ],
    "a token for a source that is not there": [
      { METERGLOT_TOKENS: { [digestOf("x")]: { sources: ["wasabi-us"] } } },
      /^METERGLOT_TOKENS\[0\]\.sources: METERGLOT_SOURCES has no wasabi-us$/,
    ],
    "an address in the clear": [
      { METERGLOT_SOURCES: { "wasabi-eu": { provider: "wasabi", baseUrl: "http://partner.example" } } },
      /option `baseUrl`: expected a URL of https:/,
    ],
    "a token in the clear": [{ METERGLOT_TOKENS: { "my-s3cret-key": { sources: "*" } } }, /^METERGLOT_TOKENS\[0\]: expected the SHA-256/],
    "a token for nothing": [{ METERGLOT_TOKENS: { [digestOf("x")]: { sources: [] } } }, /^METERGLOT_TOKENS\[0\]\.sources: /],
    "an end that is no time": [{ METERGLOT_TOKENS: { [digestOf("x")]: { sources: "*", expires: "soon" } } }, /^METERGLOT_TOKENS\[0\]\.expires: /],
    "no tokens and no issuer": [{ METERGLOT_TOKENS: undefined }, /^METERGLOT_TOKENS: .* found neither$/],
    "half of what a JWT needs": [{ METERGLOT_JWKS_URL: "https://login.example/keys" }, /^METERGLOT_JWKS_ISSUER: /],
    "keys in the clear": [
      { METERGLOT_JWKS_URL: "http://login.example/keys", METERGLOT_JWKS_ISSUER: "a", METERGLOT_JWKS_AUDIENCE: "b" },
      /^METERGLOT_JWKS_URL: expected a URL of https:/,
    ],
    "keys of no address": [{ METERGLOT_JWKS_URL: "nowhere", METERGLOT_JWKS_ISSUER: "a", METERGLOT_JWKS_AUDIENCE: "b" }, /^METERGLOT_JWKS_URL: /],
    "keys of a host that only looks like this one": [
      { METERGLOT_JWKS_URL: "http://localhost:80@login.example/keys", METERGLOT_JWKS_ISSUER: "a", METERGLOT_JWKS_AUDIENCE: "b" },
      /^METERGLOT_JWKS_URL: expected a URL of https:/,
    ],
    "an origin with a path": [{ METERGLOT_CORS: "https://portal.example/" }, /^METERGLOT_CORS\.0: expected an origin/],
    "every origin": [{ METERGLOT_CORS: "*" }, /^METERGLOT_CORS\.0: /],
    "an unknown limit": [{ METERGLOT_LIMITS: { rows: 5 } }, /^METERGLOT_LIMITS: .*rows/],
    "a limit of nothing": [{ METERGLOT_LIMITS: { upstream: 0 } }, /^METERGLOT_LIMITS\.upstream: /],
  };
  for (const [name, [changes, expected]] of Object.entries(cases)) {
    test(name.replaceAll(" ", "_"), async () => {
      const faults = await faultsOf(changes);
      assert.ok(
        faults.some((fault) => expected.test(fault)),
        faults.join("\n"),
      );
      assert.ok(!faults.join().includes("s3cret"), faults.join("\n"));
    });
  }

  test("the_secret_binding_holds_credentials_and_nothing_else", async () => {
    for (const field of ["tokenUrl", "fetch", "provider", "limits", "retry", "maxPages", "partner", "clientId", "accounts", "scopes"]) {
      const METERGLOT_SECRET_WASABI_EU = `{"apiKey":"s3cret-key","${field}":"https://evil.example"}`;
      assert.deepEqual(
        (await faultsOf({ METERGLOT_SECRET_WASABI_EU })).map((fault) => fault.split(/:/)[0]),
        [`METERGLOT_SECRET_WASABI_EU.${field}`],
      );
    }
  });

  test("all_of_them_at_once", async () => {
    const faults = await faultsOf({ METERGLOT_CORS: "*", METERGLOT_LIMITS: { rows: 5 }, METERGLOT_TOKENS: "no" });
    assert.deepEqual([...new Set(faults.map((fault) => fault.split(/[.:]/)[0]))].sort(), ["METERGLOT_CORS", "METERGLOT_LIMITS", "METERGLOT_TOKENS"]);
  });

  test("nothing_is_answered_until_they_are_right", async () => {
    for (const path of ["/healthz", "/v1/sources", "/v1/usage/wasabi-eu", "/openapi.json"]) {
      assert.equal((await ask(path, { ...SOUND, METERGLOT_LIMITS: "no" })).status, 500, path);
    }
  });
});
