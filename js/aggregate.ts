import type { AggregateRow, AggregateSpec, UsageRecord, UsageTable } from "./api.js";
import { wholeBytes } from "./body.js";
import { call } from "./engine.js";
import { invalidOption } from "./errors.js";
import type { Aggregator as EngineAggregator } from "./glue.js";
import { Handle, makeDisposable } from "./handle.js";
import { optionsText } from "./options.js";
import { recordTexts } from "./records.js";
import { handleOf, Table } from "./table.js";
import { shown } from "./validate.js";
import { offsetSeconds } from "./zone.js";

const handles = new WeakMap<Aggregator, Handle<EngineAggregator>>();

export class Aggregator implements Disposable {
  readonly #handle: Handle<EngineAggregator>;

  constructor(spec?: AggregateSpec) {
    const json = optionsText(spec);
    this.#handle = new Handle(
      "Aggregator",
      call((engine) => new engine.Aggregator(json, offsetSeconds)),
    );
    handles.set(this, this.#handle);
  }

  push(source: UsageTable | UsageRecord[]): this {
    if (source instanceof Table) {
      const table = handleOf(source).value;
      this.#handle.use((aggregator) => aggregator.push(table));
      return this;
    }
    if (!Array.isArray(source)) {
      throw invalidOption(`push: expected a UsageTable or an array of UsageRecord, found ${shown(source)}`);
    }
    const texts = recordTexts(source);
    this.#handle.use((aggregator) => aggregator.pushRecords(texts));
    return this;
  }

  state(): Uint8Array {
    return this.#handle.use((aggregator) => aggregator.state());
  }

  merge(state: Uint8Array): this {
    const bytes = wholeBytes(state, "merge", "the bytes of a state");
    this.#handle.use((aggregator) => aggregator.merge(bytes));
    return this;
  }

  finish(): AggregateRow[] {
    return rowsOf(this.#handle.use((aggregator) => aggregator.finish()) as RowColumns);
  }

  free(): void {
    this.#handle.free();
  }

  declare [Symbol.dispose]: () => void;
}

makeDisposable(Aggregator);

const decoder = new TextDecoder();

/** Adds records as lines of NDJSON that the engine itself has written. They are not checked, and no objects are created. */
export function pushLines(aggregator: Aggregator, lines: Uint8Array): void {
  // A line break inside a text is written \n: each of these ends a record.
  const text = `[${decoder.decode(lines).trimEnd().replaceAll("\n", ",")}]`;
  handles.get(aggregator)!.use((engine) => engine.pushRecords([text]));
}

/** Rows as columns, as they cross the FFI: values that many rows share occur once. */
interface RowColumns {
  /** JSON: the properties that the rows of each group share. */
  heads: string;
  /** JSON: every start and end. */
  times: string;
  head: Uint32Array;
  /** Indices into `times`; -1 for records without a time. */
  start: Int32Array;
  end: Int32Array;
  /** One line for each row, empty if the value is unknown. */
  quantity: string;
  cost: string;
  records: Float64Array;
  resources: Float64Array;
  coveredSeconds: Float64Array;
  gapSeconds: Float64Array;
}

type GroupHead = Pick<AggregateRow, "key" | "metric" | "kind" | "reducer" | "unit" | "currency">;

function rowsOf(columns: RowColumns): AggregateRow[] {
  const heads = JSON.parse(columns.heads) as GroupHead[];
  const times = JSON.parse(columns.times) as string[];
  const quantities = columns.quantity.split("\n");
  const costs = columns.cost.split("\n");
  const rows = new Array<AggregateRow>(columns.head.length);
  for (let i = 0; i < rows.length; i++) {
    const { key, metric, kind, reducer, unit, currency } = heads[columns.head[i]!]!;
    rows[i] = {
      key: { ...key },
      metric,
      kind,
      reducer,
      unit,
      currency,
      start: times[columns.start[i]!] ?? null,
      end: times[columns.end[i]!] ?? null,
      quantity: quantities[i] || null,
      cost: costs[i] || null,
      records: columns.records[i]!,
      resources: columns.resources[i]!,
      coveredSeconds: columns.coveredSeconds[i]!,
      gapSeconds: columns.gapSeconds[i]!,
    };
  }
  return rows;
}

export function aggregate(source: UsageTable | UsageRecord[] | UsageTable[], spec?: AggregateSpec): AggregateRow[] {
  const aggregator = new Aggregator(spec);
  try {
    if (isTables(source)) {
      for (const table of source) {
        aggregator.push(table);
      }
    } else {
      aggregator.push(source);
    }
    return aggregator.finish();
  } finally {
    aggregator.free();
  }
}

function isTables(source: UsageTable | UsageRecord[] | UsageTable[]): source is UsageTable[] {
  return Array.isArray(source) && source[0] instanceof Table;
}
