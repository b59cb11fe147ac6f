// Every injected fault of the providers, through the worker: the answer is complete and exact, or it says what is wrong.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { kindsAt } from "../providers/faults.mjs";
import { assertExact, REPRESENTATIONS, verdictOf } from "./support/answers.mjs";
import { HASTY as SOON, NOTHING_KEPT, stage } from "./support/stage.mjs";

/** The sources, each with the origin that it asks. */
const ORIGINS = { barracuda: "barracuda", devicewise: "devicewise", cloudsigma: "cloudsigma", wasabi: "wasabi", "wasabi-stats": "wasabiStats", onapp: "onapp" };

const HASTY = { ...SOON, timeoutMs: 250 };

/** What is asked of each: several pages where there are pages. */
const QUERIES = {
  barracuda: { from: "2024-03-01", to: "2024-03-13", pageSize: "5" },
  devicewise: { from: "2024-03-01", to: "2024-03-03" },
  cloudsigma: { from: "2024-03-01", to: "2024-03-05", pageSize: "20" },
  wasabi: { from: "2024-03-01", to: "2024-03-04" },
  "wasabi-stats": { from: "2024-03-01", to: "2024-03-04", pageSize: "7" },
  onapp: { from: "2024-03-01", to: "2024-03-02" },
};

const LATE = HASTY.timeoutMs * 1.2;

const WHOLE = "whole";

/**
 * The problem code for a fault of one request, and for a fault that does not end.
 * If two are named, it depends on the request that fails; each is reported, neither is silent.
 */
const EXPECTED = {
  429: { day: {}, once: [WHOLE], always: ["rate-limited"] },
  "429, wait": { day: { kind: "429", retryAfter: 7 }, once: ["rate-limited"], always: ["rate-limited"] },
  500: { day: {}, once: [WHOLE], always: ["upstream-unavailable"] },
  503: { day: {}, once: [WHOLE], always: ["upstream-unavailable"] },
  "503, wait": { day: { kind: "503", retryAfter: 7 }, once: ["upstream-unavailable"], always: ["upstream-unavailable"] },
  status: { day: { status: 404, body: "nothing here" }, once: ["provider-error"], always: ["provider-error"] },
  "status, empty": { day: { kind: "status", status: 200, body: "" }, once: ["unknown-format"], always: ["unknown-format"] },
  "slow-headers": { day: { ms: LATE }, once: [WHOLE], always: ["timeout"] },
  "slow-body": { day: { ms: LATE }, once: [WHOLE], always: ["timeout"] },
  reset: { day: {}, once: [WHOLE], always: ["upstream-unavailable"] },
  cut: { day: {}, once: [WHOLE], always: ["upstream-unavailable"] },
  short: { day: {}, once: ["invalid-json", "invalid-xml"], always: ["invalid-json", "invalid-xml"] },
  "content-type": { day: {}, once: [WHOLE], always: [WHOLE] },
  // Always: a row that a provider never sends, and never counts, does not exist.
  "row-inserted": { day: {}, once: ["listing-changed"] },
  "row-inserted, count kept": { day: { kind: "row-inserted", keepsCount: true }, once: ["listing-changed"], always: ["incomplete"] },
  "row-removed": { day: {}, once: ["listing-changed"], always: ["listing-changed"] },
  "row-removed, count kept": { day: { kind: "row-removed", keepsCount: true }, once: ["listing-changed"], always: ["listing-changed"] },
  "row-replaced": { day: {}, once: ["listing-changed"], always: ["listing-changed"] },
  "endless-next": { day: {}, once: [WHOLE], always: [WHOLE, "listing-changed"] },
  "not-counted": { day: {}, once: [WHOLE], always: [WHOLE] },
  "row-doubled": { day: {}, once: [WHOLE], always: [WHOLE] },
  "foreign-next": { day: {}, once: [WHOLE], always: [WHOLE] },
  redirect: { day: {}, once: ["foreign-origin"], always: ["foreign-origin"] },
  expired: { day: {}, once: [WHOLE, "unauthorized"], always: ["unauthorized"] },
  denied: { day: {}, once: [WHOLE, "unauthorized"], always: ["unauthorized"] },
  forbidden: { day: {}, once: ["forbidden"], always: ["forbidden"] },
  "command-failed": { day: {}, once: ["provider-error"], always: ["provider-error"] },
  "hours-unheeded": { day: {}, once: ["unexpected-shape"], always: ["unexpected-shape"] },
  "hours-without-time": { day: {}, once: ["missing-field"], always: ["missing-field"] },
};

let world;
before(async () => (world = await stage({ more: HASTY, limits: NOTHING_KEPT })));
after(() => world.close());
afterEach(() => world.faults.end());

const expectedOf = (source, query) => {
  const provider = source === "wasabi-stats" ? "wasabi" : source;
  return world.expected(provider, { ...query, ...{ wasabi: { account: world.credentials.wasabi.account }, onapp: { encoding: "xml" } }[provider] });
};

test("every_kind_of_fault_is_tried", () => {
  const tried = new Set(Object.entries(EXPECTED).map(([name, { day }]) => day.kind ?? name));
  assert.deepEqual([...tried].sort(), [...new Set(Object.values(ORIGINS).flatMap(kindsAt))].sort());
});

for (const [provider, origin] of Object.entries(ORIGINS)) {
  describe(provider, () => {
    const query = QUERIES[provider];
    for (const [name, { day, once, always }] of Object.entries(EXPECTED)) {
      const kind = day.kind ?? name;
      if (!kindsAt(origin).includes(kind)) {
        continue;
      }
      for (const [often, expected] of Object.entries({ once, always }).filter(([, expected]) => expected !== undefined)) {
        test(`${name}_${often}`, async () => {
          const exact = expectedOf(provider, query);
          const codes = new Set();
          // A token or session is at hand, so that the fault meets the listing.
          await (await world.ask(`/v1/usage/${provider}`, { query })).text();
          for (const [representation, accept] of Object.entries(REPRESENTATIONS)) {
            const announced = world.injectFault(origin, { ...day, kind, times: often === "once" ? 1 : Infinity });
            const verdict = await verdictOf(await world.ask(`/v1/usage/${provider}`, { query, accept }));
            announced.end();
            assert.ok(announced.affected > 0, "the fault was injected");
            if (verdict.problem === undefined) {
              assertExact(verdict.records, exact, representation);
            } else {
              assert.notEqual(verdict.problem.detail, "");
            }
            codes.add(verdict.problem?.code ?? WHOLE);
          }
          assert.equal(codes.size, 1, `${[...codes]} in the three representations`);
          assert.ok(expected.includes([...codes][0]), `${[...codes]}, expected ${expected}`);
        });
      }
    }
  });
}
