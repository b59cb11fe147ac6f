/** Converts units to readable ones: `By` to GiB, `By.5.min` to GiB·days. Every factor is an exact fraction. */
import type { Kind, Reducer } from "meterglot";
import { TIMES, UNITS } from "../names.js";
import { atLeast, times } from "./decimal.js";

/** A way to show a quantity: the quantity times a fraction, and the unit's name. */
export interface Scale {
  numerator: bigint;
  denominator: bigint;
  name: string;
  /** The singular of the name, if it differs. */
  singular?: string;
}

const HOUR = 3600n;
const DAY = 86_400n;

const BYTES: [name: string, size: bigint][] = [
  ["EiB", 1n << 60n],
  ["PiB", 1n << 50n],
  ["TiB", 1n << 40n],
  ["GiB", 1n << 30n],
  ["MiB", 1n << 20n],
  ["KiB", 1n << 10n],
  ["B", 1n],
];

/** Returns the dimension of a unit, within which units can be compared, and the factor from it to the base unit. */
export function baseOf(unit: string | null): { dimension: string; factor: bigint } {
  const [, atom = "", time] = /^([^.]+)(?:\.(.+))?$/.exec(unit ?? "") ?? [];
  const seconds = time === undefined ? 1n : TIMES[time];
  const level = UNITS[atom];
  return seconds === undefined || level === undefined
    ? { dimension: unit ?? "", factor: 1n }
    : { dimension: `${level.base}${time === undefined ? "" : ".s"}`, factor: level.factor * seconds };
}

/** Returns the unit of a quantity after the reduction: a level over time is level × time, and the mean of that is a level again. */
export function reducedUnit({ kind, unit }: { kind: Kind; unit: string | null }, reducer: Reducer): string | null {
  if (reducer === "count" || unit === null) {
    return null;
  }
  return kind === "gauge" && reducer === "integral" ? `${unit}.s` : kind === "integral" && reducer === "mean" ? unit.replace(/\..*$/, "") : unit;
}

/** Whether a reduced quantity is a level: a value over its window, not a sum of what happened within. */
export function isLevel({ kind, what }: { kind: Kind; what: "quantity" | "cost" }, reducer: Reducer): boolean {
  return what === "quantity" && (kind === "gauge" ? reducer !== "count" && reducer !== "integral" : kind === "integral" && reducer === "mean");
}

/** Whether a reduced quantity is the mean of a level over the time that it covers. The means of its parts need not add up to it. */
export function isMeanLevel({ kind, what }: { kind: Kind; what: "quantity" | "cost" }, reducer: Reducer): boolean {
  return what === "quantity" && kind !== "delta" && reducer === "mean";
}

/** Returns the scale that suits a quantity, usually the largest of those shown. */
export function scaleFor(quantity: string, unit: string | null): Scale {
  if (unit === null) {
    return { numerator: 1n, denominator: 1n, name: "" };
  }
  const [, atom = unit, time] = /^([^.]+)(?:\.(.+))?$/.exec(unit) ?? [];
  const seconds = time === undefined ? 1n : TIMES[time];
  if (seconds === undefined) {
    return { numerator: 1n, denominator: 1n, name: unit };
  }
  const { base, factor } = UNITS[atom] ?? { base: atom, factor: 1n };
  if (base === "By") {
    return fitting(quantity, BYTES, factor * seconds, time === undefined ? 1n : DAY, time === undefined ? "" : "·days");
  }
  if (base === "MHz") {
    const sizes: [string, bigint][] = [
      ["GHz", 1000n],
      ["MHz", 1n],
    ];
    return fitting(quantity, sizes, factor * seconds, time === undefined ? 1n : HOUR, time === undefined ? "" : "·hours");
  }
  const counted = /^\{(.+)\}$/.exec(atom)?.[1];
  if (counted !== undefined) {
    return time === undefined
      ? { numerator: 1n, denominator: 1n, name: `${counted}s`, singular: counted }
      : { numerator: seconds, denominator: DAY, name: `${counted}·days` };
  }
  return { numerator: 1n, denominator: 1n, name: unit };
}

function fitting(quantity: string, sizes: [string, bigint][], numerator: bigint, denominator: bigint, suffix: string): Scale {
  const fits = ([, size]: [string, bigint]) => atLeast(quantity, size * denominator, numerator);
  const [name, size] = sizes.find(fits) ?? (atLeast(quantity, 0n, 1n) && isZero(quantity) ? middle(sizes) : (sizes.at(-1) as [string, bigint]));
  return { numerator, denominator: denominator * size, name: name + suffix };
}

/** The unit for zero: GiB, as for most quantities. */
const middle = (sizes: [string, bigint][]) => sizes.find(([name]) => name === "GiB") ?? (sizes[0] as [string, bigint]);

export const isZero = (decimal: string) => !/[1-9]/.test(decimal);

/** The number of digits that are kept for display. The exact value is shown elsewhere. */
const DIGITS_KEPT = 12;

export function scaled(quantity: string, { numerator, denominator }: Scale): string {
  return numerator === denominator ? quantity : times(quantity, numerator, denominator, DIGITS_KEPT);
}
