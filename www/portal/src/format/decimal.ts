/** The little exact arithmetic that showing numbers needs. Numbers are decimal strings; none passes through a float. */

interface Scaled {
  digits: bigint;
  /** Digits after the point. */
  scale: number;
}

function read(decimal: string): Scaled {
  const point = decimal.indexOf(".");
  return point === -1
    ? { digits: BigInt(decimal), scale: 0 }
    : { digits: BigInt(decimal.slice(0, point) + decimal.slice(point + 1)), scale: decimal.length - point - 1 };
}

function write({ digits, scale }: Scaled): string {
  const negative = digits < 0n;
  const text = (negative ? -digits : digits).toString().padStart(scale + 1, "0");
  const fraction = scale === 0 ? "" : text.slice(-scale).replace(/0+$/, "");
  const whole = scale === 0 ? text : text.slice(0, -scale);
  const sign = negative && digits !== 0n ? "-" : "";
  return `${sign}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

export function add(a: string, b: string): string {
  const [one, other] = [read(a), read(b)];
  const scale = Math.max(one.scale, other.scale);
  const digits = one.digits * 10n ** BigInt(scale - one.scale) + other.digits * 10n ** BigInt(scale - other.scale);
  return write({ digits, scale });
}

export function negated(decimal: string): string {
  const { digits, scale } = read(decimal);
  return write({ digits: -digits, scale });
}

/** A decimal times a fraction, rounded half to even at so many digits after the point. */
export function times(decimal: string, numerator: bigint, denominator: bigint, fractionDigits: number): string {
  const { digits, scale } = read(decimal);
  const over = digits * numerator * 10n ** BigInt(fractionDigits);
  const under = denominator * 10n ** BigInt(scale);
  const negative = over < 0n;
  const magnitude = negative ? -over : over;
  let quotient = magnitude / under;
  const twice = (magnitude % under) * 2n;
  if (twice > under || (twice === under && quotient % 2n === 1n)) {
    quotient += 1n;
  }
  return write({ digits: negative ? -quotient : quotient, scale: fractionDigits });
}

/** Whether |decimal| ≥ numerator ÷ denominator. */
export function atLeast(decimal: string, numerator: bigint, denominator: bigint): boolean {
  const { digits, scale } = read(decimal);
  return (digits < 0n ? -digits : digits) * denominator >= numerator * 10n ** BigInt(scale);
}

/** A decimal times a whole number, exactly. */
export function timesWhole(decimal: string, factor: bigint): string {
  const { digits, scale } = read(decimal);
  return write({ digits: digits * factor, scale });
}

/** Less than zero where `a` is the smaller one. */
export function compare(a: string, b: string): number {
  const [one, other] = [read(a), read(b)];
  const scale = Math.max(one.scale, other.scale);
  const apart = one.digits * 10n ** BigInt(scale - one.scale) - other.digits * 10n ** BigInt(scale - other.scale);
  return apart < 0n ? -1 : apart > 0n ? 1 : 0;
}
