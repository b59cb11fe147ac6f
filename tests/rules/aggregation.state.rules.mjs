// AGGREGATION: the aggregator, fed piece by piece, its state carried from one machine to another.
import { callsAt, lazy, wasabi } from "./support.mjs";

export default ({ rule, assert, meterglot, fixture }) => {
  const { normalize, aggregate, Aggregator } = meterglot;
  const bodies = [
    "provider-docs/wasabi-bucket-daily.json",
    "provider-docs/wasabi-bucket-invoice.json",
    "provider-docs/cloudsigma-daily-burst-usage.json",
    "made/devicewise-hourly.json",
    "made/onapp-vm-stats.xml",
  ];
  const tables = lazy(() => bodies.map((name) => normalize(fixture(name))));
  const SPEC = { by: ["provider", "resource"], window: "month", split: "proportional" };
  const due = lazy(() => aggregate(tables(), SPEC));
  const refused = (act) => {
    let error;
    try {
      act();
    } catch (thrown) {
      error = thrown;
    }
    assert.instanceOf(error, meterglot.MeterglotError);
    assert.notEqual(error.code, "internal", error.message);
  };

  rule("tables_pushed_one_by_one_give_what_aggregate_gives", () => {
    const fed = new Aggregator(SPEC);
    for (const table of tables()) fed.push(table);
    assert.deepEqual(fed.finish(), due());
    fed.free();
  });

  rule("push_and_merge_give_the_aggregator_back", () => {
    const fed = new Aggregator(SPEC);
    assert.strictEqual(fed.push(tables()[0]), fed);
    assert.strictEqual(fed.merge(new Aggregator(SPEC).push(tables()[1]).state()), fed);
    assert.deepEqual(fed.finish(), aggregate([tables()[0], tables()[1]], SPEC));
  });

  rule("records_and_tables_may_be_pushed_in_turn", () => {
    const fed = new Aggregator(SPEC);
    tables().forEach((table, i) => fed.push(i % 2 ? [...table] : table));
    assert.deepEqual(fed.finish(), due());
  });

  rule("an_aggregator_without_a_spec_has_the_defaults", () => {
    assert.deepEqual(new Aggregator().push(tables()[0]).finish(), aggregate(tables()[0]));
    assert.deepEqual(new Aggregator().finish(), []);
  });

  rule("a_state_is_bytes_that_merge_into_another_machine", () => {
    const states = tables().map((table) => new Aggregator(SPEC).push(table).state());
    for (const state of states) assert.instanceOf(state, Uint8Array);
    for (const order of [states, [...states].reverse()]) {
      const merged = new Aggregator(SPEC);
      for (const state of order) merged.merge(state);
      assert.deepEqual(merged.finish(), due());
    }
  });

  rule("a_state_of_a_state_is_still_the_same", () => {
    let state = new Aggregator(SPEC).state();
    for (const table of tables()) state = new Aggregator(SPEC).merge(state).push(table).state();
    assert.deepEqual(new Aggregator(SPEC).merge(state).finish(), due());
  });

  rule("the_state_of_nothing_adds_nothing", () => {
    const empty = new Aggregator(SPEC).state();
    const fed = new Aggregator(SPEC).merge(empty);
    for (const table of tables()) fed.push(table);
    assert.deepEqual(fed.merge(empty).finish(), due());
  });

  rule("taking_the_state_changes_nothing", () => {
    const fed = new Aggregator(SPEC);
    for (const table of tables()) {
      fed.push(table);
      fed.state();
    }
    assert.deepEqual(fed.finish(), due());
  });

  rule("instants_find_their_next_reading_across_machines", () => {
    const read = (...rows) =>
      normalize(`{"page":1,"page_size":30,"count":9,"links":[],"list":[${rows.map(([date, value]) => `{"date":"${date}","bytes":${value}}`).join(",")}]}`, {
        account: "mine",
      });
    const a = read(["2024-01-15T00:00:00Z", 1], ["2024-01-15T12:00:00Z", 3]);
    const b = read(["2024-01-15T06:00:00Z", 2], ["2024-01-16T00:00:00Z", 4]);
    const merged = new Aggregator({ window: "day" })
      .merge(new Aggregator({ window: "day" }).push(b).state())
      .merge(new Aggregator({ window: "day" }).push(a).state());
    // 6 h of 1, 6 h of 2, 12 h of 3; then 12 h of 4, as long as the reading before it.
    assert.deepEqual(
      merged.finish().map(({ quantity, coveredSeconds }) => [quantity, coveredSeconds]),
      [
        ["2.25", 86400],
        ["4", 43200],
      ],
    );
  });

  rule("a_breakdown_finds_its_total_across_machines", () => {
    const records = [...normalize(fixture("made/wasabi-account-daily.regions.json"))];
    for (const by of [[], ["region"]]) {
      const parts = [records.filter(({ region }) => region === null), records.filter(({ region }) => region !== null)];
      const merged = new Aggregator({ by });
      for (const part of parts) merged.merge(new Aggregator({ by }).push(part).state());
      assert.deepEqual(merged.finish(), aggregate(records, { by }), JSON.stringify(by));
    }
  });

  const others = [
    { ...SPEC, window: "day" },
    { ...SPEC, by: ["provider"] },
    { ...SPEC, split: "start" },
    { ...SPEC, timeZone: "Asia/Kolkata" },
    { ...SPEC, reduce: { delta: "max" } },
    { ...SPEC, units: { "storage.stored": "GiBy" } },
    { ...SPEC, where: { metric: ["api.calls"] } },
    {},
  ];
  rule("a_state_of_another_spec_is_refused", () => {
    const state = new Aggregator(SPEC).push(tables()[0]).state();
    for (const other of others) refused(() => new Aggregator(other).merge(state));
  });

  rule("a_refused_state_changes_nothing", () => {
    const fed = new Aggregator(SPEC);
    for (const table of tables()) fed.push(table);
    refused(() => fed.merge(new Aggregator({}).push(tables()[0]).state()));
    refused(() => fed.merge(new Uint8Array(0)));
    assert.deepEqual(fed.finish(), due());
  });

  rule("bytes_that_are_no_state_are_refused", () => {
    for (const bytes of [
      new Uint8Array(0),
      new Uint8Array(1),
      new Uint8Array(1000),
      new Uint8Array(100).fill(255),
      new TextEncoder().encode('{"version":1}'),
    ]) {
      refused(() => new Aggregator(SPEC).merge(bytes));
    }
  });

  rule("a_state_cut_anywhere_is_refused", () => {
    const state = new Aggregator(SPEC).push(tables()[0]).state();
    for (let length = 0; length < state.length; length += state.length > 400 ? 7 : 1) refused(() => new Aggregator(SPEC).merge(state.slice(0, length)));
  });

  rule("a_state_with_a_byte_changed_is_refused_or_merged_but_never_traps", () => {
    const state = new Aggregator(SPEC).push(tables()[3]).state();
    for (let i = 0; i < state.length; i += 3) {
      const spoilt = state.slice();
      spoilt[i] ^= 0x41;
      try {
        new Aggregator(SPEC).merge(spoilt).finish();
      } catch (error) {
        assert.instanceOf(error, meterglot.MeterglotError);
        assert.notEqual(error.code, "internal", `byte ${i}: ${error.message}`);
      }
    }
  });

  rule("an_aggregator_is_disposable", () => {
    const fed = new Aggregator(SPEC);
    assert.isFunction(fed.free);
    if (typeof Symbol.dispose === "symbol") assert.isFunction(fed[Symbol.dispose]);
    fed.push(normalize(wasabi(callsAt("2024-01-15T00:00:00Z", 1))));
    fed.free();
  });
};
