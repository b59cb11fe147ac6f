/** The engine's aggregation of everything that is held. */
import { Aggregator, type AggregateRow, type AggregateSpec } from "meterglot";
import type { Held } from "./store.js";

/** Aggregates what is held, all of it. */
export function aggregateAll(held: Held[], spec: AggregateSpec): AggregateRow[] {
  const aggregator = new Aggregator(spec);
  try {
    for (const { holding } of held) {
      holding.pushTo(aggregator);
    }
    return aggregator.finish();
  } finally {
    aggregator.free();
  }
}
