/** One record of each metric, for what the columns do not hold: kind, what contains it, dimensions, notes. */
import type { UsageRecord } from "meterglot";
import type { Holding } from "./holding.js";

const probed = new WeakMap<Holding, UsageRecord[]>();

export function probesOf(holding: Holding): UsageRecord[] {
  let probes = probed.get(holding);
  if (probes === undefined) {
    const { metric } = holding.columns();
    const first = new Int32Array(metric.values.length).fill(-1);
    for (let at = 0; at < metric.codes.length; at++) {
      const code = metric.codes[at] as number;
      if (first[code] === -1) {
        first[code] = at;
      }
    }
    probes = [...first].filter((at) => at >= 0).map((at) => holding.records(at, at + 1)[0] as UsageRecord);
    probed.set(holding, probes);
  }
  return probes;
}
