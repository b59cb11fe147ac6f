/**
 * Selects the records that count if the same usage is reported twice. The engine refuses to add such usage, so one report of it is chosen:
 * of replies of one kind the first that reports it, of two kinds of reply the one that reports most. The user may choose otherwise.
 */
import { type AggregateRow, type AggregateSpec, type Format, MeterglotError } from "meterglot";
import { aggregateAll } from "./aggregate.js";
import type { Columns, Holding } from "./holding.js";
import type { Preference, Span, ToldTwice } from "./protocol.js";
import type { Held } from "./store.js";
import { spanOf } from "./summary.js";

export interface Counting {
  /** Replies that count. */
  held: Held[];
  /** By metric: kinds of reply whose records of it do not count. */
  left: Map<string, Set<Format>>;
  overlap: Preference["overlap"];
  /** Usage that is reported twice; listed even if `overlap` is "keep" and all of it is added. */
  twice: ToldTwice[];
  /** The total of each metric, if it is computed already. */
  totals: AggregateRow[] | null;
}

/** Aggregates the records that count: each metric from the kinds of reply that count for it. */
export function aggregateOf({ held, left, overlap }: Counting, spec: AggregateSpec): AggregateRow[] {
  const asked: AggregateSpec = { ...spec, overlap };
  if (left.size === 0) {
    return aggregateAll(held, asked);
  }
  const formats = [...new Set(held.flatMap(({ holding }) => holding.formats))];
  const metrics = spec.where?.metric ?? new Set(held.flatMap(({ holding }) => holding.columns().metric.values));
  // Metrics for which the same kinds count are aggregated in one pass.
  const passes = new Map<string, { metric: string[]; format: Format[] }>();
  for (const name of metrics) {
    const format = formats.filter((one) => left.get(name)?.has(one) !== true);
    const pass = passes.get(format.join()) ?? { metric: [], format };
    passes.set(format.join(), pass);
    pass.metric.push(name);
  }
  return [...passes.values()].flatMap((pass) => aggregateAll(held, { ...asked, where: { ...spec.where, ...pass } }));
}

const BY_FORMAT: AggregateSpec = { by: ["format"] };

let latest: { of: Holding[]; prefer: string; counting: Counting } | null = null;

export function countingOf(all: Held[], { prefer, overlap }: Preference): Counting {
  const of = all.map(({ holding }) => holding);
  const known = latest !== null && latest.prefer === prefer.join() && latest.of.length === of.length && latest.of.every((holding, at) => holding === of[at]);
  const counting = known ? (latest as NonNullable<typeof latest>).counting : choose(all, prefer);
  latest = { of, prefer: prefer.join(), counting };
  return overlap === "keep"
    ? { held: all, left: new Map(), overlap, twice: counting.twice, totals: counting.twice.length === 0 ? counting.totals : null }
    : counting;
}

function choose(all: Held[], prefer: Format[]): Counting {
  const totals = added(all, {});
  if (typeof totals !== "string") {
    return { held: all, left: new Map(), overlap: "error", twice: [], totals };
  }
  const { held, twice } = oneOfEachReply(all);
  const { left, kinds } = oneOfEachKind(held, prefer);
  return { held, left, overlap: "error", twice: [...kinds, ...twice], totals: null };
}

/** Returns the engine's rows, or its message if it refuses to add these records. */
function added(held: Held[], spec: AggregateSpec): AggregateRow[] | string {
  try {
    return aggregateAll(held, spec);
  } catch (error) {
    if (error instanceof MeterglotError && error.code === "incompatible-aggregation") {
      return error.message;
    }
    throw error;
  }
}

/** Returns the message with which the engine refuses to add these records; null if it adds them. */
function refusalOf(held: Held[], spec: AggregateSpec): string | null {
  const made = added(held, spec);
  return typeof made === "string" ? made : null;
}

/** Selects replies so that, within each kind of reply, all usage is reported once. The others are returned as `twice`. */
function oneOfEachReply(all: Held[]): { held: Held[]; twice: ToldTwice[] } {
  const twice: ToldTwice[] = [];
  const held: { one: Held; extent: Extent }[] = [];
  for (const one of all) {
    const extent = extentOf(one.holding);
    const rivals = held.filter((other) => mayTellTheSame(extent, other.extent)).map((other) => other.one);
    const message = refusalOf([...rivals, one], BY_FORMAT);
    if (message === null) {
      held.push({ one, extent });
      continue;
    }
    const rival = refusalOf([one], BY_FORMAT) === null ? rivals.find((other) => refusalOf([other, one], BY_FORMAT) !== null) : undefined;
    const shared = rival?.holding.formats.filter((format) => one.holding.formats.includes(format)) ?? one.holding.formats;
    twice.push({
      by: "reply",
      replies: rival === undefined ? [one.reply] : [rival.reply, one.reply],
      formats: shared,
      metrics: [],
      records: one.holding.length,
      message,
      joins: rival !== undefined && sharePeriods(rival.holding.columns(), one.holding.columns()),
    });
  }
  return { held: held.map(({ one }) => one), twice };
}

