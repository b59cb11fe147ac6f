// Format descriptors: what the engine refuses, what the schema for editors refuses, and the handles of formats.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { builtInFormat, checkFormat, DescriptorError, defineFormat, MeterglotError, normalize } from "meterglot";
import { pkg } from "./fresh.mjs";

const root = new URL("../../", import.meta.url);
const read = (path) => readFileSync(new URL(path, root), "utf8");
const example = (name) => JSON.parse(read(`tests/fixtures/descriptors/${name}.json`));
const schema = JSON.parse(readFileSync(join(pkg, "descriptor.schema.json"), "utf8"));
// Members are required under a condition, where no property is named beside them.
const isValid = new Ajv2020({ allowUnionTypes: true, strictRequired: false }).compile(schema);

const builtIn = readdirSync(new URL("formats/", root), { recursive: true })
  .filter((path) => /[\\/].*\.json$/.test(path))
  .map((path) => [path.replaceAll("\\", "/").replace("/", ".").replace(".json", ""), read(`formats/${path}`)]);

/** Sets the value at a JSON Pointer, or removes it. */
function edit(descriptor, pointer, change) {
  const steps = pointer
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  const last = steps.pop();
  const container = steps.reduce((value, step) => value[step], descriptor);
  if ("value" in change) {
    container[last] = change.value;
  } else {
    delete container[last];
  }
  return descriptor;
}

const broken = example("broken").map((change) => ({ ...change, descriptor: edit(example(change.base), change.at, change) }));

test("the_schema_accepts_every_descriptor_that_the_engine_accepts", () => {
  assert.equal(builtIn.length, 11);
  for (const [name, text] of builtIn) {
    assert.ok(isValid(JSON.parse(text)), `${name}: ${JSON.stringify(isValid.errors)}`);
    assert.equal(builtInFormat(name).format, name);
    assert.ok(isValid(builtInFormat(name).descriptor), `${name}, resolved: ${JSON.stringify(isValid.errors)}`);
  }
  for (const name of ["acme", "nord", "edgeline"]) {
    assert.deepEqual(checkFormat(example(name)), []);
    assert.ok(isValid(example(name)), `${name}: ${JSON.stringify(isValid.errors)}`);
  }
});

test("the_schema_refuses_what_it_can_of_what_the_engine_refuses", () => {
  for (const { descriptor, schema, ...change } of broken) {
    assert.ok(checkFormat(descriptor).length > 0, JSON.stringify(change));
    assert.equal(isValid(descriptor), !schema, JSON.stringify(change));
  }
});

