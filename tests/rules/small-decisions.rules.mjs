// SMALL DECISIONS that no other file keeps.
import { bytes, callsAt, concat, fails, offsetOf, only, select, text, wasabi } from "./support.mjs";

export default ({ rule, assert, meterglot, fixture }) => {
  const { normalize, aggregate } = meterglot;
  const env = { assert, meterglot };
  const first = "made/barracuda-pages-1.json";
  const second = "made/barracuda-pages-2.json";
  const notUtf8 = new Uint8Array([0xff, 0xfe, 0x7b, 0x00]);
  const whole = { "unknown-format": bytes("{}"), "invalid-encoding": notUtf8, "provider-error": fixture("made/onapp-error.list.json") };

  for (const [code, body] of Object.entries(whole)) {
    rule(`a_whole_body_with_${code}_is_thrown_or_collected_as_one_issue`, () => {
      const error = fails(env, code, () => normalize(body));
      assert.equal(error.page, 0);
      const table = normalize(body, { onError: "collect" });
      assert.deepEqual([table.length, table.format, table.page, table.duplicates], [0, null, null, 0]);
      assert.deepEqual(
        table.issues.map(({ code, page }) => [code, page]),
        [[code, 0]],
      );
      assert.deepEqual([...table], []);
      assert.deepEqual(table.checks(), []);
    });

    rule(`a_page_with_${code}_leaves_the_pages_round_it`, () => {
      const table = normalize([fixture(first), body, fixture(second)], { onError: "collect" });
      assert.deepEqual(
        [...table].map(({ page, quantity }) => [page, quantity]),
        [
          [0, "10"],
          [0, "11"],
          [2, "12"],
        ],
      );
      assert.deepEqual(
        table.issues.map(({ code, page }) => [code, page]),
        [[code, 1]],
      );
      assert.equal(table.format, "barracuda.usage-history");
      assert.equal(fails(env, code, () => normalize([fixture(first), body, fixture(second)])).page, 1);
    });
  }

  rule("after_a_fault_of_syntax_nothing_more_of_the_body_is_read", () => {
    const day = { start: "2024-01-15T00:00:00Z", end: "2024-01-16T00:00:00Z", NumAPICalls: 1 };
    const body = wasabi({ ...day, bucket: 1 }, { ...day, bucket: 2 }, { ...day, bucket: 3 }).replace('"BucketNum":2', '"BucketNum":');
    const table = normalize(body, { onError: "collect" });
    assert.deepEqual(
      [...table].map(({ resourceId }) => resourceId),
      ["1"],
    );
    assert.deepEqual(
      table.issues.map(({ code }) => code),
      ["invalid-json"],
    );
  });

  rule("after_a_fault_of_encoding_nothing_more_of_the_body_is_read", () => {
    const day = { start: "2024-01-15T00:00:00Z", end: "2024-01-16T00:00:00Z", NumAPICalls: 1 };
    const sound = bytes(wasabi({ ...day, bucket: 1 }, { ...day, bucket: 2, name: "#" }, { ...day, bucket: 3 }));
    const body = sound.slice();
    body[offsetOf(sound, "#")] = 0xff;
    const table = normalize(body, { onError: "collect" });
    assert.deepEqual(
      [...table].map(({ resourceId }) => resourceId),
      ["1"],
    );
    assert.deepEqual(
      table.issues.map(({ code, offset }) => [code, offset]),
      [["invalid-encoding", offsetOf(sound, "#")]],
    );
  });

  rule("after_a_fault_of_one_row_reading_goes_on", () => {
    const day = { start: "2024-01-15T00:00:00Z", end: "2024-01-16T00:00:00Z", NumAPICalls: 1 };
    const table = normalize(wasabi({ ...day, bucket: 1 }, { ...day, bucket: 2, start: "never" }, { ...day, bucket: 3 }), { onError: "collect" });
    assert.deepEqual(
      [...table].map(({ resourceId }) => resourceId),
      ["1", "3"],
    );
    assert.equal(only(assert, table.issues, {}).pointer, "/1/StartTime");
  });

  rule("a_faulty_page_keeps_its_rows_and_the_next_page_is_read", () => {
    const broken = text(fixture(first)).replace(/\]\}\s*$/, ",]}");
    const table = normalize([broken, fixture(second)], { onError: "collect" });
    assert.deepEqual(
      [...table].map(({ quantity }) => quantity),
      ["10", "11", "12"],
    );
    assert.deepEqual(
      table.issues.map(({ code, page }) => [code, page]),
      [["invalid-json", 0]],
    );
  });

  rule("empty_listings_are_valid_replies_with_no_rows", () => {
    for (const name of [
      "made/barracuda-empty-list.json",
      "made/barracuda-empty-list.xml",
      "made/barracuda-null-list.json",
      "made/barracuda-missing-list.json",
      "made/devicewise-null-counters.json",
      "made/devicewise-empty-counters.json",
      "made/cloudsigma-empty.json",
      "made/cloudsigma-daily-empty.json",
      "made/wasabi-empty.json",
      "made/onapp-empty.xml",
    ]) {
      const table = normalize(fixture(name));
      assert.deepEqual([table.length, table.issues, table.duplicates], [0, [], 0], name);
    }
    assert.equal(normalize([]).length, 0);
  });

  rule("one_object_in_place_of_a_barracuda_list_is_one_row", () => {
    const record = only(assert, normalize(fixture("made/barracuda-one-object-list.json")), {});
    assert.deepEqual([record.quantity, record.start, record.account], ["7", "2024-01-15T05:00:00Z", "acme"]);
  });

  rule("duplicates_counts_records_and_not_rows", () => {
    assert.equal(normalize(fixture("made/wasabi-repeated-row.json")).duplicates, 18);
    assert.equal(normalize(fixture("made/wasabi-restated.json")).duplicates, 17, "the seventeen values that were stated again");
  });

  rule("resource_ids_are_as_decided", () => {
    const ids = (name, options) =>
      [...new Set([...normalize(fixture(name), options)].map(({ resourceType, resourceId }) => `${resourceType} ${resourceId}`))].sort();
    assert.deepEqual(ids("provider-docs/barracuda-usage-history.json"), ["partner barracuda"]);
    assert.deepEqual(ids("made/barracuda-account-form.json"), ["account acme-shop"]);
    assert.deepEqual(ids("made/cloudsigma-burst-usage.json"), ["cpu null", "ip null"]);
    assert.deepEqual(ids("made/onapp-vm-stats.xml"), ["user 4", "virtual-machine 0", "virtual-machine 17"]);
    for (const { resourceId } of normalize(fixture("made/devicewise-hourly.json"))) assert.isNull(resourceId);
  });

  rule("a_provider_field_is_the_fields_own_name", () => {
    const fields = (name) => new Set([...normalize(fixture(name))].map(({ providerField }) => providerField));
    assert.isTrue(fields("provider-docs/onapp-user-statistics-period.xml").has("backup_cost"));
    assert.isTrue(fields("provider-docs/wasabi-bucket-daily.json").has("NumGETCalls"));
    assert.deepEqual([...fields("provider-docs/cloudsigma-daily-burst-usage.json")], ["usage"]);
    assert.deepEqual([...fields("made/devicewise-hourly.json")].sort(), ["counters.location", "counters.usage"]);
  });

  rule("an_undated_offset_is_null_and_z_is_kept", () => {
    for (const { utcOffset } of normalize(fixture("provider-docs/cloudsigma-daily-burst-usage.json"))) assert.isNull(utcOffset);
    for (const { utcOffset } of normalize(fixture("provider-docs/wasabi-bucket-daily.json"))) assert.equal(utcOffset, "Z");
  });

  rule("the_counter_and_ts_of_a_devicewise_command_must_agree", () => {
    for (const name of ["made/devicewise-short-counter.json", "made/devicewise-long-counter.json"]) {
      const error = fails(env, "length-mismatch", () => normalize(fixture(name)));
      assert.match(error.pointer, /^\/1\/params\/counters\/location/);
      assert.isNotNull(error.offset);
      const table = normalize(fixture(name), { onError: "collect" });
      assert.deepEqual(
        select(table, { dimensions: { service: "usage" } }).map(({ quantity }) => quantity),
        ["1", "2"],
        name,
      );
      assert.lengthOf(select(table, { dimensions: { service: "location" } }), 0, name);
    }
  });

  rule("counters_without_ts_have_the_wrong_length", () => {
    const table = normalize(fixture("made/devicewise-null-ts.json"), { onError: "collect" });
    assert.deepEqual([table.length, table.issues.map(({ code }) => code)], [0, ["length-mismatch"]]);
  });

  rule("another_usage_command_is_reported_and_not_guessed", () => {
    const error = fails(env, "unexpected-shape", () => normalize(fixture("made/devicewise-thing-history.json")));
    assert.match(error.pointer, /^\/1\b/);
  });

  rule("nothing_is_rounded_before_the_row_is_finished", () => {
    // Seven series of a mean of one third each: 7/3, rounded once.
    const rows = Array.from({ length: 7 }, (_, bucket) => [
      callsAt("2024-01-15T00:00:00Z", 1, { bucket }),
      callsAt("2024-01-15T01:00:00Z", 0, { bucket }),
      callsAt("2024-01-15T02:00:00Z", 0, { bucket }),
    ]).flat();
    assert.equal(aggregate(normalize(wasabi(...rows)), { reduce: { delta: "mean" } })[0].quantity, "2.33333333333333333333");
    assert.equal(aggregate(normalize(wasabi(...rows)), { reduce: { delta: "mean" }, fractionDigits: 0 })[0].quantity, "2");
  });

  rule("a_trap_would_be_internal_and_no_body_gets_there", () => {
    const odd = concat([bytes('{"list":['), new Uint8Array(5000).fill(0x7b)]);
    const table = normalize(odd, { onError: "collect" });
    for (const { code } of table.issues) assert.notEqual(code, "internal");
    assert.equal(normalize(fixture(first)).length, 2);
  });
};
