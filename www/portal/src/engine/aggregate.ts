/** The engine's aggregation of everything that counts. */
import { Aggregator, type AggregateRow, type AggregateSpec, type Format } from "meterglot";
import type { Counting } from "./counting.js";
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

/** Aggregates what counts: each metric from the kinds of reply that count for it. */
export function aggregateOf({ held, left, overlap }: Counting, spec: AggregateSpec): AggregateRow[] {
  const asked: AggregateSpec = { ...spec, overlap };
  if (left.size === 0) {
    return aggregateAll(held, asked);
  }
  const formats = [...new Set(held.flatMap(({ holding }) => holding.formats))];
  const metrics = spec.where?.metric ?? new Set(held.flatMap(({ holding }) => holding.columns().metric.values));
  // Metrics that the same kinds count for are aggregated at once.
  const passes = new Map<string, { metric: string[]; format: Format[] }>();
  for (const name of metrics) {
    const format = formats.filter((one) => left.get(name)?.has(one) !== true);
    const pass = passes.get(format.join()) ?? { metric: [], format };
    passes.set(format.join(), pass);
    pass.metric.push(name);
  }
  return [...passes.values()].flatMap((pass) => aggregateAll(held, { ...asked, where: { ...spec.where, ...pass } }));
}
