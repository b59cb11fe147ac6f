import type { AggregateRow, Aggregator } from "meterglot";
import { Problem } from "./problem.js";
import type { Limits } from "./settings.js";

/** The rows are counted again when the number of records has grown by at least this part. */
const STEP = 0.1;

/** Limits the memory of an aggregation: its records and its rows. */
export class Quota {
  readonly #aggregator: Aggregator;
  readonly #limits: Pick<Limits, "groups" | "aggregatedRecords">;
  /** The rows are counted again at this number of records: with fewer, they exceed their limit by a few at most. */
  #next: number;

  constructor(aggregator: Aggregator, limits: Pick<Limits, "groups" | "aggregatedRecords">) {
    this.#aggregator = aggregator;
    this.#limits = limits;
    this.#next = limits.groups + 1;
  }

  /** Throws if `records` or their rows exceed the limits. */
  check(records: number): void {
    this.#checkRecords(records);
    if (records >= this.#next) {
      const rows = this.finish(records).length;
      this.#next = records + Math.max(this.#limits.groups + 1 - rows, Math.ceil(records * STEP));
    }
  }

  /** The rows of `records`, if neither exceeds its limit. */
  finish(records: number): AggregateRow[] {
    this.#checkRecords(records);
    const { groups } = this.#limits;
    const rows = this.#aggregator.finish();
    if (rows.length > groups) {
      throw tooMany(`expected at most ${groups} rows, found more: ask for fewer keys in \`by\`, a longer \`window\` or a shorter period`);
    }
    return rows;
  }

  #checkRecords(records: number): void {
    const { aggregatedRecords } = this.#limits;
    if (records > aggregatedRecords) {
      throw tooMany(`expected at most ${aggregatedRecords} records to add up, found more: ask for a shorter period`);
    }
  }
}

function tooMany(detail: string): Problem {
  return new Problem("aggregation-too-large", detail);
}
