// AGGREGATION: the windows of any size add up to all; order, chunking and merging change nothing.
import { chance, cloudsigmaDaily, later, onapp, pieces, shuffled, sum, wasabi } from "./support.mjs";

export default ({ rule, assert, meterglot }) => {
  const { normalize, aggregate, Aggregator } = meterglot;
  const WINDOWS = ["hour", "day", "week", "month", "quarter", "year", "all"];
  const ZONES = ["UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "source"];
  const pick = (random, list) => list[Math.floor(random() * list.length)];
  const whole = (random, below) => Math.floor(random() * below);

  /** Rows of a few buckets over half a year that holds a change of the clock, with periods of any length. */
  const usage = (random, count) =>
    normalize(
      wasabi(
        ...Array.from({ length: count }, (_, i) => {
          const start = later("2024-01-01T00:00:00Z", 1800 * whole(random, 9000) + (random() < 0.3 ? whole(random, 3600) : 0));
          return {
            account: 1 + whole(random, 2),
            bucket: 100 + (i % 7),
            region: pick(random, ["us-east-1", "eu-central-1"]),
            start,
            end: later(start, pick(random, [1, 3600, 3600, 86400, 604800, 2592000])),
            NumAPICalls: whole(random, 1e9),
            UploadBytes: `${whole(random, 1e9)}${String(whole(random, 1e9)).padStart(9, "0")}`,
          };
        }),
      ),
      { onError: "collect" },
    );

  const money = (random, count) => {
    const days = shuffled(
      Array.from({ length: 150 }, (_, i) => later("2024-01-01T00:00:00Z", 86400 * i).slice(0, 10)),
      random,
    ).slice(0, count);
    return normalize(
      cloudsigmaDaily(
        days.map((day) => [
          day,
          pick(random, ["cpu", "dssd", "tx"]),
          whole(random, 1e12),
          `${random() < 0.2 ? "-" : ""}${whole(random, 100)}.${String(whole(random, 1e10)).padStart(20, "0")}`,
        ]),
      ),
      { currency: "CHF" },
    );
  };

  const totals = (rows, field) => {
    const found = {};
    for (const row of rows) {
      if (row[field] === null) continue;
      (found[`${JSON.stringify(row.key)} ${row.metric} ${row.kind} ${row.unit} ${row.currency}`] ??= []).push(row[field]);
    }
    return Object.fromEntries(
      Object.entries(found)
        .map(([name, values]) => [name, sum(values)])
        .sort(),
    );
  };

  for (const split of ["start", "proportional"]) {
    rule(`sums_over_windows_of_any_size_add_up_to_all_with_split_${split}`, () => {
      const random = chance(split.length);
      for (let round = 0; round < 4; round++) {
        const table = usage(random, 40);
        // Periods of any length meet: what matters here is that nothing is lost.
        const due = totals(aggregate(table, { by: ["resource"], split, overlap: "keep" }), "quantity");
        assert.isNotEmpty(due);
        for (const window of WINDOWS) {
          for (const timeZone of ZONES) {
            assert.deepEqual(
              totals(aggregate(table, { by: ["resource"], split, window, timeZone, overlap: "keep" }), "quantity"),
              due,
              `${window} ${timeZone}`,
            );
          }
        }
      }
    });

    rule(`costs_over_windows_of_any_size_add_up_to_all_with_split_${split}`, () => {
      const random = chance(77 + split.length);
      const table = money(random, 60);
      const due = totals(aggregate(table, { split }), "cost");
      assert.isNotEmpty(due);
      for (const window of WINDOWS) {
        for (const timeZone of ZONES) assert.deepEqual(totals(aggregate(table, { split, window, timeZone }), "cost"), due, `${window} ${timeZone}`);
      }
    });
  }

  rule("the_sum_is_the_sum_of_the_records", () => {
    const random = chance(4);
    const records = [...usage(random, 60)];
    for (const metric of ["api.calls", "transfer.upload"]) {
      const [row] = aggregate(records, { where: { metric: [metric] }, overlap: "keep" });
      assert.equal(row.quantity, sum(records.filter((record) => record.metric === metric).map(({ quantity }) => quantity)));
    }
    const table = money(chance(5), 60);
    assert.lengthOf(table, 60);
    assert.equal(sum(aggregate(table).map(({ cost }) => cost)), sum([...table].map(({ cost }) => cost)));
  });

  rule("groups_add_up_to_the_whole", () => {
    const table = usage(chance(6), 60);
    const due = totals(aggregate(table, { overlap: "keep" }), "quantity");
    for (const key of ["account", "resource", "region", "provider"]) {
      const rows = aggregate(table, { by: [key], overlap: "keep" }).map((row) => ({ ...row, key: {} }));
      assert.deepEqual(totals(rows, "quantity"), due, key);
    }
  });

  const specs = [
    {},
    { window: "day" },
    { window: "hour", split: "proportional", timeZone: "America/New_York" },
    { by: ["resource"], window: "week", split: "proportional" },
    { by: ["region"], window: "month", reduce: { delta: "mean" } },
    { reduce: { delta: "max", gauge: "last", integral: "mean" }, window: "month" },
    { reduce: { delta: "first", gauge: "first" }, window: "week" },
    { reduce: { gauge: "integral" }, window: "day", timeZone: "source" },
    { reduce: { delta: "count", gauge: "count", integral: "count" }, by: ["account"] },
  ].map((spec) => ({ ...spec, overlap: "keep" }));
  /** Every kind, currencies, records without time, instants. */
  const mixed = () => [
    ...usage(chance(10), 25),
    ...money(chance(11), 20),
    ...normalize(
      wasabi(
        ...Array.from({ length: 12 }, (_, i) => ({
          bucket: i % 3,
          start: later("2024-03-09T20:00:00Z", 7200 * i),
          end: later("2024-03-09T20:00:00Z", 7200 * i + 5400),
          RawStorageSizeBytes: (i * 37) % 11,
        })),
      ),
    ),
    ...normalize(
      `{"page":1,"page_size":30,"count":5,"links":[],"list":[${[3, 9, 4, 25, 11].map((hour, i) => `{"date":"${later("2024-03-10T00:00:00Z", 3600 * hour).replace("Z", "+00:00")}","bytes":${i * i}}`).join(",")}]}`,
      { account: "mine" },
    ),
    ...normalize(
      onapp(
        [
          ["vm_cost", "0.1"],
          ["currency_code", "USD"],
          ["user_id", "4"],
        ],
        [
          ["vm_cost", "0.2"],
          ["user_id", "5"],
          ["stat_time", "2024-02-01T00:10:00Z"],
        ],
      ),
    ),
  ];

  rule("the_same_records_in_any_order_give_the_same_rows", () => {
    const records = mixed();
    const random = chance(12);
    for (const spec of specs) {
      const due = aggregate(records, spec);
      assert.isNotEmpty(due);
      for (let round = 0; round < 4; round++) assert.deepEqual(aggregate(shuffled(records, random), spec), due, JSON.stringify(spec));
    }
  });

  rule("the_same_records_in_any_pieces_give_the_same_rows", () => {
    const records = mixed();
    const random = chance(13);
    for (const spec of specs) {
      const due = aggregate(records, spec);
      for (let round = 0; round < 3; round++) {
        const fed = new Aggregator(spec);
        for (const piece of pieces(shuffled(records, random), random, 1 + whole(random, 6))) fed.push(piece);
        assert.deepEqual(fed.finish(), due, JSON.stringify(spec));
        fed.free();
      }
    }
  });

  rule("the_same_records_on_many_machines_give_the_same_rows", () => {
    const records = mixed();
    const random = chance(14);
    for (const spec of specs) {
      const due = aggregate(records, spec);
      const states = pieces(shuffled(records, random), random, 4).map((piece) => {
        const machine = new Aggregator(spec).push(piece);
        const state = machine.state();
        machine.free();
        return state;
      });
      const merged = new Aggregator(spec);
      for (const state of shuffled(states, random)) merged.merge(state);
      assert.deepEqual(merged.finish(), due, JSON.stringify(spec));
      merged.free();
    }
  });
};
