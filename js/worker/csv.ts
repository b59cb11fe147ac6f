import type { AggregateRow, GroupKey } from "meterglot";

const TEXTS = ["metric", "kind", "reducer", "unit", "currency", "start", "end"] as const;
const NUMBERS = ["quantity", "cost", "records", "resources", "coveredSeconds", "gapSeconds"] as const;

/** Aggregated rows as RFC 4180, with the keys of `by` first. Cells that a spreadsheet would read as formulas are neutralised, as the engine does for records. */
export function csvOf(rows: readonly AggregateRow[], by: readonly GroupKey[]): string {
  const keys = [...new Set(by)];
  const lines = rows.map((row) => [
    ...keys.map((key) => textCell(row.key[key])),
    ...TEXTS.map((column) => textCell(row[column])),
    // A cell of these columns that begins with a minus is a number and not a formula.
    ...NUMBERS.map((column) => cell(row[column])),
  ]);
  return [[...keys.map(textCell), ...TEXTS, ...NUMBERS], ...lines].map((line) => `${line.join(",")}\r\n`).join("");
}

function cell(value: unknown): string {
  const text = value == null ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function textCell(value: unknown): string {
  return cell(typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value);
}
