/** Everything that was measured, in one total each. */
import { Aggregator, type AggregateRow, type AggregateSpec, type Format, type GroupKey } from "meterglot";
import type { Columns } from "./holding.js";
import { partedOf, totalId } from "./parted.js";
import { probesOf } from "./probes.js";
import type { Figures, MeasureTotal, Span } from "./protocol.js";
import type { Held } from "./store.js";
import { spanOf } from "./summary.js";

/** What there always is to group by; dimensions come as they are met. */
const KEYS: GroupKey[] = ["provider", "account", "resource", "resourceType", "region", "format"];

export function aggregateOf(held: Held[], spec: AggregateSpec): AggregateRow[] {
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

export function figuresOf(held: Held[]): Figures {
  const columns = held.map(({ holding }) => holding.columns());
  const last = new Map(aggregateOf(held, { reduce: { gauge: "last" } }).map((row) => [identityOf(row), row.quantity]));
  const rows = aggregateOf(held, {});
  const totals = new Map(rows.flatMap((row) => (row.kind === "gauge" ? [] : [[totalIdOf(row), row.cost ?? row.quantity ?? "0"]])));
  const parted = partedOf(held, columns, totals);
  const formats = formatsOf(held, rows);
  const dimensions = new Map<string, Set<string>>();
  for (const probe of held.flatMap(({ holding }) => probesOf(holding))) {
    dimensions.set(probe.metric, new Set([...(dimensions.get(probe.metric) ?? []), ...Object.keys(probe.dimensions)]));
  }
  const measures = rows.flatMap((row): MeasureTotal[] => {
    const { metric, kind, unit, currency, reducer, start, end, records, resources, coveredSeconds, gapSeconds } = row;
    const { partOf, outside } = parted.get(totalIdOf(row)) ?? { partOf: null, outside: null };
    const common = {
      metric, kind, unit, currency, start, end, records, resources, coveredSeconds, gapSeconds, reducer, partOf, outside,
      formats: formats.get(identityOf(row)) ?? [],
      dimensions: [...(dimensions.get(metric) ?? [])],
    };
    const measures: MeasureTotal[] = [];
    if (row.quantity !== null) {
      measures.push({ ...common, what: "quantity", total: row.quantity, last: kind === "gauge" ? (last.get(identityOf(row)) ?? null) : null });
    }
    if (row.cost !== null) {
      measures.push({ ...common, what: "cost", reducer: "sum", total: row.cost, last: null });
    }
    return measures;
  });
  const extents = columns.map(extentOf);
  return {
    measures,
    keys: [...KEYS, ...[...new Set([...dimensions.values()].flatMap((names) => [...names]))].sort().map((name): GroupKey => `dimensions.${name}`)],
    span: joined(extents.map(({ span }) => span)),
    overlaps: overlapsOf(held, extents),
  };
}

/** Of each measure, by its identity, in which kinds of reply it stands. */
function formatsOf(held: Held[], rows: AggregateRow[]): Map<string, Format[]> {
  const [only, ...others] = new Set(held.flatMap(({ holding }) => holding.formats));
  const told = only === undefined || others.length > 0 ? aggregateOf(held, { by: ["format"] }) : rows.map((row) => ({ ...row, key: { format: only } }));
  const formats = new Map<string, Format[]>();
  for (const row of told) {
    formats.set(identityOf(row), [...(formats.get(identityOf(row)) ?? []), row.key.format as Format]);
  }
  return formats;
}

const totalIdOf = ({ metric, unit, currency, start }: AggregateRow) => totalId({ metric, unit, currency, timed: start !== null });

/** Rows of one measure over windows have this in common; records without a time have a row of their own. */
function identityOf({ metric, kind, unit, currency, start }: AggregateRow): string {
  return JSON.stringify([metric, kind, unit, currency, start === null]);
}

interface Extent {
  span: Span | null;
  /** Who and what the records speak of. */
  subjects: Set<string>;
  accounts: Set<string>;
  /** What they say of it, in which unit. */
  measures: Set<string>;
}

function extentOf(columns: Columns): Extent {
  const { account, resourceId, metric, unit } = columns;
  return { span: spanOf(columns.start, columns.end), subjects: pairsOf(account, resourceId), accounts: new Set(account.values), measures: pairsOf(metric, unit) };
}

/** Each pair of values that stands in one row. */
function pairsOf(one: Columns["account"], other: Columns["account"]): Set<string> {
  const seen = new Set<number>();
  for (let at = 0; at < one.codes.length; at++) {
    seen.add((one.codes[at] as number) * 0x100000000 + (other.codes[at] as number));
  }
  return new Set([...seen].map((code) => {
    const second = code | 0;
    return JSON.stringify([one.values[(code - second) / 0x100000000], other.values[second]]);
  }));
}

const share = (a: Set<string>, b: Set<string>) => [...a].some((member) => b.has(member));

function joined(spans: (Span | null)[]): Span | null {
  const known = spans.filter((span) => span !== null);
  return known.length === 0 ? null : { start: Math.min(...known.map(({ start }) => start)), end: Math.max(...known.map(({ end }) => end)) };
}

/** Aggregation does not look for the same usage in two replies, so a person is told where it may be. */
function overlapsOf(held: Held[], extents: Extent[]): Figures["overlaps"] {
  const overlaps: Figures["overlaps"] = [];
  held.forEach(({ reply, holding }, one) => {
    for (let other = 0; other < one; other++) {
      const earlier = held[other] as Held;
      const format = holding.formats.find((candidate) => earlier.holding.formats.includes(candidate));
      const [a, b] = [extents[one] as Extent, extents[other] as Extent];
      // Days of buckets, days of their account and roll-ups of both say the same thing in other words.
      const otherWords = holding.providers.some((provider) => earlier.holding.providers.includes(provider)) && share(a.accounts, b.accounts) && share(a.measures, b.measures);
      if (meet(a.span, b.span) && (format === undefined ? otherWords : share(a.subjects, b.subjects))) {
        overlaps.push({ replies: [earlier.reply, reply], format: format ?? null });
      }
    }
  });
  return overlaps;
}

function meet(a: Span | null, b: Span | null): boolean {
  if (a === null || b === null) {
    return a === b;
  }
  // An instant has no length, and still meets what it falls into.
  return a.start <= b.end && b.start <= a.end && !(a.end === b.start && a.start < a.end && b.start < b.end) && !(b.end === a.start && a.start < a.end && b.start < b.end);
}
