// Formats of a worker's own: descriptors in its bindings, used by /v1/normalize.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createWorker } from "meterglot/worker";
import { digestOf } from "../../www/worker/local/bindings.mjs";

const TOKEN = "a-token";
const TOKENS = { METERGLOT_SOURCES: {}, METERGLOT_TOKENS: { [digestOf(TOKEN)]: { sources: "*" } } };

const ACME = {
  descriptor: 1,
  provider: "acme",
  format: "acme.usage",
  title: "Acme usage",
  detect: [{ row: { has: ["resource", "bytes"] } }],
  errors: [{ when: { has: "/failure" }, messages: "/failure" }],
  rows: [{ at: "/items/*" }],
  resource: { id: { field: "resource" } },
  period: { start: { field: "day", zone: "UTC" }, step: "P1D" },
  metrics: { bytes: { metric: "acme.bytes", kind: "delta", unit: "By" } },
};
const OTHER = { ...ACME, format: "acme.other", title: "Acme's other usage", metrics: { bytes: { metric: "acme.other", kind: "gauge", unit: "By" } } };
const BODY = JSON.stringify({ items: [{ resource: "vol-1", day: "2026-01-01", bytes: "12.50" }] });
const WASABI = '[{"AcctNum":7,"BucketNum":1,"StartTime":"2024-01-01T00:00:00Z","EndTime":"2024-01-02T00:00:00Z","NumAPICalls":1}]';

const BINDINGS = { ...TOKENS, METERGLOT_FORMAT_ACME: JSON.stringify(ACME), METERGLOT_FORMAT_OTHER: OTHER };

async function ask(path, bindings, init = {}) {
  const lines = [];
  const response = await createWorker({ log: (line) => lines.push(line) }).request(
    path,
    { ...init, headers: { Authorization: `Bearer ${TOKEN}`, ...init.headers } },
    bindings,
  );
  return { status: response.status, body: await response.json(), lines };
}

const post = (query = "", { body = BODY, headers = {}, bindings = BINDINGS } = {}) => ask(`/v1/normalize${query}`, bindings, { method: "POST", body, headers });

describe("a body of a format of the worker's own", () => {
  test("is_detected_before_the_built_in_formats_in_the_order_of_the_bindings", async () => {
    const { status, body } = await post();
    assert.equal(status, 200);
    const [{ provider, format, metric, quantity, unit, start, pointer }] = body.records;
    assert.deepEqual(
      { provider, format, metric, quantity, unit, start, pointer },
      { provider: "acme", format: "acme.usage", metric: "acme.bytes", quantity: "12.5", unit: "By", start: "2026-01-01T00:00:00Z", pointer: "/items/0/bytes" },
    );
    const swapped = { ...TOKENS, METERGLOT_FORMAT_A: OTHER, METERGLOT_FORMAT_B: ACME };
    assert.equal((await post("", { bindings: swapped })).body.records[0].format, "acme.other");
  });

  test("is_read_as_the_parameter_says", async () => {
    for (const [query, headers, expected] of [
      ["?format=acme.other", {}, "acme.other"],
      ["?provider=acme", {}, "acme.usage"],
      ["", { "Meterglot-Provider": "acme" }, "acme.usage"],
      ["?provider=acme&format=acme.other", {}, "acme.other"],
    ]) {
      const { status, body } = await post(query, { headers });
      assert.equal(status, 200, JSON.stringify(body));
      assert.equal(body.records[0].format, expected);
    }
  });

  test("is_not_known_without_its_binding", async () => {
    const { status, body } = await post("", { bindings: TOKENS });
    assert.deepEqual([status, body.code], [422, "unknown-format"]);
  });

  test("may_be_an_error_reply", async () => {
    const { status, body } = await post("", { body: '{"failure":"no such month"}' });
    assert.deepEqual([status, body.code, body.provider, body.providerMessages], [422, "provider-error", "acme", ["no such month"]]);
  });
});

