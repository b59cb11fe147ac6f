// AGGREGATION: metrics that are sums of others.
import { callsAt, cloudsigmaDaily, fails, only, onapp, select, wasabi } from "./support.mjs";

export default ({ rule, assert, meterglot, fixture }) => {
  const { normalize, aggregate, Aggregator } = meterglot;
  const derive = { "storage.billed": ["storage.padded", "storage.metadata", "storage.deleted"] };
  const day = (date, padded, metadata, deleted, more = {}) => ({
    start: `2024-01-${date}T00:00:00Z`,
    end: `2024-01-${date + 1}T00:00:00Z`,
    PaddedStorageSizeBytes: padded,
    MetadataStorageSizeBytes: metadata,
    DeletedStorageSizeBytes: deleted,
    ...more,
  });
  const billed = (source, spec) => select(aggregate(source, { derive, ...spec }), { metric: "storage.billed" });
  const quantities = (source, spec) => billed(source, spec).map(({ quantity }) => quantity);

  rule("billed_storage_is_padded_and_metadata_and_deleted", () => {
    const table = normalize(wasabi(day(15, 100, 20, 3), day(16, 200, 40, "9007199254740993")));
    const [row] = billed(table);
    assert.deepEqual(
      [row.kind, row.reducer, row.unit, row.quantity, row.records, row.resources, row.coveredSeconds],
      ["gauge", "mean", "By", "4503599627370678", 2, 1, 172800],
    );
    assert.deepEqual(quantities(table, { window: "day" }), ["123", "9007199254741233"]);
    // The rows of the parts are there as well, as they were.
    assert.deepEqual(
      select(aggregate(table, { derive }), {}).filter(({ metric }) => metric !== "storage.billed"),
      aggregate(table),
    );
    // The integrals of an invoice are added like the levels of days.
    const invoice = normalize(fixture("provider-docs/wasabi-bucket-invoice.json"));
    assert.equal(only(assert, billed(invoice), {}).kind, "integral");
  });

  rule("a_derived_metric_is_reduced_converted_and_filtered_by_its_name", () => {
    const table = normalize(wasabi(day(15, 1, 20, 3), day(16, 10, 2, 3)));
    assert.deepEqual(quantities(table, { reduce: { gauge: "max" } }), ["24"]);
    assert.deepEqual(quantities(table, { reduce: { "storage.billed": "last", gauge: "max" } }), ["15"]);
    assert.deepEqual(
      billed(table, { units: { "storage.billed": "kBy" } }).map(({ quantity, unit }) => [quantity, unit]),
      [["0.0195", "kBy"]],
    );
    assert.deepEqual(
      aggregate(table, { derive, where: { metric: ["storage.billed"] } }).map(({ metric, quantity }) => [metric, quantity]),
      [["storage.billed", "19.5"]],
    );
    fails({ assert, meterglot }, "incompatible-aggregation", () => aggregate(table, { derive, reduce: { "storage.billed": "sum" } }));
  });

  rule("a_part_that_is_absent_or_unknown_makes_the_sum_unknown", () => {
    const two = { start: "2024-01-15T00:00:00Z", end: "2024-01-16T00:00:00Z", PaddedStorageSizeBytes: 100, MetadataStorageSizeBytes: 20 };
    assert.deepEqual(quantities(normalize(wasabi(two))), [null]);
    // Another day's mean is that of the day on which all parts are known.
    assert.deepEqual(quantities(normalize(wasabi(two, day(16, 1, 2, 3)))), ["6"]);
    const records = [...normalize(wasabi(day(15, 100, 20, 3)))].map((record) => (record.metric === "storage.deleted" ? { ...record, quantity: null } : record));
    assert.deepEqual(quantities(records), [null]);
    assert.deepEqual(quantities(normalize(wasabi(callsAt("2024-01-15T00:00:00Z", 5)))), []);
  });

  rule("parts_find_each_other_in_any_pieces_on_any_machine", () => {
    const records = [...normalize(wasabi(day(15, 1, 20, 3), day(15, 5, 6, 7, { bucket: 8 }), day(16, 10, 2, 3)))];
    for (const spec of [{ derive }, { derive, by: ["resource"], window: "day" }, { derive, where: { metric: ["storage.billed"] }, reduce: { gauge: "max" } }]) {
      const due = aggregate(records, spec);
      const merged = new Aggregator(spec);
      for (const record of [...records].reverse()) merged.merge(new Aggregator(spec).push([record]).state());
      assert.deepEqual(merged.finish(), due, JSON.stringify(spec));
      merged.free();
    }
    fails({ assert, meterglot }, "invalid-option", () => new Aggregator().merge(new Aggregator({ derive }).state()));
  });

  rule("costs_are_derived_as_well", () => {
    const table = normalize(
      onapp([
        ["vm_cost", "1.5"],
        ["user_resources_cost", "2"],
        ["currency_code", "USD"],
        ["user_id", "4"],
        ["stat_time", "2024-01-15T00:00:00Z"],
      ]),
    );
    const [row] = aggregate(table, { derive: { "cost.ours": ["cost.vm", "cost.user_resources"] }, where: { metric: ["cost.ours"] } });
    assert.deepEqual([row.quantity, row.cost, row.currency], [null, "3.5", "USD"]);
    const burst = normalize(
      cloudsigmaDaily([
        ["2024-01-15", "dssd", 288, "0.5"],
        ["2024-01-15", "ssd", 576, "0.25"],
      ]),
    );
    const [disks] = aggregate(burst, { derive: { "burst.disks": ["burst.dssd", "burst.ssd"] }, where: { metric: ["burst.disks"] } });
    assert.deepEqual([disks.quantity, disks.unit, disks.cost], ["864", "By.5.min", "0.75"]);
  });

  rule("what_cannot_be_added_is_not_derived", () => {
    const table = normalize(wasabi(day(15, 1, 2, 3, { NumAPICalls: 5, NumGETCalls: 2, NumBillableObjects: 7 })));
    for (const [parts, code, ...words] of [
      [["storage.padded", "api.calls"], "incompatible-aggregation", "storage.padded", "gauge", "api.calls", "delta"],
      [["storage.padded", "storage.objects"], "incompatible-aggregation", "By", "{object}"],
      [["api.calls", "api.calls.get"], "invalid-option", "api.calls.get"],
      [["storage.padded", "storage.padded"], "invalid-option", "storage.padded"],
      [["storage.paded"], "invalid-option", "storage.padded"],
      [[], "invalid-option", "derive"],
    ]) {
      const { message } = fails({ assert, meterglot }, code, () => aggregate(table, { derive: { sum: parts } }), JSON.stringify(parts));
      for (const word of words) assert.include(message, word);
    }
    for (const derived of [
      { "storage.stored": ["storage.padded"] },
      { a: ["b"], b: ["a"] },
      { a: ["storage.padded"], b: ["a", "storage.deleted"] },
      { gauge: ["storage.padded"] },
      { "": ["storage.padded"] },
    ]) {
      fails({ assert, meterglot }, "invalid-option", () => aggregate(table, { derive: derived }), JSON.stringify(derived));
    }
  });
};
