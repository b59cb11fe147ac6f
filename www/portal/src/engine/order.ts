/**
 * Records in another order than they were read. Decimals are compared as decimals, times as times, text by code point. Ties keep the
 * order read, and what is not known stands last, whichever way the rest goes.
 */
import { compare as compareDecimals, timesWhole } from "../format/decimal.js";
import { byCodePoint } from "../format/text.js";
import { baseOf } from "../format/unit.js";
import { type Details, detailsOf } from "./details.js";
import type { Columns, Holding } from "./holding.js";
import type { Sort } from "./protocol.js";
import { placesByKey } from "./radix.js";

/** Records of one holding: at these places, or all of them. */
export interface Part {
  holding: Holding;
  places: Uint32Array | null;
  length: number;
}

export interface Order {
  /** Rows, counted through all parts. */
  rows: Uint32Array;
  /** How many do not say what is sorted by; they are the last. */
  unknown: number;
  /** Units, or currencies, that cannot be compared: the rows of each stand together. */
  blocks: number;
}

/** A part with what it is sorted by, and the row it begins at. */
interface Known {
  part: Part;
  before: number;
  columns: Columns;
  details: Details | null;
}

/** `step` is called now and then, with how many records were gone through and of how many. */
export async function orderOf(parts: Part[], { column, descending }: Sort, step: (done: number, of: number) => Promise<void>): Promise<Order> {
  const known = await knownOf(parts, !["metric", "account", "region"].includes(column), step);
  switch (column) {
    case "metric":
    case "account":
    case "region":
      return byText(known, ({ columns }) => columns[column], descending);
    case "resource":
      return byText(known, ({ details }) => ({ values: (details as Details).resources, codes: (details as Details).resource }), descending);
    case "start":
      return byTime(known, descending);
    case "quantity":
      return byNumber(known, column, ({ columns }) => columns.unit, unitBlock, descending);
    case "cost":
      return byNumber(known, column, ({ columns }) => columns.currency, currencyBlock, descending);
  }
}

async function knownOf(parts: Part[], detailed: boolean, step: (done: number, of: number) => Promise<void>): Promise<Known[]> {
  const of = parts.reduce((sum, { holding }) => sum + holding.length, 0);
  const known: Known[] = [];
  let [before, passed] = [0, 0];
  for (const part of parts) {
    const details = detailed ? await detailsOf(part.holding, (done) => step(passed + done, of)) : null;
    known.push({ part, before, columns: part.holding.columns(), details });
    before += part.length;
    passed += part.holding.length;
  }
  return known;
}

const rowsOf = (known: Known[]) => known.reduce((sum, { part }) => sum + part.length, 0);

/** Goes over every row, with its place in its holding. */
function forEachRow({ part: { places, length }, before }: Known, visit: (row: number, at: number) => void): void {
  for (let index = 0; index < length; index++) {
    visit(before + index, places === null ? index : (places[index] as number));
  }
}

function byText(known: Known[], dictionaryOf: (one: Known) => { values: string[]; codes: Int32Array }, descending: boolean): Order {
  const dictionaries = known.map(dictionaryOf);
  const texts = [...new Set(dictionaries.flatMap(({ values }) => values))].sort(byCodePoint);
  const rank = new Map(texts.map((text, place) => [text, descending ? -place : place]));
  const keys = new Float64Array(rowsOf(known));
  known.forEach((one, index) => {
    const { values, codes } = dictionaries[index] as { values: string[]; codes: Int32Array };
    const ranks = values.map((value) => rank.get(value) as number);
    forEachRow(one, (row, at) => {
      keys[row] = ranks[codes[at] as number] ?? NaN;
    });
  });
  return { rows: placesByKey(keys), unknown: unknownOf(keys), blocks: 1 };
}

function byTime(known: Known[], descending: boolean): Order {
  const { keys, texts } = doublesOf(known, "start", descending);
  const rows = placesByKey(keys);
  const sign = descending ? -1 : 1;
  const textOf = (row: number) => (texts.get(row) ?? new Date(sign * (keys[row] as number)).toISOString()).replace("Z", "");
  settleTies(rows, keys, texts, (a, b) => sign * byCodePoint(textOf(a), textOf(b)));
  return { rows, unknown: unknownOf(keys), blocks: 1 };
}

/** What a number is a number of: where `block` differs, two numbers cannot be compared. */
interface Block {
  block: string;
  /** How many of the block's own unit one is. */
  factor: bigint;
}

const unitBlock = (unit: string | null): Block => {
  const { dimension, factor } = baseOf(unit);
  return { block: dimension, factor };
};
/** A currency that was not told stands after all that were: no code of a currency is as late as this. */
const currencyBlock = (currency: string | null): Block => ({ block: currency ?? "\u{10FFFF}", factor: 1n });

