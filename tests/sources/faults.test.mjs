// Every injected fault of every provider, in every call: the result is complete and exact, or an error that says what is wrong.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { inspect } from "node:util";
import { SourceError } from "meterglot/sources";
import { kindsAt } from "../providers/faults.mjs";
import { assertExpected } from "../providers/support.mjs";
import { start, totals, WAYS } from "./world.mjs";

const QUERIES = {
  barracuda: { from: "2024-03-01", to: "2024-03-13", pageSize: 5 },
  devicewise: { from: "2024-03-01", to: "2024-03-03" },
  cloudsigma: { from: "2024-03-01", to: "2024-03-05", pageSize: 20 },
  wasabi: { from: "2024-03-01", to: "2024-03-04" },
  wasabiStats: { from: "2024-03-01", to: "2024-03-04", pageSize: 5 },
  onapp: { from: "2024-03-01", to: "2024-03-02" },
};

const TIMEOUT = 300;
const HASTY = { retry: { limit: 2, baseMs: 1, maxDelayMs: 10, maxRetryAfterMs: 50 } };
/** Short timeouts only where the fault is slowness: a busy machine must not cause it. */
const configFor = (kind) => (kind.startsWith("slow") ? { ...HASTY, timeoutMs: TIMEOUT } : HASTY);

const whole = "whole";
const changed = { table: whole, records: "listing-changed", ndjson: "listing-changed" };
/** Equal in every respect. */
const same = (outcome) => ({ table: outcome, records: outcome, ndjson: outcome });

/**
 * What comes of a day that is bad for one request, and of one that does not end. Where a provider differs, `at` says how.
 */
const DAYS = {
  429: [{}, same(whole), same("rate-limited")],
  "429 with a short wait": [{ kind: "429", retryAfter: 0 }, same(whole), same("rate-limited")],
  "429 with a long wait": [{ kind: "429", retryAfter: 7 }, same("rate-limited"), same("rate-limited")],
  "429 until a date": [{ kind: "429", retryAfter: "Fri, 01 Jan 2999 00:00:00 GMT" }, same("rate-limited"), same("rate-limited")],
  500: [{}, same(whole), same("upstream-unavailable")],
  503: [{}, same(whole), same("upstream-unavailable")],
  "503 with a long wait": [{ kind: "503", retryAfter: 7 }, same("upstream-unavailable"), same("upstream-unavailable")],
  status: [{ status: 404, body: "nothing here" }, same("provider-error"), same("provider-error")],
  "status 200 with nothing": [{ kind: "status", status: 200 }, same("unknown-format"), same("unknown-format")],
  "status 200 with a web page": [
    { kind: "status", status: 200, body: "<!doctype html><html><body>Sign in</body></html>" },
    same("provider-error"),
    same("provider-error"),
  ],
  "slow-headers": [{ ms: 2 * TIMEOUT }, same(whole), same("timeout")],
  "slow-body": [{ ms: 2 * TIMEOUT }, same(whole), same("timeout")],
  reset: [{}, same(whole), same("upstream-unavailable")],
  cut: [{}, same(whole), same("upstream-unavailable")],
  short: [{}, same("invalid-json"), same("invalid-json"), { onapp: [same("invalid-xml"), same("invalid-xml")] }],
  "content-type": [{}, same(whole), same(whole)],
  // A listing that lacks a row all the time is a valid one: nothing distinguishes it.
  "row-inserted": [{}, changed, null],
  "row-inserted and not counted": [{ kind: "row-inserted", keepsCount: true }, changed, same("incomplete")],
  "row-removed": [{}, changed, null],
  "row-removed and still counted": [{ kind: "row-removed", keepsCount: true }, changed, { ...changed, table: "incomplete" }],
  // Read a second time, a listing that lacks a row is again valid: at Barracuda a row from before the period, otherwise the table lacks it.
  "row-replaced": [{}, changed, changed, { cloudsigma: [changed, { ...changed, table: null }], wasabiStats: [changed, { ...changed, table: null }] }],
  "endless-next": [{}, same(whole), same(whole), { cloudsigma: [same(whole), same("listing-changed")] }],
  "not-counted": [{}, same(whole), same(whole)],
  "row-doubled": [{}, same(whole), same(whole)],
  "foreign-next": [{}, same(whole), same(whole)],
  redirect: [{}, same("foreign-origin"), same("foreign-origin")],
  expired: [
    {},
    same("unauthorized"),
    same("unauthorized"),
    { barracuda: [same(whole), same("unauthorized")], devicewise: [same(whole), same("unauthorized")] },
  ],
  denied: [{}, same("unauthorized"), same("unauthorized"), { barracuda: [same(whole), same("unauthorized")], devicewise: [same(whole), same("unauthorized")] }],
  forbidden: [{}, same("forbidden"), same("forbidden")],
  "command-failed": [{}, same("provider-error"), same("provider-error")],
  "hours-unheeded": [{}, same("unexpected-shape"), same("unexpected-shape")],
  "hours-without-time": [{}, same("missing-field"), same("missing-field")],
};

/** What is asked where a reply of deviceWISE holds 5,000 figures, not periods: more of them than that. */
const FIGURES = { from: "2024-03-01", to: "2024-03-29" };

const SIZE = { wasabi: { buckets: 5 }, cloudsigma: { resources: 12 } };

