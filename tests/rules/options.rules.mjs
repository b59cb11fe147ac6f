// An option that is not known, or has the wrong type, is `invalid-option`, naming it.
import { barracuda, fails, lazy } from "./support.mjs";

export default ({ rule, assert, meterglot, fixture }) => {
  const { normalize, parse, detect, aggregate, Aggregator, normalizeStream, nextRequest, convert } = meterglot;
  const env = { assert, meterglot };
  const body = fixture("provider-docs/wasabi-bucket-daily.json");
  const table = lazy(() => normalize(body));
  const show = (value) => {
    try {
      return (
        JSON.stringify(value, (_, part) => (typeof part === "function" || typeof part === "bigint" || typeof part === "symbol" ? String(part) : part)) ??
        String(value)
      );
    } catch {
      return String(value);
    }
  };
  const refused = (field, act, about) => {
    const error = fails(env, "invalid-option", act, `${field} ${show(about)}`);
    assert.include(error.message, field, show(about));
    assert.deepEqual([error.page, error.pointer, error.offset], [null, null, null]);
  };

  const read = {
    provider: ["aws", "", "Wasabi", 5, null, {}, ["wasabi"]],
    contentType: [5, null, {}, true],
    request: [5, null, true, {}, { body: "x" }, { url: 5 }, { url: "https://a.test/", body: 5 }, { url: "https://a.test/", headers: {} }, []],
    account: [5, null, {}, true],
    currency: [5, null, {}, true],
    period: [
      "2024",
      5,
      null,
      {},
      { start: "2024-01-01T00:00:00Z" },
      { start: "x", end: "y" },
      { start: "2024-01-01T00:00:00Z", end: 5 },
      { start: "2024-01-01T00:00:00Z", end: "2024-02-01T00:00:00Z", more: 1 },
      [],
    ],
    onError: ["ignore", "", 5, null, true],
    limits: [5, null, "1", [], { maxFiles: 1 }],
  };
  for (const [field, values] of Object.entries(read)) {
    rule(`the_option_${field}_of_normalize_is_checked`, () => {
      for (const value of values) refused(field, () => normalize(body, { [field]: value }), value);
    });
    rule(`the_option_${field}_of_parse_and_streams_is_checked`, () => {
      for (const value of values) {
        refused(field, () => parse(body, { [field]: value }), value);
        refused(field, () => normalizeStream({ to: "ndjson", [field]: value }), value);
      }
    });
  }

  for (const limit of ["maxBytes", "maxRowBytes", "maxDepth", "maxRecords", "maxDigits"]) {
    rule(`the_limit_${limit}_is_a_whole_number_not_below_zero`, () => {
      for (const value of ["10", -1, 1.5, NaN, Infinity, null, {}, 10n, true]) refused(limit, () => normalize(body, { limits: { [limit]: value } }), value);
    });
  }

  rule("an_option_that_is_not_known_is_named", () => {
    for (const field of ["providers", "Provider", "on_error", "limit", "toString2", "to", "onIssue", "x"]) {
      refused(field, () => normalize(body, { [field]: 1 }), field);
      refused(field, () => parse(body, { [field]: 1 }), field);
    }
    refused("provider", () => detect(body, { provider: "wasabi" }), "detect");
    refused("limits", () => detect(body, { limits: {} }), "detect");
    refused("next", () => nextRequest(body, { request: "https://a.test/", next: 1 }), "nextRequest");
    refused("format", () => normalizeStream({ to: "csv", format: "csv" }), "normalizeStream");
  });

  rule("options_that_are_no_object_are_refused", () => {
    for (const options of [5, "wasabi", true, [], () => 1]) {
      fails(env, "invalid-option", () => normalize(body, options), show(options));
      fails(env, "invalid-option", () => aggregate(table(), options), show(options));
    }
    for (const options of [undefined, {}]) assert.equal(normalize(body, options).length, 18);
  });

  rule("an_option_that_is_undefined_is_not_given", () => {
    const options = Object.fromEntries(Object.keys(read).map((field) => [field, undefined]));
    assert.equal(normalize(body, options).length, 18);
    assert.equal(normalize(body, { limits: { maxDepth: undefined } }).length, 18);
    assert.deepEqual(aggregate(table(), { by: undefined, window: undefined, where: { metric: undefined }, fractionDigits: undefined }), aggregate(table()));
  });

  const spec = {
    by: ["account", ["bogus"], [5], [null], ["metric"], ["dimensions."], {}, 5, null],
    window: ["fortnight", "", "Day", 5, null, ["day"]],
    timeZone: ["Mars/Olympus", "", "utc+1", 5, null, "Source"],
    weekStart: ["friday", "", 1, null],
    reduce: ["sum", { gauge: "median" }, { delta: 5 }, { "api.calls": null }, null, 5, []],
    split: ["half", "", true, null],
    overlap: ["add", "", true, null],
    derive: ["x", 5, null, [], { x: "storage.padded" }, { x: [5] }, { x: [] }, { "storage.stored": ["storage.padded"] }, { x: ["x"] }],
    where: [
      "x",
      5,
      null,
      [],
      { bogus: [] },
      { metric: "x" },
      { format: ["wasabi"] },
      { format: "wasabi.bucket-daily" },
      { provider: ["Acme"] },
      { provider: {} },
      { account: 5 },
      { resource: [5] },
      { region: {} },
      { start: "yesterday" },
      { end: 5 },
    ],
    units: ["GiBy", 5, null, [], { "storage.stored": "GB" }, { "storage.stored": 5 }, { "storage.stored": "furlong" }],
    fractionDigits: [-1, 1.5, "2", NaN, Infinity, null],
  };
  for (const [field, values] of Object.entries(spec)) {
    rule(`the_field_${field}_of_a_spec_is_checked`, () => {
      for (const value of values) {
        refused(field, () => aggregate(table(), { [field]: value }), value);
        refused(field, () => new Aggregator({ [field]: value }), value);
      }
    });
  }

  rule("a_field_of_a_spec_that_is_not_known_is_named", () => {
    for (const field of ["groupBy", "Window", "zone", "filter"]) refused(field, () => aggregate(table(), { [field]: 1 }), field);
  });

  rule("every_field_of_a_spec_is_taken", () => {
    const rows = aggregate(table(), {
      by: ["provider", "format", "account", "resource", "resourceType", "region", "dimensions.service"],
      window: "quarter",
      timeZone: "Europe/Zurich",
      weekStart: "sunday",
      reduce: { delta: "count", gauge: "max", integral: "mean", "storage.stored": "min" },
      split: "proportional",
      overlap: "keep",
      where: {
        format: ["wasabi.bucket-daily"],
        provider: ["wasabi"],
        metric: ["storage.stored"],
        account: ["101430"],
        resource: ["1011096"],
        region: ["us-west-1"],
        start: "2019-01-01T00:00:00Z",
        end: "2020-01-01T00:00:00Z",
      },
      units: { "storage.stored": "GiBy" },
      fractionDigits: 0,
    });
    assert.deepEqual(
      rows.map(({ quantity, unit, reducer }) => [quantity, unit, reducer]),
      [["1", "GiBy", "min"]],
    );
  });

  rule("every_option_of_normalize_is_taken", () => {
    const read = normalize(barracuda([["2024-01-15T00:00:00Z", 1]]), {
      provider: "barracuda",
      contentType: "application/json",
      request: { url: "https://api.intronis.com/v1/partners/acme/usage_history", body: "" },
      account: "mine",
      currency: "CHF",
      period: { start: "2024-01-01T00:00:00Z", end: "2024-02-01T00:00:00+01:00" },
      onError: "collect",
      limits: { maxBytes: 1000, maxRowBytes: 1000, maxDepth: 10, maxRecords: 10, maxDigits: 10 },
    });
    assert.deepEqual([read.length, read.issues], [1, []]);
  });

  rule("the_target_of_a_stream_is_checked", () => {
    for (const to of ["xml", "", 5, null, undefined]) refused("to", () => normalizeStream({ to }), to);
    refused("to", () => normalizeStream({}), "missing");
    for (const onIssue of ["x", 5, {}, null]) refused("onIssue", () => normalizeStream({ to: "csv", onIssue }), onIssue);
  });

  rule("the_arguments_of_convert_are_checked", () => {
    for (const act of [
      () => convert(5, "By", "By"),
      () => convert("5", "furlong", "By"),
      () => convert("5", "By", 5),
      () => convert("5", "By", "kBy", -1),
      () => convert("5", "By", "kBy", "2"),
      () => convert("5", "By", "kBy", 1.5),
      () => convert(),
    ]) {
      assert.throws(act, meterglot.MeterglotError);
    }
  });

  rule("hostile_options_do_no_harm", () => {
    const ring = {};
    ring.ring = ring;
    const deep = JSON.parse(`${"[".repeat(5000)}${"]".repeat(5000)}`);
    const getter = {
      get provider() {
        throw new RangeError("from the getter");
      },
    };
    for (const options of [
      { limits: ring },
      { request: ring },
      { period: deep },
      { account: ring },
      { by: deep },
      Object.create(null, { bogus: { value: 1, enumerable: true } }),
    ]) {
      fails(env, "invalid-option", () => normalize(body, options));
    }
    for (const options of [{ by: [ring] }, { by: deep }, { where: ring }, { reduce: ring }, { units: { x: deep } }])
      fails(env, "invalid-option", () => aggregate(table(), options));
    assert.throws(() => normalize(body, getter));
    assert.equal(normalize(body).length, 18);
  });

  rule("a_refused_option_is_reported_before_the_body_is_read", () => {
    refused("onError", () => normalize("{", { onError: "ignore" }), "ignore");
  });
};
