// What an aggregation and a listing may hold.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createWorker } from "meterglot/worker";
import { verdictOf } from "./support/answers.mjs";
import { NOTHING_KEPT, stage, TOKEN } from "./support/stage.mjs";

const WEEK = { from: "2024-03-08", to: "2024-03-15" };

let world;
before(async () => (world = await stage({ world: { size: { wasabi: { accounts: 1, buckets: 200 } } } })));
after(() => world.close());

/** Asks a worker in this process, with these limits. */
async function ask(path, query, limits) {
  const worker = createWorker({ log() {} });
  const bindings = { ...world.bindings, METERGLOT_LIMITS: { ...NOTHING_KEPT, ...limits } };
  const response = await worker.request(`${path}?${new URLSearchParams(query)}`, { headers: { Authorization: `Bearer ${TOKEN}` } }, bindings);
  return verdictOf(response);
}

test("an_aggregation_has_so_many_rows_and_no_more", async () => {
  const query = { ...WEEK, by: "resource", window: "day" };
  const { rows } = await ask("/v1/aggregate/wasabi", query, { groups: 100_000 });
  assert.ok(rows.length > 10_000);
  assert.equal((await ask("/v1/aggregate/wasabi", query, { groups: rows.length })).rows.length, rows.length);
  for (const groups of [rows.length - 1, 1]) {
    const { status, problem } = await ask("/v1/aggregate/wasabi", query, { groups });
    assert.deepEqual([status, problem.code], [422, "aggregation-too-large"]);
    assert.match(problem.detail, new RegExp(`at most ${groups} rows.*\`by\`.*\`window\``));
  }
  assert.ok((await ask("/v1/aggregate/wasabi", { ...query, by: "region", window: "all" }, { groups: 200 })).rows.length <= 200);
});

test("too_many_rows_are_found_long_before_the_listing_ends", async () => {
  world.forgetRequests();
  const year = { from: "2022-01-01", to: "2023-01-01" };
  const { problem } = await ask("/v1/aggregate/wasabi", { ...year, by: "resource", window: "day" }, { groups: 1000 });
  assert.equal(problem.code, "aggregation-too-large");
  const bytes = world.requests("wasabi").reduce((sum, request) => sum + request.bytes, 0);
  assert.ok(bytes < 8e6, `${bytes} bytes were read of about 50 MB`);
});

test("an_aggregation_is_made_of_so_many_records_and_no_more", async () => {
  const query = { ...WEEK, window: "all" };
  const { records } = await ask("/v1/aggregate/wasabi", query, {});
  assert.equal((await ask("/v1/aggregate/wasabi", query, { aggregatedRecords: records })).records, records);
  const { status, problem } = await ask("/v1/aggregate/wasabi", query, { aggregatedRecords: records / 2 });
  assert.deepEqual([status, problem.code], [422, "aggregation-too-large"]);
  assert.match(problem.detail, /records to add up/);
});

test("a_slice_of_days_that_is_too_large_says_that_fewer_are_to_be_asked_for", async () => {
  const METERGLOT_SOURCES = JSON.parse(JSON.stringify(world.bindings.METERGLOT_SOURCES));
  METERGLOT_SOURCES.wasabi.limits = { maxBytes: 1_000_000 };
  const worker = createWorker({ log() {} });
  const read = async (fields) => {
    const bindings = { ...world.bindings, METERGLOT_SOURCES: { ...METERGLOT_SOURCES, wasabi: { ...METERGLOT_SOURCES.wasabi, ...fields } } };
    return verdictOf(
      await worker.request(
        `/v1/usage/wasabi?${new URLSearchParams({ ...WEEK, to: "2024-03-25" })}`,
        { headers: { Authorization: `Bearer ${TOKEN}`, Accept: "text/csv" } },
        bindings,
      ),
    );
  };
  const { problem } = await read({});
  assert.equal(problem.code, "limit-exceeded");
  assert.match(problem.detail, /at most maxBytes \(1000000\) bytes, found more: ask for fewer days at a time \(`daysPerRequest`\)/);
  assert.ok((await read({ daysPerRequest: 3 })).records.length > 0);
});

test("a_listing_whose_records_are_remembered_has_a_bound_of_its_own", async () => {
  const configs = {};
  const openSource = (provider, config) => {
    configs[provider] = config.limits;
    return { provider };
  };
  const sources = JSON.parse(JSON.stringify(world.bindings.METERGLOT_SOURCES));
  sources.cloudsigma.limits = { maxRecords: 7 };
  const worker = createWorker({ log() {}, openSource });
  await worker.request("/healthz", {}, { ...world.bindings, METERGLOT_SOURCES: sources });
  assert.deepEqual(configs, {
    barracuda: { maxRecords: 500_000 },
    devicewise: { maxRecords: 500_000 },
    cloudsigma: { maxRecords: 7 },
    wasabi: { maxBytes: 256 * 1024 * 1024 },
    onapp: { maxBytes: 256 * 1024 * 1024 },
  });
});
