import { normalize } from "meterglot";
import { offsetSeconds } from "../zone.js";
import { listOf, oneOf, refuse, text } from "../validate.js";
import { tokenSource } from "./barracuda-token.js";
import type { Call } from "./call.js";
import { common, configOf, headerSecret, secret, settingsOf } from "./config.js";
import { fetchWhole, type WholeReply } from "./http.js";
import type { Outgoing } from "./outgoing.js";
import { checked, sourceOf } from "./make.js";
import { type AskedPeriod, ceil, DAY, dateOf, HOUR, SECOND, textOf } from "./period.js";
import { type CheckedQuery, checkQuery, name, needed, periodIn } from "./query.js";
import type { Pages } from "./read.js";
import { Renewable } from "./renewable.js";
import type { Resolution, Source, SourceConfig } from "./source.js";
import { urlOf } from "./url.js";

/** The configuration of Barracuda's (Intronis ECHOplatform) partner API. It needs `clientId` and `clientSecret`, or `token`. */
export interface BarracudaConfig extends SourceConfig {
  /** Default `https://api.intronis.com`. */
  baseUrl?: string;
  /** The token endpoint. Default `https://auth.intronis.com/oauth2/token`. */
  tokenUrl?: string;
  /** The id of the API client. */
  clientId?: string;
  /** The secret of the API client. */
  clientSecret?: string;
  /** The scopes of the token. Default `partners_read` and `accounts_read`. */
  scopes?: string[];
  /** An existing token. Without `clientId` and `clientSecret` it cannot be renewed. */
  token?: string;
  /** The partner's username, for queries without `account`. */
  partner?: string;
  /** The encoding of replies. Default `json`. */
  encoding?: "json" | "xml";
}

const checkConfig = configOf<BarracudaConfig>({
  ...common,
  tokenUrl: text,
  clientId: text,
  clientSecret: secret,
  scopes: listOf(name),
  token: headerSecret,
  partner: name,
  encoding: oneOf("json", "xml"),
});

const answerable = { resolutions: ["day", "week", "month", "<n>d"], fields: ["account", "pageSize"] } as const;

/**
 * Usage history of a partner or of an account at Barracuda: bytes stored, a level at each midnight of US Eastern Time.
 *
 * @throws {@link SourceError} `invalid-option` for an invalid configuration.
 * @example
 * ```ts
 * const source = barracudaSource({ clientId, clientSecret, partner: "acme" });
 * using table = await source.table({ from: "2024-01-01", to: "2024-02-01", resolution: "day" });
 * ```
 */
export function barracudaSource(config: BarracudaConfig): Source {
  return checked("barracuda", () => {
    const options = checkConfig(config, "");
    const { baseUrl = "https://api.intronis.com", token, clientSecret, partner, encoding = "json" } = options;
    const settings = settingsOf("barracuda", options, baseUrl, [token, clientSecret]);
    const tokens = new Renewable(token, tokenSource(options));
    return sourceOf(settings, (query) => {
      const asked = checkQuery("barracuda", answerable, query);
      const holder = asked.account === undefined ? ["partners", needed("account", partner, "partner")] : ["accounts", asked.account];
      const url = urlOf(settings.baseUrl, ["v1", ...holder, "usage_history"], parametersOf(asked));
      return { between: asked.period, reading: {}, pages: (call) => pages(call, url, encoding, tokens, longestStep(asked.resolution)) };
    });
  });
}

/** A page, and the parameters that request it again. */
interface PageAt {
  number: number;
  ask: () => Promise<WholeReply>;
  /** The times of its rows, in epoch milliseconds, in the provider's order. */
  starts: Float64Array;
}

