/** One measure over time, by window and group. */
import type { AggregateRow, AggregateSpec, GroupKey, Window } from "meterglot";
import { add } from "../format/decimal.js";
import { isLevel, isMeanLevel, reducedUnit } from "../format/unit.js";
import { aggregateOf, type Counting } from "./counting.js";
import type { Holding } from "./holding.js";
import type { Group, Measure, Series, SeriesRequest, Span } from "./protocol.js";
import { probesOf } from "./probes.js";
import type { Held } from "./store.js";

/** The number of groups with a colour of their own; the others are combined. */
const GROUPS_SHOWN = 7;
/** A chart with more windows than this is not drawn. */
const WINDOWS_SHOWN = 20_000;

const DAY = 86_400_000;
const LENGTH: Record<Window, number> = { hour: DAY / 24, day: DAY, week: 7 * DAY, month: 30 * DAY, quarter: 91 * DAY, year: 365 * DAY, all: Infinity };

export function seriesOf(counting: Counting, request: SeriesRequest): Series {
  const { held } = counting;
  const { by } = request;
  const grouped = rowsOf(counting, { ...request, window: "all" });
  const window = shownWindow(request, spanOfRows(grouped));
  const rows = rowsOf(counting, { ...request, window });
  const timed = rows.filter((row) => row.start !== null);
  const value = (row: AggregateRow) => (request.measure.what === "cost" ? row.cost : row.quantity);

  const edges = [...new Map(timed.map((row) => [row.start as string, row.end as string]))]
    .map(([start, end]) => ({ name: start, start: Date.parse(start) / 1000, end: Date.parse(end) / 1000 }))
    .sort((a, b) => a.start - b.start);
  const place = new Map(edges.map(({ name }, index) => [name, index]));
  const covered = new Float64Array(edges.length);
  const gaps = new Float64Array(edges.length);
  const groups = new Map<string | null, Group>();
  let untimed = 0;
  for (const row of rows) {
    const key = by === "" ? null : (row.key[by] ?? null);
    const group = groups.get(key) ?? { key, label: key ?? "", total: null, records: 0, values: new Array<string | null>(edges.length).fill(null) };
    groups.set(key, group);
    if (row.start === null) {
      untimed += row.records;
      continue;
    }
    const at = place.get(row.start) as number;
    group.values[at] = sum(group.values[at] as string | null, value(row));
    covered[at] = (covered[at] as number) + row.coveredSeconds;
    gaps[at] = (gaps[at] as number) + row.gapSeconds;
  }

  for (const row of grouped) {
    const group = groups.get(by === "" ? null : (row.key[by] ?? null));
    if (group !== undefined) {
      group.total = sum(group.total, value(row));
      group.records += row.records;
    }
  }
  const ordered = [...groups.values()].sort((a, b) => Number(b.total ?? 0) - Number(a.total ?? 0) || ((a.key ?? "") < (b.key ?? "") ? -1 : 1));
  const shown = ordered.length > GROUPS_SHOWN + 1 ? ordered.slice(0, GROUPS_SHOWN) : ordered;
  const others = ordered.slice(shown.length);
  name(shown, held, by);
  /** The engine's reduction over several groups together, which need not be the sum of their values. */
  const asOne = (keys: string[] | null): Pick<Group, "total" | "values"> => {
    const values = new Array<string | null>(edges.length).fill(null);
    for (const row of rowsOf(counting, { ...request, by: "", window }, keyFilter(by, keys)).filter((row) => row.start !== null)) {
      const at = place.get(row.start as string);
      if (at !== undefined) {
        values[at] = sum(values[at] as string | null, value(row));
      }
    }
    const all = rowsOf(counting, { ...request, by: "", window: "all" }, keyFilter(by, keys));
    return { values, total: all.reduce<string | null>((total, row) => sum(total, value(row)), null) };
  };
  const together = by === "" && ordered.length === 1 ? (ordered[0] as Group) : asOne(null);
  return {
    request,
    window,
    unit: request.measure.what === "cost" ? null : reducedUnit(request.measure, request.reducer),
    shift: request.zone === "source" ? shiftOf(held, edges[0]?.start, window) : 0,
    starts: Float64Array.from(edges, ({ start }) => start),
    ends: Float64Array.from(edges, ({ end }) => end),
    covered,
    gaps,
    groups: others.length === 0 ? shown : [...shown, restOf(others, request, asOne)],
    rest: others.length,
    total: together.total,
    totals: together.values,
    totalRecords: ordered.reduce((records, group) => records + group.records, 0),
    untimed,
  };
}

/** The rows of one measure, as the package aggregates them. */
export function rowsOf(counting: Counting, request: SeriesRequest & { window: Window }, only: AggregateSpec["where"] = {}): AggregateRow[] {
  const { measure, reducer } = request;
  // A count of records has no unit, so replies that report the metric only in another unit are left out first.
  const asked =
    measure.what === "quantity" && reducer === "count" ? { ...counting, held: counting.held.filter(({ holding }) => tells(holding, measure)) } : counting;
  const spec = specOf(request);
  return aggregateOf(asked, { ...spec, where: { ...spec.where, ...only } }).filter((row) => belongs(row, request));
}

function specOf({ measure, by, window, zone, weekStart, reducer }: SeriesRequest & { window: Window }): AggregateSpec {
  return {
    ...everyMeasureSpec({ by, window, zone, weekStart }),
    where: { metric: [measure.metric] },
    // By kind, because a metric may be reported as a level and as level × time. A cost is always summed; the reducer applies to the quantity.
    ...(measure.what === "quantity" ? { reduce: { [measure.kind]: reducer } } : {}),
  };
}

