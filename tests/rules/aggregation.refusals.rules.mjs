// AGGREGATION: which reducers a kind allows, and what is refused.
import { cloudsigmaDaily, fails, lazy, onapp, wasabi } from "./support.mjs";

export default ({ rule, assert, meterglot }) => {
  const { normalize, aggregate, Aggregator, convert } = meterglot;
  const day = { start: "2024-01-15T00:00:00Z", end: "2024-01-16T00:00:00Z" };
  const tables = {
    delta: lazy(() => normalize(wasabi({ ...day, NumAPICalls: 5 }))),
    gauge: lazy(() => normalize(wasabi({ ...day, RawStorageSizeBytes: 5 }))),
    integral: lazy(() => normalize(cloudsigmaDaily([["2024-01-15", "cpu", 288, "0.5"]]))),
  };
  const allowed = {
    delta: ["sum", "mean", "max", "min", "first", "last", "count"],
    gauge: ["mean", "max", "min", "first", "last", "count", "integral"],
    integral: ["sum", "mean", "count"],
  };
  const defaults = { delta: "sum", gauge: "mean", integral: "sum" };
  const REDUCERS = ["sum", "mean", "max", "min", "first", "last", "count", "integral"];

  for (const [kind, table] of Object.entries(tables)) {
    rule(`the_default_of_a_${kind}_is_its_${defaults[kind]}`, () => {
      const [row] = aggregate(table());
      assert.deepEqual([row.kind, row.reducer], [kind, defaults[kind]]);
    });
    for (const reducer of REDUCERS) {
      if (allowed[kind].includes(reducer)) {
        rule(`a_${kind}_may_be_reduced_by_${reducer}`, () => {
          const [row] = aggregate(table(), { reduce: { [kind]: reducer } });
          assert.deepEqual([row.kind, row.reducer], [kind, reducer]);
          assert.isString(row.quantity);
        });
      } else {
        rule(`a_${kind}_is_never_reduced_by_${reducer}`, () => {
          const error = fails({ assert, meterglot }, "incompatible-aggregation", () => aggregate(table(), { reduce: { [kind]: reducer } }));
          assert.isTrue(
            allowed[kind].some((name) => name !== reducer && error.message.includes(name)),
            `the message names what to use: ${error.message}`,
          );
        });
      }
    }
  }

  rule("a_metric_that_neither_the_vocabulary_nor_the_data_has_is_refused_with_the_nearest_names", () => {
    const table = normalize(wasabi({ ...day, NumAPICalls: 5, RawStorageSizeBytes: 7 }));
    for (const [spec, option, nearest] of [
      [{ where: { metric: ["storage"] } }, "where.metric", "storage.stored"],
      [{ where: { metric: ["api.calls", "storage.sotred"] } }, "where.metric", "storage.stored"],
      [{ units: { storage: "GiBy" } }, "units", "storage.stored"],
      [{ reduce: { "api.call": "max" } }, "reduce", "api.calls"],
    ]) {
      for (const act of [() => aggregate(table, spec), () => aggregate([], spec), () => new Aggregator(spec).push(table).finish()]) {
        const { message } = fails({ assert, meterglot }, "invalid-option", act, JSON.stringify(spec));
        for (const part of [option, nearest]) assert.include(message, part);
      }
    }
  });

  rule("a_metric_of_the_vocabulary_may_be_absent_and_one_of_the_data_may_be_new", () => {
    const known = { where: { metric: ["burst.cpu", "cost.vm", "storage.padded"] }, units: { "storage.metadata": "GiBy" }, reduce: { "api.calls.get": "max" } };
    assert.deepEqual(aggregate(tables.delta(), known), []);
    const newer = normalize(
      onapp([
        ["quantum_cost", "3"],
        ["user_id", "4"],
        ["stat_time", day.start],
      ]),
    );
    assert.equal(aggregate(newer, { where: { metric: ["cost.quantum"] } })[0].cost, "3");
    fails({ assert, meterglot }, "invalid-option", () => aggregate(tables.delta(), { where: { metric: ["cost.quantum"] } }));
    // A metric whose records the filter all excludes is known from the data, on this machine and on the next.
    const spec = { where: { metric: ["api.calls"] }, reduce: { "cost.quantum": "max" } };
    const merged = new Aggregator(spec).merge(new Aggregator(spec).push(newer).state()).push(tables.delta());
    assert.deepEqual(merged.finish(), aggregate([newer, tables.delta()], spec));
  });

  rule("every_metric_that_a_provider_is_known_to_report_may_be_absent", () => {
    const sizes = ["Raw", "Padded", "Metadata", "Deleted", "Orphaned"].map((name) => `${name}StorageSizeBytes`);
    const flows = ["Upload", "Download", "StorageWrote", "StorageRead", "Delete"].map((name) => `${name}Bytes`);
    const calls = ["API", "GET", "HEAD", "PUT", "LIST", "DELETE"].map((verb) => `Num${verb}Calls`);
    const levels = [...sizes, "MinStorageChargeBytes", "NumBillableObjects", "NumBillableDeletedObjects"];
    const fields = Object.fromEntries([...levels, ...flows, ...calls].map((name) => [name, 1]));
    const measured = ["cpu", "mem", "dssd", "ssd", "hdd", "nvme", "zadara", "object_storage", "tx", "rx", "ip", "vlan", "sms"];
    const types = [
      ...measured,
      ...measured.map((type) => `${type}_vmware`),
      "intel_cpu",
      "amd_cpu",
      "sparc_t4_cpu",
      "sparc_t4_mem",
      "power_mem",
      "power_cpu",
      "tx_zrh",
      "rx_zrh",
      "vlan_private",
      "msft_sql",
      "vrouter_cores",
      "dedicated_host",
    ];
    const costs =
      "total vm user_resources acceleration autoscale backup backup_count backup_disk_size backup_resource_usage customer_network edge_group monit ova ova_count ova_size recovery_point recovery_point_size storage_disk_size template template_count template_disk_size template_iso user_service_addon vm_service_addon";
    const discounts = ["total", "vm", "user_resources", "monthly", "service_addon"].map((name) => `${name}_discount_due_to_free`);
    const money = [...costs.split(" ").map((name) => `${name}_cost`), ...discounts, "total_cost_with_discount"];
    const bodies = [
      wasabi({ ...day, ...fields }),
      cloudsigmaDaily(types.map((type) => ["2024-01-15", type, 1, "1"])),
      onapp([...money.map((name) => [name, "1"]), ["user_id", "4"], ["stat_time", day.start]]),
      `<user_stats type="array"><user_stat><user_id>4</user_id><stat_time>${day.start}</stat_time><vm_stats type="array"><vm_stat><virtual_machine_id>1</virtual_machine_id><total_cost>1</total_cost><usage_cost>1</usage_cost><vm_resources_cost>1</vm_resources_cost></vm_stat></vm_stats></user_stat></user_stats>`,
    ];
    let metrics = 0;
    for (const body of bodies) {
      for (const { metric, notes } of normalize(body)) {
        assert.notInclude(notes, "unit-inferred", metric);
        assert.deepEqual(aggregate([], { where: { metric: [metric] } }), [], metric);
        metrics += 1;
      }
    }
    assert.equal(metrics, Object.keys(fields).length + types.length + money.length + 3);
  });

  rule("a_unit_that_is_written_otherwise_is_answered_with_its_code", () => {
    for (const [unit, ...codes] of [
      ["TB", "TBy", "TiBy"],
      ["TiB", "TiBy"],
      ["GB", "GBy", "GiBy"],
      ["KiB", "KiBy"],
      ["KB", "kBy", "KiBy"],
      ["GB.d", "GBy.d", "GiBy.d"],
    ]) {
      for (const act of [
        () => aggregate(tables.gauge(), { units: { "storage.stored": unit } }),
        () => convert("1", unit, "By"),
        () => convert("1", "By", unit),
      ]) {
        const { message } = fails({ assert, meterglot }, "invalid-option", act, unit);
        for (const code of codes) assert.include(message, code);
      }
    }
  });

  rule("a_metric_named_in_reduce_wins_over_its_kind", () => {
    const table = normalize(wasabi({ ...day, NumAPICalls: 5, UploadBytes: 7 }));
    const rows = aggregate(table, { reduce: { delta: "max", "api.calls": "count" } });
    assert.deepEqual(
      rows.map(({ metric, reducer, quantity }) => [metric, reducer, quantity]),
      [
        ["api.calls", "count", "1"],
        ["transfer.upload", "max", "7"],
      ],
    );
  });

  rule("a_metric_named_in_reduce_is_still_refused_by_its_kind", () => {
    fails({ assert, meterglot }, "incompatible-aggregation", () => aggregate(tables.gauge(), { reduce: { "storage.stored": "sum" } }));
    fails({ assert, meterglot }, "incompatible-aggregation", () => aggregate(tables.integral(), { reduce: { "burst.cpu": "max" } }));
  });

  rule("a_refusal_for_one_metric_leaves_the_others_alone_where_it_is_filtered_out", () => {
    const table = normalize(wasabi({ ...day, NumAPICalls: 5, RawStorageSizeBytes: 7 }));
    assert.equal(aggregate(table, { reduce: { "storage.stored": "max" }, where: { metric: ["api.calls"] } })[0].quantity, "5");
  });

  rule("an_aggregator_refuses_like_aggregate", () => {
    fails({ assert, meterglot }, "incompatible-aggregation", () => {
      const fed = new Aggregator({ reduce: { gauge: "sum" } });
      try {
        fed.push(tables.gauge()).finish();
      } finally {
        fed.free();
      }
    });
  });

  rule("units_of_another_dimension_are_refused", () => {
    let error;
    try {
      aggregate(tables.gauge(), { units: { "storage.stored": "MHz" } });
    } catch (thrown) {
      error = thrown;
    }
    assert.instanceOf(error, meterglot.MeterglotError);
    assert.include(["incompatible-aggregation", "invalid-option"], error.code);
  });

  rule("records_that_are_no_records_are_refused", () => {
    const [record] = tables.delta();
    for (const bad of [
      [{}],
      [null],
      [5],
      ["x"],
      [{ ...record, quantity: 5 }],
      [{ ...record, quantity: "five" }],
      [{ ...record, kind: "sum" }],
      [{ ...record, start: "yesterday" }],
      [{ ...record, unit: "furlong" }],
      [{ ...record, dimensions: null }],
      [{ ...record, metric: 7 }],
    ]) {
      let error;
      try {
        aggregate(bad);
      } catch (thrown) {
        error = thrown;
      }
      assert.instanceOf(error, meterglot.MeterglotError, JSON.stringify(bad));
      assert.notEqual(error.code, "internal", JSON.stringify(bad));
    }
    assert.equal(aggregate(tables.delta())[0].quantity, "5");
  });

  rule("a_record_in_a_ring_is_refused_and_the_next_call_works", () => {
    const [record] = tables.delta();
    const ring = { ...record };
    ring.dimensions = { ring };
    assert.throws(() => aggregate([ring]), meterglot.MeterglotError);
    assert.equal(aggregate(tables.delta())[0].quantity, "5");
  });
};
