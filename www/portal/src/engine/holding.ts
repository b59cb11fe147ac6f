/** The records of one reply: a table in the engine, or records from an edge worker. */
import type { Aggregator, Check, Format, Provider, UsageRecord, UsageTable } from "meterglot";
import { csvOf } from "./csv.js";

export type Columns = ReturnType<UsageTable["columns"]>;

export interface Holding {
  readonly length: number;
  readonly formats: Format[];
  readonly providers: Provider[];
  records(start: number, end: number): UsageRecord[];
  columns(): Columns;
  checks(): Check[];
  pushTo(aggregator: Aggregator): void;
  /** Every record as the package writes it, in parts of a Blob. */
  csv(): BlobPart[];
  ndjson(): BlobPart[];
  free(): void;
}

/** More records than this are written slice by slice, so that the text of all of them is never in memory at once. */
const RECORDS_AT_ONCE = 200_000;
const RECORDS_A_SLICE = 20_000;

const providerOf = (format: Format): Provider => format.slice(0, format.indexOf(".")) as Provider;

export class TableHolding implements Holding {
  readonly length: number;
  readonly formats: Format[];
  readonly providers: Provider[];
  readonly #table: UsageTable;

  constructor(table: UsageTable, formats: Format[]) {
    this.#table = table;
    this.length = table.length;
    this.formats = formats;
    this.providers = [...new Set(formats.map(providerOf))];
  }

  records(start: number, end: number): UsageRecord[] {
    return this.#table.records(start, end);
  }

  columns(): Columns {
    return this.#table.columns();
  }

  checks(): Check[] {
    return this.#table.checks();
  }

  pushTo(aggregator: Aggregator): void {
    aggregator.push(this.#table);
  }

  csv(): BlobPart[] {
    return this.length <= RECORDS_AT_ONCE ? [this.#table.toCSV() as BlobPart] : this.#slices((records, first) => csvOf(records, first));
  }

  ndjson(): BlobPart[] {
    return this.length <= RECORDS_AT_ONCE ? [this.#table.toNDJSON() as BlobPart] : this.#slices(ndjsonOf);
  }

  free(): void {
    this.#table.free();
  }

  #slices(write: (records: UsageRecord[], first: boolean) => string): BlobPart[] {
    const parts: BlobPart[] = [];
    for (let start = 0; start < this.length; start += RECORDS_A_SLICE) {
      // The browser may store a Blob outside this worker's memory, but not a string.
      parts.push(new Blob([write(this.records(start, start + RECORDS_A_SLICE), start === 0)]));
    }
    return parts;
  }
}

export class RecordsHolding implements Holding {
  readonly #records: UsageRecord[];

  constructor(records: UsageRecord[]) {
    this.#records = records;
  }

  get length(): number {
    return this.#records.length;
  }

  get formats(): Format[] {
    return [...new Set(this.#records.map(({ format }) => format))];
  }

  get providers(): Provider[] {
    return [...new Set(this.#records.map(({ provider }) => provider))];
  }

  records(start: number, end: number): UsageRecord[] {
    return this.#records.slice(start, end);
  }

  columns(): Columns {
    const time = (of: (record: UsageRecord) => string | null) => Float64Array.from(this.#records, (record) => Date.parse(of(record) ?? ""));
    const number = (of: (record: UsageRecord) => string | null) => Float64Array.from(this.#records, (record) => Number(of(record) ?? NaN));
    const dictionary = (of: (record: UsageRecord) => string | null) => {
      const places = new Map<string, number>();
      const codes = Int32Array.from(this.#records, (record) => {
        const value = of(record);
        if (value === null) {
          return -1;
        }
        const place = places.get(value) ?? places.size;
        places.set(value, place);
        return place;
      });
      return { values: [...places.keys()], codes };
    };
    return {
      start: time((record) => record.start),
      end: time((record) => record.end),
      quantity: number((record) => record.quantity),
      cost: number((record) => record.cost),
      metric: dictionary((record) => record.metric),
      resourceId: dictionary((record) => record.resourceId),
      account: dictionary((record) => record.account),
      region: dictionary((record) => record.region),
      unit: dictionary((record) => record.unit),
      currency: dictionary((record) => record.currency),
    };
  }

  checks(): Check[] {
    return [];
  }

  pushTo(aggregator: Aggregator): void {
    for (let start = 0; start < this.length; start += RECORDS_A_SLICE) {
      aggregator.push(this.#records.slice(start, start + RECORDS_A_SLICE));
    }
  }

  csv(): BlobPart[] {
    return [csvOf(this.#records, true)];
  }

  ndjson(): BlobPart[] {
    return [ndjsonOf(this.#records)];
  }

  free(): void {
    this.#records.length = 0;
  }
}

/** Writes records as NDJSON. JSON.stringify gives the same text as the engine: same keys in the same order, same escapes. A test compares the two. */
function ndjsonOf(records: UsageRecord[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join("");
}
