import { type Check, oneOf, refuse } from "../validate.js";
import type { Call } from "./call.js";
import { common, configOf, headerSecret, required, settingsOf } from "./config.js";
import { fetchWhole } from "./http.js";
import { sourceOf } from "./make.js";
import { ceil, DAY, dateOf, floor, type Period, slices } from "./period.js";
import { checkQuery, name, periodIn, positive } from "./query.js";
import type { Pages } from "./read.js";
import type { Source, SourceConfig } from "./source.js";
import { urlOf } from "./url.js";
import { rowsIn, SeenRows } from "./wasabi-rows.js";

/** The configuration of Wasabi's Stats API, for the owner of one account. */
export interface WasabiStatsConfig extends SourceConfig {
  /** Selects the Stats API. */
  api: "stats";
  /** Default `https://stats.wasabisys.com`. */
  baseUrl?: string;
  /** The access key of a root user, or of a user who may read statistics or billing. */
  accessKey: string;
  /** The secret key of the access key. */
  secretKey: string;
  /** The account of records whose rows have no account number. */
  account?: string;
  /** Days of one request, from 1 to 60; with fewer days, less is requested again after a failure. Default 31. */
  daysPerRequest?: number;
}

/** The longest period of one request. */
const MOST_DAYS = 60;

/** The most rows that a page has. */
const LARGEST_PAGE = 100;

const upTo =
  (most: number): Check<number> =>
  (value, path) =>
    positive(value, path) <= most ? (value as number) : refuse(path, `at most ${most}`, value);

const accessKey: Check<string> = (value, path) =>
  headerSecret(value, path).includes(":") ? refuse(path, "an access key, which has no colon", "a text with one") : (value as string);

const checkConfig = configOf<WasabiStatsConfig>({
  ...common,
  api: oneOf("stats"),
  accessKey,
  secretKey: headerSecret,
  account: name,
  daysPerRequest: upTo(MOST_DAYS),
});

/** Whether a configuration is for the Stats API. Refuses a configuration whose keys do not show which API is meant. */
export function isForStats(config: { api?: unknown } | undefined): config is WasabiStatsConfig {
  if (typeof config !== "object" || config === null) {
    return false;
  }
  const api = config.api === undefined ? undefined : oneOf("waca", "stats")(config.api, "api");
  const key = ["accessKey", "secretKey"].find((field) => field in config);
  if (api === undefined && key !== undefined) {
    refuse("api", `"stats" beside \`${key}\``, undefined);
  }
  return api === "stats";
}

const answerable = { resolutions: ["day"], fields: ["bucket", "level", "pageSize"] } as const;

/** Utilization of one account at Wasabi, of each bucket and day, or of the whole account and day with its regions. */
export function statsSource(config: WasabiStatsConfig): Source {
  const { account, daysPerRequest = 31, maxPages = 10_000, ...options } = checkConfig(config, "");
  const keys = required(options, { accessKey: "the account's access key", secretKey: "the secret key that belongs to it" });
  const authorization = `${keys.accessKey}:${keys.secretKey}`;
  const credentials = [keys.accessKey, keys.secretKey, authorization];
  const settings = settingsOf("wasabi", { ...options, maxPages }, options.baseUrl ?? "https://stats.wasabisys.com", credentials);
  const headers = { Accept: "application/json", Authorization: authorization };

  return sourceOf(settings, (query) => {
    const { bucket, level = "bucket", pageSize, ...asked } = checkQuery("wasabi", answerable, query);
    const isOfAccount = level === "account";
    if (isOfAccount && bucket !== undefined) {
      refuse("bucket", "none at the level of an account", bucket);
    }
    const size = upTo(LARGEST_PAGE)(pageSize ?? LARGEST_PAGE, "pageSize");
    const path = ["v1", "standalone", "utilizations", ...(isOfAccount ? [] : ["bucket", ...(bucket === undefined ? [] : [bucket])])];
    const requestFor = (part: Period, number: number) => {
      const parameters: [string, string | undefined][] = [
        ["from", dateOf(part.from)],
        ["to", dateOf(part.to)],
        ["pageNum", String(number)],
        ["pageSize", String(size)],
        ["includeRegionalUtilizations", isOfAccount ? "true" : undefined],
      ];
      return { method: "GET", url: urlOf(settings.baseUrl, path, parameters), headers } as const;
    };
    const period = periodIn({ ...asked, bucket, level, pageSize });
    const parts = () => slices({ from: floor(period.from, DAY), to: ceil(period.to, DAY) }, daysPerRequest * DAY);
    return {
      between: period,
      reading: account === undefined ? {} : { account },
      restates: true,
      async *pages(call) {
        for (const part of parts()) {
          yield* pagesOf(call, new StatsListing(part, size, requestFor));
        }
      },
    };
  });
}

