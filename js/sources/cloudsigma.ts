import { refuse, text } from "../validate.js";
import type { Call } from "./call.js";
import { basic, common, configOf, loginName, required, secret, settingsOf } from "./config.js";
import { fetchWhole } from "./http.js";
import type { Outgoing } from "./outgoing.js";
import { field, jsonIn } from "./json.js";
import { checked, sourceOf } from "./make.js";
import { checkWhole, DAY, dateOf, daysIn } from "./period.js";
import { type CheckedQuery, checkQuery, periodIn } from "./query.js";
import type { Pages } from "./read.js";
import type { Source, SourceConfig } from "./source.js";
import { urlOf } from "./url.js";

/** The configuration of one location of CloudSigma's API 2.0. Each location has its own usage. */
export interface CloudsigmaConfig extends SourceConfig {
  /** For example `zrh` or `sjc`: selects the host, and is the region of the records. */
  location?: string;
  /** Default: the host of `location`. One of the two is required. */
  baseUrl?: string;
  /** The login, usually an email address. */
  user: string;
  /** The login's password. */
  password: string;
  /** The account of the records; the API does not name it. */
  account?: string;
  /** The ISO 4217 code of the account's currency; the API does not name it. */
  currency?: string;
}

const checkConfig = configOf<CloudsigmaConfig>({
  ...common,
  location: (value, path) => (/^[a-z\d]+(-[a-z\d]+)*$/.test(text(value, path)) ? (value as string) : refuse(path, "a location's short name", value)),
  user: loginName,
  password: secret,
  account: text,
  currency: text,
});

const answerable = { resolutions: ["day", "total"], fields: ["pageSize"] } as const;

/**
 * Burst usage and its cost at CloudSigma, by day or (resolution `total`) as one figure for each resource over the whole period.
 *
 * @throws {@link SourceError} `invalid-option` for an invalid configuration.
 * @example
 * ```ts
 * const source = cloudsigmaSource({ location: "zrh", user, password, currency: "CHF" });
 * using table = await source.table({ from: "2024-07-01", to: "2024-08-01" });
 * ```
 */
export function cloudsigmaSource(config: CloudsigmaConfig): Source {
  return checked("cloudsigma", () => {
    const { location, account, currency, ...options } = checkConfig(config, "");
    const home = location === undefined ? undefined : `https://${location}.cloudsigma.com`;
    const {
      user,
      password,
      location: baseUrl,
    } = required(
      { ...options, location: options.baseUrl ?? home },
      { user: "the account's login", password: "the login's password", location: 'a location such as "zrh" (or `baseUrl`, its address)' },
    );
    const authorization = basic(user, password);
    const settings = settingsOf("cloudsigma", options, baseUrl, [password, authorization.slice("Basic ".length)]);
    const reading = { ...(account === undefined ? {} : { account }), ...(currency === undefined ? {} : { currency }) };
    return sourceOf(settings, (query) => {
      const asked = checkQuery("cloudsigma", answerable, query);
      const listing = listingOf(asked);
      // The first row of a page is the last of the page before.
      const limit = Math.max(2, asked.pageSize ?? PAGE);
      const request = (base: string, offset: number) => {
        const cut: [string, string][] = [
          ["limit", String(limit)],
          ["offset", String(offset)],
        ];
        // The slash at the end is a part of the path.
        return urlOf(base, ["api", "2.0", listing.name], [...listing.parameters, ...cut], "/");
      };
      const page = (offset: number) => ({
        request: { method: "GET", url: request(settings.baseUrl, offset), headers: { Accept: "application/json", Authorization: authorization } } as const,
        // The engine reads the region from the location's own host.
        about: { request: request(home ?? settings.baseUrl, offset) },
      });
      const pages = (call: Call) => (listing.isEmpty ? none() : pagesOf(call, page, limit));
      return { between: asked.period, reading, pages };
    });
  });
}

/** Rows per page: few requests, and not more rows than such servers send. */
const PAGE = 1000;

/** The usual numbers of rows per page of servers that ignore `limit`, or a large one. */
const USUAL_PAGES = new Set([20, 25, 50, 100, 200, 250, 500, 1000]);

interface Listing {
  name: "dailyburstusage" | "burstusage";
  parameters: [string, string][];
  isEmpty: boolean;
}

function listingOf(asked: CheckedQuery): Listing {
  const period = periodIn(asked);
  if (asked.resolution === "total") {
    checkWhole(period, DAY, "midnight UTC, since a total is of whole days");
    const parameters: [string, string][] = [
      ["date__gte", dateOf(period.from)],
      ["date__lt", dateOf(period.to)],
    ];
    return { name: "burstusage", parameters, isEmpty: false };
  }
  const { from, to } = daysIn(period);
  // "Greater" includes the day, "lower" does not: a date is a full time, its midnight.
  const parameters: [string, string][] = [
    ["date__gt", dateOf(from)],
    ["date__lt", dateOf(to)],
  ];
  return { name: "dailyburstusage", parameters, isEmpty: from === to };
}

async function* none(): Pages {}

/**
 * The pages of a listing. Each begins with the last row of the page before. If that row is first on the next page, no
 * row has moved from one page to the other; otherwise the listing has changed (docs/SOURCES.md#consecutive-pages).
 */
async function* pagesOf(call: Call, page: (offset: number) => { request: Outgoing; about: { request: string } }, limit: number): Pages {
  let last: string | undefined;
  for (let end = 0; ; ) {
    // A page with a single row is not repeated: a server that sends one row at a time would never come to an end.
    const again = end > 1 ? 1 : 0;
    const { request, about } = page(end - again);
    const reply = await fetchWhole(call, request);
    const { rows, fresh, page: info } = yield { reply, about, again };
    const found = rowsIn(reply.body);
    const total = info?.totalRows ?? null;
    const before = end;
    end += rows - again;
    const isCounted = total !== null && total >= before && total >= end;
    if (rows === 0 && (again === 0 || isCounted)) {
      return;
    }
    const isEnd = rows === again && found[0] === last;
    if (before > 0 && fresh === 0 && !isEnd) {
      // The server ignores `offset`: it has sent everything, or its largest page.
      if (!isCounted && (rows >= limit || rows === info?.size || USUAL_PAGES.has(rows))) {
        const message = "cloudsigma returned the same page twice, and it is as long as a page may be";
        throw call.error("incomplete", message, { missing: `what follows after ${rows} rows, if there is more` });
      }
      return;
    }
    if (before > 0 && (found[0] === undefined || found[0] !== last)) {
      const message = "the listing has changed: a page does not begin with the last row of the page before";
      throw call.error("listing-changed", message, { missing: `what may have moved to the first ${before} rows` });
    }
    if (isEnd || end === total) {
      return;
    }
    last = found.at(-1);
  }
}

/** The rows of a page as texts: those of a list, or a single one. */
function rowsIn(body: Uint8Array): string[] {
  const root = jsonIn(body);
  return [field(root, "objects") ?? root].flat().map((row) => JSON.stringify(row));
}
