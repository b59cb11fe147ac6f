// Every provider, asked in every way: exactly what there is, however it is paged, cut and bounded.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertExpected } from "../providers/support.mjs";
import { start, totals, WAYS } from "./world.mjs";

let world;
before(async () => {
  world = await start({ size: { wasabi: { buckets: 5 } } });
});
after(() => world.close());

const quarter = { from: "2024-01-01", to: "2024-04-01" };
// Bounds that are no midnight anywhere, over a change of the clocks.
const odd = { from: "2024-03-08T17:23:45.678Z", to: "2024-03-14T03:00:01+09:00" };

/** Queries, with the additional options of the source or of the expected data. */
const questions = {
  barracuda: [
    [quarter],
    [odd],
    [{ ...quarter, resolution: "week" }],
    [{ ...quarter, resolution: "month" }],
    [{ ...quarter, resolution: "10d" }],
    [{ ...quarter, account: "bakery" }],
    [{ ...quarter, pageSize: 7 }],
  ],
  devicewise: [[{ from: "2024-01-01", to: "2024-01-08" }], [odd], [{ ...quarter, resolution: "day" }], [{ ...odd, resolution: "day" }]],
  cloudsigma: [
    [odd],
    [quarter],
    [{ ...odd, pageSize: 20 }],
    [{ ...odd, pageSize: 7 }],
    [{ ...quarter, resolution: "total" }],
    [{ ...quarter, resolution: "total", pageSize: 3 }],
  ],
  wasabi: [[odd], [{ from: "2024-01-20", to: "2024-03-01" }], [{ ...odd, level: "account" }, { regional: true }]],
  wasabiStats: [
    [odd],
    [quarter],
    [{ ...odd, pageSize: 7 }],
    [{ ...quarter, bucket: "media-0" }],
    [
      { ...quarter, level: "account" },
      { regional: true, daysPerRequest: 60 },
    ],
    [{ ...quarter, pageSize: 50 }, { daysPerRequest: 7 }],
  ],
  onapp: [[odd], [{ from: "2024-01-29", to: "2024-02-02" }], [odd, { encoding: "json" }], [odd, { daysPerRequest: 2 }]],
};

for (const [provider, queries] of Object.entries(questions)) {
  for (const [query, { regional, ...more } = {}] of queries) {
    for (const [way, ask] of Object.entries(WAYS)) {
      test(`${provider}_gives_${way}_of_${JSON.stringify({ ...query, ...more })}`, async () => {
        const expected = world.expected(provider, { ...query, regional, ...more });
        assertExpected(totals(await ask(world.source(provider, more), query)), expected);
      });
    }
  }
}

test("neighbouring_periods_share_no_record_and_leave_none_out", async () => {
  const days = ["2024-03-08T05:00:00Z", "2024-03-09T05:00:00Z", "2024-03-10T05:30:00Z", "2024-03-11T04:00:00Z", "2024-03-12T12:34:56Z"];
  for (const provider of Object.keys(questions)) {
    const source = world.source(provider);
    const pieces = [];
    for (let i = 1; i < days.length; i += 1) {
      pieces.push(...(await WAYS.records(source, { from: days[i - 1], to: days[i] })));
    }
    const whole = await WAYS.records(source, { from: days[0], to: days.at(-1) });
    assert.deepEqual(pieces.map(({ id }) => id).sort(), whole.map(({ id }) => id).sort(), provider);
    assert.equal(new Set(whole.map(({ id }) => id)).size, whole.length, provider);
  }
});

test("the_bounds_that_vendors_do_not_document_make_no_difference", async () => {
  const other = await start({ endIncluded: false });
  for (const provider of ["barracuda", "devicewise"]) {
    for (const query of [odd, quarter, { ...odd, resolution: "day" }]) {
      const [one, two] = await Promise.all([world, other].map((it) => WAYS.records(it.source(provider), query)));
      assert.deepEqual(one, two);
      assert.ok(one.length > 0);
    }
  }
  await other.close();
});

