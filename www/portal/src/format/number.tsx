/** Formats numbers in the user's locale. The exact value is in the title and in the markup. */
import type { ComponentChildren } from "preact";
import { scaled, type Scale, scaleFor } from "./unit.js";

// Two digits after the decimal point, or three significant digits if the number is small.
const plain = new Intl.NumberFormat(undefined, {
  maximumFractionDigits: 2,
  maximumSignificantDigits: 3,
  roundingPriority: "morePrecision",
} as Intl.NumberFormatOptions);
const aligned = new Intl.NumberFormat(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const whole = new Intl.NumberFormat();
const share = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 });
const SMALLEST_SHARE = 0.001;
const moneys = new Map<string, Intl.NumberFormat>();

/** Intl formats decimal strings exactly, but the TypeScript types do not allow them yet. */
const exactly = (decimal: string) => decimal as unknown as number;

export const count = (number: number) => whole.format(number);

/** Formats a share as a percentage. A small share is not rounded to 0 %, nor an almost complete one to 100 %. */
export function percent(ratio: number): string {
  if (ratio > 0 && ratio < SMALLEST_SHARE) {
    return `< ${share.format(SMALLEST_SHARE)}`;
  }
  return ratio < 1 && ratio > 1 - SMALLEST_SHARE ? `> ${share.format(1 - SMALLEST_SHARE)}` : share.format(ratio);
}

export const decimal = (text: string) => plain.format(exactly(text));

/** Formats a decimal with all its digits in the user's locale. */
export function everyDigit(text: string): string {
  const [integer = "", fraction] = text.replace("-", "").split(".");
  const digits: Partial<Record<Intl.NumberFormatPartTypes, string>> = {
    integer: whole.format(BigInt(integer)),
    fraction: [...(fraction ?? "")].map((digit) => whole.format(Number(digit))).join(""),
  };
  // Formats a short number with the same sign, and with a fraction if this one has one, to get the locale's signs and separators.
  const shape = (fraction === undefined ? 1 : 1.5) * (text.startsWith("-") ? -1 : 1);
  return plain
    .formatToParts(shape)
    .map(({ type, value }) => digits[type] ?? value)
    .join("");
}

/** Formats a cost with two decimal places, or three significant digits if it is less than one. */
function money(cost: string, currency: string | null): string {
  const zeros = /^-?0\.(0*)[1-9]/.exec(cost)?.[1];
  const digits = zeros === undefined ? 2 : Math.min(zeros.length + 3, 20);
  // XXX is the ISO 4217 code for no currency. Its symbol, \u00a4, is shown if the currency is unknown.
  const name = `${currency ?? "XXX"} ${digits}`;
  let format = moneys.get(name);
  if (format === undefined) {
    format = new Intl.NumberFormat(undefined, {
      style: "currency",
      currency: currency ?? "XXX",
      ...(currency === null ? { currencyDisplay: "narrowSymbol" as const } : {}),
      minimumFractionDigits: 2,
      maximumFractionDigits: digits,
    });
    moneys.set(name, format);
  }
  return format.format(exactly(cost));
}

export interface Quantity {
  value: string;
  what: "quantity" | "cost";
  unit: string | null;
  currency: string | null;
}

export interface Shown {
  number: string;
  /** Empty if the number includes it, as with money. */
  unit: string;
  exact: string;
}

/** Formats a quantity or a cost; with `scale`, in the same unit as the other values of its column. */
export function shown({ value, what, unit, currency }: Quantity, scale?: Scale): Shown {
  if (what === "cost") {
    return { number: money(value, currency), unit: "", exact: `${value} ${currency ?? "of unknown currency"}` };
  }
  const chosen = scale ?? scaleFor(value, unit);
  const readable = scaled(value, chosen);
  // In a column all values have the same number of decimals, so that the points are aligned. Counts have no decimals.
  const inColumn = scale !== undefined && scale.denominator !== 1n && Math.abs(Number(readable)) >= 1;
  return {
    number: inColumn ? aligned.format(exactly(readable)) : decimal(readable),
    unit: readable === "1" ? (chosen.singular ?? chosen.name) : chosen.name,
    exact: `${value} ${unit ?? ""}`.trim(),
  };
}

/** Shows a number. With `onOpen` it is a button that opens the records it was made of. */
export function Amount({ of, scale, onOpen, about }: { of: Quantity; scale?: Scale | undefined; onOpen?: (() => void) | undefined; about?: string }) {
  const { number, unit, exact } = shown(of, scale);
  const content: ComponentChildren = [<span class="number">{number}</span>, unit === "" ? null : " ", unit === "" ? null : <span class="unit">{unit}</span>];
  if (onOpen === undefined) {
    return (
      <data class="amount" value={of.value} title={`exactly ${exact}`}>
        {content}
      </data>
    );
  }
  return (
    <button type="button" class="amount" data-exact={of.value} title={`exactly ${exact}; opens the records behind it`} onClick={onOpen}>
      {content}
      {about === undefined ? null : <span class="for-readers">, {about}, show the records behind it</span>}
    </button>
  );
}
