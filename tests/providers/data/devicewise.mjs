// How often the organisations of deviceWISE called each service: a number for every hour.
import { HOUR, easternDay, easternMidnight } from "../calendar.mjs";
import { Dice, place, within } from "../random.mjs";

const SERVICES = ["location", "mailbox", "module", "thing", "thing_def", "trigger", "tunnel", "twilio", "usage", "user"];

/** @typedef {"hour" | "day"} Series */
/** @typedef {{ start: number, end: number }} Bucket */

export class DevicewiseData {
  #seed;
  #since;

  /** @param {{ seed: number, since: number, services: number, subOrganisations: number }} world */
  constructor({ seed, since, services, subOrganisations }) {
    this.#seed = place(seed, "devicewise");
    this.#since = since;
    this.services = Array.from({ length: services }, (_, i) => SERVICES[i] ?? `service_${i + 1}`);
    const id = (/** @type {number} */ i) => new Dice(place(this.#seed, "organisation", i)).hex(24);
    this.organisation = id(0);
    this.subOrganisations = Array.from({ length: subOrganisations }, (_, i) => id(i + 1));
  }

  /**
   * Calls of one service in the hour that begins at `time`.
   *
   * @param {string} organisation
   * @param {number} service its index
   * @param {number} time
   */
  #callsOfHour(organisation, service, time) {
    const dice = new Dice(within(place(this.#seed, organisation, service), time / HOUR));
    return dice.oneIn(4) ? 0 : dice.below(dice.oneIn(3) ? 20_000 : 50);
  }

  /**
   * Calls of one service in a bucket.
   *
   * @param {string[]} organisations
   * @param {number} service its index
   * @param {Bucket} bucket
   */
  calls(organisations, service, { start, end }) {
    let calls = 0;
    for (const organisation of organisations) {
      for (let time = start; time < end; time += HOUR) {
        calls += this.#callsOfHour(organisation, service, time);
      }
    }
    return calls;
  }

  /**
   * The hours, or the days of the east coast, that touch [from, to), as far as they are over.
   *
   * @param {{ from: number, to: number, series: Series, now: number }} range
   * @returns {Generator<Bucket>}
   */
  *buckets({ from, to, series, now }) {
    const until = Math.min(to, now);
    const since = Math.max(from, this.#since);
    if (series === "hour") {
      for (let start = Math.floor(since / HOUR) * HOUR; start < until && start + HOUR <= now; start += HOUR) {
        yield { start, end: start + HOUR };
      }
      return;
    }
    for (let day = easternDay(since); easternMidnight(day) < until && easternMidnight(day + 1) <= now; day += 1) {
      yield { start: easternMidnight(day), end: easternMidnight(day + 1) };
    }
  }

  /** The buckets that begin in [from, to). */
  *between(/** @type {{ from: number, to: number, series: Series, now: number }} */ range) {
    for (const bucket of this.buckets(range)) {
      if (bucket.start >= range.from) {
        yield bucket;
      }
    }
  }
}
