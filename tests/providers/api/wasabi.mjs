// Wasabi WACA: `utilizations` of buckets and accounts, by day and by invoice, in one bare list (docs/formats.md#wasabi).
import { Hono } from "hono";
import { streamOf } from "../body.mjs";
import { DAY, parseDate, secondOf } from "../calendar.mjs";
import { MEASURES, gib } from "../data/wasabi.mjs";

/** @typedef {import("./context.mjs").Api} Api */
/** @typedef {import("./context.mjs").Context} Context */
/** @typedef {import("./context.mjs").Env} Env */
/** @typedef {import("../data/wasabi.mjs").Bucket} Bucket */

const PLAN = 14_020;

/** A request that cannot be answered, and with which status. */
export class Refusal extends Error {
  constructor(/** @type {number} */ status, /** @type {string} */ message) {
    super(message);
    this.status = status;
  }
}

/**
 * @param {object} options
 * @param {import("../data/wasabi.mjs").WasabiData} options.data
 * @param {() => number} options.clock
 * @param {{ key: string }} options.credentials
 * @returns {Api}
 */
export function wasabiApi({ data, clock, credentials }) {
  /** @type {Api["fault"]} */
  const fault = (c, status, message) => c.json({ Msg: message }, /** @type {any} */ (status));

  /** @type {Api["credentialOf"]} */
  const credentialOf = (c) => {
    const key = c.req.header("authorization");
    return key === undefined ? "missing" : key === credentials.key ? "right" : "wrong";
  };

  const rangeOf = (/** @type {Context} */ c) => {
    const day = (/** @type {string} */ name) => {
      const text = c.req.query(name);
      const day = text === undefined ? null : parseDate(text);
      if (text !== undefined && day === null) {
        throw new Refusal(400, `Invalid ${name} date: ${text}`);
      }
      return day;
    };
    const now = clock();
    if (c.req.query("latest") === "true") {
      const last = data.lastDay(now);
      return { first: last, end: last + 1, now };
    }
    // `to` is exclusive: a row is in where its EndTime is not after it.
    return { first: day("from"), end: day("to"), now };
  };

  const buckets = (/** @type {Context} */ c, /** @type {number[]} */ accounts) => {
    const bucket = c.req.param("bucket") ?? null;
    const invoice = c.req.query("invoice");
    if (invoice === undefined) {
      return mapped(data.daily({ accounts, bucket, ...rangeOf(c) }), (row) => bucketDay(data, row));
    }
    const days = /^\d{1,9}$/.test(invoice) ? data.invoice(Number(invoice), clock()) : null;
    if (days === null) {
      throw new Refusal(404, `Invoice ${invoice} not found`);
    }
    return mapped(data.rolled({ accounts, bucket, ...days }), bucketInvoice);
  };

  const account = (/** @type {Context} */ c, /** @type {number[]} */ accounts) => {
    const regional = c.req.query("includeRegionalUtilizations") === "true";
    return mapped(data.accountDaily({ accounts, ...rangeOf(c) }), (row) => accountDay(data, row, regional));
  };

  const answered = (/** @type {(c: Context, accounts: number[]) => Iterable<string>} */ list) => (/** @type {Context} */ c) => {
    if (c.get("credential") !== "right") {
      return fault(c, 401, "Invalid API key");
    }
    if (c.req.header("x-wasabi-service") !== "partner") {
      return fault(c, 403, "You are not permitted to complete that action");
    }
    const asked = c.req.param("account");
    const accounts = asked === undefined ? data.accounts : data.accounts.filter((number) => String(number) === asked);
    if (accounts.length === 0) {
      return fault(c, 404, `Account ${asked} not found`);
    }
    try {
      return c.body(streamOf(listOf(list(c, accounts))), 200, { "Content-Type": "application/json" });
    } catch (error) {
      if (error instanceof Refusal) {
        return fault(c, error.status, error.message);
      }
      throw error;
    }
  };

  /** @type {Hono<Env>} */
  const app = new Hono();
  for (const scope of ["/v1/accounts/:account/utilizations", "/v1/utilizations"]) {
    app.get(scope, answered(account));
    app.get(`${scope}/buckets`, answered(buckets));
    app.get(`${scope}/buckets/:bucket`, answered(buckets));
  }
  app.all("*", (c) => fault(c, 404, "Not found"));

  return { app, credentialOf, fault, expired: (c) => fault(c, 401, "Invalid API key") };
}

