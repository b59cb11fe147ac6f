// TOTALS: nothing counted twice.
import { lazy, only, select, wasabi } from "./support.mjs";

export default ({ rule, assert, meterglot, fixture }) => {
  const { normalize, aggregate, Aggregator } = meterglot;
  const partOf = (table, metric) => select(table, { metric }).map((record) => record.partOf);

  rule("the_verbs_are_part_of_the_api_calls", () => {
    const table = normalize(fixture("provider-docs/wasabi-bucket-daily.json"));
    for (const verb of ["get", "head", "put", "list", "delete"]) assert.deepEqual(partOf(table, `api.calls.${verb}`), ["api.calls"], verb);
    assert.deepEqual(partOf(table, "api.calls"), [null]);
  });

  rule("what_is_no_part_of_anything_says_so", () => {
    const table = normalize(fixture("provider-docs/wasabi-bucket-daily.json"));
    for (const record of table) if (!record.metric.startsWith("api.calls.")) assert.isNull(record.partOf, record.metric);
    for (const record of normalize(fixture("made/devicewise-hourly.json"))) assert.isNull(record.partOf);
    for (const record of normalize(fixture("provider-docs/cloudsigma-daily-burst-usage.json"))) assert.isNull(record.partOf);
  });

  rule("vm_and_user_resources_are_part_of_the_total_cost", () => {
    const table = normalize(fixture("made/onapp-discounts.xml"));
    assert.deepEqual(partOf(table, "cost.vm"), ["cost.total"]);
    assert.deepEqual(partOf(table, "cost.user_resources"), ["cost.total"]);
    assert.deepEqual(partOf(table, "cost.total"), [null]);
  });

  rule("a_cost_of_a_machine_is_part_of_the_cost_of_machines", () => {
    for (const record of select(normalize(fixture("made/onapp-vm-stats.xml")), { resourceType: "virtual-machine" })) assert.equal(record.partOf, "cost.vm");
  });

  rule("every_other_cost_is_part_of_user_resources", () => {
    for (const record of normalize(fixture("provider-docs/onapp-user-statistics-period.xml"))) {
      if (["cost.total", "cost.vm", "cost.user_resources"].includes(record.metric)) continue;
      assert.equal(record.partOf, "cost.user_resources", record.metric);
    }
  });

  rule("discounts_and_the_total_with_discount_are_part_of_nothing", () => {
    const table = normalize(fixture("made/onapp-discounts.xml"));
    for (const metric of ["discount.vm", "discount.user_resources", "discount.total", "discount.monthly", "cost.total_with_discount"]) {
      assert.deepEqual(partOf(table, metric), [null], metric);
    }
  });

  const regions = lazy(() => normalize(fixture("made/wasabi-account-daily.regions.json")));
  rule("a_region_of_an_account_is_part_of_its_own_metric", () => {
    for (const record of regions()) {
      if (record.region !== null) assert.equal(record.partOf, record.metric);
    }
    assert.isNull(only(assert, regions(), { metric: "api.calls", region: null }).partOf);
  });

  rule("the_total_is_used_unless_regions_are_requested", () => {
    const rows = aggregate(regions());
    const of = (metric) => only(assert, rows, { metric });
    assert.equal(of("api.calls").quantity, "223");
    assert.equal(of("transfer.upload").quantity, "1794628020");
    assert.equal(of("storage.stored").quantity, "322122547200");
    assert.equal(aggregate(regions(), { by: ["account"] }).find(({ metric }) => metric === "api.calls").quantity, "223");
  });

  rule("the_breakdown_is_used_where_regions_are_asked_for_and_never_both", () => {
    const rows = aggregate(regions(), { by: ["region"] });
    assert.deepEqual(
      select(rows, { metric: "api.calls" }).map(({ key, quantity }) => [key.region, quantity]),
      [
        ["us-east-1", "132"],
        ["us-west-1", "88"],
      ],
    );
    assert.deepEqual(
      select(rows, { metric: "storage.stored" }).map(({ key, quantity }) => [key.region, quantity]),
      [
        ["us-east-1", "214748364800"],
        ["us-west-1", "107374182400"],
      ],
    );
  });

  rule("regions_use_the_total_where_there_is_no_breakdown", () => {
    const rows = aggregate(regions(), { by: ["region"] });
    assert.deepEqual(
      select(rows, { metric: "storage.minimum" }).map(({ key, quantity }) => [key.region, quantity]),
      [[null, "777389080432"]],
    );
    const plain = aggregate(normalize(fixture("made/wasabi-account-daily.json")), { by: ["region"] });
    assert.deepEqual(
      select(plain, { metric: "api.calls" }).map(({ key, quantity }) => [key.region, quantity]),
      [[null, "223"]],
    );
  });

  rule("a_breakdown_counts_no_record_of_the_total", () => {
    const total = only(assert, aggregate(regions()), { metric: "api.calls" });
    assert.deepEqual([total.records, total.resources], [1, 1]);
    for (const row of select(aggregate(regions(), { by: ["region"] }), { metric: "api.calls" })) assert.equal(row.records, 1);
  });

  rule("a_total_is_unchanged_whatever_breakdown_of_one_series_it_meets_in_whatever_order", () => {
    const day = { start: "2024-01-01T00:00:00Z", end: "2024-01-02T00:00:00Z", RawStorageSizeBytes: 9 };
    const total = [...normalize(wasabi(day))];
    for (const quantity of ["9", "3", "12"]) {
      const part = total.map((record) => ({ ...record, quantity, partOf: record.metric }));
      for (const parts of [
        [total, part],
        [part, total],
      ]) {
        const merged = new Aggregator();
        for (const records of parts) merged.merge(new Aggregator().push(records).state());
        for (const [row] of [aggregate(parts.flat()), merged.finish()]) assert.deepEqual([row.quantity, row.records], ["9", 1]);
      }
    }
  });

  rule("metrics_of_one_whole_and_its_parts_never_share_a_row", () => {
    const day = { start: "2024-01-01T00:00:00Z", end: "2024-01-02T00:00:00Z" };
    const rows = aggregate(normalize(wasabi({ ...day, NumAPICalls: 10, NumGETCalls: 4, NumPUTCalls: 6 })));
    assert.deepEqual(
      rows.map(({ metric, quantity }) => [metric, quantity]),
      [
        ["api.calls", "10"],
        ["api.calls.get", "4"],
        ["api.calls.put", "6"],
      ],
    );
  });
};
