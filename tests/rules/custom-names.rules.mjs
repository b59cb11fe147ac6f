// Records whose provider and format are those of a caller's format descriptor.
import { fails } from "./support.mjs";

export default (tools) => {
  const { rule, assert, meterglot } = tools;
  const { aggregate, Aggregator } = meterglot;

  const record = (provider, format, quantity) => ({
    id: "0".repeat(32),
    provider,
    format: `${provider}.${format}`,
    account: "a",
    resourceId: "r",
    resourceName: null,
    resourceType: null,
    region: null,
    metric: "storage.stored",
    providerField: "bytes",
    dimensions: {},
    kind: "delta",
    quantity,
    unit: "By",
    cost: null,
    currency: null,
    start: "2025-03-01T00:00:00Z",
    end: "2025-03-02T00:00:00Z",
    utcOffset: null,
    partOf: null,
    pointer: "/0",
    page: 0,
    notes: [],
  });
  const records = [
    record("wasabi", "bucket-daily", "1"),
    record("acme", "usage", "2"),
    record("zeta-9", "usage", "4"),
    { ...record("acme", "backup", "8"), account: "b" },
  ];
  const SPEC = { by: ["provider", "format"], window: "day" };
  const quantities = (rows) => Object.fromEntries(rows.map(({ key, quantity }) => [key.format ?? key.provider, quantity]));

  rule("records_of_other_providers_are_aggregated_by_their_own_names", () => {
    const due = { "acme.backup": "8", "acme.usage": "2", "wasabi.bucket-daily": "1", "zeta-9.usage": "4" };
    assert.deepEqual(quantities(aggregate(records, SPEC)), due);
    assert.deepEqual(quantities(aggregate(records, { by: ["provider"] })), { acme: "10", wasabi: "1", "zeta-9": "4" });
  });

  rule("a_filter_takes_the_name_of_any_provider_and_format", () => {
    const kept = (where) => aggregate(records, { ...SPEC, where }).map(({ key }) => key.format);
    assert.deepEqual(kept({ provider: ["acme"] }), ["acme.backup", "acme.usage"]);
    assert.deepEqual(kept({ format: ["acme.usage", "wasabi.bucket-daily"] }), ["acme.usage", "wasabi.bucket-daily"]);
    assert.deepEqual(kept({ provider: ["nobody"] }), []);
  });

  rule("a_state_carries_names_that_the_other_machine_has_not_met", () => {
    const states = records.map((one) => new Aggregator(SPEC).push([one]).state());
    for (const order of [states, [...states].reverse()]) {
      const merged = new Aggregator(SPEC);
      for (const state of order) merged.merge(state);
      assert.deepEqual(merged.finish(), aggregate(records, SPEC));
      assert.deepEqual(merged.state(), new Aggregator(SPEC).push(records).state());
    }
  });

  rule("usage_reported_by_two_formats_of_another_provider_is_refused", () => {
    const twice = [record("acme", "usage", "2"), record("acme", "backup", "2")];
    const error = fails(tools, "incompatible-aggregation", () => aggregate(twice));
    for (const name of ["acme.usage", "acme.backup"]) assert.include(error.message, name);
  });

  rule("a_text_that_is_no_name_is_refused", () => {
    for (const provider of ["", "Acme", "ac me", "a.b", "a".repeat(33)]) {
      const error = fails(tools, "invalid-option", () => aggregate([{ ...records[1], provider }]), provider);
      assert.include(error.message, "`records[0].provider`");
      assert.include(fails(tools, "invalid-option", () => aggregate(records, { where: { provider: [provider] } })).message, "`where.provider[0]`");
    }
    for (const format of ["", "acme", "acme.", "acme.Usage", "acme.a.b", `acme.${"a".repeat(60)}`]) {
      const error = fails(tools, "invalid-option", () => aggregate([{ ...records[1], format }]), format);
      assert.include(error.message, "`records[0].format`");
      assert.include(fails(tools, "invalid-option", () => aggregate(records, { where: { format: [format] } })).message, "`where.format[0]`");
    }
    // The format is one of the provider's.
    assert.include(fails(tools, "invalid-option", () => aggregate([{ ...records[1], format: "zeta-9.usage" }])).message, "acme");
  });
};
