import type { AggregateRow, GroupKey } from "meterglot";

const COLUMNS = ["metric", "kind", "reducer", "unit", "currency", "start", "end", "quantity", "cost", "records", "resources", "coveredSeconds", "gapSeconds"] as const;
const NUMBERS: ReadonlySet<string> = new Set(["quantity", "cost", "records", "resources", "coveredSeconds", "gapSeconds"]);

/** Aggregated rows as RFC 4180, the keys first; formula-leading cells are neutralised, as the engine does with records. */
export function csvOf(rows: readonly AggregateRow[]): string {
  const keys = Object.keys(rows[0]?.key ?? {}) as GroupKey[];
  const lines = rows.map((row) => [...keys.map((key) => textCell(row.key[key])), ...COLUMNS.map((column) => (NUMBERS.has(column) ? cell(row[column]) : textCell(row[column])))]);
  return [[...keys.map(textCell), ...COLUMNS], ...lines].map((line) => `${line.join(",")}\r\n`).join("");
}

function cell(value: unknown): string {
  const text = value == null ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function textCell(value: unknown): string {
  return cell(typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value);
}