test("built_in_formats_are_read_beside_them_and_by_name", async () => {
  for (const query of ["", "?provider=wasabi", "?format=wasabi.bucket-daily"]) {
    const { status, body } = await post(query, { body: WASABI });
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body.records[0].format, "wasabi.bucket-daily");
  }
});

test("an_unknown_provider_or_format_is_refused_by_name", async () => {
  for (const [query, headers, name] of [
    ["?provider=aws", {}, /^query parameter `provider`: expected a provider that this worker reads: barracuda, .*, acme$/],
    [
      "?format=acme.unheard-of",
      {},
      /^query parameter `format`: expected a format that this worker reads: barracuda\.usage-history, .*, acme\.usage, acme\.other$/,
    ],
    ["?format=acme", {}, /^query parameter `format`: expected the name of a format$/],
    ["", { "Meterglot-Provider": "aws" }, /^header `meterglot-provider`: expected a provider that this worker reads: /],
  ]) {
    const { status, body } = await post(query, { headers });
    assert.deepEqual([status, body.code], [400, "invalid-option"]);
    assert.match(body.detail, name);
  }
});

describe("a descriptor with problems", () => {
  const faultsOf = async (bindings) => {
    const { status, body, lines } = await ask("/healthz", { ...TOKENS, ...bindings });
    assert.deepEqual([status, body.code], [500, "misconfigured"]);
    return lines.find(({ event }) => event === "misconfigured").faults;
  };

  test("makes_the_configuration_invalid_and_each_is_logged_without_its_value", async () => {
    const wrong = { ...ACME, metrics: { bytes: { metric: "acme.bytes", kind: "flow", unit: "GB" } } };
    const text = JSON.stringify(wrong, null, 2);
    const line = (word) => text.split("\n").findIndex((line) => line.includes(word)) + 1;
    assert.deepEqual(await faultsOf({ METERGLOT_FORMAT_ACME: text }), [
      `METERGLOT_FORMAT_ACME/metrics/bytes/kind (line ${line("flow")}, column 15): expected "delta", "gauge" or "integral"`,
      `METERGLOT_FORMAT_ACME/metrics/bytes/unit (line ${line("GB")}, column 15): expected a unit such as "By", "GiBy" or "{call}"`,
    ]);
    assert.deepEqual((await faultsOf({ METERGLOT_FORMAT_ACME: wrong })).length, 2);
    for (const value of ["{", "s3cret", 5, [], { descriptor: 2 }]) {
      const faults = await faultsOf({ METERGLOT_FORMAT_ACME: value });
      assert.ok(faults.length > 0 && faults.every((fault) => fault.startsWith("METERGLOT_FORMAT_ACME") && !fault.includes("s3cret")), faults.join("\n"));
    }
  });

  test("or_the_name_of_another_is_a_fault", async () => {
    const faults = await faultsOf({ METERGLOT_FORMAT_A: ACME, METERGLOT_FORMAT_B: JSON.stringify(ACME) });
    assert.deepEqual(faults, ["METERGLOT_FORMAT_B/format: another binding has a format of this name"]);
  });

  test("more_formats_than_one_call_takes_are_a_fault", async () => {
    const formats = Array.from({ length: 65 }, (_, i) => [`METERGLOT_FORMAT_${i}`, { ...ACME, format: `acme.f${i}` }]);
    assert.deepEqual(await faultsOf(Object.fromEntries(formats)), ["METERGLOT_FORMAT_…: expected at most 64 formats, found 65"]);
    assert.equal((await ask("/healthz", { ...TOKENS, ...Object.fromEntries(formats.slice(1)) })).status, 200);
  });

  test("an_empty_binding_is_absent", async () => {
    assert.equal((await ask("/healthz", { ...TOKENS, METERGLOT_FORMAT_ACME: "" })).status, 200);
  });
});
