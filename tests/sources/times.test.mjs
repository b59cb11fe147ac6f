// Times of a query: what RFC 3339 allows, to the nanosecond, by the engine's own rules.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Listing } from "meterglot";
import { all, answering, failure, json, sources, wasabiRow } from "./support.mjs";

const END = "2400-01-01T00:00:00Z";

/** Texts, each with the time that it means in UTC; null if the text is not a valid time. */
const TIMES = {
  "2024-01-01T00:00:00Z": "2024-01-01T00:00:00Z",
  "2024-01-01t00:00:00z": "2024-01-01T00:00:00Z",
  "2024-01-01 00:00:00Z": "2024-01-01T00:00:00Z",
  "2024-01-01T00:00:00-00:00": "2024-01-01T00:00:00Z",
  "2024-01-01T00:00:00.5Z": "2024-01-01T00:00:00.5Z",
  "2024-01-01T00:00:00.1234Z": "2024-01-01T00:00:00.1234Z",
  "2024-01-01T00:00:00.000000001Z": "2024-01-01T00:00:00.000000001Z",
  "2024-01-01T00:00:00.999999999Z": "2024-01-01T00:00:00.999999999Z",
  "2024-01-01T00:00:00.12345678900000000000Z": "2024-01-01T00:00:00.123456789Z",
  "2024-01-01T09:30:00.000001+09:30": "2024-01-01T00:00:00.000001Z",
  "2023-12-31T23:59:60Z": "2024-01-01T00:00:00Z",
  "2023-12-31T18:59:60.25-05:00": "2024-01-01T00:00:00.25Z",
  "1969-12-31T23:59:59.999999999Z": "1969-12-31T23:59:59.999999999Z",
  "2024-02-29T23:59:59+23:59": "2024-02-29T00:00:59Z",
  "2024-01-01T00:00:00.1234567891Z": null,
  "2024-01-01T00:00:00.Z": null,
  "2024-01-01T24:00:00Z": null,
  "2024-01-01T00:60:00Z": null,
  "2024-01-01T00:00:61Z": null,
  "2024-01-01T00:00:00+24:00": null,
  "2024-01-01T00:00:00+00:60": null,
  "2024-01-01T00:00:00+0000": null,
  "2024-01-01T00:00:00": null,
  "2024-01-01T00:00Z": null,
  "2023-02-29T00:00:00Z": null,
  "2024-00-01T00:00:00Z": null,
  "2024-01-00T00:00:00Z": null,
  " 2024-01-01T00:00:00Z": null,
  "2024-01-01T00:00:00Z\n": null,
  "+002024-01-01T00:00:00Z": null,
  "20240101T000000Z": null,
};

const row = (start) => ({ ...wasabiRow(1), StartTime: start, EndTime: END });
const read = (rows, query) => all(sources.wasabi(answering(json(rows)).fetch, { daysPerRequest: 1_000_000 }).records(query));

for (const [text, meant] of Object.entries(TIMES)) {
  test(`${JSON.stringify(text)}_means_to_a_query_what_it_means_to_the_engine`, async () => {
    const listing = () => new Listing({ to: "ndjson", between: { start: text, end: END } }).free();
    const source = sources.wasabi(answering(json([])).fetch, { daysPerRequest: 1_000_000 });
    if (meant === null) {
      assert.throws(listing, { code: "invalid-option" });
      assert.throws(() => source.records({ from: text, to: END }), { code: "invalid-option" });
      return;
    }
    listing();
    // At that very time, and not before it.
    const [record, ...others] = await read([row(meant)], { from: text, to: END });
    assert.deepEqual([record.start, others], [meant, []]);
    assert.deepEqual(await read([row(meant)], { from: "1900-01-01", to: text }), []);
  });
}

