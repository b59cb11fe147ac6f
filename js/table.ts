import type { Check, Format, Issue, PageInfo, UsageRecord, UsageTable } from "./api.js";
import { invalidOption } from "./errors.js";
import type { Table as EngineTable } from "./glue.js";
import { Handle, makeDisposable } from "./handle.js";
import { keepOne } from "./kept.js";
import { printAs } from "./print.js";
import { unpack } from "./unpack.js";
import { shown } from "./validate.js";

/** Records cross the FFI this many at a time: a text with all of them could exceed the limit of a string. */
const RECORDS_A_SLICE = 1024;

interface Summary {
  format: Format | null;
  issues: Issue[];
  page: PageInfo | null;
  duplicates: number;
}

const handles = new WeakMap<Table, Handle<EngineTable>>();

/** The engine's part of a table. */
export function handleOf(table: Table): Handle<EngineTable> {
  return handles.get(table) as Handle<EngineTable>;
}

export class Table implements UsageTable {
  readonly #handle: Handle<EngineTable>;
  #summary: Summary | undefined;

  constructor(table: EngineTable) {
    this.#handle = new Handle("UsageTable", table);
    handles.set(this, this.#handle);
  }

  get length(): number {
    return this.#handle.use((table) => table.length);
  }

  get format(): Format | null {
    return this.#read().format;
  }

  get issues(): Issue[] {
    return this.#read().issues;
  }

  get page(): PageInfo | null {
    return this.#read().page;
  }

  get duplicates(): number {
    return this.#read().duplicates;
  }

  #read(): Summary {
    const json = this.#handle.use((table) => (this.#summary === undefined ? table.summary() : undefined));
    if (json !== undefined) {
      this.#summary = JSON.parse(json) as Summary;
    }
    return this.#summary as Summary;
  }

  records(start?: number, end?: number): UsageRecord[] {
    const length = this.length;
    const from = position("start", start ?? 0, length);
    const to = position("end", end ?? length, length);
    if (to - from <= RECORDS_A_SLICE) {
      return from < to ? this.#slice(from, to) : [];
    }
    const records = new Array<UsageRecord>(to - from);
    for (let start = from; start < to; start += RECORDS_A_SLICE) {
      this.#slice(start, Math.min(start + RECORDS_A_SLICE, to)).forEach((record, index) => {
        records[start - from + index] = record;
      });
    }
    return records;
  }

  #slice(start: number, end: number): UsageRecord[] {
    return unpack(this.#handle.use((table) => table.records(start, end)));
  }

  *[Symbol.iterator](): Generator<UsageRecord, void, undefined> {
    for (let start = 0; start < this.length; start += RECORDS_A_SLICE) {
      yield* this.records(start, start + RECORDS_A_SLICE);
    }
  }

  columns(): ReturnType<UsageTable["columns"]> {
    return this.#handle.use((table) => table.columns() as ReturnType<UsageTable["columns"]>);
  }

  toNDJSON(): Uint8Array {
    return this.#text("ndjson");
  }

  toCSV(): Uint8Array {
    return this.#text("csv");
  }

  /** The engine writes into an array of JavaScript: WebAssembly memory never shrinks, and the text may be many times larger than the table. */
  #text(to: "ndjson" | "csv"): Uint8Array {
    const text = new Uint8Array(this.#handle.use((table) => table.textLength(to)));
    this.#handle.use((table) => table.text(to, text));
    return text;
  }

  checks(): Check[] {
    return JSON.parse(this.#handle.use((table) => table.checks())) as Check[];
  }

  free(): void {
    this.#handle.free();
    this.#summary = undefined;
    keepOne("Table", this);
  }

  declare [Symbol.dispose]: () => void;
}

makeDisposable(Table);
printAs(Table, "UsageTable", (table) => {
  if (!handleOf(table).isAlive) {
    return "UsageTable (freed)";
  }
  const { format, length, issues, duplicates } = table;
  return `UsageTable { format: ${JSON.stringify(format)}, length: ${length}, issues: ${issues.length}, duplicates: ${duplicates} }`;
});

/** An index of a record, from the end if negative, as in Array.prototype.slice. */
function position(name: string, index: number, length: number): number {
  if (!Number.isInteger(index)) {
    throw invalidOption(`records: expected a whole number for \`${name}\`, found ${shown(index)}`);
  }
  return Math.min(Math.max(index < 0 ? length + index : index, 0), length);
}
