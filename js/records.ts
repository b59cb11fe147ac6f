import type { UsageRecord } from "./api.js";
import { plain } from "./options.js";

/** Records cross the FFI as texts with so many records, so that no text exceeds the limit of a string. */
const RECORDS_A_TEXT = 4096;

/** The fields of a record, in the order in which the engine reads them. */
const FIELDS = [
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

/** Converts records for the engine, which checks them: JSON arrays of the known fields. Other fields are omitted. */
export function recordTexts(records: UsageRecord[]): string[] {
  const texts: string[] = [];
  for (let start = 0; start < records.length; start += RECORDS_A_TEXT) {
    texts.push(JSON.stringify(Array.from(records.slice(start, start + RECORDS_A_TEXT), copyOf)));
  }
  return texts;
}

function copyOf(record: UsageRecord): unknown {
  if (typeof record !== "object" || record === null) {
    return plain(record);
  }
  const copy: Record<string, unknown> = {};
  for (const name of FIELDS) {
    const field: unknown = record[name];
    if (field !== undefined) {
      copy[name] = typeof field === "string" ? field : plain(field);
    }
  }
  return copy;
}