/** Pseudo-random numbers below a bound, the same in each run. */
function random(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Every value of a document with its container and name. */
function* places(value) {
  if (typeof value === "object" && value !== null) {
    for (const name of Object.keys(value)) {
      yield [value, name];
      yield* places(value[name]);
    }
  }
}

test("what_the_schema_refuses_the_engine_refuses_too", () => {
  const next = random(20260101);
  const texts = [
    "",
    ".",
    "*",
    "/",
    "a",
    "/a",
    "a/*",
    "../a",
    "/{k}",
    "{k}",
    "@a",
    "a.b",
    "a.{b}",
    "PT1H",
    "P0D",
    "By",
    "GB",
    "delta",
    "cost",
    "rows",
    "xml",
    "~",
    "a*b*",
    "UTC",
  ];
  const values = [
    null,
    true,
    false,
    0,
    1,
    1.5,
    -1,
    [],
    {},
    ["a"],
    [["/a"]],
    [{}],
    { field: "a" },
    { json: "/a" },
    { has: "a" },
    { by: "page", parameter: "p" },
  ];
  const names = [...new Set(builtIn.flatMap(([, text]) => [...places(JSON.parse(text))].map(([, name]) => name)))];
  const pick = (list) => list[next(list.length)];
  const counts = { refused: 0, accepted: 0, engineOnly: 0 };
  for (let round = 0; round < 1200; round += 1) {
    const descriptor = structuredClone(builtInFormat(pick(builtIn)[0]).descriptor);
    descriptor.format = `${descriptor.provider}.own`;
    const [container, name] = pick([...places(descriptor)]);
    switch (next(4)) {
      case 0:
        delete container[name];
        break;
      case 1:
        container[Array.isArray(container) ? container.length : pick(names)] = pick([...texts, ...values]);
        break;
      case 2:
        container[name] = pick(texts);
        break;
      default:
        container[name] = structuredClone(pick(values));
    }
    // A list with a hole is no JSON.
    const json = JSON.parse(JSON.stringify(descriptor));
    const problems = checkFormat(json);
    const bySchema = isValid(json);
    assert.ok(bySchema || problems.length > 0, `${JSON.stringify(isValid.errors)} ${JSON.stringify(json)}`);
    counts[bySchema ? (problems.length > 0 ? "engineOnly" : "accepted") : "refused"] += 1;
  }
  assert.ok(counts.refused > 200 && counts.accepted > 20, JSON.stringify(counts));
});

test("the_closed_words_of_the_schema_are_those_of_the_engine", () => {
  const acme = (pointer, value) => checkFormat(edit(example("acme"), pointer, { value })).filter((problem) => problem.pointer.startsWith(pointer));
  const quoted = (problems) => [...problems[0].message.split(", found")[0].matchAll(/"([^"]*)"/g)].map(([, word]) => word);
  assert.deepEqual(quoted(acme("/metrics/quantity/kind", "x")), schema.$defs.kind.enum);
  assert.deepEqual(quoted(acme("/encodings", ["x"])), schema.$defs.encoding.enum);
  assert.deepEqual(quoted(acme("/notes", ["x"])), schema.$defs.notes.items.enum);
  for (const unit of schema.$defs.unit.enum) {
    assert.deepEqual(acme("/metrics/quantity/unit", unit), [], unit);
  }
});

test("a_format_is_frozen_text_that_needs_no_engine", () => {
  const format = defineFormat(example("acme"));
  assert.deepEqual([format.provider, format.format, format.title, format.encodings], ["acme", "acme.usage", "Acme usage", ["json"]]);
  assert.deepEqual(format.descriptor, example("acme"));
  assert.match(format.fingerprint, /^[0-9a-f]{32}$/);
  assert.equal(defineFormat(read("tests/fixtures/descriptors/acme.json")).fingerprint, format.fingerprint);
  for (const value of [format, format.descriptor, format.encodings, format.descriptor.metrics.quantity.cases[0].is]) {
    assert.ok(Object.isFrozen(value));
  }
  assert.throws(() => {
    format.descriptor.metrics.quantity.unit = "By";
  }, TypeError);
});

test("an_extension_has_what_its_base_has", () => {
  const own = { descriptor: 1, extends: "wasabi.bucket-daily", provider: "wasabi", format: "wasabi.own", title: "Own", detect: [], metrics: { Extra: null } };
  const { descriptor } = defineFormat(own);
  const base = builtInFormat("wasabi.bucket-daily").descriptor;
  assert.equal(descriptor.extends, undefined);
  assert.deepEqual(descriptor.rows, base.rows);
  assert.deepEqual(descriptor.metrics, { Extra: null, ...base.metrics });
});

test("a_refused_descriptor_is_an_error_with_every_problem", () => {
  const text =
    '{\n "descriptor": 1,\n "provider": "acme", "format": "acme.x", "title": "x",\n "detect": [], "rows": [{ "at": "x" }], "metrics": { "a": { "unit": "GB" } }\n}';
  const problems = checkFormat(text);
  assert.deepEqual(
    problems.map(({ pointer, line, column }) => [pointer, line, column]),
    [
      ["/rows/0/at", 4, 33],
      ["/metrics/a", 4, 59],
      ["/metrics/a", 4, 59],
      ["/metrics/a/unit", 4, 69],
    ],
  );
  assert.throws(
    () => defineFormat(text),
    (error) => {
      assert.ok(error instanceof DescriptorError && error instanceof MeterglotError);
      assert.deepEqual([error.name, error.code, error.pointer, error.line, error.column], ["DescriptorError", "invalid-option", "/rows/0/at", 4, 33]);
      assert.equal(error.message, `/rows/0/at: ${problems[0].message}`);
      assert.deepEqual(error.problems, problems);
      return true;
    },
  );
  // An object has no lines.
  assert.deepEqual(
    checkFormat(JSON.parse(text)),
    problems.map((problem) => ({ ...problem, line: null, column: null })),
  );
  for (const { descriptor, problem, message, ...change } of broken) {
    assert.ok(
      checkFormat(descriptor).some((found) => found.pointer === problem && found.message.includes(message)),
      JSON.stringify(change),
    );
  }
});

test("any_value_is_checked_without_an_error", () => {
  const circular = { ...example("acme") };
  circular.metrics = circular;
  const wide = [];
  wide.push(...Array.from({ length: 100 }, () => wide));
  const throwing = {
    get provider() {
      throw new Error("no");
    },
  };
  let deep = {};
  for (let level = 0; level < 10_000; level += 1) {
    deep = { a: deep };
  }
  const endless = new Proxy([], { get: (list, name) => (name === "length" ? 2 ** 32 - 1 : list[name]) });
  const strange = [
    undefined,
    null,
    1,
    Number.NaN,
    10n,
    Symbol("x"),
    () => 1,
    "",
    "[",
    [],
    {},
    circular,
    wide,
    throwing,
    deep,
    endless,
    new Map(),
    "x".repeat(2 ** 22),
    { title: "x".repeat(2 ** 22) },
  ];
  for (const value of strange) {
    const problems = checkFormat(value);
    assert.ok(problems.length > 0 && problems.length <= 100);
    for (const { pointer, message, line, column, ...more } of problems) {
      assert.ok(typeof pointer === "string" && pointer.length < 5000 && message.startsWith("expected ") && message.length < 1000, message);
      assert.ok(typeof value === "string" ? line === null || line > 0 : line === null && column === null);
      assert.deepEqual(more, {});
    }
    assert.throws(() => defineFormat(value), DescriptorError);
  }
  assert.equal(checkFormat({ ...example("acme"), documentation: () => 1 })[0].pointer, "/documentation");
  // As in JSON, a member that is undefined is absent, and a member is never a prototype.
  assert.deepEqual(checkFormat({ ...example("acme"), page: undefined }), []);
  assert.equal(checkFormat(JSON.parse(`{"__proto__": 1, ${read("tests/fixtures/descriptors/acme.json").trim().slice(1)}`))[0].pointer, "/__proto__");
});

/** The blocks of code of a section of docs/DESCRIPTORS.md. */
function blocksOf(heading) {
  const [, section] = read("docs/DESCRIPTORS.md").split(`\n## ${heading}\n`);
  return [...section.split("\n## ")[0].matchAll(/^```\w+\n([\s\S]*?)^```$/gm)].map(([, block]) => block);
}

for (const [heading, expected] of [
  [
    "Example: JSON",
    [
      {
        account: "a-7",
        resourceId: "vol-1",
        metric: "acme.volume",
        kind: "gauge",
        quantity: "12.5",
        unit: "GiBy",
        cost: "0.0175",
        currency: "EUR",
        end: "2025-03-02T00:00:00Z",
        notes: ["assumed-utc"],
        pointer: "/items/0/quantity",
      },
      {
        account: "a-7",
        resourceId: "lb-1",
        metric: "acme.traffic_out",
        kind: "delta",
        quantity: "9007199254740993",
        unit: "By",
        cost: null,
        end: "2025-03-02T00:00:00Z",
        notes: ["assumed-utc"],
        pointer: "/items/1/quantity",
      },
    ],
  ],
  [
    "Example: XML with nested rows",
    [
      {
        account: "c9",
        resourceId: "s1",
        region: "eu",
        metric: "compute.hours",
        quantity: "24",
        unit: "{unit}.h",
        cost: "0.48",
        currency: "SEK",
        pointer: "/report/server[1]/usage[1]/@hours",
      },
      {
        account: "c9",
        resourceId: "s1",
        region: "eu",
        metric: "cost.setup",
        quantity: null,
        unit: null,
        cost: "5",
        currency: "SEK",
        start: "2025-03-01T00:00:00Z",
        end: "2025-03-02T00:00:00Z",
      },
    ],
  ],
]) {
  test(`docs/DESCRIPTORS.md, ${heading}: the descriptor reads the reply`, () => {
    const [body, descriptor] = blocksOf(heading);
    const format = defineFormat(descriptor);
    for (const options of [{ format }, { formats: [format] }]) {
      const table = normalize(body, options);
      const records = table.records().sort((one, other) => `${one.region} ${one.providerField}`.localeCompare(`${other.region} ${other.providerField}`));
      assert.deepEqual(
        records.map((record, index) => Object.fromEntries(Object.keys(expected[index] ?? record).map((key) => [key, record[key]]))),
        expected,
      );
      assert.ok(table.checks().every((check) => check.ok));
    }
  });
}

test("docs/DESCRIPTORS.md: each example is a descriptor that the other tests use, too", () => {
  for (const [heading, name] of [
    ["Example: JSON", "acme"],
    ["Example: XML with nested rows", "nord"],
    ["Example: columns", "edgeline"],
  ]) {
    const descriptor = blocksOf(heading)[1];
    assert.deepEqual(JSON.parse(descriptor), example(name));
    assert.deepEqual(checkFormat(descriptor), []);
  }
});

test("only_built_in_names_are_built_in_formats", () => {
  assert.equal(builtInFormat("cloudsigma.burst-usage").descriptor.next.by, "offset");
  for (const name of ["acme.usage", "", "__proto__", undefined, null, {}]) {
    assert.throws(() => builtInFormat(name), { code: "invalid-option" });
  }
});