async function* pages(call: Call, first: string, encoding: string, tokens: Renewable, longestStep: number): Pages {
  let isComplete = false;
  let before: PageAt | null = null;
  for (let number = 1, url = first; ; number += 1) {
    const request: Outgoing = { method: "GET", url, headers: { Accept: `application/${encoding}` } };
    const ask = () => tokens.use(call, (token) => fetchWhole(call, { ...request, headers: { ...request.headers, Authorization: `OAuth ${token}` } }));
    const reply = await ask();
    const { next, page, fresh, gained, all } = yield { reply, about: { request: url } };
    const total = page?.totalRows ?? null;
    if (total !== null && (isComplete ? gained > 0 : all > total)) {
      throw call.error("listing-changed", `expected ${total} rows, as barracuda counts them, found more`);
    }
    if (isComplete) {
      return;
    }
    const read: PageAt = { number, ask, starts: startsIn(call, reply) };
    if (before !== null && !adjoins(before.starts, read.starts, longestStep)) {
      await checkSame(call, before);
      await checkSame(call, read);
    }
    // If the last page names a next one, one more request shows whether that has rows.
    isComplete = all === total;
    const follows = next === null ? null : Number(new URL(next.url).searchParams.get("page"));
    if (!isComplete && (follows === null ? page?.hasNext : follows !== number + 1)) {
      const how = follows === null ? "not in a way that it can be asked for" : `that it is page ${follows}, where ${number + 1} was expected`;
      const message = `barracuda says that there is a next page, and ${how}`;
      throw call.error("incomplete", message, { missing: `what follows after ${all} rows` });
    }
    if (next === null || follows !== number + 1) {
      return;
    }
    if (!isComplete && fresh === 0) {
      const message = "the listing has no end: a page holds nothing new, and yet names a next one";
      throw call.error("too-many-pages", message, { missing: `what follows after ${all} rows` });
    }
    before = read;
    url = next.url;
  }
}

/** The times of the rows of a page. */
function startsIn(call: Call, { body, contentType }: WholeReply): Float64Array {
  const { limits } = call.settings;
  const table = normalize(body, { provider: "barracuda", onError: "collect", limits, ...(contentType === undefined ? {} : { contentType }) });
  try {
    return table.columns().start;
  } finally {
    table.free();
  }
}

/** Whether no row can be missing between two pages: the second begins at most one step after the end of the first. */
function adjoins(before: Float64Array, after: Float64Array, longestStep: number): boolean {
  const gap = (after[0] ?? Number.NaN) - (before.at(-1) ?? Number.NaN);
  return isAscending(before) && isAscending(after) && gap > 0 && gap <= longestStep;
}

function isAscending(starts: Float64Array): boolean {
  return starts.every((start, i) => i === 0 || start > (starts[i - 1] as number));
}

/** If days are missing between two pages, or the rows have no order, both pages are requested again; if they differ, the listing has changed (docs/SOURCES.md#consecutive-pages). */
async function checkSame(call: Call, { number, ask, starts }: PageAt): Promise<void> {
  const again = startsIn(call, await ask());
  if (String(again) !== String(starts)) {
    const message = `the listing has changed: page ${number} has other rows when it is asked for again`;
    throw call.error("listing-changed", message, { missing: "what may have moved to a page that had been read" });
  }
}

const LARGEST_PAGE = 90;
const LONGEST_STEP = 60;

/**
 * The days to request. It is not documented which zone their midnights have, nor whether the first and the last day are
 * included, so a few more days are requested and removed by their times. A series with a longer step begins at the first
 * requested day, so that day is the first that begins in the period, in the time zone of the vendor's replies.
 */
function parametersOf(asked: CheckedQuery): [string, string | undefined][] {
  const period = periodIn(asked);
  const { resolution, pageSize = LARGEST_PAGE } = asked;
  const days = daysOf(resolution);
  if (days !== null && days > LONGEST_STEP) {
    refuse("resolution", `up to ${LONGEST_STEP}d`, resolution);
  }
  if (pageSize > LARGEST_PAGE) {
    refuse("pageSize", `at most ${LARGEST_PAGE}`, pageSize);
  }
  return [
    ["start_date", dateOf(resolution === "day" ? period.from - DAY : firstDay(period))],
    ["end_date", dateOf(period.to + 2 * DAY)],
    ["resolution", days === null ? resolution.toUpperCase() : "CUSTOM"],
    ["custom", days === null ? undefined : String(days)],
    ["order_by", "DATE"],
    ["order_dir", "ASC"],
    ["page_size", String(pageSize)],
  ];
}

/** The first day of US Eastern Time that begins in a period. */
function firstDay({ from, start }: AskedPeriod): number {
  const earliest = textOf(from) === start ? from : from + 1;
  // If the clocks skip this midnight, they show a time of the day before.
  return ceil(earliest + offsetSeconds("America/New_York", Math.floor(earliest / SECOND)) * SECOND, DAY);
}

/** The longest time between two rows of a series, with a change of the clocks in between. */
function longestStep(resolution: Resolution): number {
  const days = daysOf(resolution) ?? { day: 1, week: 7, month: 31 }[resolution as string] ?? 0;
  return days * DAY + HOUR;
}

/** The number of days in `<n>d`. */
function daysOf(resolution: Resolution): number | null {
  const days = /^(\d+)d$/.exec(resolution)?.[1];
  return days === undefined ? null : Number(days);
}
