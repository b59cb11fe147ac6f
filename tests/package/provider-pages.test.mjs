// The page of each provider says which records its replies give; here the engine's records of every fixture are compared with that table.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { normalize } from "meterglot";

const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url));
const list = (folder) => readdirSync(new URL(`../../${folder}`, import.meta.url));
const provider = (page) => page.replace(".md", "");
const spans = (cell) => Array.from(cell.matchAll(/`([^`]+)`/g), ([, span]) => span);

/** A name in which `<…>` represents any text. */
const pattern = (name) => new RegExp(`^${name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/<\w+>/, "(.+)")}$`);

/** The tables below `<!-- records: format … -->`: rows of resource type, field, metric, kind, unit, the containing metric, and notes. */
function tables(page) {
  const text = read(`docs/providers/${page}`).toString();
  return Array.from(text.matchAll(/<!-- records: (.*) -->\n.*\n.*\n((?:\|.*\n)+)/g), ([, formats, body]) => ({
    formats: formats.split(" "),
    rows: body
      .trim()
      .split("\n")
      .map((line) =>
        line
          .slice(1, -1)
          .split("|")
          .map((cell) => cell.trim()),
      )
      .map(([types, fields, metric, kind, unit, partOf, notes]) => ({
        types: types.startsWith("`") ? spans(types).map(pattern) : null,
        fields: spans(fields).map(pattern),
        metric: spans(metric)[0],
        kind,
        unit: spans(unit)[0] ?? null,
        partOf: spans(partOf)[0] ?? null,
        notes: spans(notes),
        isUsed: false,
        text: `${types} ${fields}`,
      })),
  }));
}

/** The metric of a record by the first row of the table that it matches. */
function rowOf(rows, record) {
  for (const row of rows) {
    const match = row.fields.map((field) => field.exec(record.providerField)).find(Boolean);
    if (match && (row.types === null || row.types.some((type) => type.test(record.resourceType)))) {
      const named = row.metric.replace("<type>", record.resourceType);
      if (match.length > 1) {
        return { row, metric: named.replace(/<\w+>/, () => match[1].toLowerCase()) };
      }
      // Where the field does not say it, another field of the row names the metric.
      if (pattern(named).test(record.metric)) {
        return { row, metric: record.metric };
      }
    }
  }
  return null;
}

const pages = list("docs/providers").filter((page) => page.endsWith(".md"));

test("each page is that of a provider", () => {
  const providers = list("formats").filter((name) => !name.includes("."));
  assert.ok(pages.length >= 5);
  assert.deepEqual(
    pages.map(provider).filter((name) => !providers.includes(name)),
    [],
  );
});

for (const page of pages) {
  test(`docs/providers/${page}: the table has the records that the engine gives, and no others`, () => {
    const found = tables(page);
    for (const folder of ["tests/fixtures/provider-docs", "tests/fixtures/made"]) {
      for (const file of list(folder).filter((name) => name.startsWith(provider(page)))) {
        const table = normalize(read(`${folder}/${file}`), { onError: "collect" });
        const rows = found.find(({ formats }) => formats.includes(table.format))?.rows;
        for (const record of table) {
          const expected = rowOf(rows ?? [], record);
          assert.ok(expected, `${file}: no row for ${record.providerField} of ${record.resourceType}`);
          expected.row.isUsed = true;
          const { metric, kind, unit } = record;
          assert.deepEqual({ metric, kind, unit }, { metric: expected.metric, kind: expected.row.kind, unit: expected.row.unit }, file);
          // A region's part of an account is contained in the metric itself.
          assert.equal(record.partOf === metric ? expected.row.partOf : record.partOf, expected.row.partOf, file);
          assert.ok(
            expected.row.notes.every((note) => record.notes.includes(note)),
            `${file}: ${record.notes}`,
          );
        }
        table.free();
      }
    }
    assert.deepEqual(
      found.flatMap(({ rows }) => rows.filter(({ isUsed }) => !isUsed).map(({ text }) => text)),
      [],
    );
  });
}