/**
 * @template Row
 * @param {Iterable<Row>} rows
 * @param {(row: Row) => string} text
 */
function* mapped(rows, text) {
  for (const row of rows) {
    yield text(row);
  }
}

/** The pieces of a bare list. */
function* listOf(/** @type {Iterable<string>} */ rows) {
  let before = "[\n";
  for (const row of rows) {
    yield before + row;
    before = ",\n";
  }
  yield before === "[\n" ? "[]" : "\n]";
}

const members = (/** @type {Record<string, number | bigint>} */ measures) => MEASURES.map((name) => `"${name}": ${measures[name]}`).join(",\n");

/**
 * @param {import("../data/wasabi.mjs").WasabiData} data
 * @param {{ bucket: Bucket, day: number, measures: import("../data/wasabi.mjs").Measures }} row
 */
export function bucketDay(data, { bucket, day, measures }) {
  return `{
"BucketUtilizationNum": ${data.rowNumber(bucket, day)},
"AcctNum": ${bucket.account},
"AcctPlanNum": 0,
"BucketNum": ${bucket.number},
"StartTime": "${secondOf(day * DAY)}",
"EndTime": "${secondOf((day + 1) * DAY)}",
"CreateTime": "${secondOf(data.created(day))}",
${members(measures)},
"Bucket": ${JSON.stringify(bucket.name)},
"Region": "${bucket.region}"
}`;
}

/**
 * @param {import("../data/wasabi.mjs").WasabiData} data
 * @param {{ account: number, day: number, total: Record<string, bigint>, regions: Map<string, Record<string, bigint>>, least: bigint }} row
 * @param {boolean} regional
 */
export function accountDay(data, { account, day, total, regions, least }, regional) {
  const region = ([name, measures] = /** @type {[string, Record<string, bigint>]} */ (["", {}])) => `"${name}": {\n${members(measures)}\n}`;
  const parts = regional ? `,\n"RegionalUtilizations": {\n${Array.from(regions, region).join(",\n")}\n}` : "";
  return `{
"UtilizationNum": ${data.accountRowNumber(account, day)},
"AcctNum": ${account},
"AcctPlanNum": ${PLAN},
"StartTime": "${secondOf(day * DAY)}",
"EndTime": "${secondOf((day + 1) * DAY)}",
"CreateTime": "${secondOf(data.created(day))}",
${members(total)},
"MinStorageChargeBytes": ${least}${parts}
}`;
}

/** @param {{ bucket: Bucket, first: number, end: number, sums: Record<string, bigint> }} row */
function bucketInvoice({ bucket, first, end, sums }) {
  const of = (/** @type {string} */ name) => /** @type {bigint} */ (sums[name]);
  return `{
"AcctNum": ${bucket.account},
"AcctPlanNum": ${PLAN},
"BucketNum": ${bucket.number},
"StartTime": "${secondOf(first * DAY)}",
"EndTime": "${secondOf(end * DAY)}",
"RawStorageSizeGBDays": ${gib(of("RawStorageSizeBytes"))},
"PaddedStorageSizeGBDays": ${gib(of("PaddedStorageSizeBytes"))},
"MetadataStorageSizeGBDays": ${gib(of("MetadataStorageSizeBytes"))},
"DeletedStorageSizeGBDays": ${gib(of("DeletedStorageSizeBytes"))},
"OrphanedStorageSizeGB": ${gib(of("OrphanedStorageSizeBytes"))},
"NumAPICalls": ${of("NumAPICalls")},
"UploadGB": ${gib(of("UploadBytes"))},
"DownloadGB": ${gib(of("DownloadBytes"))},
"StorageWroteGB": ${gib(of("StorageWroteBytes"))},
"StorageReadGB": ${gib(of("StorageReadBytes"))},
"NumGETCalls": ${of("NumGETCalls")},
"NumPUTCalls": ${of("NumPUTCalls")},
"NumDELETECalls": ${of("NumDELETECalls")},
"NumLISTCalls": ${of("NumLISTCalls")},
"NumHEADCalls": ${of("NumHEADCalls")},
"Bucket": ${JSON.stringify(bucket.name)},
"Region": "${bucket.region}"
}`;
}
