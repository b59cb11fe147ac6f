/** Lists of records: all of them, or those behind one number. Only places are kept; records are made as they are shown. */
import type { GroupKey, UsageRecord } from "meterglot";
import type { Holding } from "./holding.js";
import type { Behind, Measure, ShownRecord } from "./protocol.js";
import { probesOf } from "./probes.js";
import { type Held, held } from "./store.js";

interface Part {
  reply: number;
  length: number;
  /** Places in the holding; null: all of them, in order. */
  places: Uint32Array | null;
}

/** How many lists are remembered: the page shows one and may go back to another. */
const KEPT = 8;
const RECORDS_A_SLICE = 4096;

const selections = new Map<number, Part[]>();
let lastSelection = 0;

export function select(held: Held[], behind: Behind | null): { selection: number; length: number } {
  const parts = held.map(({ reply, holding }): Part => {
    const places = behind === null ? null : allPlacesOf(holding, behind);
    return { reply, places, length: places?.length ?? holding.length };
  });
  const selection = ++lastSelection;
  selections.set(selection, parts);
  selections.delete(selection - KEPT);
  return { selection, length: parts.reduce((length, part) => length + part.length, 0) };
}

export function recordsOf(selection: number, start: number, end: number): ShownRecord[] {
  const shown: ShownRecord[] = [];
  let before = 0;
  for (const { reply, length, places } of selections.get(selection) ?? []) {
    const from = Math.max(start - before, 0);
    const to = Math.min(end - before, length);
    before += length;
    if (from >= to) {
      continue;
    }
    const { holding } = held(reply);
    const records = places === null ? holding.records(from, to) : Array.from(places.subarray(from, to), (at) => holding.records(at, at + 1)[0] as UsageRecord);
    shown.push(...records.map((record) => ({ reply, record })));
  }
  return shown;
}

/** The records that a number was made of, in their order. */
function allPlacesOf(holding: Holding, behind: Behind): Uint32Array {
  const places = behind.measures.flatMap((measure) => placesOf(holding, { ...behind, measure }));
  // The parts of one number that stand in one record, such as two costs of it, are one place.
  return Uint32Array.from(new Set(places)).sort();
}

/** A number of one measure only. */
type BehindOne = Omit<Behind, "measures"> & { measure: Measure };

/** Found by columns first, and by the other fields where these matter. */
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
    if (columns.metric.codes[at] === metric && columns.unit.codes[at] === unit && columns.currency.codes[at] === currency && (column === null || column.codes[at] === key)) {
      candidates.push(at);
    }
  }
  const inTime = within(candidates, columns, behind);
  return needsFields(holding, behind) ? byFields(holding, inTime, behind) : inTime;
}

/** The place of a value among a column's; -1 is null, undefined is not there. */
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
  // A level counts in every window it holds in. It holds to its end, or as an instant to the next reading of its series.
  const bySeries = new Map<string, number[]>();
  for (const at of candidates) {
    const series = `${columns.account.codes[at]} ${columns.resourceId.codes[at]} ${columns.region.codes[at]}`;
    bySeries.set(series, [...(bySeries.get(series) ?? []), at]);
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

/** Whether columns alone cannot tell. */
function needsFields(holding: Holding, { by }: BehindOne): boolean {
  return !["", "account", "resource"].includes(by) || hasBreakdown(holding);
}

/** Only these rows come with parts of themselves by region. */
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
        // By region the parts speak, otherwise the whole does.
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
    .filter(({ record }) => by === "" || valueOf(record, by) === key)
    .map(({ at }) => at);
}

function valueOf(record: UsageRecord, by: GroupKey): string | null {
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
