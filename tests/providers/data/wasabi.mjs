// The stored and transferred bytes of Wasabi's buckets: a row for every bucket and day, and the same rolled up for an invoice.
import { DAY, HOUR, SECOND, dayOf } from "../calendar.mjs";
import { Dice, place, within } from "../random.mjs";

const REGIONS = ["us-east-1", "us-west-1", "eu-central-1", "ap-northeast-1"];
const FIRST_BUCKET = 1_000_000;
const FIRST_INVOICE = 9000;
const INVOICE_DAY = 28;
/** The least that an account is billed for: a terabyte. */
const LEAST_BYTES = 2n ** 40n;

/**
 * @typedef {object} Bucket
 * @property {number} index among those of its account
 * @property {number} accountIndex
 * @property {number} account
 * @property {number} number
 * @property {string} name
 * @property {string} region
 * @property {number} place
 * @property {number} first its first day
 * @property {number} end the first day it is no more
 * @property {boolean} huge
 */

/** @typedef {{ first: number | null, end: number | null, now: number }} Days [first, end), as far as they are there by now */

/** The measured fields of a day, in the order of the vendor's samples. */
export const MEASURES = /** @type {const} */ ([
  "NumBillableObjects",
  "NumBillableDeletedObjects",
  "RawStorageSizeBytes",
  "PaddedStorageSizeBytes",
  "MetadataStorageSizeBytes",
  "DeletedStorageSizeBytes",
  "OrphanedStorageSizeBytes",
  "NumAPICalls",
  "UploadBytes",
  "DownloadBytes",
  "StorageWroteBytes",
  "StorageReadBytes",
  "NumGETCalls",
  "NumPUTCalls",
  "NumDELETECalls",
  "NumLISTCalls",
  "NumHEADCalls",
  "DeleteBytes",
]);

/** @typedef {Record<typeof MEASURES[number], number | bigint>} Measures */

export class WasabiData {
  #seed;
  #since;
  #size;
  /** @type {Map<number, Bucket[]>} */
  #buckets = new Map();

  /** @param {{ seed: number, since: number, accounts: number, buckets: number }} world buckets: of each account */
  constructor({ seed, since, accounts, buckets }) {
    this.#seed = place(seed, "wasabi");
    this.#since = dayOf(since);
    this.#size = { accounts, buckets };
    this.accounts = Array.from({ length: accounts }, (_, i) => 101_430 + i * 7);
  }

