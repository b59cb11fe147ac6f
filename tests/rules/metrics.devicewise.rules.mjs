// METRICS: deviceWISE's API calls.
import { devicewise, devicewiseRequest, only, select } from "./support.mjs";

export default ({ rule, assert, meterglot, fixture }) => {
  const { normalize } = meterglot;
  const HOURS = ["2024-01-20T08:00:00-05:00", "2024-01-20T09:00:00-05:00"];

  rule("a_devicewise_counter_is_api_calls_a_delta_by_service", () => {
    const table = normalize(fixture("made/devicewise-hourly.json"));
    assert.equal(table.length, 6);
    for (const record of table) assert.include(record, { metric: "api.calls", kind: "delta", unit: "{call}" });
    const of = (service) => select(table, { dimensions: { service } }).map(({ quantity, start, end }) => [quantity, start, end]);
    assert.deepEqual(of("location"), [
      ["0", "2024-01-20T13:00:00Z", "2024-01-20T14:00:00Z"],
      ["2", "2024-01-20T14:00:00Z", "2024-01-20T15:00:00Z"],
      ["5", "2024-01-20T15:00:00Z", "2024-01-20T16:00:00Z"],
    ]);
    assert.deepEqual(
      of("usage").map(([quantity]) => quantity),
      ["1", "0", "4"],
    );
  });

  rule("a_devicewise_record_looks_like_this", () => {
    const table = normalize(fixture("made/devicewise-api-history.without-ellipsis.json"), { request: devicewiseRequest({ series: "hour" }, { id: "get" }) });
    assert.equal(table.length, 5);
    const { id, resourceType, ...record } = only(assert, table, { quantity: "1" });
    assert.deepEqual(record, {
      provider: "devicewise",
      format: "devicewise.api-history",
      account: null,
      resourceId: null,
      resourceName: null,
      region: null,
      metric: "api.calls",
      providerField: "counters.usage",
      dimensions: { service: "usage" },
      kind: "delta",
      quantity: "1",
      unit: "{call}",
      cost: null,
      currency: null,
      start: "2014-01-20T17:00:00Z",
      end: "2014-01-20T18:00:00Z",
      utcOffset: "-05:00",
      partOf: null,
      pointer: "/get/params/counters/usage/4",
      page: 0,
      notes: [],
    });
  });

  rule("the_order_of_ts_and_counters_does_not_matter", () => {
    const records = [...normalize(fixture("made/devicewise-ts-first.json"))];
    assert.sameDeepMembers(
      records.map(({ dimensions, quantity, start }) => [dimensions.service, quantity, start]),
      [
        ["location", "0", "2024-01-20T13:00:00Z"],
        ["location", "2", "2024-01-20T14:00:00Z"],
        ["usage", "1", "2024-01-20T13:00:00Z"],
        ["usage", "0", "2024-01-20T14:00:00Z"],
      ],
    );
  });

  rule("all_commands_of_one_reply_are_read", () => {
    const table = normalize(fixture("made/devicewise-mixed-batch.json"), { onError: "collect" });
    assert.equal(table.length, 5);
    assert.equal(only(assert, table, { dimensions: { service: "thing" } }).pointer, "/3/params/counters/thing/0");
  });

  rule("devicewise_orgs_with_services_have_both_dimensions", () => {
    const table = normalize(fixture("made/devicewise-org-services.json"));
    assert.equal(table.length, 6);
    const org = "560ef49c681fdc7d1f015605";
    assert.deepEqual(
      select(table, { dimensions: { org, service: "usage" } }).map(({ quantity }) => quantity),
      ["3", "4"],
    );
    assert.deepEqual(
      select(table, { dimensions: { org: "560ef49c681fdc7d1f015606", service: "location" } }).map(({ quantity }) => quantity),
      ["5", "6"],
    );
    assert.equal(select(table, { dimensions: { org, service: "usage" } })[1].pointer, `/1/params/counters/${org}/usage/1`);
  });

  rule("devicewise_orgs_with_lists_have_the_dimension_org", () => {
    const table = normalize(fixture("made/devicewise-org-totals.json"));
    assert.equal(table.length, 4);
    assert.deepEqual(
      select(table, { dimensions: { org: "560ef49c681fdc7d1f015606" } }).map(({ quantity, start }) => [quantity, start]),
      [
        ["5", "2024-01-20T13:00:00Z"],
        ["6", "2024-01-20T14:00:00Z"],
      ],
    );
  });

  rule("devicewise_orgs_with_numbers_have_the_dimension_org_and_no_time", () => {
    const table = normalize(fixture("made/devicewise-org-numbers.json"));
    assert.equal(table.length, 2);
    const record = only(assert, table, { dimensions: { org: "560ef49c681fdc7d1f015605" } });
    assert.include(record, { quantity: "3", start: null, end: null, pointer: "/1/params/counters/560ef49c681fdc7d1f015605" });
  });

  rule("a_log_in_beside_the_commands_is_not_usage", () => {
    const table = normalize(fixture("made/devicewise-auth-entry.json"));
    assert.deepEqual([table.length, table.issues.length], [2, 0]);
  });

  rule("success_without_params_is_a_valid_command_without_rows", () => {
    const table = normalize(fixture("made/devicewise-params-missing.json"));
    assert.deepEqual([table.length, table.issues.length], [2, 0]);
  });

  rule("keys_inside_a_command_are_read_in_any_case", () => {
    const records = [...normalize(fixture("made/devicewise-other-case-keys.json"))];
    assert.deepEqual(
      records.map(({ quantity, dimensions }) => [quantity, dimensions.service]),
      [
        ["1", "usage"],
        ["2", "usage"],
      ],
    );
  });

  rule("a_null_counter_and_a_null_value_make_no_record", () => {
    const table = normalize(fixture("made/devicewise-null-counter.json"));
    assert.deepEqual(
      [...table].map(({ quantity, pointer }) => [quantity, pointer]),
      [["1", "/1/params/counters/usage/0"]],
    );
    assert.lengthOf(table.issues, 0);
  });

  rule("an_offset_that_changes_inside_ts_is_read_element_by_element", () => {
    assert.deepEqual(
      [...normalize(fixture("made/devicewise-dst.json"))].map(({ utcOffset, start }) => [utcOffset, start]),
      [
        ["-05:00", "2024-03-10T06:00:00Z"],
        ["-04:00", "2024-03-10T07:00:00Z"],
        ["-04:00", "2024-03-10T08:00:00Z"],
      ],
    );
  });

  rule("a_leap_second_is_the_first_second_of_the_next_minute", () => {
    const request = devicewiseRequest({ series: "hour" });
    const records = [...normalize(fixture("made/devicewise-odd-timestamps.json"), { request })];
    assert.deepEqual(
      records.map(({ start, utcOffset }) => [start, utcOffset]),
      [
        ["2016-12-31T23:00:00Z", "Z"],
        ["2017-01-01T05:59:34.882Z", "-05:00"],
        ["2017-01-01T06:00:00Z", "-00:00"],
        ["2017-01-01T07:00:00Z", "+05:30"],
      ],
    );
    assert.equal(records[1].end, "2017-01-01T06:59:34.882Z");
  });

  rule("a_counter_name_is_an_open_set_and_its_pointer_is_escaped", () => {
    const [record] = normalize(devicewise({ "a/b~c.d é": [4] }, [HOURS[0]]));
    assert.deepEqual(
      [record.dimensions, record.providerField, record.pointer],
      [{ service: "a/b~c.d é" }, "counters.a/b~c.d é", "/1/params/counters/a~1b~0c.d é/0"],
    );
  });

  rule("a_command_is_found_by_its_content_whatever_its_id", () => {
    for (const id of ["get", "list", "0", "generic", "x.y", ""]) {
      const [record] = normalize(devicewise({ usage: [4] }, [HOURS[0]], { id }));
      assert.deepEqual([record.quantity, record.pointer], ["4", `/${id}/params/counters/usage/0`], id);
    }
  });
};