/** A period whose rows are requested page by page. */
class StatsListing {
  readonly part: Period;
  readonly size: number;
  readonly #requestFor: (part: Period, number: number) => { method: "GET"; url: string; headers: Record<string, string> };

  constructor(part: Period, size: number, requestFor: (part: Period, number: number) => { method: "GET"; url: string; headers: Record<string, string> }) {
    this.part = part;
    this.size = size;
    this.#requestFor = requestFor;
  }

  page(number: number) {
    return this.#requestFor(this.part, number);
  }

  /** The same for one day. */
  ofDay(from: number): StatsListing {
    return new StatsListing({ from, to: from + DAY }, this.size, this.#requestFor);
  }
}

/**
 * The pages of one listing. Only the first page states the number of rows, and not always. Without that number, a full page
 * has a next one; with it, pages are requested until as many rows have arrived (docs/SOURCES.md#row-counts).
 *
 * Pages are divided by number, so a row that is added or removed shifts all rows after it. Three things show this: a row that occurs again on a
 * later page, more rows than the count, and a bucket that lacks a day which others have.
 */
async function* pagesOf(call: Call, listing: StatsListing): Pages {
  const seen = new SeenRows(listing.part);
  for (let number = 0, doubled = 0; ; number += 1) {
    const request = listing.page(number);
    const reply = await fetchWhole(call, request);
    const found = seen.add(rowsIn(reply.body));
    const { rows, page, all, total } = yield { reply, about: { request: request.url }, part: listing.part, fresh: found.rows };
    doubled += found.doubled;
    const size = page?.size || listing.size;
    if (rows > 0 && found.again === rows) {
      if (page === null && rows > size) {
        // A bare list: the server has no pages, and this one has all rows.
        return;
      }
      throw call.error("incomplete", "wasabi returned the same page twice", { missing: `what follows after ${all - rows} rows` });
    }
    if (found.again > 0) {
      const message = `the listing has changed: ${found.again} rows of page ${number} were on an earlier page`;
      throw call.error("listing-changed", message, { missing: "what moved to a page that had been read" });
    }
    // It is not known whether the provider counts a row twice that occurs twice.
    const distinct = all - doubled;
    if (total !== null && distinct > total) {
      throw call.error("listing-changed", `expected ${total} rows, as wasabi counts them, found ${distinct}`);
    }
    const isLast = rows < size ? total === null || all >= total : distinct === total;
    if (isLast || rows === 0) {
      if (number > 0) {
        await checkGaps(call, listing, seen);
      }
      return;
    }
  }
}

/** Requests the days that buckets lack: a row that exists has moved from one page to another. */
async function checkGaps(call: Call, listing: StatsListing, seen: SeenRows): Promise<void> {
  for (const [day, buckets] of seen.gaps()) {
    const ofDay = listing.ofDay(day);
    for (let number = 0; ; number += 1) {
      const rows = rowsIn((await fetchWhole(call, ofDay.page(number))).body);
      const lost = rows.find(({ bucket }) => buckets.has(bucket));
      if (lost !== undefined) {
        const message = `the listing has changed: the row of bucket ${lost.bucket} on ${dateOf(day)} slipped between two pages`;
        throw call.error("listing-changed", message, { missing: "what moved to a page that had been read" });
      }
      if (rows.length < listing.size || number >= call.settings.maxPages) {
        break;
      }
    }
  }
}
