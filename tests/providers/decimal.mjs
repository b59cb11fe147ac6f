// Exact decimals: a whole number of units of 10^-scale.

/** @param {number} exponent */
export const powerOfTen = (exponent) => 10n ** BigInt(exponent);

/**
 * `units` of 10^-scale as digits, with as many after the point as `scale` says.
 *
 * @param {bigint} units
 * @param {number} scale
 */
export function fixed(units, scale) {
  const sign = units < 0n ? "-" : "";
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, "0");
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** Without zeros at the end, and without a point where nothing follows it. */
export function canonical(/** @type {string} */ text) {
  const bare = text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text;
  return bare === "-0" ? "0" : bare;
}

/**
 * Reads a decimal as JSON writes it, exponents too.
 *
 * @param {string} text
 * @returns {{ units: bigint, scale: number }}
 */
export function parse(text) {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null) {
    throw new TypeError(`no decimal: ${text}`);
  }
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const units = BigInt(sign + whole + fraction);
  const scale = fraction.length - Number(exponent);
  return scale >= 0 ? { units, scale } : { units: units * powerOfTen(-scale), scale: 0 };
}

/** A sum that is exact whatever is added. */
export class Sum {
  #units = 0n;
  #scale = 0;

  /**
   * @param {bigint} units
   * @param {number} scale
   */
  add(units, scale = 0) {
    if (scale > this.#scale) {
      this.#units *= powerOfTen(scale - this.#scale);
      this.#scale = scale;
    }
    this.#units += scale === this.#scale ? units : units * powerOfTen(this.#scale - scale);
    return this;
  }

  addText(/** @type {string} */ text) {
    const { units, scale } = parse(text);
    return this.add(units, scale);
  }

  toString() {
    return canonical(fixed(this.#units, this.#scale));
  }
}
