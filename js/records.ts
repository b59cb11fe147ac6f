import type { UsageRecord } from "./api.js";
import { KINDS, NOTES } from "./names.js";
import { type Check, dictionaryOf, formatName, listOf, oneOf, orNull, providerName, refuse, text, wholeNumber } from "./validate.js";

/** Records cross the FFI as texts with so many records, so that no text exceeds the limit of a string. */
const RECORDS_A_TEXT = 4096;

const textOrNull = orNull(text);

const fields: { [Field in keyof UsageRecord]-?: Check<UsageRecord[Field]> } = {
  id: text,
  provider: providerName,
  format: formatName,
  account: textOrNull,
  resourceId: textOrNull,
  resourceName: textOrNull,
  resourceType: textOrNull,
  region: textOrNull,
  metric: text,
  providerField: text,
  dimensions: dictionaryOf(text),
  kind: oneOf(...KINDS),
  quantity: textOrNull,
  unit: textOrNull,
  cost: textOrNull,
  currency: textOrNull,
  start: textOrNull,
  end: textOrNull,
  utcOffset: textOrNull,
  partOf: textOrNull,
  pointer: text,
  page: wholeNumber,
  notes: listOf(oneOf(...NOTES)),
};

const names = Object.keys(fields) as (keyof UsageRecord)[];

/** Converts records for the engine: JSON arrays of the known fields. Other fields are omitted. */
export function recordTexts(records: UsageRecord[]): string[] {
  const texts: string[] = [];
  for (let start = 0; start < records.length; start += RECORDS_A_TEXT) {
    const slice = records.slice(start, start + RECORDS_A_TEXT);
    texts.push(JSON.stringify(slice.map((record, index) => checkRecord(record, `records[${start + index}]`))));
  }
  return texts;
}

function checkRecord(record: UsageRecord, path: string): object {
  if (typeof record !== "object" || record === null) {
    refuse(path, "a UsageRecord", record);
  }
  const checked: Record<string, unknown> = {};
  for (const name of names) {
    checked[name] = fields[name](record[name], `${path}.${name}`);
  }
  return checked;
}