  /**
   * The buckets of an account, in the order of their numbers.
   *
   * The first two share their name, in two regions; the third is deleted after some years and so bears a number before
   * its name; the fourth holds more than 2^53 bytes; the fifth came later. So it goes on with every ten.
   *
   * @param {number} account
   */
  buckets(account) {
    const known = this.#buckets.get(account);
    if (known !== undefined) {
      return known;
    }
    const accountIndex = this.accounts.indexOf(account);
    const made = Array.from({ length: accountIndex < 0 ? 0 : this.#size.buckets }, (_, index) => {
      const own = place(this.#seed, account, index);
      const dice = new Dice(own);
      const kind = index % 10;
      const name = `media-${kind === 1 ? index - 1 : index}`;
      return {
        index,
        accountIndex,
        account,
        number: FIRST_BUCKET + accountIndex * this.#size.buckets + index,
        name: kind === 2 ? `1.${name}` : name,
        region: /** @type {string} */ (REGIONS[index % REGIONS.length]),
        place: own,
        first: this.#since + (kind === 4 ? 400 + dice.below(365) : 0),
        end: kind === 2 ? this.#since + 900 + dice.below(365) : Infinity,
        huge: kind === 3,
      };
    });
    this.#buckets.set(account, made);
    return made;
  }

  /** When a day's row was calculated: some hours into the next day. */
  created(/** @type {number} */ day) {
    return (day + 1) * DAY + 2 * HOUR + new Dice(within(this.#seed, day)).below(8 * 3600) * SECOND;
  }

  /** The days of [first, end) whose rows exist by now. */
  #days(/** @type {Days} */ { first, end, now }) {
    const today = dayOf(now);
    const over = this.created(today - 1) <= now ? today : this.created(today - 2) <= now ? today - 1 : today - 2;
    return { first: Math.max(first ?? this.#since, this.#since), end: Math.min(end ?? over, over) };
  }

  /** The last day whose rows exist by now. */
  lastDay(/** @type {number} */ now) {
    return this.#days({ first: null, end: null, now }).end - 1;
  }

  #chosen(/** @type {number[]} */ accounts, /** @type {string | null} */ name) {
    const all = accounts.flatMap((account) => this.buckets(account));
    return name === null ? all : all.filter((bucket) => bucket.name === name);
  }

  /**
   * The rows of the days [first, end): day by day, every bucket, or those of a name, which several may bear.
   *
   * @param {Days & { accounts: number[], bucket: string | null }} query
   */
  *daily(query) {
    for (const { bucket, day } of this.bucketDays(query)) {
      yield { bucket, day, measures: this.measures(bucket, day) };
    }
  }

  /**
   * Which rows `daily` gives, without what is measured.
   *
   * @param {Days & { accounts: number[], bucket: string | null }} query
   */
  *bucketDays({ accounts, bucket: name, ...range }) {
    const { first, end } = this.#days(range);
    const buckets = this.#chosen(accounts, name);
    for (let day = first; day < end; day += 1) {
      for (const bucket of buckets) {
        if (day >= bucket.first && day < bucket.end) {
          yield { bucket, day };
        }
      }
    }
  }

  /**
   * How many rows `daily` gives.
   *
   * @param {Days & { accounts: number[], bucket: string | null }} query
   */
  countDaily({ accounts, bucket: name, ...range }) {
    const { first, end } = this.#days(range);
    const days = (/** @type {Bucket} */ bucket) => Math.max(0, Math.min(end, bucket.end) - Math.max(first, bucket.first));
    return this.#chosen(accounts, name).reduce((sum, bucket) => sum + days(bucket), 0);
  }

  /** A number no other row has. */
  rowNumber(/** @type {Bucket} */ bucket, /** @type {number} */ day) {
    return (day - this.#since) * this.#size.accounts * this.#size.buckets + bucket.accountIndex * this.#size.buckets + bucket.index + 1;
  }

  /**
   * Most days are quiet.
   *
   * @param {Bucket} bucket
   * @param {number} day
   * @returns {Measures}
   */
  measures(bucket, day) {
    const dice = new Dice(within(bucket.place, day));
    const busy = dice.oneIn(4);
    const objects = 1 + dice.below(9000);
    const raw = objects * (4096 + dice.below(9_000_000));
    const padding = objects * dice.below(4096);
    const large = bucket.huge ? BigInt(raw) * 1_048_573n + 1n : raw;
    const calls = (/** @type {number} */ most) => (busy ? dice.below(most) : 0);
    const [gets, puts, deletes, lists, heads] = [calls(90_000), calls(40_000), calls(900), calls(4000), calls(20_000)];
    const upload = busy ? dice.below(2 ** 36) : dice.below(90_000);
    const download = busy ? dice.below(2 ** 36) : dice.below(90_000);
    return {
      NumBillableObjects: objects,
      NumBillableDeletedObjects: calls(5000),
      RawStorageSizeBytes: large,
      PaddedStorageSizeBytes: typeof large === "bigint" ? large + BigInt(padding) : large + padding,
      MetadataStorageSizeBytes: objects * 48,
      DeletedStorageSizeBytes: busy ? dice.below(2 ** 34) : 0,
      OrphanedStorageSizeBytes: 0,
      // Not every call has a verb.
      NumAPICalls: gets + puts + deletes + lists + heads + dice.below(90),
      UploadBytes: upload,
      DownloadBytes: download,
      StorageWroteBytes: upload - dice.below(1 + Math.floor(upload / 50)),
      StorageReadBytes: download - dice.below(1 + Math.floor(download / 50)),
      NumGETCalls: gets,
      NumPUTCalls: puts,
      NumDELETECalls: deletes,
      NumLISTCalls: lists,
      NumHEADCalls: heads,
      DeleteBytes: busy ? dice.below(2 ** 30) : 0,
    };
  }

  /**
   * The rows of whole accounts, day by day: what their buckets have together, by region, and calls that belong to no bucket.
   *
   * @param {Days & { accounts: number[] }} query
   */
  *accountDaily({ accounts, ...range }) {
    const { first, end } = this.#days(range);
    for (let day = first; day < end; day += 1) {
      for (const account of accounts) {
        yield { account, day, ...this.#accountDay(account, day) };
      }
    }
  }

  countAccountDaily(/** @type {Days & { accounts: number[] }} */ { accounts, ...range }) {
    const { first, end } = this.#days(range);
    return Math.max(0, end - first) * accounts.length;
  }

  #accountDay(/** @type {number} */ account, /** @type {number} */ day) {
    const nothing = () => /** @type {Record<typeof MEASURES[number], bigint>} */ (Object.fromEntries(MEASURES.map((name) => [name, 0n])));
    const total = nothing();
    /** @type {Map<string, ReturnType<typeof nothing>>} */
    const regions = new Map();
    for (const { bucket, measures } of this.daily({ accounts: [account], bucket: null, first: day, end: day + 1, now: Infinity })) {
      const region = regions.get(bucket.region) ?? nothing();
      regions.set(bucket.region, region);
      for (const name of MEASURES) {
        const value = BigInt(measures[name]);
        total[name] += value;
        region[name] += value;
      }
    }
    const lists = BigInt(1 + new Dice(within(place(this.#seed, "account", account), day)).below(9));
    total.NumAPICalls += lists;
    total.NumLISTCalls += lists;
    const billed = total.PaddedStorageSizeBytes + total.MetadataStorageSizeBytes + total.DeletedStorageSizeBytes;
    return { total, regions, least: billed < LEAST_BYTES ? LEAST_BYTES - billed : 0n };
  }

  /** A number no other account row has. */
  accountRowNumber(/** @type {number} */ account, /** @type {number} */ day) {
    return (day - this.#since) * this.#size.accounts + this.accounts.indexOf(account) + 1;
  }

  /** The days [first, end) of an invoice; `null` where there is none of that number. */
  invoice(/** @type {number} */ number, /** @type {number} */ now) {
    const months = number - FIRST_INVOICE;
    const [first, end] = [Date.UTC(2015, months, INVOICE_DAY) / DAY, Date.UTC(2015, months + 1, INVOICE_DAY) / DAY];
    return months >= 0 && first >= this.#since && end - 1 <= this.lastDay(now) ? { first, end } : null;
  }

  /** The number of the invoice whose period begins on the 28th of a month, 0 being January. */
  invoiceNumber(/** @type {number} */ year, /** @type {number} */ month) {
    return FIRST_INVOICE + (year - 2015) * 12 + month;
  }

  /**
   * A row for every bucket of an invoice's days.
   *
   * @param {{ accounts: number[], bucket: string | null, first: number, end: number }} query
   */
  *rolled({ accounts, bucket: name, first, end }) {
    for (const bucket of this.#chosen(accounts, name)) {
      const days = { first: Math.max(first, bucket.first), end: Math.min(end, bucket.end) };
      if (days.first >= days.end) {
        continue;
      }
      const sums = /** @type {Record<typeof MEASURES[number], bigint>} */ (Object.fromEntries(MEASURES.map((measure) => [measure, 0n])));
      for (let day = days.first; day < days.end; day += 1) {
        const measures = this.measures(bucket, day);
        MEASURES.forEach((measure) => (sums[measure] += BigInt(measures[measure])));
      }
      yield { bucket, first, end, sums };
    }
  }
}

/** Bytes as GiB, or byte-days as GiB-days, with the shortest digits of a 32-bit float, as the vendor prints them. */
export function gib(/** @type {bigint} */ bytes) {
  const single = Math.fround(Number(bytes) / 2 ** 30);
  for (let digits = 1; ; digits += 1) {
    const shortest = Number(single.toPrecision(digits));
    if (Math.fround(shortest) === single || digits === 9) {
      return String(shortest);
    }
  }
}