/** Returns, by metric, the kinds of reply that do not count because another kind of the same provider reports the same usage. */
function oneOfEachKind(held: Held[], prefer: Format[]): { left: Counting["left"]; kinds: ToldTwice[] } {
  const left: Counting["left"] = new Map();
  const message = refusalOf(held, {});
  if (message === null) {
    return { left, kinds: [] };
  }
  const rows = aggregateAll(held, BY_FORMAT).map((row) => ({ ...row, format: row.key.format as Format }));
  const most = (format: Format, of: (row: (typeof rows)[number]) => number) => Math.max(...rows.filter((row) => row.format === format).map(of));
  const rank = (format: Format) => [
    prefer.includes(format) ? prefer.indexOf(format) : prefer.length,
    -most(format, ({ start, end }) => (start === null || end === null ? 0 : Date.parse(end) - Date.parse(start))),
    -most(format, ({ resources }) => resources),
  ];
  const formats = [...new Set(rows.map(({ format }) => format))]
    .map((format) => ({ format, place: rank(format) }))
    .sort((a, b) => a.place.reduce((order, place, at) => order || place - (b.place[at] as number), 0))
    .map(({ format }) => format);

  const kinds = new Map<string, ToldTwice>();
  for (const metric of new Set(rows.map((row) => row.metric))) {
    const counted: Format[] = [];
    for (const format of formats.filter((one) => rows.some((row) => row.metric === metric && row.format === one))) {
      const rival = counted.find(
        (other) => providerOf(other) === providerOf(format) && refusalOf(held, { where: { metric: [metric], format: [other, format] } }) !== null,
      );
      if (rival === undefined) {
        counted.push(format);
        continue;
      }
      left.set(metric, new Set([...(left.get(metric) ?? []), format]));
      const kind: ToldTwice = kinds.get(`${rival} ${format}`) ?? {
        by: "format",
        replies: [],
        formats: [rival, format],
        metrics: [],
        records: 0,
        message,
        joins: false,
      };
      kinds.set(`${rival} ${format}`, kind);
      kind.metrics.push(metric);
      kind.records += rows.reduce((sum, row) => sum + (row.metric === metric && row.format === format ? row.records : 0), 0);
    }
  }
  return { left, kinds: [...kinds.values()] };
}

const providerOf = (format: Format) => format.slice(0, format.indexOf("."));

/** Returns a function from a record's index to whether the record is left out; null if all records of the reply count. */
export function leftOut({ left }: Counting, holding: Holding): ((at: number) => boolean) | null {
  const { metric } = holding.columns();
  const ofMetric = metric.values.map((name) => left.get(name));
  if (!ofMetric.some((formats) => holding.formats.some((format) => formats?.has(format)))) {
    return null;
  }
  const [only, ...others] = holding.formats;
  const formatOf = others.length === 0 ? () => only as Format : (at: number) => holding.records(at, at + 1)[0]?.format as Format;
  return (at) => ofMetric[metric.codes[at] as number]?.has(formatOf(at)) === true;
}

/** Returns the columns with NaN as the numbers of records that do not count. */
export function countedColumns(counting: Counting): Columns[] {
  return counting.held.map(({ holding }) => {
    const columns = holding.columns();
    const isLeft = leftOut(counting, holding);
    if (isLeft === null) {
      return columns;
    }
    const counted = (numbers: Float64Array) => numbers.map((number, at) => (isLeft(at) ? NaN : number));
    return { ...columns, quantity: counted(columns.quantity), cost: counted(columns.cost) };
  });
}

interface Extent {
  span: Span | null;
  /** Whether some records carry no time. */
  timeless: boolean;
  formats: Format[];
  /** The pairs of account and resource that the records report. */
  subjects: Set<string>;
}

function extentOf(holding: Holding): Extent {
  const { account, resourceId, start, end } = holding.columns();
  return { span: spanOf(start, end), timeless: start.some(Number.isNaN), formats: holding.formats, subjects: pairsOf(account, resourceId) };
}

/** A cheap test before the engine is asked: if false, the two replies cannot report the same usage. */
function mayTellTheSame(a: Extent, b: Extent): boolean {
  const meet = a.span !== null && b.span !== null && a.span.start <= b.span.end && b.span.start <= a.span.end;
  return (
    (meet || (a.timeless && b.timeless)) && a.formats.some((format) => b.formats.includes(format)) && [...a.subjects].some((subject) => b.subjects.has(subject))
  );
}

/** Returns each distinct pair of values that two columns have in the same row. */
function pairsOf(one: Columns["account"], other: Columns["account"]): Set<string> {
  const seen = new Set<number>();
  for (let at = 0; at < one.codes.length; at++) {
    seen.add((one.codes[at] as number) * 0x100000000 + (other.codes[at] as number));
  }
  return new Set(
    [...seen].map((code) => {
      const second = code | 0;
      return JSON.stringify([one.values[(code - second) / 0x100000000], other.values[second]]);
    }),
  );
}

/** Whether some rows of the two replies have the same period. Only then can rows that occur in both be detected. */
function sharePeriods(a: Columns, b: Columns): boolean {
  const periods = ({ start, end }: Columns) => {
    const found = new Set<string>();
    for (let at = 0; at < start.length; at++) {
      if (at === 0 || !Object.is(start[at], start[at - 1]) || !Object.is(end[at], end[at - 1])) {
        found.add(`${start[at]} ${end[at]}`);
      }
    }
    return found;
  };
  const known = periods(a);
  return [...periods(b)].some((period) => known.has(period));
}
