/** CSV as the package writes it: RFC 4180, and no cell that a spreadsheet would run. */
import type { AggregateRow, UsageRecord } from "meterglot";

const RECORD_COLUMNS = [
  "id",
  "provider",
  "format",
  "account",
  "resourceId",
  "resourceName",
  "resourceType",
  "region",
  "metric",
  "providerField",
  "dimensions",
  "kind",
  "quantity",
  "unit",
  "cost",
  "currency",
  "start",
  "end",
  "utcOffset",
  "partOf",
  "pointer",
  "page",
  "notes",
] as const satisfies (keyof UsageRecord)[];

const ROW_COLUMNS = [
  "metric",
  "kind",
  "reducer",
  "unit",
  "currency",
  "start",
  "end",
  "quantity",
  "cost",
  "records",
  "resources",
  "coveredSeconds",
  "gapSeconds",
] as const satisfies (keyof AggregateRow)[];

/** Numbers are never touched, whatever they begin with. */
const NUMBERS: ReadonlySet<string> = new Set(["quantity", "cost", "page", "records", "resources", "coveredSeconds", "gapSeconds"]);

export function csvOf(records: UsageRecord[], header: boolean): string {
  const lines = records.map((record) => RECORD_COLUMNS.map((name) => cell(name, textOf(record, name))).join(","));
  return text(header ? [RECORD_COLUMNS.join(","), ...lines] : lines);
}

/** Rows of an aggregate; the keys they are grouped by come first. */
export function aggregateCsvOf(rows: AggregateRow[], by: string[]): string {
  const lines = rows.map((row) =>
    [
      ...by.map((key) => cell(key, row.key[key as keyof AggregateRow["key"]] ?? null)),
      ...ROW_COLUMNS.map((name) => cell(name, row[name] === null ? null : String(row[name]))),
    ].join(","),
  );
  return text([[...by.map((key) => cell("", key)), ...ROW_COLUMNS].join(","), ...lines]);
}

const text = (lines: string[]) => lines.map((line) => `${line}\r\n`).join("");

function textOf(record: UsageRecord, name: (typeof RECORD_COLUMNS)[number]): string | null {
  const escaped = (part: string) => part.replace(/[\\;=]/g, "\\$&");
  switch (name) {
    case "dimensions":
      return Object.keys(record.dimensions)
        .sort()
        .map((key) => `${escaped(key)}=${escaped(record.dimensions[key] as string)}`)
        .join(";");
    case "notes":
      return record.notes.join(";");
    case "page":
      return String(record.page);
    default:
      return record[name];
  }
}

function cell(name: string, value: string | null): string {
  if (value === null) {
    return "";
  }
  const safe = !NUMBERS.has(name) && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
