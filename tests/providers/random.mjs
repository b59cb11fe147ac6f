// Numbers that depend on nothing but a seed and a place: asked for again, in any order, they are the same again.

/** Mixes one value into a state of 32 bits (the body and the finish of MurmurHash3). */
function mix(/** @type {number} */ state, /** @type {number} */ value) {
  let k = Math.imul(value, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  let h = state ^ k;
  h = (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * A number for a place: what is named by texts and whole numbers, such as `("wasabi", 101430, 7)`.
 *
 * @param {...(string | number)} names
 * @returns {number} 32 bits
 */
export function place(...names) {
  let state = 0x9747b28c;
  for (const name of names) {
    if (typeof name === "number") {
      state = mix(mix(state, name | 0), Math.floor(name / 2 ** 32) | 0);
    } else {
      for (let i = 0; i < name.length; i += 1) {
        state = mix(state, name.charCodeAt(i));
      }
      state = mix(state, ~name.length);
    }
  }
  return state;
}

/** A place within a place: quicker than naming both again. */
export const within = (/** @type {number} */ outer, /** @type {number} */ number) => mix(outer, number | 0);

/** Dice that fall the same way wherever they are thrown at the same place (mulberry32). */
export class Dice {
  #state;

  /** @param {number} place */
  constructor(place) {
    this.#state = place | 0;
  }

  #next() {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** A whole number from 0 to `below`, exclusive; `below` at most 2^53. */
  below(/** @type {number} */ below) {
    if (below <= 2 ** 32) {
      return Math.floor((this.#next() / 2 ** 32) * below);
    }
    const bits = (this.#next() >>> 5) * 2 ** 26 + (this.#next() >>> 6);
    return Math.floor((bits / 2 ** 53) * below);
  }

  /** Whether one of `sides` came up. */
  oneIn(/** @type {number} */ sides) {
    return this.#next() % sides === 0;
  }

  /** A whole number of up to 64 bits. */
  big() {
    return (BigInt(this.#next()) << 32n) | BigInt(this.#next());
  }

  /** Hexadecimal digits. */
  hex(/** @type {number} */ digits) {
    let text = "";
    while (text.length < digits) {
      text += this.#next().toString(16).padStart(8, "0");
    }
    return text.slice(0, digits);
  }
}