test("a_nanosecond_decides_at_either_end_and_in_every_slice", async () => {
  const at = (nanos) => `2024-01-01T12:00:00.${String(nanos).padStart(9, "0")}Z`;
  const instants = [0, 1, 2, 999_999, 1_000_000, 1_000_001, 1_000_002, 999_999_999].map(at);
  const query = { from: at(1), to: at(1_000_002) };
  const within = instants.slice(1, 6);
  const json = {
    onapp: instants.map((stat_time) => ({ user_stat: { user_id: 4, vm_cost: 1, stat_time } })),
    devicewise: { usage: { success: true, params: { counters: { thing: instants.map(() => 1) }, ts: instants, total: instants.length } } },
    barracuda: { page: 1, count: instants.length, links: [], list: instants.map((date) => ({ date, bytes: 1 })) },
  };
  for (const [provider, reply] of Object.entries(json)) {
    const ask = () =>
      sources[provider](answering(() => new Response(JSON.stringify(reply))).fetch, provider === "onapp" ? { encoding: "json", daysPerRequest: 1 } : {});
    for (const starts of [
      (await all(ask().records(query))).map(({ start }) => start),
      (await new Response(ask().stream(query, "ndjson")).text())
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).start),
    ]) {
      assert.deepEqual(
        [...new Set(starts)],
        within.map((text) => text.replace(/0+Z$/, "Z")),
        provider,
      );
    }
    // Two neighbours share no record, and leave none out.
    const parts = [
      [at(0), at(2)],
      [at(2), at(1_000_001)],
      [at(1_000_001), "2024-01-01T12:00:01Z"],
    ];
    const each = await Promise.all(parts.map(([from, to]) => all(ask().records({ from, to }))));
    assert.deepEqual(
      each.map(({ length }) => length),
      [2, 3, 3],
      provider,
    );
  }
  const rows = instants.map((start, i) => ({ ...row(start), BucketNum: i }));
  assert.equal((await read(rows, { from: "2024-01-01T00:00:00.000000000Z", to: at(2) })).length, 2);
});

test("a_day_that_begins_before_the_period_is_asked_for_and_cut_by_its_rows", async () => {
  const { fetch, sent } = answering(json([row("2024-01-05T00:00:00Z"), { ...row("2024-01-05T05:00:00Z"), BucketNum: 2 }]));
  const records = await all(sources.wasabi(fetch).records({ from: "2024-01-05T03:00:00Z", to: "2024-01-06" }));
  assert.deepEqual(
    records.map(({ start }) => start),
    ["2024-01-05T05:00:00Z"],
  );
  assert.equal(new URL(sent[0].url).search, "?from=2024-01-05&to=2024-01-06");
});

test("a_period_of_less_than_a_millisecond_is_one_and_of_nothing_is_none", async () => {
  const source = sources.onapp(answering(json([])).fetch, { encoding: "json" });
  assert.deepEqual(await all(source.records({ from: "2024-01-01T00:00:00.0000001Z", to: "2024-01-01T00:00:00.0000002Z" })), []);
  for (const to of ["2024-01-01T00:00:00.0000001Z", "2024-01-01T00:00:00.00000005Z"]) {
    assert.throws(
      () => source.records({ from: "2024-01-01T00:00:00.0000001Z", to }),
      ({ code, message }) => code === "invalid-option" && /`to`: expected a time after `from`/.test(message),
    );
  }
});

test("a_total_is_not_cut_by_a_nanosecond", async () => {
  for (const [field, time] of [
    ["from", "2024-01-01T00:00:00.000000001Z"],
    ["to", "2024-01-02T00:00:00.000000001Z"],
  ]) {
    const query = { from: "2024-01-01", to: "2024-01-02", [field]: time, resolution: "total" };
    for (const provider of ["onapp", "cloudsigma"]) {
      assert.throws(
        () => sources[provider]().records(query),
        ({ message }) => message.includes(`\`${field}\``) && message.includes(time),
      );
    }
    const totals = () => json({ usage: { success: true, params: { counters: { ["a".repeat(24)]: 12 }, total: 12 } } });
    await failure(all(sources.devicewise(answering(totals).fetch, { dimension: "org" }).records({ ...query, resolution: "hour" })), "unexpected-shape");
  }
});
