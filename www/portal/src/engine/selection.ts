/** Lists of records: all, or those that a number was made of, filtered and sorted. Only indices are stored; records are read when they are shown. */
import type { GroupKey, UsageRecord } from "meterglot";
import { type Counting, countedColumns, leftOut } from "./counting.js";
import { detailsOf } from "./details.js";
import type { Holding } from "./holding.js";
import { insideOf } from "./inside.js";
import { orderOf, type Part as Ordered } from "./order.js";
import { Pace } from "./pace.js";
import type { Behind, FromWorker, List, Listed, Measure, ShownRecord } from "./protocol.js";
import { probesOf } from "./probes.js";
import { type Held, held } from "./store.js";

interface Part extends Ordered {
  reply: number;
}

interface Selection {
  parts: Part[];
  /** Row numbers over all parts, in the order shown; null: the order read. */
  order: Uint32Array | null;
}

/** How many lists are cached: the page shows one and may return to an earlier one. */
const KEPT = 8;
const RECORDS_A_SLICE = 4096;

const selections = new Map<number, Selection>();
let lastSelection = 0;
let running: AbortController | null = null;

/** Makes a list. If another list is still being made, that is aborted, as its result is no longer needed. */
export async function select(all: Held[], list: List, counting: () => Counting, tell: (message: FromWorker) => void): Promise<Listed> {
  running?.abort();
  const { signal } = (running = new AbortController());
  let [done, total] = [0, 0];
  const pace = new Pace(() => tell({ sorting: { done, of: total } }), signal, { delayed: true });
  const step = (passed: number, through: number) => {
    [done, total] = [passed, through];
    return pace.step();
  };
  const parts: Part[] = [];
  // A number is made only of records that count; the list of all records has the others too.
  const counted = list.behind === null ? null : counting();
  const of = counted?.held ?? all;
  const insides = counted !== null && list.behind?.outside === true ? insideOf(of, countedColumns(counted)) : [];
  for (const [index, { reply, holding }] of of.entries()) {
    const inside = insides[index]?.within;
    const isLeft = counted === null ? null : leftOut(counted, holding);
    const found = list.behind === null ? null : allPlacesOf(holding, list.behind);
    const behind = isLeft === null ? found : (found?.filter((at) => !isLeft(at)) ?? null);
    const places = await filtered(holding, inside === undefined ? behind : (behind?.filter((at) => inside[at] === 0) ?? null), list, (passed) =>
      step(passed, holding.length),
    );
    parts.push({ reply, holding, places, length: places?.length ?? holding.length });
  }
  const { rows, unknown, blocks } = list.sort === null ? { rows: null, unknown: 0, blocks: 1 } : await orderOf(parts, list.sort, step);
  const selection = ++lastSelection;
  selections.set(selection, { parts, order: rows });
  selections.delete(selection - KEPT);
  return { selection, length: parts.reduce((length, part) => length + part.length, 0), unknown, blocks };
}

export function recordsOf(selection: number, start: number, end: number): ShownRecord[] {
  const { parts, order } = selections.get(selection) ?? { parts: [], order: null };
  if (order !== null) {
    return Array.from(order.subarray(start, end), (row) => recordAt(parts, row));
  }
  const shown: ShownRecord[] = [];
  let before = 0;
  for (const { reply, length, places } of parts) {
    const from = Math.max(start - before, 0);
    const to = Math.min(end - before, length);
    before += length;
    if (from >= to) {
      continue;
    }
    const { holding } = held(reply);
    const records = places === null ? holding.records(from, to) : Array.from(places.subarray(from, to), (at) => one(holding, at));
    shown.push(...records.map((record) => ({ reply, record })));
  }
  return shown;
}

const one = (holding: Holding, at: number) => holding.records(at, at + 1)[0] as UsageRecord;

function recordAt(parts: Part[], row: number): ShownRecord {
  let index = row;
  const { reply, places } = parts.find(({ length }) => {
    const inside = index < length;
    index -= inside ? 0 : length;
    return inside;
  }) as Part;
  return { reply, record: one(held(reply).holding, places === null ? index : (places[index] as number)) };
}

/** Filters the records at some indices, or all records (null), by provider and metric. */
async function filtered(
  holding: Holding,
  places: Uint32Array | null,
  { provider, metric }: List,
  step: (done: number) => Promise<void>,
): Promise<Uint32Array | null> {
  let left = places;
  if (metric !== "") {
    const { values, codes } = holding.columns().metric;
    const code = values.indexOf(metric);
    left = placesWhere(holding, left, (at) => code !== -1 && codes[at] === code);
  }
  if (provider !== "" && !holding.providers.includes(provider)) {
    return new Uint32Array();
  }
  if (provider !== "" && holding.providers.length > 1) {
    const details = await detailsOf(holding, step);
    const code = details.providers.indexOf(provider);
    left = placesWhere(holding, left, (at) => details.provider[at] === code);
  }
  return left;
}

function placesWhere(holding: Holding, places: Uint32Array | null, holds: (at: number) => boolean): Uint32Array {
  const length = places?.length ?? holding.length;
  const kept = new Uint32Array(length);
  let count = 0;
  for (let index = 0; index < length; index++) {
    const at = places === null ? index : (places[index] as number);
    if (holds(at)) {
      kept[count++] = at;
    }
  }
  return kept.slice(0, count);
}

