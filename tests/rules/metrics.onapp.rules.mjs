// METRICS: OnApp's costs.
import { fails, lazy, onapp, only, select } from "./support.mjs";

export default ({ rule, assert, meterglot, fixture }) => {
  const { normalize } = meterglot;
  const hourly = lazy(() => normalize(fixture("provider-docs/onapp-user-statistics-period.xml")));
  const first = lazy(() => [...hourly()].filter(({ start }) => start === "2012-03-15T06:58:16Z"));
  const HOUR = [
    ["currency_code", "USD"],
    ["user_id", "4"],
    ["stat_time", "2012-03-13T11:43:36Z"],
  ];

  rule("an_onapp_cost_is_a_delta_of_money_without_a_quantity", () => {
    for (const record of hourly()) assert.include(record, { kind: "delta", quantity: null, unit: null, cost: "0", currency: "USD" });
  });

  rule("the_fields_of_the_documented_hour_are_all_read", () => {
    assert.sameMembers(
      first().map(({ metric }) => metric),
      [
        "cost.backup",
        "cost.backup",
        "cost.user_resources",
        "cost.total",
        "cost.template",
        "cost.template",
        "cost.storage_disk_size",
        "cost.edge_group",
        "cost.backup_disk_size",
        "cost.monit",
        "cost.template_disk_size",
        "cost.vm",
      ],
    );
    assert.equal(hourly().length, 24);
  });

  rule("a_documented_onapp_field_gives_this_record", () => {
    const { id, resourceName, ...record } = only(assert, first(), { metric: "cost.monit" });
    assert.deepEqual(record, {
      provider: "onapp",
      format: "onapp.user-statistics",
      account: "4",
      resourceId: "4",
      resourceType: "user",
      region: null,
      metric: "cost.monit",
      providerField: "monit_cost",
      dimensions: {},
      kind: "delta",
      quantity: null,
      unit: null,
      cost: "0",
      currency: "USD",
      start: "2012-03-15T06:58:16Z",
      end: "2012-03-15T07:58:16Z",
      utcOffset: "Z",
      partOf: "cost.user_resources",
      pointer: "/user_stats/user_stat[1]/monit_cost",
      page: 0,
      notes: [],
    });
  });

  rule("an_onapp_hour_runs_from_stat_time_for_one_hour", () => {
    const ends = new Set([...hourly()].map(({ start, end }) => `${start} ${end}`));
    assert.deepEqual([...ends], ["2012-03-15T06:58:16Z 2012-03-15T07:58:16Z", "2012-03-15T07:58:17Z 2012-03-15T08:58:17Z"]);
  });

  rule("an_element_that_occurs_twice_is_kept_twice", () => {
    const table = normalize(fixture("made/onapp-duplicate-elements.xml"));
    const backup = select(table, { metric: "cost.backup" });
    assert.deepEqual(
      backup.map(({ cost, dimensions, pointer, notes, providerField }) => [cost, dimensions.occurrence, pointer, notes, providerField]),
      [
        ["0", "1", "/user_stats/user_stat[1]/backup_cost[1]", ["duplicate-element"], "backup_cost"],
        ["96500", "2", "/user_stats/user_stat[1]/backup_cost[2]", ["duplicate-element"], "backup_cost"],
      ],
    );
    assert.deepEqual(only(assert, table, { metric: "cost.edge_group" }).notes, []);
    assert.deepEqual(only(assert, table, { metric: "cost.edge_group" }).dimensions, {});
    assert.equal(table.duplicates, 0);
  });

  rule("occurrences_count_on", () => {
    const table = normalize(fixture("made/onapp-duplicate-elements.xml"));
    assert.deepEqual(
      select(table, { metric: "cost.template" }).map(({ cost, dimensions }) => [cost, dimensions.occurrence]),
      [
        ["1.5", "1"],
        ["2.5", "2"],
        ["3.5", "3"],
      ],
    );
  });

  rule("equal_elements_that_occur_twice_are_no_duplicates_either", () => {
    assert.equal(hourly().duplicates, 0);
    assert.lengthOf(
      first().filter(({ metric }) => metric === "cost.backup"),
      2,
    );
  });

  rule("a_key_that_occurs_twice_in_a_json_object_is_kept_twice", () => {
    const table = normalize(fixture("made/onapp-twice-in-json.json"));
    assert.deepEqual(
      select(table, { metric: "cost.backup" }).map(({ cost, dimensions, notes }) => [cost, dimensions.occurrence, notes]),
      [
        ["0", "1", ["duplicate-element"]],
        ["96500", "2", ["duplicate-element"]],
      ],
    );
  });

  rule("discounts_are_discounts_and_not_costs", () => {
    const table = normalize(fixture("made/onapp-discounts.xml"));
    for (const [providerField, metric, cost] of [
      ["vm_discount_due_to_free", "discount.vm", "1"],
      ["user_resources_discount_due_to_free", "discount.user_resources", "0.5"],
      ["total_discount_due_to_free", "discount.total", "1.5"],
      ["monthly_discount_due_to_free", "discount.monthly", "0.25"],
    ]) {
      assert.include(only(assert, table, { providerField }), { metric, cost, kind: "delta", quantity: null, partOf: null, currency: "USD" });
    }
  });

  rule("the_total_with_discount_has_a_metric_of_its_own", () => {
    const record = only(assert, normalize(fixture("made/onapp-discounts.xml")), { providerField: "total_cost_with_discount" });
    assert.include(record, { metric: "cost.total_with_discount", cost: "8.5", partOf: null });
  });

  rule("a_newer_field_is_read_by_its_name_and_never_dropped", () => {
    const table = normalize(fixture("made/onapp-discounts.xml"));
    assert.include(only(assert, table, { providerField: "quantum_link_cost" }), { metric: "cost.quantum_link", cost: "0.125", partOf: "cost.user_resources" });
    assert.include(only(assert, table, { providerField: "recovery_point_size_cost" }), { metric: "cost.recovery_point_size", cost: "2" });
  });

  rule("vm_stats_are_virtual_machines", () => {
    const table = normalize(fixture("made/onapp-vm-stats.xml"));
    assert.include(only(assert, table, { resourceId: "17" }), {
      metric: "cost.vm.total",
      cost: "4",
      resourceType: "virtual-machine",
      account: "4",
      currency: "USD",
      partOf: "cost.vm",
      providerField: "total_cost",
      start: "2012-03-13T11:43:36Z",
      end: "2012-03-13T12:43:36Z",
      pointer: "/user_stats/user_stat[1]/vm_stats/vm_stat[3]/total_cost",
    });
    assert.deepEqual(
      select(table, { resourceId: "0" })
        .map(({ metric, cost }) => [metric, cost])
        .sort(),
      [
        ["cost.vm.total", "1.5"],
        ["cost.vm.total", "2.5"],
        ["cost.vm.usage", "1"],
        ["cost.vm.vm_resources", "0.5"],
      ],
    );
  });

  rule("machines_that_share_an_id_are_distinguished_by_occurrence", () => {
    const gone = select(normalize(fixture("made/onapp-vm-stats.xml")), { resourceId: "0", metric: "cost.vm.total" });
    assert.deepEqual(
      gone.map(({ dimensions, cost, notes }) => [dimensions.occurrence, cost, notes]),
      [
        ["1", "1.5", ["duplicate-element"]],
        ["2", "2.5", ["duplicate-element"]],
      ],
    );
    assert.deepEqual(only(assert, normalize(fixture("made/onapp-vm-stats.xml")), { resourceId: "17" }).dimensions, {});
  });

  rule("a_nil_stat_time_is_no_time", () => {
    const table = normalize(fixture("made/onapp-nil-stat-time.xml"));
    assert.deepEqual(
      select(table, { metric: "cost.vm" }).map(({ account, cost, start, end, utcOffset }) => [account, cost, start, end, utcOffset]),
      [
        ["4", "1", null, null, null],
        ["5", "2", null, null, null],
      ],
    );
    assert.lengthOf(table.issues, 0);
  });

  rule("an_hour_that_was_asked_for_has_a_time", () => {
    const hourly = { request: "https://onapp.test/users/4/user_statistics.xml?hourly_stats" };
    const json = (time) => `[{"user_stat":{"vm_cost":1,"user_id":4,"stat_time":"2012-03-13T11:43:36Z"}},{"user_stat":{"vm_cost":2,"user_id":4${time}}}]`;
    const bare = '[{"vm_cost":1,"user_id":4,"total_cost":1,"stat_time":"2012-03-13T11:43:36Z"},{"vm_cost":2,"user_id":4,"total_cost":2}]';
    for (const [body, pointer] of [
      [fixture("made/onapp-nil-stat-time.xml"), "/user_stats/user_stat[1]"],
      [
        onapp(
          [
            ["vm_cost", "1"],
            ["stat_time", "2012-03-13T11:43:36Z"],
          ],
          [["vm_cost", "2"]],
        ),
        "/user_stats/user_stat[2]",
      ],
      [json(""), "/1/user_stat"],
      [json(',"stat_time":null'), "/1/user_stat"],
      [bare, "/1"],
      [fixture("made/onapp-summary.xml"), "/user_stat"],
      [fixture("made/onapp-summary.json"), "/user_stat"],
    ]) {
      const error = fails({ assert, meterglot }, "missing-field", () => normalize(body, hourly));
      assert.equal(error.pointer, pointer);
      assert.match(error.message, /`stat_time`/);
    }
    const table = normalize(json(""), { ...hourly, onError: "collect" });
    assert.deepEqual(
      [[...table].map(({ cost }) => cost), table.issues.map(({ code, pointer }) => [code, pointer])],
      [["1"], [["missing-field", "/1/user_stat"]]],
    );
  });

  rule("an_hour_without_a_time_takes_the_period_that_is_given", () => {
    const period = { start: "2012-03-13T11:00:00Z", end: "2012-03-13T12:00:00Z" };
    for (const request of ["https://onapp.test/users/4/user_statistics.xml?hourly_stats", "https://onapp.test/users/4/user_statistics.xml"]) {
      const { start, end } = select(normalize(fixture("made/onapp-nil-stat-time.xml"), { request, period }), { metric: "cost.vm" })[0];
      assert.deepEqual({ start, end }, period);
    }
  });

  rule("a_type_attribute_is_only_a_hint", () => {
    const table = normalize(fixture("made/onapp-unreliable-types.xml"));
    assert.equal(only(assert, table, { metric: "cost.vm" }).cost, "1");
    assert.equal(only(assert, table, { metric: "cost.user_resources" }).cost, "0.35");
    assert.equal(only(assert, table, { metric: "cost.total" }).cost, "1.35");
  });

  rule("a_nil_cost_makes_no_record", () => {
    const table = normalize(fixture("made/onapp-unreliable-types.xml"));
    assert.equal(table.length, 3);
    assert.lengthOf(table.issues, 0);
  });

  rule("json_and_xml_hours_report_the_same", () => {
    const fields = (vm, resources, total) => [["vm_cost", vm], ["user_resources_cost", resources], ["total_cost", total], ...HOUR];
    const xml = normalize(onapp(fields("0", "1.25", "1.25")));
    const json = normalize(
      '[{"user_stat":{"vm_cost":0,"user_resources_cost":"1.25","total_cost":1.250,"currency_code":"USD","user_id":4,"stat_time":"2012-03-13T11:43:36Z"}}]',
    );
    const bare = ({ pointer, ...record }) => record;
    assert.sameDeepMembers([...json].map(bare), [...xml].map(bare));
    assert.equal(xml.length, 3);
  });

  rule("json_costs_may_be_numbers_or_strings", () => {
    const table = normalize(fixture("made/onapp-hourly.json"));
    const backup = select(table, { metric: "cost.backup" });
    assert.deepEqual(
      backup.map(({ cost, pointer, start }) => [cost, pointer, start]),
      [
        ["0", "/0/user_stat/backup_cost", "2012-03-13T11:43:36Z"],
        ["2.5", "/1/user_stat/backup_cost", "2012-03-13T12:43:37Z"],
      ],
    );
    assert.include(only(assert, table, { resourceType: "virtual-machine" }), {
      resourceId: "9",
      cost: "0",
      metric: "cost.vm.total",
      pointer: "/0/user_stat/vm_stats/0/vm_stat/total_cost",
    });
  });

  rule("json_without_the_wrapper_is_read", () => {
    const table = normalize(fixture("made/onapp-bare-objects.json"));
    assert.include(only(assert, table, { metric: "cost.backup" }), { cost: "0.5", account: "4", pointer: "/0/backup_cost", end: "2012-03-13T12:43:36Z" });
  });

  rule("exponents_are_written_out", () => {
    const table = normalize(fixture("made/onapp-exponents.json"));
    assert.equal(only(assert, table, { metric: "cost.vm" }).cost, "349000004833101000000000000");
    assert.equal(only(assert, table, { metric: "cost.user_resources" }).cost, "0.0000001");
  });

  rule("a_row_without_a_currency_has_none", () => {
    const table = select(normalize(fixture("made/onapp-mixed-currencies.xml")), { metric: "cost.vm" });
    assert.deepEqual(
      table.map(({ cost, currency }) => [cost, currency]),
      [
        ["1", "USD"],
        ["2", "EUR"],
        ["4", null],
      ],
    );
  });

  rule("a_summary_is_one_user_stat_at_the_root", () => {
    const read = (name) => [...normalize(fixture(name))].map(({ metric, cost, start, end, account }) => [metric, cost, start, end, account]).sort();
    const due = [
      ["cost.total", "7", null, null, "4"],
      ["cost.user_resources", "4", null, null, "4"],
      ["cost.vm", "3", null, null, "4"],
    ];
    assert.deepEqual(read("made/onapp-summary.xml"), due);
    assert.deepEqual(read("made/onapp-summary.json"), due);
    assert.equal(only(assert, normalize(fixture("made/onapp-summary.xml")), { metric: "cost.vm" }).pointer, "/user_stat/vm_cost");
    assert.equal(only(assert, normalize(fixture("made/onapp-summary.json")), { metric: "cost.vm" }).pointer, "/user_stat/vm_cost");
  });
};
