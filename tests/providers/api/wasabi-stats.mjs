// Wasabi's Stats API: `standalone/utilizations` of one account and its buckets, by day, in pages (docs/formats.md#wasabi).
import { Hono } from "hono";
import { dayOf, parseDate } from "../calendar.mjs";
import { spoil } from "./context.mjs";
import { Refusal, accountDay, bucketDay } from "./wasabi.mjs";

/** @typedef {import("./context.mjs").Api} Api */
/** @typedef {import("./context.mjs").Context} Context */
/** @typedef {import("./context.mjs").Env} Env */

const LARGEST_PAGE = 100;
const MOST_DAYS = 60;
const DEFAULT_DAYS = 30;

/**
 * @param {object} options
 * @param {import("../data/wasabi.mjs").WasabiData} options.data
 * @param {() => number} options.clock
 * @param {{ accessKey: string, secretKey: string, account: string }} options.credentials the keys are of one account
 * @returns {Api}
 */
export function wasabiStatsApi({ data, clock, credentials }) {
  const accounts = [Number(credentials.account)];

  /** @type {Api["fault"]} */
  const fault = (c, status, message) => c.json({ message }, /** @type {any} */ (status));

  /** @type {Api["credentialOf"]} */
  const credentialOf = (c) => {
    const keys = c.req.header("authorization");
    return keys === undefined ? "missing" : keys === `${credentials.accessKey}:${credentials.secretKey}` ? "right" : "wrong";
  };

  const rangeOf = (/** @type {Context} */ c) => {
    const now = clock();
    const day = (/** @type {string} */ name, /** @type {number} */ fallback) => {
      const text = c.req.query(name);
      const day = text === undefined ? fallback : parseDate(text);
      if (day === null) {
        throw new Refusal(400, `Invalid ${name} date: ${text}`);
      }
      return day;
    };
    if (c.req.query("latest") === "true") {
      const last = data.lastDay(now);
      return { first: last, end: last + 1, now };
    }
    const [first, end] = [day("from", dayOf(now) - DEFAULT_DAYS), day("to", dayOf(now))];
    if (end - first > MOST_DAYS) {
      throw new Refusal(400, `The range between from and to cannot be more than ${MOST_DAYS} days`);
    }
    return { first, end, now };
  };

  /** `pageNum` and `pageSize`; a size of 0 is the largest. */
  const cutOf = (/** @type {Context} */ c) => {
    const number = (/** @type {string} */ name) => {
      const text = c.req.query(name) ?? "0";
      if (!/^\d{1,9}$/.test(text)) {
        throw new Refusal(400, `Invalid ${name}: ${text}`);
      }
      return Number(text);
    };
    return { number: number("pageNum"), size: Math.min(number("pageSize") || LARGEST_PAGE, LARGEST_PAGE) };
  };

  /** A page of a listing whose rows are identified by their position. */
  const paged = (/** @type {Context} */ c, /** @type {number} */ length, /** @type {(position: number) => string} */ row) => {
    const { number, size } = cutOf(c);
    const affected = c.get("affected");
    const { rows: there, skipped, count } = spoil(affected, length);
    // The fault `endless-next`: the last page is returned repeatedly.
    const from = affected.endless && number * size >= there ? Math.max(0, there - size) : number * size;
    const rows = Array.from({ length: Math.max(0, Math.min(size, there - from)) }, (_, i) => row(from + i + skipped));
    if (affected.doubled && rows[0] !== undefined) {
      rows.unshift(rows[0]);
    }
    // Later pages do not count.
    const isCounted = number === 0 && !affected.uncounted;
    const info = {
      RecordCount: isCounted ? count : 0,
      PageCount: isCounted ? Math.ceil(count / size) : 0,
      PageSize: size,
      PageNum: number,
    };
    return c.body(`{"PageInfo": ${JSON.stringify(info)}, "Records": [${rows.join(",\n")}]}`, 200, { "Content-Type": "application/json" });
  };

  const buckets = (/** @type {Context} */ c) => {
    const { end, ...range } = rangeOf(c);
    const query = { ...range, accounts, bucket: c.req.param("bucket") ?? null };
    const rows = [...data.bucketDays({ ...query, end })];
    const more = c.get("affected").hasOneMore ? data.bucketDays({ ...query, first: end, end: end + 1 }).next().value : undefined;
    return paged(c, rows.length, (position) => {
      const { bucket, day } = /** @type {{ bucket: import("../data/wasabi.mjs").Bucket, day: number }} */ (rows[position] ?? more);
      return bucketDay(data, { bucket, day, measures: data.measures(bucket, day) });
    });
  };

  const account = (/** @type {Context} */ c) => {
    const { end, ...range } = rangeOf(c);
    const regional = c.req.query("includeRegionalUtilizations") === "true";
    const rows = [...data.accountDaily({ ...range, accounts, end: c.get("affected").hasOneMore ? end + 1 : end })];
    const length = data.countAccountDaily({ ...range, accounts, end });
    return paged(c, length, (position) => accountDay(data, /** @type {typeof rows[number]} */ (rows[position]), regional));
  };

  const answered = (/** @type {(c: Context) => Response} */ list) => (/** @type {Context} */ c) => {
    if (c.get("credential") !== "right") {
      return fault(c, 401, "Unauthorized");
    }
    try {
      return list(c);
    } catch (error) {
      if (error instanceof Refusal) {
        return fault(c, error.status, error.message);
      }
      throw error;
    }
  };

  /** @type {Hono<Env>} */
  const app = new Hono();
  app.get("/v1/standalone/utilizations", answered(account));
  app.get("/v1/standalone/utilizations/bucket", answered(buckets));
  app.get("/v1/standalone/utilizations/bucket/:bucket", answered(buckets));
  app.all("*", (c) => fault(c, 404, "Not Found"));

  return { app, credentialOf, fault, expired: (c) => fault(c, 401, "Unauthorized") };
}