/** Returns the indices of the records that a number was made of, sorted. */
function allPlacesOf(holding: Holding, behind: Behind): Uint32Array {
  const places = behind.measures.flatMap((measure) => placesOf(holding, { ...behind, measure }));
  // Two measures of a number may come from the same record, such as two costs of it. The record is listed once.
  return Uint32Array.from(new Set(places)).sort();
}

/** A number of one measure only. */
type BehindOne = Omit<Behind, "measures"> & { measure: Measure };

/** Filters by columns first, and by other fields only if they matter. */
function placesOf(holding: Holding, behind: BehindOne): number[] {
  const { measure } = behind;
  const columns = holding.columns();
  const metric = columns.metric.values.indexOf(measure.metric);
  const unit = codeOf(columns.unit.values, measure.unit);
  const currency = codeOf(columns.currency.values, measure.currency);
  const column = behind.by === "account" ? columns.account : behind.by === "resource" ? columns.resourceId : null;
  const key = column === null ? 0 : codeOf(column.values, behind.key);
  if (metric === -1 || unit === undefined || currency === undefined || key === undefined) {
    return [];
  }
  const candidates: number[] = [];
  for (let at = 0; at < holding.length; at++) {
    if (
      columns.metric.codes[at] === metric &&
      columns.unit.codes[at] === unit &&
      columns.currency.codes[at] === currency &&
      (column === null || column.codes[at] === key)
    ) {
      candidates.push(at);
    }
  }
  const inTime = within(candidates, columns, behind);
  return needsFields(holding, behind) ? byFields(holding, inTime, behind) : inTime;
}

/** Returns the code of a value in a column: -1 for null, undefined if the column does not have the value. */
function codeOf(values: string[], value: string | null): number | undefined {
  const code = value === null ? -1 : values.indexOf(value);
  return code === -1 && value !== null ? undefined : code;
}

function within(candidates: number[], columns: ReturnType<Holding["columns"]>, { start, end, measure }: BehindOne): number[] {
  if (start === null || end === null) {
    return candidates;
  }
  const startOf = (at: number) => columns.start[at] as number;
  if (measure.kind !== "gauge") {
    return candidates.filter((at) => startOf(at) >= start && startOf(at) < end);
  }
  // A level counts in every window that it covers: up to its end, or if it is an instant, up to the next value of its series.
  const bySeries = new Map<string, number[]>();
  for (const at of candidates) {
    const series = `${columns.account.codes[at]} ${columns.resourceId.codes[at]} ${columns.region.codes[at]}`;
    const before = bySeries.get(series);
    if (before === undefined) {
      bySeries.set(series, [at]);
    } else {
      before.push(at);
    }
  }
  const holds: number[] = [];
  for (const series of bySeries.values()) {
    series.sort((a, b) => startOf(a) - startOf(b));
    series.forEach((at, index) => {
      const [before, next] = [series[index - 1], series[index + 1]];
      const asLongAsBefore = before === undefined ? startOf(at) : 2 * startOf(at) - startOf(before);
      const written = columns.end[at] as number;
      const until = Math.min(Number.isNaN(written) ? (next === undefined ? asLongAsBefore : Infinity) : written, next === undefined ? Infinity : startOf(next));
      if (startOf(at) < end && (until > start || (startOf(at) >= start && until === startOf(at)))) {
        holds.push(at);
      }
    });
  }
  return holds.sort((a, b) => a - b);
}

/** Whether fields that are not in the columns are needed to select the records. */
function needsFields(holding: Holding, { by }: BehindOne): boolean {
  return !["", "account", "resource"].includes(by) || hasBreakdown(holding);
}

/** Whether a reply may have rows that are broken down by region. */
function hasBreakdown(holding: Holding): boolean {
  return holding.formats.includes("wasabi.account-daily") || probesOf(holding).some((probe) => probe.partOf === probe.metric);
}

function byFields(holding: Holding, places: number[], { by, key, measure }: BehindOne): number[] {
  const kept: { at: number; record: UsageRecord }[] = [];
  const brokenDown = new Set<string>();
  const whole = (record: UsageRecord) => JSON.stringify([record.account, record.resourceId, record.start]);
  for (let from = 0; from < places.length; from += RECORDS_A_SLICE) {
    for (const at of places.slice(from, from + RECORDS_A_SLICE)) {
      const record = holding.records(at, at + 1)[0] as UsageRecord;
      if (record.kind !== measure.kind) {
        continue;
      }
      if (record.partOf === record.metric) {
        // Grouped by region the parts count, otherwise the whole does.
        if (by !== "region") {
          continue;
        }
        brokenDown.add(whole(record));
      }
      kept.push({ at, record });
    }
  }
  return kept
    .filter(({ record }) => record.partOf === record.metric || !brokenDown.has(whole(record)))
    .filter(({ record }) => by === "" || valueIn(record, by) === key)
    .map(({ at }) => at);
}

function valueIn(record: UsageRecord, by: GroupKey): string | null {
  switch (by) {
    case "provider":
    case "format":
    case "account":
    case "resourceType":
    case "region":
      return record[by];
    case "resource":
      return record.resourceId;
    default:
      return record.dimensions[by.slice("dimensions.".length)] ?? null;
  }
}
