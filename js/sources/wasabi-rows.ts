import { field, jsonIn } from "./json.js";
import { DAY, type Period } from "./period.js";

/** A row of Wasabi: the parts that distinguish it from others. */
export interface Row {
  /** The bucket's number, or an empty text for a row of an account. */
  bucket: string;
  /** Its start in epoch milliseconds; NaN if it has none. */
  start: number;
  /** A hash of the whole row, never 0. */
  hash: number;
}

/** The rows of a page: those of its `Records`, of a bare list, or a single one. Any other body has none. */
export function rowsIn(body: Uint8Array): Row[] {
  const root = jsonIn(body);
  const list = Array.isArray(root) ? root : field(root, "Records");
  return Array.isArray(list)
    ? list.map((row) => ({
        bucket: String(field(row, "BucketNum") ?? field(row, "Bucket") ?? ""),
        start: Date.parse(String(field(row, "StartTime"))),
        hash: hashOf(JSON.stringify(row)),
      }))
    : [];
}

/** A 32-bit hash of a text (FNV-1a), never 0. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0 || 1;
}

/** The result of adding a page. */
export interface Found {
  rows: number;
  /** Rows that were on an earlier page. */
  again: number;
  /** Rows that occur twice on this page. */
  doubled: number;
}

/** The rows of a listing that were read: four bytes for each bucket and day. */
export class SeenRows {
  readonly #first: number;
  readonly #days: number;
  /** By bucket: the hash of each day's row; 0 if there was none. */
  readonly #buckets = new Map<string, Uint32Array>();

  constructor({ from, to }: Period) {
    this.#first = from;
    this.#days = Math.ceil((to - from) / DAY);
  }

  /**
   * Adds the rows of a page. A row that differs from one of the same bucket and day is a newer version of it, and new.
   * Rows outside the period are not stored.
   */
  add(rows: readonly Row[]): Found {
    const found: Found = { rows: rows.length, again: 0, doubled: 0 };
    const onPage = new Set<string>();
    for (const { bucket, start, hash } of rows) {
      const day = Math.floor((start - this.#first) / DAY);
      if (!(day >= 0 && day < this.#days)) {
        continue;
      }
      const days = this.#buckets.get(bucket) ?? new Uint32Array(this.#days);
      const key = `${day} ${hash} ${bucket}`;
      if (onPage.has(key)) {
        found.doubled += 1;
      } else if (days[day] === hash) {
        found.again += 1;
      }
      onPage.add(key);
      days[day] = hash;
      this.#buckets.set(bucket, days);
    }
    return found;
  }

  /**
   * The days that a bucket may lack, each with the buckets that lack it: those between two of its days, and those
   * next to its first and last, if any bucket has a row on that day.
   */
  gaps(): Map<number, Set<string>> {
    const gaps = new Map<number, Set<string>>();
    const isEmpty = Array.from({ length: this.#days }, (_, day) => [...this.#buckets.values()].every((days) => days[day] === 0));
    for (const [bucket, days] of this.#buckets) {
      const seen = [...days.keys()].filter((day) => days[day] !== 0);
      const last = Math.min((seen.at(-1) ?? 0) + 1, this.#days - 1);
      for (let day = Math.max(0, (seen[0] ?? 0) - 1); day <= last; day += 1) {
        if (days[day] === 0 && !isEmpty[day]) {
          const start = this.#first + day * DAY;
          gaps.set(start, (gaps.get(start) ?? new Set()).add(bucket));
        }
      }
    }
    return gaps;
  }
}
