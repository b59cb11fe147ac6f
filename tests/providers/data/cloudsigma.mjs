// What CloudSigma's bursts used and cost: a sum of 5-minute samples for every day and resource type.
import { dayOf } from "../calendar.mjs";
import { powerOfTen } from "../decimal.mjs";
import { Dice, place, within } from "../random.mjs";

const GIB = 2 ** 30;
const SAMPLES_A_DAY = 288;
const SECONDS_A_SAMPLE = 300;

/** Digits after the point of an amount, as the vendor's samples have them. */
export const AMOUNT_SCALE = 20;

/**
 * A resource type: the largest level it is used at, in its base unit, its price in a hundredth of a cent, and what the
 * price is divided by (the vendor's own multipliers; the price of traffic does not depend on time).
 *
 * @typedef {{ name: string, level: number, price: number, multiplier: bigint, flow?: boolean }} Resource
 */

const GHZ_HOUR = 3_600_000n;
const GIB_HOUR = 3_865_470_566_400n;
const GIB_MONTH = 2_783_138_807_808_000n;
const COUNT_MONTH = 2_592_000n;

/** @type {Resource[]} */
const RESOURCES = [
  { name: "cpu", level: 64_000, price: 110, multiplier: GHZ_HOUR },
  { name: "mem", level: 96 * GIB, price: 65, multiplier: GIB_HOUR },
  { name: "dssd", level: 900 * GIB, price: 2660, multiplier: GIB_MONTH },
  { name: "ip", level: 40, price: 30_000, multiplier: COUNT_MONTH },
  { name: "vlan", level: 12, price: 100_000, multiplier: COUNT_MONTH },
  { name: "tx", level: 3000 * GIB, price: 500, multiplier: BigInt(GIB), flow: true },
  // The samples of 600 TiB for a whole day add up to more than 2^53.
  { name: "object_storage", level: 600 * 1024 * GIB, price: 400, multiplier: GIB_MONTH },
  { name: "intel_cpu", level: 128_000, price: 120, multiplier: GHZ_HOUR },
  { name: "intel_mem", level: 256 * GIB, price: 70, multiplier: GIB_HOUR },
  { name: "nvme", level: 400 * GIB, price: 3100, multiplier: GIB_MONTH },
  { name: "msft_lic_number", level: 9, price: 150_000, multiplier: COUNT_MONTH },
  { name: "rx_foreign", level: 800 * GIB, price: 100, multiplier: BigInt(GIB), flow: true },
];

const further = (/** @type {number} */ i) => ({ name: `dedicated_host_${i + 1}`, level: 6, price: 900_000, multiplier: COUNT_MONTH });

export class CloudsigmaData {
  #seed;
  #since;

  /** @param {{ seed: number, since: number, resources: number }} world */
  constructor({ seed, since, resources }) {
    this.#seed = place(seed, "cloudsigma");
    this.#since = dayOf(since);
    /** @type {Resource[]} */
    this.resources = Array.from({ length: resources }, (_, i) => RESOURCES[i] ?? further(i));
  }

  /**
   * @param {number} resource its index
   * @param {number} day
   * @returns {{ usage: bigint, amount: bigint }} amount in units of 10^-20
   */
  burst(resource, day) {
    const { level, price, multiplier, flow } = /** @type {Resource} */ (this.resources[resource]);
    const dice = new Dice(within(place(this.#seed, resource), day));
    const samples = dice.oneIn(3) ? dice.below(SAMPLES_A_DAY) : SAMPLES_A_DAY;
    const usage = BigInt(1 + dice.below(level)) * (flow ? 1n : BigInt(samples));
    const seconds = flow ? 1n : BigInt(SECONDS_A_SAMPLE);
    // The rate of exchange wavers, so that equal usage costs a little more or less.
    const rate = 1_000_000n + BigInt(dice.below(5));
    const amount = (usage * seconds * BigInt(price) * powerOfTen(AMOUNT_SCALE - 4) * rate) / (multiplier * 1_000_000n);
    return { usage, amount };
  }

  /** A row's id. */
  uuid(/** @type {number} */ resource) {
    const digits = new Dice(place(this.#seed, "uuid", resource)).hex(32);
    return [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(13, 16)}`, `9${digits.slice(17, 20)}`, digits.slice(20)].join("-");
  }

  /**
   * The days that are over, of those from `first` up to `end`, exclusive.
   *
   * @param {{ first: number, end: number, now: number }} range
   */
  days({ first, end, now }) {
    const from = Math.max(first, this.#since);
    return { first: from, count: Math.max(0, Math.min(end, dayOf(now)) - from) };
  }

  /**
   * Every row of the days [first, end), in arbitrary order, as the vendor sends them. After them come those of
   * the day after.
   *
   * @param {{ first: number, end: number, now: number }} range
   */
  daily(range) {
    const { first, count: days } = this.days(range);
    const count = days * this.resources.length;
    const stride = strideOf(count);
    const at = (/** @type {number} */ n) => {
      const scattered = n < count ? (n * stride) % count : n;
      const [resource, day] = [scattered % this.resources.length, first + Math.floor(scattered / this.resources.length)];
      return { resource, day, ...this.burst(resource, day) };
    };
    return { count, at };
  }

  /**
   * A row for every resource: its bursts of the days [first, end) together.
   *
   * @param {{ first: number, end: number, now: number }} range
   */
  accumulated(range) {
    const { first, count: days } = this.days(range);
    const at = (/** @type {number} */ resource) => {
      let [usage, amount] = [0n, 0n];
      for (let day = first; day < first + days; day += 1) {
        const burst = this.burst(resource, day);
        usage += burst.usage;
        amount += burst.amount;
      }
      return { resource, usage, amount };
    };
    return { count: days === 0 ? 0 : this.resources.length, at };
  }
}

/** A stride that visits every one of `count` places once. */
function strideOf(/** @type {number} */ count) {
  const shared = (/** @type {number} */ a, /** @type {number} */ b) => {
    while (b !== 0) {
      [a, b] = [b, a % b];
    }
    return a;
  };
  let stride = Math.floor(count * 0.618) + 1;
  while (count > 1 && shared(stride, count) !== 1) {
    stride += 1;
  }
  return stride;
}
