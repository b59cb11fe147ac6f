import { listOf, objectOf, oneOf, refuse, text } from "../validate.js";
import { tokenSource } from "./barracuda-token.js";
import type { Call } from "./call.js";
import { type Checked, common, headerSecret, secret, settingsOf } from "./config.js";
import { fetchWhole, type Outgoing } from "./http.js";
import { checked, sourceOf } from "./make.js";
import { DAY, dateOf } from "./period.js";
import { type CheckedQuery, checkQuery, name, needed, periodIn } from "./query.js";
import type { Pages } from "./read.js";
import { Renewable } from "./renewable.js";
import type { Source, SourceConfig } from "./source.js";
import { urlOf } from "./url.js";

/** How to reach Barracuda's (Intronis ECHOplatform) partner API. A client with its secret is needed, or a token. */
export interface BarracudaConfig extends SourceConfig {
  /** Default `https://api.intronis.com`. */
  baseUrl?: string;
  /** Where tokens are given. Default `https://auth.intronis.com/oauth2/token`. */
  tokenUrl?: string;
  clientId?: string;
  clientSecret?: string;
  /** What a token is asked for. Default `partners_read` and `accounts_read`. */
  scopes?: string[];
  /** A token that is at hand already. Without a client it cannot be renewed. */
  token?: string;
  /** The partner's username, who is asked about where a query names no account. */
  partner?: string;
  /** How replies are encoded. Default `json`. */
  encoding?: "json" | "xml";
}

const checkConfig = objectOf<Checked<BarracudaConfig>>({
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
 * Usage history of a partner or of an account at Barracuda: bytes stored, a level at each midnight of the US east coast.
 *
 * @throws {@link SourceError} `invalid-option` where the configuration is not as it must be.
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
      const holder = asked.account === undefined ? ["partners", needed("account", partner)] : ["accounts", asked.account];
      const url = urlOf(settings.baseUrl, ["v1", ...holder, "usage_history"], parametersOf(asked));
      const first: Outgoing = { method: "GET", url, headers: { Accept: `application/${encoding}` } };
      return { between: asked.period, reading: {}, pages: (call) => pages(call, first, tokens) };
    });
  });
}

async function* pages(call: Call, first: Outgoing, tokens: Renewable): Pages {
  let complete = false;
  for (let asked: Outgoing | null = first; asked !== null; ) {
    const request: Outgoing = asked;
    const reply = await tokens.use(call, (token) =>
      fetchWhole(call, { ...request, headers: { ...request.headers, Authorization: `OAuth ${token}` } }),
    );
    const { next, page, fresh, gained, all } = yield { reply, about: { request: request.url } };
    const total = page?.totalRows ?? null;
    if (total !== null && (complete ? gained > 0 : all > total)) {
      throw call.error("listing-changed", `expected ${total} rows, as barracuda counts them, found more`);
    }
    if (next === null && page?.hasNext && (total === null || all < total)) {
      const message = "barracuda says that there is a next page, and not in a way that it can be asked for";
      throw call.error("incomplete", message, { missing: `what follows after ${all} rows` });
    }
    if (next === null || complete) {
      return;
    }
    // Where a page is said to follow the last row that is counted, one look tells whether it holds any more.
    complete = all === total;
    if (!complete && fresh === 0) {
      const message = "the listing has no end: a page holds nothing new, and yet names a next one";
      throw call.error("too-many-pages", message, { missing: `what follows after ${all} rows` });
    }
    asked = { ...request, url: next.url };
  }
}

const LARGEST_PAGE = 90;
const LONGEST_STEP = 60;

/**
 * The days to ask for. Which zone their midnights are of is not known before the reply, nor whether the first and the last
 * day are included: a few days too many are asked for, and left out by their times. A series of longer steps begins at the
 * first day that is asked for, which is therefore the period's own.
 */
function parametersOf(asked: CheckedQuery): [string, string | undefined][] {
  const { from, to } = periodIn(asked);
  const { resolution, pageSize = LARGEST_PAGE } = asked;
  const days = /^(\d+)d$/.exec(resolution)?.[1];
  if (days !== undefined && Number(days) > LONGEST_STEP) {
    refuse("resolution", `up to ${LONGEST_STEP}d`, resolution);
  }
  if (pageSize > LARGEST_PAGE) {
    refuse("pageSize", `at most ${LARGEST_PAGE}`, pageSize);
  }
  return [
    ["start_date", dateOf(resolution === "day" ? from - DAY : from)],
    ["end_date", dateOf(to + 2 * DAY)],
    ["resolution", days === undefined ? resolution.toUpperCase() : "CUSTOM"],
    ["custom", days],
    ["order_by", "DATE"],
    ["order_dir", "ASC"],
    ["page_size", String(pageSize)],
  ];
}
