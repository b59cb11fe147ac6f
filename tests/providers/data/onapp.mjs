// What OnApp's users owe for each hour. A row is made every 3601 seconds: an hour, and a second more each time.
import { HOUR, SECOND } from "../calendar.mjs";
import { fixed, powerOfTen } from "../decimal.mjs";
import { Dice, place, within } from "../random.mjs";

const STEP = HOUR + SECOND;
/** After the hour, as in the vendor's samples. */
const FIRST_MINUTE = 43 * 60 * SECOND + 36 * SECOND;
/** Digits after the point of the smallest prices. */
const SCALE = 17;
const SIGNIFICANT = 15;

/** The costs of resources that are no machines. `backup_count` and `template_count` bear the names of others since version 5.6. */
export const RESOURCES = /** @type {const} */ ([
  "backup_count",
  "template_count",
  "storage_disk_size",
  "edge_group",
  "backup",
  "template",
  "backup_disk_size",
  "monit",
  "template_disk_size",
]);

/** @typedef {{ id: number, usage: bigint, resources: bigint }} Machine costs in units of 10^-17, as all of these */
/** @typedef {{ costs: Record<typeof RESOURCES[number], bigint>, machines: Machine[] }} Bill */

export class OnappData {
  #seed;
  #first;
  #machines;

  /** @param {{ seed: number, since: number, users: number, machines: number }} world machines: of each user, at the most */
  constructor({ seed, since, users, machines }) {
    this.#seed = place(seed, "onapp");
    this.#first = Math.ceil(since / HOUR) * HOUR + FIRST_MINUTE;
    this.#machines = machines;
    this.users = Array.from({ length: users }, (_, i) => 4 + i);
  }

  /**
   * The rows with from ≤ stat_time ≤ to that are made by now: the first row's number, and how many.
   *
   * @param {{ from: number, to: number, now: number }} range both inclusive
   */
  rows({ from, to, now }) {
    const first = Math.max(0, Math.ceil((from - this.#first) / STEP));
    const last = Math.floor((Math.min(to, now) - this.#first) / STEP);
    return { first, count: Math.max(0, last - first + 1) };
  }

  time(/** @type {number} */ row) {
    return this.#first + row * STEP;
  }

  /**
   * @param {number} user
   * @param {number} row
   * @returns {Bill}
   */
  bill(user, row) {
    const dice = new Dice(within(place(this.#seed, user), row));
    const costs = /** @type {Bill["costs"]} */ ({});
    for (const name of RESOURCES) {
      costs[name] = dice.oneIn(4) ? 0n : BigInt(dice.below(90)) * powerOfTen(SCALE) + BigInt(dice.below(10 ** 9)) * powerOfTen(SCALE - 9);
    }
    // Traffic costs next to nothing: digits down to the seventeenth, in exponent form where it is least.
    costs.edge_group = BigInt(dice.below(dice.oneIn(3) ? 10 ** 12 : 10 ** 14));
    const machines = Array.from({ length: dice.below(this.#machines + 1) }, (_, i) => ({
      // 0 represents a deleted machine.
      id: dice.oneIn(9) ? 0 : 1000 * user + i,
      usage: BigInt(dice.below(10 ** 6)) * powerOfTen(SCALE - 6),
      resources: BigInt(dice.below(20)) * powerOfTen(SCALE - 1),
    }));
    // Only one of the machines of an hour can be the one that is no more.
    const gone = machines.findIndex(({ id }) => id === 0);
    return { costs, machines: machines.filter(({ id }, i) => id !== 0 || i === gone) };
  }

  /**
   * The bill of several rows together.
   *
   * @param {number} user
   * @param {{ first: number, count: number }} rows
   * @returns {Bill}
   */
  together(user, { first, count }) {
    const costs = /** @type {Bill["costs"]} */ (Object.fromEntries(RESOURCES.map((name) => [name, 0n])));
    /** @type {Map<number, Machine>} */
    const machines = new Map();
    for (let row = first; row < first + count; row += 1) {
      const bill = this.bill(user, row);
      RESOURCES.forEach((name) => (costs[name] += bill.costs[name]));
      for (const { id, usage, resources } of bill.machines) {
        const known = machines.get(id) ?? { id, usage: 0n, resources: 0n };
        machines.set(id, { id, usage: known.usage + usage, resources: known.resources + resources });
      }
    }
    return { costs, machines: [...machines.values()] };
  }
}

/**
 * The lines of a bill as OnApp writes them, each with the digits of a float.
 *
 * @param {Bill} bill
 */
export function lines({ costs, machines }) {
  const sum = (/** @type {bigint[]} */ all) => all.reduce((total, cost) => total + cost, 0n);
  const resources = sum(Object.values(costs));
  const vm = sum(machines.map(({ usage, resources: own }) => usage + own));
  return {
    costs: /** @type {Record<typeof RESOURCES[number], string>} */ (Object.fromEntries(Object.entries(costs).map(([name, cost]) => [name, money(cost)]))),
    vm: money(vm),
    userResources: money(resources),
    total: money(vm + resources),
    machines: machines.map(({ id, usage, resources: own }) => ({
      id,
      total: money(usage + own),
      usage: money(usage),
      resources: money(own),
    })),
  };
}

/** Digits as Ruby shows a float: `0.0`, `96500.0004196997`, `4.19e-05`; cut after 15 that count. */
export function money(/** @type {bigint} */ units) {
  const length = units.toString().length;
  const cut = length > SIGNIFICANT ? units - (units % powerOfTen(length - SIGNIFICANT)) : units;
  if (cut !== 0n && cut < powerOfTen(SCALE - 4)) {
    const digits = cut.toString().replace(/0+$/, "");
    const exponent = SCALE - cut.toString().length + 1;
    return `${digits[0]}.${digits.slice(1) || "0"}e-${String(exponent).padStart(2, "0")}`;
  }
  const text = fixed(cut, SCALE).replace(/0+$/, "");
  return text.endsWith(".") ? `${text}0` : text;
}
