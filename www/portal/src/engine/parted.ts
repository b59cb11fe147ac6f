/** What of each total is inside another one, row by row, and what is not. */
import type { UsageRecord } from "meterglot";
import { add, negated } from "../format/decimal.js";
import type { Columns } from "./holding.js";
import { insideOf } from "./inside.js";
import type { Parted } from "./protocol.js";
import type { Held } from "./store.js";

/** A total, as one row of the aggregate says it. */
interface Total {
  metric: string;
  unit: string | null;
  currency: string | null;
  timed: boolean;
}

export const totalId = ({ metric, unit, currency, timed }: Total) => JSON.stringify([metric, unit, currency, timed]);

interface Tally {
  inside: number;
  outside: number;
  /** The nearest container that was met, from 1, and what it is called. */
  nearest: number;
  partOf: string;
}

const RECORDS_A_SLICE = 1024;

/**
 * By `totalId`, each that is inside another one somewhere. `totals` are the exact ones of all records: only the smaller side of a total
 * that has two is added up from its records, and the other is the rest.
 */
export function partedOf(held: Held[], columns: Columns[], totals: Map<string, string>): Map<string, Parted> {
  const insides = insideOf(held, columns);
  const each = (visit: (id: string, container: number, index: number, at: number) => void) => {
    insides.forEach((inside, index) => {
      if (inside !== null) {
        const idOf = idsOf(columns[index] as Columns, (metric) => inside.containersOf(metric).length > 0);
        inside.within.forEach((container, at) => {
          const id = idOf(at);
          if (id !== null) {
            visit(id, container, index, at);
          }
        });
      }
    });
  };
  const tallies = new Map<string, Tally>();
  each((id, container, index, at) => {
    const tally = tallies.get(id) ?? { inside: 0, outside: 0, nearest: Infinity, partOf: "" };
    tallies.set(id, tally);
    tally[container === 0 ? "outside" : "inside"] += 1;
    if (container > 0 && container < tally.nearest) {
      const { metric } = columns[index] as Columns;
      tally.nearest = container;
      tally.partOf = insides[index]?.containersOf(metric.values[metric.codes[at] as number] as string)[container - 1]?.metric ?? "";
    }
  });

  const sums = new Map<string, string>();
  const smaller = held.map((): { at: number; id: string }[] => []);
  each((id, container, index, at) => {
    const { inside, outside } = tallies.get(id) as Tally;
    if (inside > 0 && outside > 0 && container > 0 === inside < outside) {
      (smaller[index] as { at: number; id: string }[]).push({ at, id });
    }
  });
  held.forEach(({ holding }, index) => {
    let [slice, from]: [UsageRecord[], number] = [[], 0];
    for (const { at, id } of smaller[index] as { at: number; id: string }[]) {
      if (at >= from + slice.length) {
        [slice, from] = [holding.records(at, Math.min(at + RECORDS_A_SLICE, holding.length)), at];
      }
      const { metric, partOf, cost, quantity } = slice[at - from] as UsageRecord;
      // A breakdown by region is in no total.
      if (partOf !== metric) {
        sums.set(id, add(sums.get(id) ?? "0", cost ?? quantity ?? "0"));
      }
    }
  });

  const parted = new Map<string, Parted>();
  for (const [id, { inside, outside, partOf }] of tallies) {
    const total = totals.get(id);
    const sum = sums.get(id) ?? "0";
    if (inside > 0 && total !== undefined) {
      parted.set(id, { partOf, outside: outside === 0 ? null : { total: inside < outside ? add(total, negated(sum)) : sum, records: outside } });
    }
  }
  return parted;
}

/** Names the total that a record counts in, by its place; null where its metric is not asked for or it says no number. */
function idsOf({ metric, unit, currency, start, cost, quantity }: Columns, asked: (metric: string) => boolean): (at: number) => string | null {
  const wanted = metric.values.map(asked);
  const ids: (string | undefined)[] = [];
  return (at) => {
    const code = metric.codes[at] as number;
    if (wanted[code] !== true || (Number.isNaN(cost[at]) && Number.isNaN(quantity[at]))) {
      return null;
    }
    const [unitCode, currencyCode, timed] = [unit.codes[at] as number, currency.codes[at] as number, !Number.isNaN(start[at])];
    const key = ((code * (unit.values.length + 1) + unitCode + 1) * (currency.values.length + 1) + currencyCode + 1) * 2 + (timed ? 1 : 0);
    return (ids[key] ??= totalId({
      metric: metric.values[code] as string,
      unit: unit.values[unitCode] ?? null,
      currency: currency.values[currencyCode] ?? null,
      timed,
    }));
  };
}
