import type { AggregateRow, Aggregator } from "meterglot";
import { Problem } from "./problem.js";
import type { Limits } from "./settings.js";

/** Between two looks at an aggregation's rows it may have taken this part of what it has taken so far. */
const STEP = 0.1;

/** Bounds what an aggregation holds: the records it is made of, and its rows. */
export class Quota {
  readonly #aggregator: Aggregator;
  readonly #limits: Pick<Limits, "groups" | "aggregatedRecords">;
  /** So many records cannot have made more rows than there may be, or a few more at most. */
  #next: number;

  constructor(aggregator: Aggregator, limits: Pick<Limits, "groups" | "aggregatedRecords">) {
    this.#aggregator = aggregator;
    this.#limits = limits;
    this.#next = limits.groups + 1;
  }

  /** Throws where `records` are too many, or the rows they make. */
  check(records: number): void {
    this.#checkRecords(records);
    if (records >= this.#next) {
      const rows = this.finish(records).length;
      this.#next = records + Math.max(this.#limits.groups + 1 - rows, Math.ceil(records * STEP));
    }
  }

  /** The rows of `records`, if neither are too many. */
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
