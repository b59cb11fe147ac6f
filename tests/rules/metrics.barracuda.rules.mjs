// METRICS: Barracuda's stored bytes.
import { BARRACUDA_URL, barracuda, lazy, only } from "./support.mjs";

export default ({ rule, assert, meterglot, fixture }) => {
  const { normalize } = meterglot;
  const first = lazy(() => [...normalize(fixture("provider-docs/barracuda-usage-history.json"))][0]);

  rule("barracuda_bytes_are_storage_stored_a_gauge_in_bytes", () => {
    assert.include(first(), { metric: "storage.stored", kind: "gauge", unit: "By", quantity: "4368709120", providerField: "bytes" });
  });

  rule("a_documented_barracuda_row_gives_this_record", () => {
    const record = [...normalize(fixture("provider-docs/barracuda-usage-history.json"))][1];
    assert.match(record.id, /^[0-9a-f]{32}$/);
    const { id, resourceName, ...rest } = record;
    assert.deepEqual(rest, {
      provider: "barracuda",
      format: "barracuda.usage-history",
      account: "barracuda",
      resourceId: "barracuda",
      resourceType: "partner",
      region: null,
      metric: "storage.stored",
      providerField: "bytes",
      dimensions: {},
      kind: "gauge",
      quantity: "5368709120",
      unit: "By",
      cost: null,
      currency: null,
      start: "2011-01-02T05:00:00Z",
      end: null,
      utcOffset: "-05:00",
      partOf: null,
      pointer: "/list/1/bytes",
      page: 0,
      notes: [],
    });
  });

  rule("barracuda_xml_and_json_report_the_same", () => {
    const read = (name, options) => [...normalize(fixture(name), options)].map(({ pointer, ...record }) => record);
    assert.deepEqual(read("provider-docs/barracuda-usage-history.xml"), read("provider-docs/barracuda-usage-history.json"));
    assert.deepEqual(read("made/barracuda-account-form.xml"), read("made/barracuda-account-form.json"));
    const request = `${BARRACUDA_URL}?resolution=DAY`;
    assert.deepEqual(read("made/barracuda-bom.xml", { request }), read("made/barracuda-bom.json", { request }));
  });

  rule("a_barracuda_row_of_xml_is_pointed_at_by_its_number", () => {
    const [a, b] = normalize(fixture("provider-docs/barracuda-usage-history.xml"));
    assert.deepEqual([a.pointer, b.pointer], ["/list/usage[1]/bytes", "/list/usage[2]/bytes"]);
  });

  rule("barracuda_gives_no_cost_and_no_currency", () => {
    assert.deepEqual([first().cost, first().currency], [null, null]);
    assert.isNull([...normalize(fixture("made/barracuda-account-form.json"))][0].cost);
  });

  rule("each_barracuda_row_keeps_the_offset_it_was_written_with", () => {
    const offsets = [...normalize(fixture("made/barracuda-dst-spring.json"))].map(({ utcOffset, start }) => [utcOffset, start]);
    assert.deepEqual(offsets, [
      ["-05:00", "2024-03-09T05:00:00Z"],
      ["-05:00", "2024-03-10T05:00:00Z"],
      ["-04:00", "2024-03-11T04:00:00Z"],
    ]);
  });

  rule("an_offset_is_kept_as_written", () => {
    const offset = (date) => [...normalize(barracuda([[date, 1]]))][0];
    for (const [date, written, start] of [
      ["2024-01-15T00:00:00Z", "Z", "2024-01-15T00:00:00Z"],
      ["2024-01-15T00:00:00-00:00", "-00:00", "2024-01-15T00:00:00Z"],
      ["2024-01-15T00:00:00+00:00", "+00:00", "2024-01-15T00:00:00Z"],
      ["2024-01-15T00:00:00+05:45", "+05:45", "2024-01-14T18:15:00Z"],
      ["2024-01-15T00:00:00-09:30", "-09:30", "2024-01-15T09:30:00Z"],
    ]) {
      const record = offset(date);
      assert.deepEqual([record.utcOffset, record.start], [written, start], date);
    }
  });

  rule("a_timestamp_has_a_fraction_only_where_it_is_not_zero", () => {
    const start = (date) => [...normalize(barracuda([[date, 1]]))][0].start;
    assert.equal(start("2024-01-15T00:00:00.000-05:00"), "2024-01-15T05:00:00Z");
    assert.equal(start("2024-01-15T00:00:00.500-05:00"), "2024-01-15T05:00:00.5Z");
    assert.equal(start("2024-01-15T00:00:34.882-05:00"), "2024-01-15T05:00:34.882Z");
  });

  rule("integers_beyond_every_machine_word_stay_exact", () => {
    assert.deepEqual(
      [...normalize(fixture("made/barracuda-beyond-2-53.json"))].map(({ quantity }) => quantity),
      ["9007199254740991", "9007199254740993", "18446744073709551617", "340282366920938463463374607431768211457"],
    );
  });

  rule("seventy_six_significant_digits_are_kept", () => {
    assert.deepEqual(
      [...normalize(fixture("made/barracuda-76-digits.json"))].map(({ quantity }) => quantity),
      ["1234567890123456789012345678901234567890123456789012345678901234567890123456", "9".repeat(76)],
    );
  });

  rule("a_decimal_leaves_in_its_canonical_form", () => {
    assert.deepEqual(
      [...normalize(fixture("made/barracuda-number-spellings.json"))].map(({ quantity }) => quantity),
      ["1.5", "1.5", "0", "1000", "0"],
    );
  });

  rule("a_null_reading_makes_no_record_and_zero_makes_one", () => {
    const table = normalize(fixture("made/barracuda-null-bytes.json"));
    assert.equal(table.length, 1);
    assert.include([...table][0], { quantity: "0", start: "2024-01-16T05:00:00Z", pointer: "/list/1/bytes" });
    assert.lengthOf(table.issues, 0);
  });

  rule("rel_is_an_open_set", () => {
    const table = normalize(fixture("made/barracuda-open-rels.json"));
    assert.equal(table.length, 1);
    assert.equal([...table][0].account, "acme");
    assert.isFalse(table.page.hasNext);
  });

  rule("entities_and_character_references_are_read", () => {
    const record = [...normalize(fixture("made/barracuda-entities.xml"))][0];
    assert.include(record, { quantity: "1024", start: "2024-01-15T05:00:00Z", account: "r&d" });
  });

  rule("cdata_is_text", () => {
    const record = [...normalize(fixture("made/barracuda-cdata.xml"))][0];
    assert.include(record, { quantity: "1024", start: "2024-01-15T05:00:00Z" });
  });

  rule("comments_and_white_space_round_a_number_mean_nothing", () => {
    const record = only(assert, normalize(fixture("made/barracuda-comments.xml")), { metric: "storage.stored" });
    assert.equal(record.quantity, "1024");
  });

  rule("a_byte_order_mark_is_not_part_of_the_body", () => {
    for (const name of ["made/barracuda-bom.json", "made/barracuda-bom.xml"]) {
      assert.equal(only(assert, normalize(fixture(name)), { account: "acme" }).quantity, "10", name);
    }
  });
};
