// METRICS: CloudSigma's burst usage.
import { cloudsigmaDaily, lazy, only, select } from "./support.mjs";

export default ({ rule, assert, meterglot, fixture }) => {
  const { normalize } = meterglot;
  const types = lazy(() => normalize(fixture("made/cloudsigma-resource-types.json")));
  const of = (type) => only(assert, types(), { resourceType: type });

  rule("a_cloudsigma_resource_type_names_the_metric", () => {
    for (const record of types()) {
      assert.equal(record.metric, `burst.${record.resourceType}`);
      assert.equal(record.providerField, "usage");
    }
    assert.equal(types().length, 23);
  });

  const units = {
    "MHz.5.min": ["cpu", "intel_cpu", "amd_cpu", "cpu_vmware", "sparc_t4_cpu"],
    "By.5.min": ["mem", "intel_mem", "amd_mem", "mem_vmware", "dssd", "ssd", "dssd_vmware", "nvme", "object_storage"],
    "{unit}.5.min": ["ip", "vlan", "msft_lwa_00135", "sms", "quantum_unit"],
  };
  for (const [unit, family] of Object.entries(units)) {
    rule(`a_sum_of_samples_is_an_integral_in_${unit.replace(/\W+/g, "_").replace(/^_/, "")}`, () => {
      for (const type of family) assert.include(of(type), { unit, kind: "integral" }, type);
    });
  }

  const unitOf = (type) => {
    const [record] = normalize(cloudsigmaDaily([["2024-01-15", type, 1, "1"]]));
    assert.deepEqual([record.metric, record.notes.includes("unit-inferred")], [`burst.${type}`, false], type);
    return [record.kind, record.unit];
  };

  rule("memory_is_every_type_that_is_or_ends_in_mem", () => {
    for (const type of ["mem", "intel_mem", "sparc_t4_mem", "arm_mem", "mem_vmware", "intel_mem_vmware", "gpu_mem"]) {
      assert.deepEqual(unitOf(type), ["integral", "By.5.min"], type);
    }
    for (const type of ["cpu", "sparc_t4_cpu", "arm_cpu", "cpu_vmware", "intel_cpu_vmware"]) assert.deepEqual(unitOf(type), ["integral", "MHz.5.min"], type);
  });

  rule("disks_are_stored_bytes_in_every_form", () => {
    for (const disk of ["dssd", "ssd", "hdd", "nvme", "zadara", "object_storage"]) {
      for (const type of [disk, `${disk}_vmware`]) assert.deepEqual(unitOf(type), ["integral", "By.5.min"], type);
    }
  });

  rule("usage_of_memory_and_disks_converts", () => {
    for (const type of ["sparc_t4_mem", "zadara", "hdd"]) {
      const table = normalize(cloudsigmaDaily([["2024-01-15", type, 309237645312, "1"]]));
      const [row] = meterglot.aggregate(table, { units: { [`burst.${type}`]: "GiBy.d" } });
      assert.deepEqual([row.quantity, row.unit], ["1", "GiBy.d"], type);
    }
  });

  rule("a_row_without_usage_is_its_cost_and_points_at_it", () => {
    for (const usage of ["", ',"usage":null']) {
      const body = `{"objects":[{"resource_type":"ip","usage":1,"amount":"2"},{"amount":"0.5","resource_type":"ip","uuid":"u"${usage}}]}`;
      const [both, cost] = normalize(body);
      assert.include(cost, {
        quantity: null,
        cost: "0.5",
        metric: "burst.ip",
        unit: both.unit,
        kind: both.kind,
        providerField: "amount",
        pointer: "/objects/1/amount",
      });
      assert.include(both, { providerField: "usage", pointer: "/objects/0/usage" });
      const [row] = meterglot.aggregate(normalize(body), {});
      assert.deepEqual([row.quantity, row.cost], ["1", "2.5"]);
    }
    const [level] = normalize('{"objects":[{"resource_type":"ip","usage":1,"uuid":"u"}]}');
    assert.include(level, { quantity: "1", cost: null, providerField: "usage", pointer: "/objects/0/usage" });
  });

  rule("transferred_bytes_are_a_delta", () => {
    for (const type of ["tx", "tx_local", "tx_foreign", "rx_local"]) assert.include(of(type), { unit: "By", kind: "delta" }, type);
  });

  rule("a_resource_type_not_known_is_read_and_noted", () => {
    const record = of("quantum_unit");
    assert.include(record, { quantity: "23000", cost: "0.0023", unit: "{unit}.5.min" });
    assert.deepEqual(record.notes, ["assumed-utc", "unit-inferred"]);
  });

  rule("a_unit_is_noted_on_a_daily_row_only_where_the_type_is_unknown", () => {
    for (const type of ["cpu", "mem", "dssd", "nvme", "tx", "ip", "vlan"]) assert.deepEqual(of(type).notes, ["assumed-utc"], type);
  });

  rule("amount_is_the_cost_and_usage_the_quantity", () => {
    const record = only(assert, normalize(fixture("provider-docs/cloudsigma-daily-burst-usage.json")), { start: "2014-11-18T00:00:00Z" });
    assert.deepEqual([record.cost, record.quantity], ["0.00514153897280246914", "179314884608"]);
  });

  rule("a_documented_daily_row_gives_this_record", () => {
    const { id, resourceName, ...record } = [...normalize(fixture("provider-docs/cloudsigma-daily-burst-usage.json"))][0];
    assert.deepEqual(record, {
      provider: "cloudsigma",
      format: "cloudsigma.daily-burst-usage",
      account: null,
      resourceId: null,
      resourceType: "dssd",
      region: null,
      metric: "burst.dssd",
      providerField: "usage",
      dimensions: {},
      kind: "integral",
      quantity: "309237645312",
      unit: "By.5.min",
      cost: "0.00886683986848225317",
      currency: null,
      start: "2014-11-17T00:00:00Z",
      end: "2014-11-18T00:00:00Z",
      utcOffset: null,
      partOf: null,
      pointer: "/objects/0/usage",
      page: 0,
      notes: ["assumed-utc"],
    });
  });

  rule("a_daily_row_is_one_day_of_utc_in_the_order_it_came", () => {
    assert.deepEqual(
      [...normalize(fixture("provider-docs/cloudsigma-daily-burst-usage.json"))].map(({ start, end }) => [start.slice(0, 10), end.slice(0, 10)]),
      [
        ["2014-11-17", "2014-11-18"],
        ["2014-11-16", "2014-11-17"],
        ["2014-11-18", "2014-11-19"],
        ["2014-11-15", "2014-11-16"],
      ],
    );
    const [leap] = normalize(cloudsigmaDaily([["2024-02-28", "cpu", 1, "0"]]));
    assert.equal(leap.end, "2024-02-29T00:00:00Z");
  });

  rule("a_date_written_as_a_time_is_the_same_day", () => {
    const record = [...normalize(fixture("made/cloudsigma-daily.datetime.json"))][0];
    assert.deepEqual([record.start, record.end], ["2010-11-10T00:00:00Z", "2010-11-11T00:00:00Z"]);
    assert.include(record.notes, "assumed-utc");
  });

  rule("a_null_date_is_a_row_without_a_time", () => {
    const table = normalize(fixture("made/cloudsigma-daily.null-date.json"));
    assert.deepEqual(
      [...table].map(({ start, end }) => [start, end]),
      [
        [null, null],
        ["2014-11-18T00:00:00Z", "2014-11-19T00:00:00Z"],
      ],
    );
    assert.lengthOf(table.issues, 0);
  });

  rule("uuid_is_a_dimension_and_not_the_resource", () => {
    for (const record of normalize(fixture("made/cloudsigma-burst-usage.json"))) assert.isNull(record.resourceId);
    assert.equal(
      only(assert, normalize(fixture("made/cloudsigma-burst-usage.json")), { resourceType: "cpu" }).dimensions.uuid,
      "f2669d85-2dbd-4f0d-8a1f-40a06deb3233",
    );
    assert.deepEqual([...types()][0].dimensions, {});
  });

  rule("a_burst_unit_is_always_noted_as_inferred", () => {
    const table = normalize(fixture("made/cloudsigma-burst-usage.json"));
    for (const record of table) assert.deepEqual(record.notes, ["unit-inferred"]);
    assert.deepEqual(
      [...table].map(({ unit, quantity, cost, kind }) => [unit, quantity, cost, kind]),
      [
        ["{unit}.5.min", "1", "0.01", "integral"],
        ["MHz.5.min", "12000", "0.0301", "integral"],
      ],
    );
  });

  rule("amounts_as_numbers_and_as_strings_are_the_same", () => {
    assert.deepEqual([...normalize(fixture("made/cloudsigma-burst-usage.string-amounts.json"))], [...normalize(fixture("made/cloudsigma-burst-usage.json"))]);
  });

  rule("amounts_keep_every_digit_and_their_sign", () => {
    const cost = (start) => only(assert, normalize(fixture("made/cloudsigma-daily.amounts.json")), { start }).cost;
    assert.equal(cost("2024-01-15T00:00:00Z"), "0");
    assert.equal(cost("2024-01-16T00:00:00Z"), "-55.45000000000000284217");
    assert.equal(cost("2024-01-18T00:00:00Z"), "1500");
  });

  rule("an_unknown_amount_is_never_zero", () => {
    const record = only(assert, normalize(fixture("made/cloudsigma-daily.amounts.json")), { start: "2024-01-17T00:00:00Z" });
    assert.deepEqual([record.quantity, record.cost], ["3", null]);
  });

  rule("one_object_in_place_of_a_list_is_one_row", () => {
    const table = normalize(fixture("made/cloudsigma-daily.one-object.json"));
    assert.deepEqual(
      [...table].map(({ quantity, cost }) => [quantity, cost]),
      [["309237645312", "0.0089"]],
    );
    assert.lengthOf(table.issues, 0);
  });

  rule("a_partial_meta_is_enough", () => {
    const table = normalize(fixture("made/cloudsigma-daily.partial-meta.json"));
    assert.deepEqual([table.length, table.format, table.page.totalRows, table.page.size], [1, "cloudsigma.daily-burst-usage", 1, null]);
  });

  rule("total_count_is_not_trusted_for_reading", () => {
    assert.equal(normalize(fixture("made/cloudsigma-daily.total-count-zero.json")).length, 1);
  });

  rule("usage_of_a_whole_day_is_288_samples", () => {
    const table = normalize(fixture("provider-docs/cloudsigma-daily-burst-usage.json"));
    const full = select(table, { quantity: String(288n * 2n ** 30n) });
    assert.lengthOf(full, 3);
    assert.equal(meterglot.convert(full[0].quantity, full[0].unit, "GiBy.d"), "1");
  });
};