function byNumber(
  known: Known[],
  of: "quantity" | "cost",
  dictionaryOf: (one: Known) => { values: string[]; codes: Int32Array },
  blockOf: (unit: string | null) => Block,
  descending: boolean,
): Order {
  const { keys, texts } = doublesOf(known, of, descending);
  const sign = descending ? -1 : 1;
  const decimalOf = (row: number) => texts.get(row) ?? String(sign * (keys[row] as number) || 0);
  const { units, unitOf } = unitsOf(known, keys, dictionaryOf, blockOf);

  // Each unit for itself, then those that can be compared into one another.
  let rows = placesByKey(keys);
  settleTies(rows, keys, texts, (a, b) => sign * compareDecimals(decimalOf(a), decimalOf(b)));
  rows = placesByKey(unitOf, rows);
  const factors = units.map(({ factor }) => ({ exact: factor, double: Number(factor) }));
  const before = (a: number, b: number) => {
    const [one, other] = [factors[unitOf[a] as number], factors[unitOf[b] as number]] as [(typeof factors)[number], (typeof factors)[number]];
    const [x, y] = [(keys[a] as number) * one.double, (keys[b] as number) * other.double];
    // Two roundings each: values that are closer than this are compared by their digits.
    const near = Math.abs(x - y) <= 1e-14 * Math.max(Math.abs(x), Math.abs(y));
    const apart = near ? sign * compareDecimals(timesWhole(decimalOf(a), one.exact), timesWhole(decimalOf(b), other.exact)) : x - y;
    return apart < 0 || (apart === 0 && a < b);
  };
  let [start, blocks] = [0, 0];
  for (let unit = 0; unit < units.length; ) {
    const first = unit;
    let end = endOf(rows, unitOf, unit, start);
    const begun = start;
    for (unit += 1; unit < units.length && (units[unit] as Block).block === (units[first] as Block).block; unit++) {
      const next = endOf(rows, unitOf, unit, end);
      merge(rows, begun, end, next, before);
      end = next;
    }
    blocks += end > begun ? 1 : 0;
    start = end;
  }
  return { rows, unknown: unknownOf(keys), blocks: Math.max(blocks, 1) };
}

/** The units that there are, those that can be compared beside one another, and each known row's among them. */
function unitsOf(
  known: Known[],
  keys: Float64Array,
  dictionaryOf: (one: Known) => { values: string[]; codes: Int32Array },
  blockOf: (unit: string | null) => Block,
): { units: Block[]; unitOf: Float64Array } {
  const names = [...new Set<string | null>([...known.flatMap((one) => dictionaryOf(one).values), null])];
  const units = names.map((name) => ({ name, ...blockOf(name) })).sort((a, b) => byCodePoint(a.block, b.block) || Number(a.factor - b.factor));
  const place = new Map(units.map(({ name }, index) => [name, index]));
  const unitOf = new Float64Array(keys.length);
  for (const one of known) {
    const { values, codes } = dictionaryOf(one);
    const places = values.map((value) => place.get(value) as number);
    const none = place.get(null) as number;
    forEachRow(one, (row, at) => {
      unitOf[row] = Number.isNaN(keys[row]) ? NaN : (places[codes[at] as number] ?? none);
    });
  }
  return { units, unitOf };
}

/** The nearest double of each row, turned round where the greatest comes first; and the text of those that it does not say in full. */
function doublesOf(known: Known[], of: "quantity" | "cost" | "start", descending: boolean): { keys: Float64Array; texts: Map<number, string> } {
  const keys = new Float64Array(rowsOf(known));
  const texts = new Map<number, string>();
  for (const one of known) {
    const doubles = one.columns[of];
    const exact = (one.details as Details).exact[of];
    forEachRow(one, (row, at) => {
      keys[row] = descending ? -(doubles[at] as number) : (doubles[at] as number);
      if (exact.size > 0 && exact.has(at)) {
        texts.set(row, exact.get(at) as string);
      }
    });
  }
  return { keys, texts };
}

/** Rows of equal doubles are in their order already, but where a double does not say all of a number. */
function settleTies(rows: Uint32Array, keys: Float64Array, texts: Map<number, string>, compare: (a: number, b: number) => number): void {
  if (texts.size === 0) {
    return;
  }
  for (let start = 0, end = 0; start < rows.length; start = end) {
    const key = keys[rows[start] as number] as number;
    let settled = true;
    for (end = start; end < rows.length && keys[rows[end] as number] === key; end++) {
      settled &&= !texts.has(rows[end] as number);
    }
    if (Number.isNaN(key)) {
      return;
    }
    if (!settled) {
      rows.set(Array.from(rows.subarray(start, end)).sort(compare), start);
    }
  }
}

function endOf(rows: Uint32Array, unitOf: Float64Array, unit: number, from: number): number {
  let end = from;
  while (end < rows.length && unitOf[rows[end] as number] === unit) {
    end += 1;
  }
  return end;
}

/** Two runs that follow one another, each in order, become one. */
function merge(rows: Uint32Array, start: number, middle: number, end: number, before: (a: number, b: number) => boolean): void {
  const [one, other] = [rows.slice(start, middle), rows.slice(middle, end)];
  for (let at = start, a = 0, b = 0; at < end; at++) {
    const takesOther = a === one.length || (b < other.length && before(other[b] as number, one[a] as number));
    rows[at] = takesOther ? (other[b++] as number) : (one[a++] as number);
  }
}

const unknownOf = (keys: Float64Array) => keys.reduce((unknown, key) => unknown + (Number.isNaN(key) ? 1 : 0), 0);
