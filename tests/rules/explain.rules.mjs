// Why a body is read as it is, for the author of a descriptor.
import { fails } from "./support.mjs";

const ACME = {
  descriptor: 1,
  provider: "acme",
  format: "acme.usage",
  title: "Acme usage",
  detect: [{ has: "/account/id", row: { has: ["resource", "quantity"] } }],
  rows: [{ at: "/items/*" }],
  account: { field: "/account/id" },
  resource: { id: { field: "resource" }, name: { field: "label" } },
  period: [
    { start: { query: "from" }, end: { query: "to" } },
    { start: { field: "day", zone: "UTC" }, step: "P1D" },
  ],
  metrics: {
    quantity: { metric: "acme.volume", kind: "gauge", unit: "GiBy" },
    requests: { metric: "acme.requests", kind: "delta", unit: "{call}" },
  },
  page: { total: "/total" },
};

const rows = (count) => Array.from({ length: count }, (_, i) => ({ resource: `v${i}`, day: "2025-03-01", quantity: i, zone: "eu" }));
const bodyOf = (items) => JSON.stringify({ account: { id: "a-7" }, items, total: items.length, next: null });

export default (tools) => {
  const { rule, assert, meterglot, fixture } = tools;
  const { defineFormat, explain, normalize } = meterglot;

  rule("an_explanation_says_what_is_read_and_what_is_not", () => {
    const body = bodyOf([...rows(30), { resource: "v30", day: "never", quantity: 1, zone: "us", tags: ["a"] }, { id: 5 }]);
    const formats = [defineFormat(ACME)];
    const explained = explain(body, { formats });
    assert.deepEqual(explained.detection, { provider: "acme", format: "acme.usage", encoding: "json" });
    assert.deepEqual(explained.rows, [{ pointer: "/rows/0", count: 32, faulty: 2 }]);
    assert.deepEqual(explained.unread, [
      { field: "zone", rows: 31, pointer: "/items/0/zone" },
      { field: "tags", rows: 1, pointer: "/items/30/tags" },
      { field: "id", rows: 1, pointer: "/items/31/id" },
      { field: "/next", rows: 0, pointer: "/next" },
    ]);
    assert.deepEqual(explained.unused, ["/resource/name", "/period/0", "/period/0/start", "/period/0/end", "/metrics/requests"]);
    const table = normalize(body, { formats, onError: "collect" });
    assert.deepEqual(explained.records, table.records().slice(0, 20));
    assert.deepEqual([explained.page, explained.issues], [table.page, table.issues]);
    table.free();
  });

  rule("an_explanation_says_what_each_test_lacks", () => {
    const format = defineFormat(ACME);
    const own = (body, options) => explain(body, options).tests.filter(({ format }) => format === "acme.usage");
    const test = { format: "acme.usage", pointer: "/detect/0" };
    assert.deepEqual(own(bodyOf(rows(1)), { format }), [{ ...test, holds: true, missing: [] }]);
    assert.deepEqual(own('{"items":[{"resource":1}]}', { formats: [format] }), [{ ...test, holds: false, missing: ["/account/id", "row: quantity"] }]);
    const unknown = explain('{"things":[]}', { formats: [format] });
    assert.deepEqual([unknown.detection, unknown.rows, unknown.records, unknown.issues.length], [null, [], [], 1]);
  });

  rule("an_explanation_collects_faults_and_refuses_options", () => {
    assert.deepEqual(
      explain("{", { onError: "throw" }).issues.map(({ code }) => code),
      ["invalid-json"],
    );
    assert.equal(explain("{}", { limits: { maxBytes: 1 } }).issues[0].code, "limit-exceeded");
    fails(tools, "invalid-option", () => explain("{}", { colour: "red" }));
    fails(tools, "invalid-option", () => explain(5));
  });

  rule("every_field_of_a_documented_reply_is_read_or_named", () => {
    const explained = explain(fixture("provider-docs/wasabi-bucket-daily.json"));
    assert.equal(explained.detection.format, "wasabi.bucket-daily");
    assert.ok(explained.rows.every(({ faulty }) => faulty === 0) && explained.rows.some(({ count }) => count > 0));
    assert.ok(explained.unread.every(({ rows, pointer }) => rows > 0 && pointer.startsWith("/")));
    assert.ok(explained.records.length > 0);
  });
};
