// Reads the replies that five providers document and prints what Meterglot makes of them.
// usage: node demo.mjs <folder of fixtures>
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { aggregate, detect, nextRequest, normalize, version } from "meterglot";
import { broken, samples } from "./samples.mjs";
import { sideBySide } from "./side-by-side.mjs";

const RECORDS_SHOWN = 3;

const [folder] = process.argv.slice(2);
const bytes = (name) => readFileSync(join(folder, name));
const text = (name) => readFileSync(join(folder, name), "utf8");

const optionsOf = ({ options }) => (typeof options === "function" ? options(text) : options);

/** Prints rows of cells as aligned columns. */
function print(rows) {
  const widths = [];
  for (const row of rows) {
    row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, cell.length)));
  }
  for (const row of rows) {
    console.log(
      `    ${row
        .map((cell, index) => cell.padEnd(widths[index]))
        .join("  ")
        .trimEnd()}`,
    );
  }
}

const amount = (number, unit) => (number === null ? "" : `${number} ${unit ?? "(unit unknown)"}`);
const money = (cost, currency) => (cost === null ? "" : `${cost} ${currency ?? "(currency unknown)"}`);
const period = ({ start, end }) => (start === null ? "(no time)" : end === null ? `at ${start}` : `${start} … ${end}`);

function showRecords(table) {
  const shown = table.records(0, RECORDS_SHOWN);
  console.log(`  ${table.length} records, ${shown.length} of them:`);
  print(
    shown.map((record) => [
      record.metric,
      record.kind,
      amount(record.quantity, record.unit),
      money(record.cost, record.currency),
      period(record),
      record.pointer,
    ]),
  );
}

function showTotals(table) {
  console.log("  totals by metric:");
  print(aggregate(table).map((row) => [row.metric, row.reducer, amount(row.quantity, row.unit), money(row.cost, row.currency), period(row)]));
}

function showChecks(table) {
  const checks = table.checks();
  console.log(`  checks: ${checks.length === 0 ? "this reply says nothing of itself" : ""}`);
  print(
    checks.map(({ name, expected, actual, ok, pointer }) => [name, ok ? "passed" : "failed", `the reply says ${expected}`, `read ${actual}`, pointer ?? ""]),
  );
}

function showNotes(table) {
  const counts = new Map();
  for (const { notes } of table) {
    for (const note of notes) {
      counts.set(note, (counts.get(note) ?? 0) + 1);
    }
  }
  const notes = Array.from(counts, ([note, count]) => `${note} (${count} records)`);
  console.log(`  inferred: ${notes.join(", ") || "nothing"}`);
}

function showNext(body, options) {
  const next = nextRequest(body, options);
  if (next !== null) {
    console.log(`  goes on at: ${next.method} ${next.url}`);
  }
}

console.log(`Meterglot ${version}`);
for (const sample of samples) {
  for (const file of sample.files) {
    const body = bytes(file);
    const options = optionsOf(sample);
    const { provider, format, encoding } = detect(body, { request: options.request });
    console.log(`\n${sample.provider}: ${file}\n  detected: ${provider}, ${format}, ${encoding}`);
    const table = normalize(body, options);
    showRecords(table);
    showTotals(table);
    showChecks(table);
    showNotes(table);
    showNext(body, options);
    table.free();
  }
}

console.log("\nSamples that are broken on their own pages");
for (const { provider, file, options } of broken) {
  console.log(`\n${provider}: ${file}`);
  try {
    normalize(bytes(file), options);
  } catch ({ code, message }) {
    console.log(`  throws ${code}: ${message}`);
  }
  const table = normalize(bytes(file), { ...options, onError: "collect" });
  for (const { code, pointer, line, column, offset } of table.issues) {
    console.log(`  collects ${code} at ${pointer}, line ${line}, column ${column}, byte ${offset}`);
  }
  console.log(`  and keeps ${table.length} records`);
  print(
    table.records(0, RECORDS_SHOWN).map((record) => [record.metric, amount(record.quantity, record.unit), money(record.cost, record.currency), record.pointer]),
  );
  table.free();
}

console.log("\nFive providers side by side\n");
console.log(sideBySide(samples.map((sample) => ({ ...sample, table: normalize(bytes(sample.files[0]), optionsOf(sample)) }))));
