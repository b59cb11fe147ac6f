// What the Barracuda account holders have stored: a level, measured at each midnight of the US east coast.
import { addMonths, dayOf, easternDay, easternMidnight } from "../calendar.mjs";
import { Dice, place, within } from "../random.mjs";

/** @typedef {"partner" | "account"} HolderKind */
/** @typedef {{ name: string, kind: HolderKind }} Holder */
/** @typedef {{ days: number } | { months: number }} Step how far the measurements of a series are apart */

export class BarracudaData {
  #seed;
  #since;
  /** @type {Map<string, Holder>} */
  #holders;

  /** @param {{ seed: number, since: number, partners: string[], accounts: string[] }} world */
  constructor({ seed, since, partners, accounts }) {
    this.#seed = place(seed, "barracuda");
    this.#since = dayOf(since);
    this.firstPartner = partners[0] ?? "";
    const of = (/** @type {string[]} */ names, /** @type {HolderKind} */ kind) =>
      names.map((name) => /** @type {[string, Holder]} */ ([`${kind} ${name}`, { name, kind }]));
    this.#holders = new Map([...of(partners, "partner"), ...of(accounts, "account")]);
  }

  /**
   * @param {HolderKind} kind
   * @param {string} name
   */
  holder(kind, name) {
    return this.#holders.get(`${kind} ${name}`) ?? null;
  }

  /**
   * Bytes stored at the midnight that begins a day. The last partner stores more than 2^53 bytes.
   *
   * @param {Holder} holder
   * @param {number} day
   */
  bytes(holder, day) {
    const own = place(this.#seed, holder.kind, holder.name);
    const dice = new Dice(own);
    const [base, growth] = [dice.below(2 ** 42), dice.below(2 ** 31)];
    const noise = new Dice(within(own, day)).below(2 ** 30);
    const bytes = BigInt(base + Math.max(0, day - this.#since) * growth + noise);
    return holder.name.startsWith("huge") ? bytes * 65_537n + 1n : bytes;
  }

  /**
   * The measurements from a day on, a step apart, up to and with the last day. A series that begins before there was
   * anything to measure keeps its steps.
   *
   * @param {{ first: number | null, last: number, step: Step }} range
   */
  series({ first, last, step }) {
    const anchor = first ?? this.#since;
    const at = (/** @type {number} */ n) => ("days" in step ? anchor + n * step.days : addMonths(anchor, n * step.months));
    let skipped = 0;
    while (at(skipped) < this.#since && at(skipped) <= last) {
      skipped += "days" in step ? Math.max(1, Math.ceil((this.#since - at(skipped)) / step.days)) : 1;
    }
    let count = 0;
    if ("days" in step) {
      count = Math.max(0, Math.floor((last - at(skipped)) / step.days) + 1);
    } else {
      while (at(skipped + count) <= last) {
        count += 1;
      }
    }
    return { count, day: (/** @type {number} */ n) => at(skipped + n) };
  }

  /** The last day that has been measured. */
  lastDay(/** @type {number} */ now) {
    return easternDay(now);
  }

  /**
   * Every measurement of [from, to): when, and how much.
   *
   * @param {Holder} holder
   * @param {{ from: number, to: number, step: Step, now: number }} range
   */
  *between(holder, { from, to, step, now }) {
    const first = easternDay(from - 1) + 1;
    const last = Math.min(easternDay(to - 1), this.lastDay(now));
    const { count, day } = this.series({ first, last, step });
    for (let n = 0; n < count; n += 1) {
      yield { time: easternMidnight(day(n)), bytes: this.bytes(holder, day(n)) };
    }
  }
}
