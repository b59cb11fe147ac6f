// Formats of the caller: every call takes them.
import { bytes, concat, drain, fails, text } from "./support.mjs";

const ACME = {
  descriptor: 1,
  provider: "acme",
  format: "acme.usage",
  title: "Acme usage",
  detect: [{ has: "/account/id", row: { has: ["resource", "quantity"] } }],
  errors: [{ when: { has: "/error/message" }, codes: "/error/code", messages: "/error/message" }],
  rows: [{ at: "/items/*" }],
  required: ["resource", "day", "quantity"],
  account: { field: "/account/id" },
  currency: { field: "/account/currency" },
  resource: { id: { field: "resource" }, type: { field: "type" } },
  period: { start: { field: "day", zone: "UTC" }, step: "P1D" },
  metrics: {
    quantity: {
      metric: "acme.{type}",
      cost: "price",
      by: "type",
      cases: [
        { is: ["volume"], kind: "gauge", unit: "GiBy" },
        { is: ["traffic", "traffic_*"], kind: "delta", unit: "By" },
      ],
    },
  },
  next: { by: "cursor", at: "/next", parameter: "cursor" },
};

const BODY = `{"account":{"id":"a-7","currency":"EUR"},
 "items":[{"resource":"vol-1","type":"volume","day":"2025-03-01","quantity":"12.50","price":"0.0175"},
          {"resource":"lb-1","type":"traffic_out","day":"2025-03-01","quantity":9007199254740993}],
 "next":"c2"}`;

const WASABI = "provider-docs/wasabi-bucket-daily.json";

export default (tools) => {
  const { rule, assert, meterglot, fixture } = tools;
  const { aggregate, builtInFormat, defineFormat, detect, Listing, nextRequest, normalize, normalizeStream, parse } = meterglot;
  const acme = () => defineFormat(ACME);
  /** The same format by another name. */
  const named = (name, more = {}) => defineFormat({ ...ACME, format: `acme.${name}`, ...more });

  rule("a_body_of_a_format_of_the_caller_is_read_by_every_call", async () => {
    const format = acme();
    for (const options of [{ format }, { formats: [format] }, { formats: [format], provider: "acme" }]) {
      const table = normalize(BODY, options);
      assert.equal(table.format, "acme.usage");
      const records = table.records();
      assert.deepEqual(
        records.map(({ provider, format: name, metric, quantity, cost, currency, account, end, notes, pointer }) => [
          provider,
          name,
          metric,
          quantity,
          cost,
          currency,
          account,
          end,
          notes,
          pointer,
        ]),
        [
          ["acme", "acme.usage", "acme.volume", "12.5", "0.0175", "EUR", "a-7", "2025-03-02T00:00:00Z", ["assumed-utc"], "/items/0/quantity"],
          // The currency is that of a rule with a cost, be the cost unknown.
          ["acme", "acme.usage", "acme.traffic_out", "9007199254740993", null, "EUR", "a-7", "2025-03-02T00:00:00Z", ["assumed-utc"], "/items/1/quantity"],
        ],
      );
      const { provider, format: name, encoding, rows } = parse(BODY, options);
      assert.deepEqual([provider, name, encoding, rows.length, rows[1].quantity], ["acme", "acme.usage", "json", 2, 9007199254740993n]);
      const streamed = await drain(normalizeStream({ ...options, to: "ndjson" }), [bytes(BODY)]);
      assert.equal(text(concat(streamed)), text(table.toNDJSON()));
      const listing = new Listing({ ...options, to: "records" }).begin();
      const read = [...listing.push(bytes(BODY)), ...listing.end().output];
      assert.deepEqual(read, records);
      const next = nextRequest(BODY, { ...options, request: "https://api.acme.example/usage?day=1" });
      assert.equal(next.url, "https://api.acme.example/usage?day=1&cursor=c2");
      assert.deepEqual(
        aggregate(table, { by: ["provider"], where: { format: ["acme.usage"] } }).map(({ key }) => key.provider),
        ["acme", "acme"],
      );
    }
    assert.deepEqual(detect(BODY, { formats: [format] }), { provider: "acme", format: "acme.usage", encoding: "json" });
    assert.deepEqual(detect(BODY, { format }), { provider: "acme", format: "acme.usage", encoding: "json" });
    assert.isNull(detect(BODY));
  });

  rule("a_built_in_format_is_named_by_its_name_or_its_handle", () => {
    for (const format of ["wasabi.bucket-daily", builtInFormat("wasabi.bucket-daily")]) {
      assert.deepEqual(normalize(fixture(WASABI), { format }).records(), normalize(fixture(WASABI)).records());
    }
    for (const format of ["wasabi.nothing", "", "{}", JSON.stringify(ACME), 5, null, {}, ACME, [acme()]]) {
      assert.include(fails(tools, "invalid-option", () => normalize(BODY, { format }), String(format)).message, "`format`");
    }
  });

  rule("formats_are_tried_in_their_order_before_the_built_in_ones", () => {
    const [one, two] = [named("one"), named("two")];
    assert.equal(detect(BODY, { formats: [one, two] }).format, "acme.one");
    assert.equal(detect(BODY, { formats: [two, one] }).format, "acme.two");
    assert.equal(detect(fixture(WASABI), { formats: [one, two] }).format, "wasabi.bucket-daily");
    const greedy = named("greedy", { detect: [{ row: { has: "BucketNum" } }], rows: [{ at: "/*" }] });
    assert.equal(detect(fixture(WASABI), { formats: [greedy] }).format, "acme.greedy");
  });

  rule("options_that_exclude_each_other_are_refused", () => {
    const format = acme();
    for (const [options, name] of [
      [{ format, formats: [format] }, "formats"],
      [{ formats: [format, acme()] }, "formats[1]"],
      [{ formats: [format, ACME] }, "formats[1]"],
      [{ formats: ["wasabi.bucket-daily"] }, "formats[0]"],
      [{ formats: format }, "formats"],
      [{ formats: [format], provider: "other" }, "provider"],
      [{ provider: "acme" }, "provider"],
    ]) {
      assert.include(fails(tools, "invalid-option", () => normalize(BODY, options), name).message, `\`${name}\``);
      assert.include(fails(tools, "invalid-option", () => new Listing({ ...options, to: "table" }), name).message, `\`${name}\``);
    }
  });

  rule("an_error_reply_is_read_by_the_rules_of_its_format", () => {
    const body = '{"error":{"code":["E7"],"message":{"a":"no such account","b":["x"]}}}';
    for (const options of [{ format: acme() }, { formats: [acme()] }]) {
      const error = fails(tools, "provider-error", () => normalize(body, options));
      assert.deepEqual([error.provider, error.providerCodes, error.providerMessages], ["acme", ["E7"], ["no such account", "x"]]);
    }
  });

  rule("a_format_is_good_for_any_number_of_calls_beside_any_number_of_others", () => {
    const first = acme();
    for (let i = 0; i < 200; i++) {
      assert.equal(detect(BODY, { formats: [named(`n${i}`)] }).format, `acme.n${i}`);
    }
    assert.equal(detect(BODY, { format: first }).format, "acme.usage");
    const many = Array.from({ length: 64 }, (_, i) => named(`m${i}`, { detect: [{ has: `/never-${i}` }] }));
    assert.isNull(detect(BODY, { formats: many }));
    assert.equal(detect(BODY, { formats: [...many.slice(1), first] }).format, "acme.usage");
    assert.include(fails(tools, "invalid-option", () => detect(BODY, { formats: [...many, first] })).message, "`formats`");
  });
};