let world;
let figures;
before(async () => {
  world = await start({ size: SIZE });
  figures = await start({ size: SIZE, devicewise: { recordIs: "figure" } });
});
after(() => Promise.all([world, figures].map((it) => it.close())));
afterEach(() => [world, figures].forEach((it) => it.faults.end()));

/** An answer that is exact, or a code. */
async function outcomeOf(ask, source, query, expected) {
  let records;
  try {
    records = await ask(source, query);
  } catch (error) {
    assert.ok(error instanceof SourceError, inspect(error));
    assert.notEqual(error.message, "");
    for (const { password, clientSecret, key, sessionId, accessKey, secretKey } of Object.values(world.credentials)) {
      for (const secret of [password, clientSecret, key, sessionId, accessKey, secretKey]) {
        assert.ok(secret === undefined || !inspect(error, { depth: 20, showHidden: true }).includes(secret));
      }
    }
    return error.code;
  }
  assertExpected(totals(records), expected);
  return whole;
}

test("every_kind_of_fault_is_tried", () => {
  const tried = new Set(Object.entries(DAYS).map(([name, [{ kind = name }]]) => kind));
  assert.deepEqual([...tried].sort(), [...new Set(Object.keys(QUERIES).flatMap(kindsAt))].sort());
});

const CASES = [
  ...Object.entries(QUERIES).map(([provider, query]) => ({ provider, query, worldOf: () => world })),
  { provider: "devicewise", query: QUERIES.devicewise, worldOf: () => figures, reading: "figures" },
  // A login, a reply that is full, then its halves: the first of which has the fault.
  { provider: "devicewise", query: FIGURES, worldOf: () => figures, reading: "figures and halves", after: 2 },
];

for (const { provider, query, worldOf, reading = null, after = provider === "devicewise" ? 1 : 0 } of CASES) {
  describe(reading === null ? provider : `${provider} of ${reading}`, () => {
    for (const [name, [day, once, always, at = {}]] of Object.entries(DAYS)) {
      const { kind = name } = day;
      if (!kindsAt(provider).includes(kind)) {
        continue;
      }
      const [expectedOnce, expectedAlways] = at[provider] ?? [once, always];
      for (const [often, times, expected] of [
        ["once", 1, expectedOnce],
        ["always", Infinity, expectedAlways],
      ]) {
        for (const [way, ask] of Object.entries(WAYS).filter(([way]) => expected?.[way])) {
          test(`${name}_${often}_gives_${way}_${expected[way]}`, async () => {
            const world = worldOf();
            // The first request to deviceWISE opens a session.
            const announced = world.injectFault(provider, { ...day, kind, times, ...(after === 0 ? {} : { after }) });
            const outcome = await outcomeOf(ask, world.source(provider, configFor(kind)), query, world.expected(provider, query));
            assert.ok(announced.affected > 0, "the day was bad");
            assert.equal(outcome, expected[way]);
            assert.ok(world.requests("elsewhere").length === 0, "nothing goes elsewhere");
          });
        }
      }
    }
  });
}

for (const [kind, code] of [
  ["500", "upstream-unavailable"],
  ["denied", "unauthorized"],
  ["redirect", "foreign-origin"],
  ["cut", "upstream-unavailable"],
]) {
  test(`the_token_server_may_have_a_fault_too_${kind}`, async () => {
    const query = QUERIES.barracuda;
    world.injectFault("barracudaTokens", { kind, times: Infinity });
    assert.equal(await outcomeOf(WAYS.records, world.source("barracuda", HASTY), query), code);
    world.faults.end();
    world.injectFault("barracudaTokens", { kind: kind === "500" || kind === "cut" ? kind : "503", times: 1 });
    assert.equal(await outcomeOf(WAYS.records, world.source("barracuda", HASTY), query, world.expected("barracuda", query)), whole);
  });
}

for (const at of [100, 1000, 10_000, 30_000]) {
  for (const [kind, code] of [
    ["cut", "incomplete"],
    ["slow-body", "incomplete"],
    ["short", "invalid-json"],
  ]) {
    test(`a_body_that_streams_and_meets_${kind}_after_${at}_bytes_says_how_far_it_came`, async () => {
      const query = { from: "2024-03-01", to: "2024-03-30" };
      const source = world.source("wasabi", { ...configFor(kind), maxPageBytes: 50 });
      const given = [];
      world.injectFault("wasabi", { kind, at, ...(kind === "slow-body" ? { ms: 10 * TIMEOUT } : {}) });
      await assert.rejects(
        (async () => {
          for await (const record of source.records(query)) {
            given.push(record);
          }
        })(),
        (error) => {
          assert.deepEqual([error.name, error.code], ["SourceError", code]);
          assert.equal(error.missing, given.length === 0 && code !== "incomplete" ? null : `what follows after ${given.length} records`);
          return true;
        },
      );
      // What was given is right, as far as it goes.
      world.faults.end();
      const whole = await WAYS.records(source, query);
      assert.deepEqual(given, whole.slice(0, given.length));
      assert.ok(given.length < whole.length);
      // A table gives nothing before it has everything.
      world.injectFault("wasabi", { kind, at, ...(kind === "slow-body" ? { ms: 10 * TIMEOUT } : {}) });
      const outcome = await outcomeOf(WAYS.table, source, query, world.expected("wasabi", query));
      assert.equal(outcome, code === "incomplete" ? "whole" : code);
    });
  }
}
