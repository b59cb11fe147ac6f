// AGGREGATION: a record that crosses a window's edge.
import { cloudsigmaDaily, fails, lazy, only, quotient, select, sum, wasabi } from "./support.mjs";

export default ({ rule, assert, meterglot, fixture }) => {
  const { normalize, aggregate } = meterglot;
  const invoice = lazy(() => normalize(fixture("provider-docs/wasabi-bucket-invoice.json")));
  const crossing = lazy(() => normalize(fixture("made/wasabi-crosses-midnight.json")));
  const calls = (rows) => select(rows, { metric: "api.calls" });

  rule("by_default_a_record_counts_where_it_starts", () => {
    const rows = calls(aggregate(invoice(), { window: "month", by: ["resource"] }));
    assert.deepEqual(
      rows.map(({ key, start, quantity, records }) => [key.resource, start, quantity, records]),
      [
        ["18298", "2019-11-01T00:00:00Z", "6522", 1],
        ["18299", "2019-11-01T00:00:00Z", "4343", 1],
      ],
    );
    assert.deepEqual(aggregate(invoice(), { window: "month", split: "start" }), aggregate(invoice(), { window: "month" }));
  });

  rule("a_record_split_at_its_start_brings_all_its_seconds", () => {
    const [row] = calls(aggregate(crossing(), { window: "day" }));
    assert.deepEqual([row.start, row.quantity, row.coveredSeconds], ["2024-01-01T00:00:00Z", "10", 10800]);
    assert.lengthOf(calls(aggregate(crossing(), { window: "day" })), 1);
  });

  rule("proportional_pieces_are_by_time", () => {
    const rows = select(aggregate(invoice(), { window: "month", split: "proportional", by: ["resource"] }), { key: { resource: "18298" } });
    const of = (metric) =>
      select(rows, { metric }).map(({ start, quantity, records, coveredSeconds }) => [start.slice(0, 7), quantity, records, coveredSeconds]);
    assert.deepEqual(of("storage.stored"), [
      ["2019-11", "3", 1, 259200],
      ["2019-12", "27", 1, 2332800],
    ]);
    assert.deepEqual(of("api.calls"), [
      ["2019-11", "652.2", 1, 259200],
      ["2019-12", "5869.8", 1, 2332800],
    ]);
    assert.deepEqual(
      of("storage.metadata").map(([, quantity]) => quantity),
      ["0.00000013411045", "0.00000120699405"],
    );
    assert.deepEqual(
      of("transfer.upload").map(([, quantity]) => quantity),
      ["3.3391403", "30.0522627"],
    );
  });

  rule("a_cost_is_split_like_its_quantity", () => {
    const table = normalize(cloudsigmaDaily([["2024-01-15", "cpu", 24, "0.48"]]));
    const rows = aggregate(table, { window: "day", split: "proportional", timeZone: "America/New_York" });
    assert.deepEqual(
      rows.map(({ start, quantity, cost, coveredSeconds }) => [start, quantity, cost, coveredSeconds]),
      [
        ["2024-01-14T05:00:00Z", "5", "0.1", 18000],
        ["2024-01-15T05:00:00Z", "19", "0.38", 68400],
      ],
    );
  });

  rule("the_last_piece_takes_the_remainder_so_pieces_add_up_exactly", () => {
    const days = calls(aggregate(crossing(), { window: "day", split: "proportional" })).map(({ quantity }) => quantity);
    assert.deepEqual(days, [quotient(10, 3), sum(["10", `-${quotient(10, 3)}`])]);
    const hours = calls(aggregate(crossing(), { window: "hour", split: "proportional" })).map(({ quantity }) => quantity);
    assert.deepEqual(hours, ["3.33333333333333333333", "3.33333333333333333333", "3.33333333333333333334"]);
    assert.equal(sum(hours), "10");
  });

  rule("pieces_of_a_cost_that_does_not_divide_add_up_exactly", () => {
    const table = normalize(cloudsigmaDaily([["2024-01-15", "cpu", 1, "0.00886683986848225317"]]));
    const rows = aggregate(table, { window: "hour", split: "proportional" });
    assert.lengthOf(rows, 24);
    assert.equal(sum(rows.map(({ cost }) => cost)), "0.00886683986848225317");
    assert.equal(sum(rows.map(({ quantity }) => quantity)), "1");
  });

  rule("a_record_that_crosses_an_edge_can_be_an_error", () => {
    const error = fails({ assert, meterglot }, "incompatible-aggregation", () =>
      aggregate(crossing(), { window: "day", split: "error", where: { metric: ["api.calls"] } }),
    );
    assert.isNotEmpty(error.message);
    assert.lengthOf(calls(aggregate(crossing(), { window: "month", split: "error" })), 1);
    assert.lengthOf(calls(aggregate(crossing(), { window: "all", split: "error" })), 1);
  });

  rule("a_level_is_cut_at_edges_whatever_the_split", () => {
    for (const split of ["start", "proportional", "error"]) {
      const rows = aggregate(crossing(), { window: "day", split, where: { metric: ["storage.stored"] } });
      assert.deepEqual(
        rows.map(({ quantity, coveredSeconds }) => [quantity, coveredSeconds]),
        [
          ["6", 3600],
          ["6", 7200],
        ],
        split,
      );
    }
  });

  rule("a_record_that_ends_on_an_edge_does_not_cross_it", () => {
    const table = normalize(fixture("provider-docs/cloudsigma-daily-burst-usage.json"));
    for (const split of ["start", "proportional", "error"]) {
      assert.deepEqual(
        aggregate(table, { window: "day", split }).map(({ quantity }) => quantity),
        ["309237645312", "309237645312", "309237645312", "179314884608"],
        split,
      );
    }
  });

  rule("a_piece_touches_its_window_as_one_record", () => {
    const hours = calls(aggregate(crossing(), { window: "hour", split: "proportional" }));
    assert.deepEqual(
      hours.map(({ records, resources }) => [records, resources]),
      [
        [1, 1],
        [1, 1],
        [1, 1],
      ],
    );
    assert.equal(only(assert, calls(aggregate(crossing(), { split: "proportional" })), {}).records, 1);
  });

  rule("pieces_on_a_day_of_23_hours_are_by_true_hours", () => {
    const table = normalize(wasabi({ start: "2024-03-10T05:00:00Z", end: "2024-03-12T04:00:00Z", NumAPICalls: 47 }));
    assert.deepEqual(
      aggregate(table, { window: "day", timeZone: "America/New_York", split: "proportional" }).map(({ quantity }) => quantity),
      ["23", "24"],
    );
  });

  rule("means_of_pieces_are_over_the_time_of_the_pieces", () => {
    const rows = aggregate(invoice(), {
      window: "month",
      split: "proportional",
      reduce: { integral: "mean" },
      by: ["resource"],
      where: { metric: ["storage.stored"], resource: ["18298"] },
    });
    assert.deepEqual(
      rows.map(({ quantity, unit }) => [quantity, unit]),
      [
        ["1", "GiBy"],
        ["1", "GiBy"],
      ],
    );
  });
};
