/** Everything that was measured, in one total each. */
import type { AggregateRow, Format, GroupKey } from "meterglot";
import { aggregateOf, countedColumns, type Counting } from "./counting.js";
import { partedOf, totalId } from "./parted.js";
import { probesOf } from "./probes.js";
import type { Figures, MeasureTotal, Span } from "./protocol.js";
import { spanOf } from "./summary.js";

/** What there always is to group by; dimensions come as they are met. */
const KEYS: GroupKey[] = ["provider", "account", "resource", "resourceType", "region", "format"];

export function figuresOf(counting: Counting): Figures {
  const { held, twice } = counting;
  const columns = countedColumns(counting);
  const last = new Map(aggregateOf(counting, { reduce: { gauge: "last" } }).map((row) => [identityOf(row), row.quantity]));
  const rows = counting.totals ?? aggregateOf(counting, {});
  const totals = new Map(rows.flatMap((row) => (row.kind === "gauge" ? [] : [[totalIdOf(row), row.cost ?? row.quantity ?? "0"]])));
  const parted = partedOf(held, columns, totals);
  const formats = formatsOf(counting, rows);
  const dimensions = new Map<string, Set<string>>();
  for (const probe of held.flatMap(({ holding }) => probesOf(holding))) {
    dimensions.set(probe.metric, new Set([...(dimensions.get(probe.metric) ?? []), ...Object.keys(probe.dimensions)]));
  }
  const measures = rows.flatMap((row): MeasureTotal[] => {
    const { metric, kind, unit, currency, reducer, start, end, records, resources, coveredSeconds, gapSeconds } = row;
    const { partOf, outside } = parted.get(totalIdOf(row)) ?? { partOf: null, outside: null };
    const common = {
      metric,
      kind,
      unit,
      currency,
      start,
      end,
      records,
      resources,
      coveredSeconds,
      gapSeconds,
      reducer,
      partOf,
      outside,
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
  return {
    measures,
    keys: [...KEYS, ...[...new Set([...dimensions.values()].flatMap((names) => [...names]))].sort().map((name): GroupKey => `dimensions.${name}`)],
    span: joined(columns.map(({ start, end }) => spanOf(start, end))),
    twice,
  };
}

/** Of each measure, by its identity, in which kinds of reply it stands. */
function formatsOf(counting: Counting, rows: AggregateRow[]): Map<string, Format[]> {
  const [only, ...others] = new Set(counting.held.flatMap(({ holding }) => holding.formats));
  const told = only === undefined || others.length > 0 ? aggregateOf(counting, { by: ["format"] }) : rows.map((row) => ({ ...row, key: { format: only } }));
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

function joined(spans: (Span | null)[]): Span | null {
  const known = spans.filter((span) => span !== null);
  return known.length === 0 ? null : { start: Math.min(...known.map(({ start }) => start)), end: Math.max(...known.map(({ end }) => end)) };
}
