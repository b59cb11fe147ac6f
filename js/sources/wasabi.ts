import { oneOf, refuse } from "../validate.js";
import { common, configOf, headerSecret, required, settingsOf } from "./config.js";
import { checked, sourceOf } from "./make.js";
import { ceil, DAY, dateOf, floor, type Period, slices } from "./period.js";
import { type CheckedQuery, checkQuery, name, positive } from "./query.js";
import { pagesFor } from "./read.js";
import type { Source, SourceConfig } from "./source.js";
import { urlOf } from "./url.js";
import { isForStats, statsSource, type WasabiStatsConfig } from "./wasabi-stats.js";

/** The configuration of Wasabi's partner API (WACA), for the owner of a control account. */
export interface WasabiPartnerConfig extends SourceConfig {
  /** The API to use. Default `waca`. */
  api?: "waca";
  /** Default `https://partner.wasabisys.com`. */
  baseUrl?: string;
  /** The control account's API key. */
  apiKey: string;
  /** The account's number, for queries without `account`. Without either, all accounts are read. */
  account?: string;
  /** Days of one request; with fewer days, less is requested again after a failure. Default 31. */
  daysPerRequest?: number;
}

/** The configuration of Wasabi: its partner API, or with `api: "stats"` the Stats API of one account. */
export type WasabiConfig = WasabiPartnerConfig | WasabiStatsConfig;

const checkConfig = configOf<WasabiPartnerConfig>({
  ...common,
  api: oneOf("waca"),
  apiKey: headerSecret,
  account: name,
  daysPerRequest: positive,
});

const answerable = { resolutions: ["day"], fields: ["account", "bucket", "level", "invoice"] } as const;

/**
 * Utilization at Wasabi: by bucket and day, by account and day with its regions, or (WACA) by bucket for an invoice.
 *
 * @throws {@link SourceError} `invalid-option` for an invalid configuration.
 * @example
 * ```ts
 * const source = wasabiSource({ apiKey, account: "101430" });
 * await source.stream({ from: "2024-01-01", to: "2024-02-01", bucket: "photos" }, "csv").pipeTo(file);
 * await source.table({ invoice: "9826" });
 *
 * const own = wasabiSource({ api: "stats", accessKey, secretKey });
 * await own.table({ from: "2024-01-01", to: "2024-02-01" });
 * ```
 */
export function wasabiSource(config: WasabiConfig): Source {
  return checked("wasabi", () => (isForStats(config) ? statsSource(config) : partnerSource(config)));
}

function partnerSource(config: WasabiPartnerConfig): Source {
  const { account, daysPerRequest = 31, ...options } = checkConfig(config, "");
  const { apiKey } = required(options, { apiKey: "the control account's API key" }, '`api: "stats"` with `accessKey` and `secretKey`');
  const settings = settingsOf("wasabi", options, options.baseUrl ?? "https://partner.wasabisys.com", [apiKey]);
  const headers = { Accept: "application/json", Authorization: apiKey, "X-Wasabi-Service": "partner" };

  return sourceOf(settings, (query) => {
    const asked = checkQuery("wasabi", answerable, query);
    const path = pathOf(asked, account);
    const requests = function* () {
      for (const { parameters, part } of partsOf(asked, daysPerRequest)) {
        const url = urlOf(settings.baseUrl, path, parameters);
        yield { request: { method: "GET", url, headers } as const, about: { request: url }, ...(part === null ? {} : { part }) };
      }
    };
    return { between: asked.period, reading: {}, restates: true, pages: (call) => pagesFor(call, requests()) };
  });
}

function pathOf({ account: asked, bucket, level }: CheckedQuery, own: string | undefined): string[] {
  const account = asked ?? own;
  if (level === "account" && bucket !== undefined) {
    refuse("bucket", "none at the level of an account", bucket);
  }
  const buckets = level === "account" ? [] : ["buckets", ...(bucket === undefined ? [] : [bucket])];
  return ["v1", ...(account === undefined ? [] : ["accounts", account]), "utilizations", ...buckets];
}

/** The slices to request, and the period of the rows of each: rows beyond it belong to the next one. */
interface Part {
  parameters: [string, string | undefined][];
  part: Period | null;
}

function* partsOf({ period, invoice, level }: CheckedQuery, days: number): Generator<Part, void, void> {
  if (period === null) {
    yield { parameters: [["invoice", invoice]], part: null };
    return;
  }
  const regional = level === "account" ? "true" : undefined;
  for (const part of slices({ from: floor(period.from, DAY), to: ceil(period.to, DAY) }, days * DAY)) {
    yield {
      parameters: [
        ["from", dateOf(part.from)],
        ["to", dateOf(part.to)],
        ["includeRegionalUtilizations", regional],
      ],
      part,
    };
  }
}
