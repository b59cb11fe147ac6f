// IDENTITY: what makes two records the same.
import { barracuda, devicewise, devicewiseRequest, fails, only, select, wasabi } from "./support.mjs";

export default ({ rule, assert, meterglot, fixture }) => {
  const { normalize } = meterglot;
  const DAY = { start: "2024-01-01T00:00:00Z", end: "2024-01-02T00:00:00Z" };
  const idOf = (row, options) => [...normalize(wasabi({ ...DAY, NumAPICalls: 1, ...row }), options)][0].id;

  rule("an_id_is_32_hex_digits", () => {
    for (const name of ["provider-docs/wasabi-bucket-daily.json", "made/onapp-vm-stats.xml", "made/devicewise-hourly.json"]) {
      for (const { id } of normalize(fixture(name))) assert.match(id, /^[0-9a-f]{32}$/);
    }
  });

  rule("the_ids_of_one_table_are_all_different", () => {
    for (const name of [
      "provider-docs/wasabi-bucket-invoice.json",
      "made/wasabi-account-daily.regions.json",
      "made/onapp-vm-stats.xml",
      "made/onapp-duplicate-elements.xml",
      "made/devicewise-org-services.json",
    ]) {
      const ids = [...normalize(fixture(name))].map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length, name);
    }
  });

  rule("reading_twice_gives_the_same_ids", () => {
    const ids = () => [...normalize(fixture("made/onapp-vm-stats.xml"))].map(({ id }) => id);
    assert.deepEqual(ids(), ids());
  });

  rule("the_id_is_not_over_the_value", () => {
    assert.equal(idOf({ NumAPICalls: 1 }), idOf({ NumAPICalls: 2 }));
  });

  rule("the_id_is_not_over_the_page_nor_the_pointer", () => {
    const other = wasabi({ ...DAY, bucket: 1, NumAPICalls: 1 });
    const wanted = wasabi({ ...DAY, bucket: 2, NumAPICalls: 1 });
    const both = wasabi({ ...DAY, bucket: 1, NumAPICalls: 1 }, { ...DAY, bucket: 2, NumAPICalls: 1 });
    const second = only(assert, normalize([other, wanted]), { resourceId: "2" });
    const inside = only(assert, normalize(both), { resourceId: "2" });
    assert.notDeepEqual([second.page, second.pointer], [inside.page, inside.pointer]);
    assert.equal(second.id, inside.id);
  });

  rule("the_id_is_not_over_the_name_of_a_resource", () => {
    assert.equal(idOf({ name: "photos" }), idOf({ name: "1.photos" }));
  });

  rule("the_id_is_over_account_resource_region_metric_and_period", () => {
    const ids = [
      idOf({}),
      idOf({ account: 2 }),
      idOf({ bucket: 8 }),
      idOf({ region: "us-west-1" }),
      idOf({ end: "2024-01-03T00:00:00Z" }),
      idOf({ start: "2023-12-31T00:00:00Z" }),
      [...normalize(wasabi({ ...DAY, UploadBytes: 1 }))][0].id,
      [...normalize(wasabi({ ...DAY, NumGETCalls: 1 }))][0].id,
    ];
    assert.equal(new Set(ids).size, ids.length);
  });

  rule("the_id_is_over_the_dimensions", () => {
    const body = devicewise({ a: [1], b: [1] }, ["2024-01-20T00:00:00Z"]);
    const [a, b] = normalize(body);
    assert.notEqual(a.id, b.id);
    const asOrg = [...normalize(body, { request: devicewiseRequest({ dimension: "org" }) })].map(({ id }) => id);
    assert.notIncludeMembers(asOrg, [a.id]);
  });

  rule("the_id_is_over_the_kind", () => {
    const period = { start: "2019-11-28T00:00:00Z", end: "2019-12-28T00:00:00Z" };
    const gauge = only(assert, normalize(wasabi({ ...period, RawStorageSizeBytes: 30 })), { metric: "storage.stored" });
    const integral = only(assert, normalize(wasabi({ ...period, RawStorageSizeGBDays: 30 })), { metric: "storage.stored" });
    assert.notEqual(gauge.id, integral.id);
  });

  rule("the_id_is_over_the_provider", () => {
    const period = { period: { start: "2024-01-01T00:00:00Z", end: "2024-01-01T01:00:00Z" } };
    const device = [...normalize(devicewise({ usage: [1] }, ["2024-01-01T00:00:00Z"]), { account: "7" })][0];
    const bucket = [...normalize(wasabi({ account: 7, ...period.period, NumAPICalls: 1 }))][0];
    assert.notEqual(device.id, bucket.id);
  });

  rule("the_parts_of_an_id_are_length_prefixed", () => {
    assert.notEqual(idOf({ account: 1, bucket: 23 }), idOf({ account: 12, bucket: 3 }));
    assert.notEqual(idOf({ bucket: 1, region: "1us" }), idOf({ bucket: 11, region: "us" }));
  });

  rule("the_id_is_over_the_instant_however_its_offset_is_written", () => {
    const id = (date) => [...normalize(barracuda([[date, 1]]))][0].id;
    assert.equal(id("2024-01-15T00:00:00-05:00"), id("2024-01-15T05:00:00Z"));
    assert.notEqual(id("2024-01-15T00:00:00-05:00"), id("2024-01-15T00:00:00-04:00"));
  });

  rule("an_instant_and_a_period_from_it_are_not_the_same", () => {
    const body = barracuda([["2024-01-15T00:00:00-05:00", 1]]);
    const request = "https://api.intronis.com/v1/partners/acme/usage_history?resolution=DAY";
    assert.notEqual([...normalize(body)][0].id, [...normalize(body, { request })][0].id);
  });

  // the same again
  rule("the_very_same_row_is_dropped_and_counted_by_records", () => {
    const table = normalize(fixture("made/wasabi-repeated-row.json"));
    assert.deepEqual([table.length, table.duplicates, table.issues.length], [18, 18, 0]);
  });

  rule("a_row_read_on_two_pages_is_one_row", () => {
    const page = fixture("provider-docs/barracuda-usage-history.json");
    const table = normalize([page, page]);
    assert.deepEqual([table.length, table.duplicates], [2, 2]);
    for (const record of table) assert.equal(record.page, 0);
  });

  rule("equal_values_in_other_spellings_are_the_same_value", () => {
    const table = normalize(
      barracuda([
        ["2024-01-15T00:00:00-05:00", "10"],
        ["2024-01-15T05:00:00Z", "1.0e1"],
      ]),
    );
    assert.deepEqual([table.length, table.duplicates], [1, 1]);
  });

  rule("a_newer_wasabi_row_replaces_the_older", () => {
    const table = normalize(fixture("made/wasabi-restated.json"));
    assert.deepEqual(
      select(table, { metric: "api.calls" })
        .map(({ start, quantity }) => [start, quantity])
        .sort(),
      [
        ["2019-12-26T00:00:00Z", "88"],
        ["2019-12-27T00:00:00Z", "5"],
      ],
    );
    assert.deepEqual([table.length, table.issues.length], [36, 0]);
  });

  rule("an_older_wasabi_row_that_comes_last_replaces_nothing", () => {
    const table = normalize(fixture("made/wasabi-restated-older-last.json"));
    assert.equal(only(assert, table, { metric: "api.calls" }).quantity, "88");
    assert.deepEqual([table.length, table.issues.length], [18, 0]);
  });

  rule("a_newer_wasabi_row_replaces_across_pages", () => {
    const [older, newer] = [
      ["2024-01-02T02:00:00Z", 80],
      ["2024-01-02T08:00:00Z", 88],
    ].map(([created, calls]) => wasabi({ ...DAY, created, NumAPICalls: calls }));
    for (const pages of [
      [older, newer],
      [newer, older],
    ]) {
      const record = only(assert, normalize(pages), { metric: "api.calls" });
      assert.equal(record.quantity, "88");
    }
  });

  rule("the_replacing_row_is_the_one_that_is_pointed_at", () => {
    assert.equal(
      only(assert, normalize(fixture("made/wasabi-restated.json")), { metric: "api.calls", start: "2019-12-26T00:00:00Z" }).pointer,
      "/1/NumAPICalls",
    );
  });

  rule("one_id_with_two_values_is_a_conflict", () => {
    const error = fails({ assert, meterglot }, "conflicting-record", () => normalize(fixture("made/wasabi-conflict.json")));
    assert.equal(error.provider, "wasabi");
    fails({ assert, meterglot }, "conflicting-record", () =>
      normalize(
        barracuda([
          ["2024-01-15T00:00:00-05:00", 1],
          ["2024-01-15T05:00:00Z", 2],
        ]),
      ),
    );
  });

  rule("of_two_conflicting_records_collect_keeps_the_first", () => {
    const table = normalize(fixture("made/wasabi-conflict.json"), { onError: "collect" });
    assert.equal(only(assert, table, { metric: "api.calls" }).quantity, "88");
    assert.deepEqual(
      table.issues.map(({ code }) => code),
      ["conflicting-record"],
    );
    assert.match(table.issues[0].pointer, /^\/1\b/);
  });

  rule("a_conflict_names_the_page_it_was_found_on", () => {
    const table = normalize([barracuda([["2024-01-15T00:00:00-05:00", 1]]), barracuda([["2024-01-15T00:00:00-05:00", 2]])], { onError: "collect" });
    assert.deepEqual(
      table.issues.map(({ code, page }) => [code, page]),
      [["conflicting-record", 1]],
    );
    assert.equal(only(assert, table, {}).quantity, "1");
  });

  rule("a_value_that_contradicts_ends_no_counter", () => {
    const hours = [0, 1, 2, 1, 3, 0, 4].map((hour) => `2024-01-20T0${hour}:00:00Z`);
    const body = devicewise({ location: [1, 2, 3, 9, 4, 8, 5] }, hours);
    const table = normalize(body, { onError: "collect" });
    assert.deepEqual(
      [...table].map(({ quantity }) => quantity),
      ["1", "2", "3", "4", "5"],
    );
    assert.deepEqual(
      table.issues.map(({ code, pointer }) => [code, pointer.split("/").at(-1)]),
      [
        ["conflicting-record", "3"],
        ["conflicting-record", "5"],
      ],
    );
  });

  rule("another_cost_is_another_value", () => {
    const body = (amount) => `{"amount":"${amount}","date":"2024-01-15","resource_type":"cpu","usage":1}`;
    const list = (...amounts) => `{"meta":{"total_count":2},"objects":[${amounts.map(body).join(",")}]}`;
    assert.equal(normalize(list("0.10", "0.1")).duplicates, 1);
    fails({ assert, meterglot }, "conflicting-record", () => normalize(list("0.1", "0.2")));
  });

  // A listing written as text remembers rows by a hash.
  const distinct = (bodies, options) => {
    const encoder = new TextEncoder();
    const listing = new meterglot.Listing({ to: "records", distinct: true, ...options });
    const records = bodies.flatMap((body) => {
      listing.begin();
      return [...listing.push(encoder.encode(body)), ...listing.end().output];
    });
    const { duplicates } = listing;
    listing.free();
    return { records, duplicates };
  };
  const same = (bodies, duplicates) => {
    const table = normalize(bodies);
    const text = distinct(bodies);
    assert.sameMembers(
      text.records.map(({ id }) => id),
      [...table].map(({ id }) => id),
    );
    assert.deepEqual([text.duplicates, table.duplicates], [duplicates, duplicates]);
  };

  rule("a_user_and_a_machine_of_one_id_are_two_in_a_distinct_listing", () => {
    const hour = (machine, cost) =>
      `[{"user_stat":{"user_id":4,"stat_time":"2012-03-13T11:43:36Z","vm_cost":1,"vm_stats":[{"vm_stat":{"virtual_machine_id":${machine},"total_cost":${cost}}}]}}]`;
    same([hour(4, 1)], 0);
    same([hour(4, 2), hour(4, 2)], 2);
    const xml =
      "<user_stat><user_id>4</user_id><stat_time>2012-03-13T11:43:36Z</stat_time><vm_cost>1</vm_cost><vm_stats><vm_stat><virtual_machine_id>4</virtual_machine_id><total_cost>1</total_cost></vm_stat></vm_stats></user_stat>";
    same([`<user_stats type="array">${xml}</user_stats>`], 0);
    fails({ assert, meterglot }, "conflicting-record", () => distinct([hour(4, 1), hour(4, 2)]));
  });

  rule("rows_of_other_metrics_are_other_rows_in_a_distinct_listing", () => {
    const parts = [{ NumAPICalls: 5 }, { RawStorageSizeBytes: 6, UploadBytes: 7 }, { DownloadBytes: 8 }].map((fields) => wasabi({ ...DAY, ...fields }));
    same(parts, 0);
    same([...parts, ...[...parts].reverse()], 4);
    const overlapping = [wasabi({ ...DAY, NumAPICalls: 5 }), wasabi({ ...DAY, NumAPICalls: 5, UploadBytes: 7 })];
    // Of the row before only a hash is left: whether the call count is the same cannot be seen.
    fails({ assert, meterglot }, "conflicting-record", () => distinct(overlapping));
    fails({ assert, meterglot }, "conflicting-record", () => distinct([parts[1], wasabi({ ...DAY, RawStorageSizeBytes: 9, UploadBytes: 7 })]));
  });
};
