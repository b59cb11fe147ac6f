/** Numbers in the person's own way of writing them; the exact value stands in the title and in the markup. */
import type { ComponentChildren } from "preact";
import { scaled, type Scale, scaleFor } from "./unit.js";

// Two digits after the point, and three that say something where it is smaller than that.
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

/** Intl takes decimal strings exactly; its types came later. */
const exactly = (decimal: string) => decimal as unknown as number;

export const count = (number: number) => whole.format(number);

/** A part of a whole. What is nearly nothing is not told as nothing, and what is nearly all not as all. */
export function percent(ratio: number): string {
  if (ratio > 0 && ratio < SMALLEST_SHARE) {
    return `< ${share.format(SMALLEST_SHARE)}`;
  }
  return ratio < 1 && ratio > 1 - SMALLEST_SHARE ? `> ${share.format(1 - SMALLEST_SHARE)}` : share.format(ratio);
}

export const decimal = (text: string) => plain.format(exactly(text));

/** Every digit that there is, written as the person writes numbers. */
export function everyDigit(text: string): string {
  const [integer = "", fraction] = text.replace("-", "").split(".");
  const digits: Partial<Record<Intl.NumberFormatPartTypes, string>> = {
    integer: whole.format(BigInt(integer)),
    fraction: [...(fraction ?? "")].map((digit) => whole.format(Number(digit))).join(""),
  };
  // A number of the same sign and shape has the signs of this one.
  const shape = (fraction === undefined ? 1 : 1.5) * (text.startsWith("-") ? -1 : 1);
  return plain
    .formatToParts(shape)
    .map(({ type, value }) => digits[type] ?? value)
    .join("");
}

/** Cents, and three digits that say something where it is less than one. */
function money(cost: string, currency: string | null): string {
  const zeros = /^-?0\.(0*)[1-9]/.exec(cost)?.[1];
  const digits = zeros === undefined ? 2 : Math.min(zeros.length + 3, 20);
  // XXX is no currency: its sign, \u00a4, stands for one that is not known.
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
  /** Empty where the number says it, as with money. */
  unit: string;
  exact: string;
}

/** How a quantity or a cost is shown. With a scale, as its neighbours are. */
export function shown({ value, what, unit, currency }: Quantity, scale?: Scale): Shown {
  if (what === "cost") {
    return { number: money(value, currency), unit: "", exact: `${value} ${currency ?? "of unknown currency"}` };
  }
  const chosen = scale ?? scaleFor(value, unit);
  const readable = scaled(value, chosen);
  // Below one another, points stand below points; what is counted has none.
  const inColumn = scale !== undefined && scale.denominator !== 1n && Math.abs(Number(readable)) >= 1;
  return {
    number: inColumn ? aligned.format(exactly(readable)) : decimal(readable),
    unit: readable === "1" ? (chosen.singular ?? chosen.name) : chosen.name,
    exact: `${value} ${unit ?? ""}`.trim(),
  };
}

/** A number to read. With `onOpen` it is a button that leads to the records it came from. */
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
