import type { AggregateRow, AggregateSpec, UsageRecord, UsageTable } from "./api.js";
import { isBytes } from "./body.js";
import { call } from "./engine.js";
import { invalidOption } from "./errors.js";
import type { Aggregator as EngineAggregator } from "./glue.js";
import { Handle, makeDisposable } from "./handle.js";
import { aggregateSpec } from "./options.js";
import { recordTexts } from "./records.js";
import { handleOf, Table } from "./table.js";
import { shown } from "./validate.js";
import { offsetSeconds } from "./zone.js";

export class Aggregator implements Disposable {
  readonly #handle: Handle<EngineAggregator>;

  constructor(spec?: AggregateSpec) {
    const json = aggregateSpec(spec);
    this.#handle = new Handle("Aggregator", call((engine) => new engine.Aggregator(json, offsetSeconds)));
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
    if (!isBytes(state)) {
      throw invalidOption(`merge: expected the bytes of a state, found ${shown(state)}`);
    }
    this.#handle.use((aggregator) => aggregator.merge(state));
    return this;
  }

  finish(): AggregateRow[] {
    return JSON.parse(this.#handle.use((aggregator) => aggregator.finish())) as AggregateRow[];
  }

  free(): void {
    this.#handle.free();
  }

  declare [Symbol.dispose]: () => void;
}

makeDisposable(Aggregator);

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