test("a_range_that_a_reply_cannot_hold_is_asked_for_in_parts", async () => {
  const query = { from: "2023-01-01", to: "2024-06-01" };
  const small = await start({ size: { devicewise: { services: 1 } } });
  const records = await WAYS.records(small.source("devicewise"), query);
  assertExpected(totals(records), small.expected("devicewise", query));
  assert.equal(records.length, 517 * 24);
  // A login, then three parts of at most 4800 hours.
  assert.equal(small.requests("devicewise").length, 4);
  await small.close();
});

for (const recordIs of ["period", "figure"]) {
  for (const byOrganisation of ["services", "calls", "totals"]) {
    test(`whatever_5000_of_are_a_reply_is_whole_with_${recordIs}s_and_${byOrganisation}`, async () => {
      const other = await start({ size: { devicewise: { services: 12 } }, devicewise: { recordIs, byOrganisation } });
      const query = { from: "2024-01-01", to: "2024-03-01" };
      for (const asked of [query, odd, { ...query, resolution: "day" }, { from: "2022-06-01", to: "2024-06-01", resolution: "day" }]) {
        for (const ask of Object.values(WAYS)) {
          assertExpected(totals(await ask(other.source("devicewise"), asked)), other.expected("devicewise", asked));
        }
      }
      const each = await WAYS.records(other.source("devicewise", { dimension: "org", includeSubOrgs: true }), query);
      const { quantity } = other.expected("devicewise", { ...query, dimension: "org", includeSubOrgs: true }).metrics["api.calls"];
      assert.equal(
        each.reduce((sum, record) => sum + Number(record.quantity), 0),
        Number(quantity),
      );
      await other.close();
    });
  }
}

test("the_region_of_cloudsigma_is_its_location_whatever_the_address", async () => {
  const [record] = await WAYS.records(world.source("cloudsigma"), quarter);
  assert.deepEqual([record.region, record.currency], ["zrh", "CHF"]);
});

test("one_token_serves_many_calls_and_is_renewed_before_it_ends", async () => {
  const source = world.source("barracuda");
  world.forgetRequests();
  await WAYS.records(source, odd);
  await WAYS.records(source, odd);
  assert.equal(world.requests("barracudaTokens").length, 1);
  const brief = await start({ tokenSeconds: 1, clock: Date.now });
  const short = brief.source("barracuda");
  const query = { from: "2024-01-01", to: "2024-01-05" };
  await WAYS.records(short, query);
  await new Promise((resolve) => setTimeout(resolve, 920));
  await WAYS.records(short, query);
  assert.equal(brief.requests("barracudaTokens").length, 2);
  assert.ok(brief.requests("barracuda").every(({ status }) => status === 200));
  await brief.close();
});

test("calls_at_the_same_time_do_not_disturb_each_other", async () => {
  const source = world.source("barracuda");
  const answers = await Promise.all(Array.from({ length: 8 }, () => WAYS.records(source, quarter)));
  answers.forEach((records) => assert.deepEqual(records, answers[0]));
});

test("an_encoding_makes_no_difference_to_the_records", async () => {
  const without = (records) => records.map(({ pointer, ...record }) => record);
  const [json, xml] = await Promise.all(["json", "xml"].map((encoding) => WAYS.records(world.source("barracuda", { encoding }), odd)));
  assert.deepEqual(without(json), without(xml));
});

test("all_accounts_are_asked_about_where_none_is_named", async () => {
  const source = world.source("wasabi", { account: undefined });
  assertExpected(totals(await WAYS.records(source, odd)), world.expected("wasabi", { ...odd, account: undefined }));
});

test("invoices_have_a_period_of_their_own", async () => {
  const invoice = String(world.data.wasabi.invoiceNumber(2024, 2));
  const records = await WAYS.records(world.source("wasabi"), { invoice });
  assertExpected(totals(records), world.expected("wasabi", { invoice }));
});

test("a_listing_larger_than_what_is_held_streams_through", async () => {
  const records = await WAYS.records(world.source("wasabi", { maxPageBytes: 10_000 }), quarter);
  assertExpected(totals(records), world.expected("wasabi", quarter));
});