export function everyMeasureSpec({ by, window, zone, weekStart }: Pick<SeriesRequest, "by" | "zone" | "weekStart"> & { window: Window }): AggregateSpec {
  return { by: by === "" ? [] : [by], window, timeZone: zone, weekStart };
}

/** Returns the requested window, or one that suits the span. */
function windowFor({ window, measure, reducer }: SeriesRequest, span: Span | null): Window {
  return window === "" ? fitting(lengthOf(span), isLevel(measure, reducer)) : window;
}

/** Returns the window of a chart, and throws if there would be more windows than a chart can show. An export has no such limit. */
function shownWindow(request: SeriesRequest, span: Span | null): Window {
  const window = windowFor(request, span);
  const windows = lengthOf(span) / LENGTH[window];
  if (windows > WINDOWS_SHOWN) {
    throw new DOMException(`${Math.round(windows).toLocaleString()} windows are more than a chart can show.`, "too-many-windows");
  }
  return window;
}

const lengthOf = (span: Span | null) => (span === null ? 0 : span.end - span.start);

/** Chooses a window by the length of the span. Steps may be many, which makes short gaps visible; bars must be distinguishable. */
function fitting(length: number, level: boolean): Window {
  const wholeDays = length > 0 && length % DAY === 0;
  if (length <= 3 * DAY && !wholeDays) {
    return "hour";
  }
  return length <= (level ? 400 : 100) * DAY ? "day" : length <= 1100 * DAY ? "month" : "year";
}

/** Returns the window of a measure's chart, even if the chart cannot show that many. */
export function windowOf(counting: Counting, request: SeriesRequest): Window {
  return windowFor(request, spanOfRows(rowsOf(counting, { ...request, window: "all" })));
}

function spanOfRows(rows: AggregateRow[]): Span | null {
  const edges = (of: "start" | "end") => rows.flatMap((row) => (row[of] === null ? [] : [Date.parse(row[of])]));
  const [starts, ends] = [edges("start"), edges("end")];
  return starts.length === 0 ? null : { start: starts.reduce((a, b) => Math.min(a, b)), end: ends.reduce((a, b) => Math.max(a, b)) };
}

function belongs(row: AggregateRow, { measure, reducer }: SeriesRequest): boolean {
  const { metric, kind, currency, what } = measure;
  return row.metric === metric && row.kind === kind && row.currency === currency && (what === "cost" || row.unit === reducedUnit(measure, reducer));
}

/** Whether a reply has a record of the measure's metric in its unit. */
function tells(holding: Holding, { metric, unit }: Measure): boolean {
  const columns = holding.columns();
  const [metricCode, unitCode] = [columns.metric.values.indexOf(metric), unit === null ? -1 : columns.unit.values.indexOf(unit)];
  return metricCode !== -1 && columns.metric.codes.some((code, at) => code === metricCode && columns.unit.codes[at] === unitCode);
}

/** The group keys that the engine can filter by. Not the region: with a breakdown by region, the parts replace their total. */
const SELECTED = ["account", "resource"] as const;

const isSelected = (by: GroupKey | ""): by is (typeof SELECTED)[number] => (SELECTED as readonly string[]).includes(by);

const keyFilter = (by: GroupKey | "", keys: string[] | null): AggregateSpec["where"] => (keys === null || !isSelected(by) ? {} : { [by]: keys });

/** Combines the groups that have no colour of their own. Only the engine can compute their mean: if it cannot filter by this key, there is none. */
function restOf(others: Group[], { measure, by, reducer }: SeriesRequest, asOne: (keys: string[]) => Pick<Group, "total" | "values">): Group {
  const rest = others.reduce(merged);
  if (!isMeanLevel(measure, reducer)) {
    return rest;
  }
  const keys = others.flatMap(({ key }) => key ?? []);
  return { ...rest, ...(isSelected(by) && keys.length === others.length ? asOne(keys) : { total: null, values: rest.values.map(() => null) }) };
}

function merged(a: Group, b: Group): Group {
  return {
    key: null,
    label: "",
    total: sum(a.total, b.total),
    records: a.records + b.records,
    values: a.values.map((value, at) => sum(value, b.values[at] ?? null)),
  };
}

function sum(a: string | null, b: string | null): string | null {
  return a === null ? b : b === null ? a : add(a, b);
}

/** Sets the labels of groups: the names that users gave, in addition to the provider's ids. */
function name(groups: Group[], held: Held[], by: GroupKey | ""): void {
  if (by !== "resource") {
    return;
  }
  for (const { holding } of held) {
    const { resourceId } = holding.columns();
    for (const group of groups) {
      const code = group.key === null ? -1 : resourceId.values.indexOf(group.key);
      const at = code === -1 ? -1 : resourceId.codes.indexOf(code);
      const resourceName = at === -1 ? null : (holding.records(at, at + 1)[0]?.resourceName ?? null);
      if (resourceName !== null && resourceName !== group.key) {
        group.label = `${resourceName} (${group.key})`;
      }
    }
  }
}

/** Returns by how much the calendar in the records is ahead of UTC, if windows of days and more begin at its midnight. */
function shiftOf(held: Held[], start: number | undefined, window: Window): number {
  const written = held.flatMap(({ holding }) => probesOf(holding).map(({ utcOffset }) => secondsOf(utcOffset)));
  const atMidnight = written.find((shift) => start !== undefined && (start + shift) % 86_400 === 0);
  return (window === "hour" ? written[0] : atMidnight) ?? 0;
}

function secondsOf(offset: string | null): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(offset ?? "") ?? [];
  return sign === undefined ? 0 : (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
}
