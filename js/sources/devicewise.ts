import { objectOf, oneOf, refuse, text } from "../validate.js";
import type { Call } from "./call.js";
import { type Checked, common, flag, secret, settingsOf } from "./config.js";
import { checked, sourceOf } from "./make.js";
import { ceil, DAY, floor, HOUR, type Period, slices, timestampOf } from "./period.js";
import { type CheckedQuery, checkQuery, name, periodIn } from "./query.js";
import type { Pages } from "./read.js";
import { Renewable } from "./renewable.js";
import type { Source, SourceConfig } from "./source.js";
import { ask, bodyOf, type Command, field, login } from "./tr50.js";
import { urlOf } from "./url.js";

/** How to reach deviceWISE's TR50. Either a user with a password, or a session, is needed. */
export interface DevicewiseConfig extends SourceConfig {
  /** Default `https://api.devicewise.com`; in Europe `https://api-de.devicewise.com`. */
  baseUrl?: string;
  username?: string;
  password?: string;
  /** A session that is open already. Without a user it cannot be renewed. */
  sessionId?: string;
  /** `org`: calls by organisation and service, not by service alone. */
  dimension?: "org";
  /** Counts the calls of sub-organisations too. */
  includeSubOrgs?: boolean;
  /** Counts the calls of all organisations, which only super operators may. */
  showAll?: boolean;
  /** What the records' account is called; the API does not say. */
  account?: string;
}

const checkConfig = objectOf<Checked<DevicewiseConfig>>({
  ...common,
  username: name,
  password: secret,
  sessionId: secret,
  dimension: oneOf("org"),
  includeSubOrgs: flag,
  showAll: flag,
  account: text,
});

const answerable = { resolutions: ["hour", "day"], fields: [] } as const;

/**
 * Calls of deviceWISE's API: how often each service was called, by hour or day.
 *
 * @throws {@link SourceError} `invalid-option` where the configuration is not as it must be.
 * @example
 * ```ts
 * const source = devicewiseSource({ username, password });
 * using table = await source.table({ from: "2024-01-01", to: "2025-01-01", resolution: "day" });
 * ```
 */
export function devicewiseSource(config: DevicewiseConfig): Source {
  return checked("devicewise", () => {
    const { username, password, sessionId, account, dimension, includeSubOrgs, showAll, ...options } = checkConfig(config, "");
    const settings = settingsOf("devicewise", options, options.baseUrl ?? "https://api.devicewise.com", [password, sessionId]);
    if ((username === undefined) !== (password === undefined) || (username === undefined && sessionId === undefined)) {
      refuse(username === undefined ? "username" : "password", "a user and a password, or a `sessionId`", undefined);
    }
    const url = urlOf(settings.baseUrl, ["api"]);
    const user = username === undefined || password === undefined ? null : { username, password };
    const sessions = new Renewable(sessionId, user === null ? null : (call) => login(call, url, user));
    const scope = { dimension, includeSubOrgs, showAll };
    return sourceOf(settings, (query) => {
      const asked = checkQuery("devicewise", answerable, query);
      const history: History = { url, sessions, series: seriesOf(asked), scope };
      return {
        between: asked.period,
        distinct: true,
        reading: account === undefined ? {} : { account },
        pages: (call) => pages(call, history),
      };
    });
  });
}

/** Records in a reply, at the most. What is beyond is cut without a word. */
const REPLY_CAP = 5000;

/** Periods that a request asks for: somewhat fewer, so that no reply need be cut. */
const PERIODS = 4800;

interface Series {
  name: "hour" | "day";
  step: number;
  asked: Period;
  /** What covers the asked period in whole hours or days. */
  whole: Period;
}

interface History {
  url: string;
  sessions: Renewable;
  series: Series;
  scope: { dimension: "org" | undefined; includeSubOrgs: boolean | undefined; showAll: boolean | undefined };
}

function seriesOf(query: CheckedQuery): Series {
  const asked = periodIn(query);
  const { from, to } = asked;
  return query.resolution === "hour"
    ? { name: "hour", step: HOUR, asked, whole: { from: floor(from, HOUR), to: ceil(to, HOUR) } }
    : // Days begin at a midnight that is not known before the reply. The first and the last day are whole when two more are asked for.
      { name: "day", step: DAY, asked, whole: { from: floor(from, DAY) - 2 * DAY, to: ceil(to, DAY) + 2 * DAY } };
}

async function* pages(call: Call, history: History): Pages {
  const { whole, step } = history.series;
  for (const range of slices(whole, PERIODS * step)) {
    yield* pagesOf(call, history, range);
  }
}

/** The page of a range, or those of its parts where one reply cannot hold it. */
async function* pagesOf(call: Call, history: History, range: Period): Pages {
  const { url, sessions, series, scope } = history;
  const command = (end: number): Command => {
    const params = { start: timestampOf(range.from), end: timestampOf(end), series: series.name, ...scope };
    return { command: "usage.api.history", params };
  };
  // Whether the end is included is not told. A millisecond before it, that makes no difference.
  const { reply, params } = await sessions.use(call, (session) => ask(call, url, command(range.to - 1), session));
  const size = sizeOf(params);
  if (isCut(size, range, series.step)) {
    for (const half of halvesOf(call, range, series.step)) {
      yield* pagesOf(call, history, half);
    }
    return;
  }
  const isExact = series.whole.from === series.asked.from && series.whole.to === series.asked.to;
  if (size.times === 0 && size.values > 0 && !isExact) {
    throw call.error("unexpected-shape", "expected counters with times, found totals, which cannot be cut to the period");
  }
  yield { reply, about: { request: { url, body: bodyOf(command(range.to)) } } };
}

/** How much a reply holds, and from when to when. */
interface Size {
  times: number;
  values: number;
  first: number;
  last: number;
}

function sizeOf(params: unknown): Size {
  const ts = field(params, "ts");
  const times: unknown[] = Array.isArray(ts) ? ts : [];
  // By service, or by organisation and then by service.
  const values = (counter: unknown, depth: number): number => {
    if (typeof counter !== "object" || counter === null) {
      return typeof counter === "number" ? 1 : 0;
    }
    return Array.isArray(counter) ? counter.length : depth === 0 ? 0 : Object.values(counter).reduce((sum: number, part) => sum + values(part, depth - 1), 0);
  };
  return {
    times: times.length,
    values: values(field(params, "counters"), 2),
    first: Date.parse(String(times[0])),
    last: Date.parse(String(times.at(-1))),
  };
}

/** Whether a reply was cut: it holds as many times as one may, or as many values and not the whole range. */
function isCut({ times, values, first, last }: Size, { from, to }: Period, step: number): boolean {
  const covers = first <= from + step && last + 2 * step >= to;
  return times >= REPLY_CAP || (times > 0 && values >= REPLY_CAP && !covers);
}

function halvesOf(call: Call, { from, to }: Period, step: number): Period[] {
  const middle = from + floor((to - from) / 2, step);
  if (middle <= from) {
    const missing = `what is beyond ${REPLY_CAP} records of ${timestampOf(from)}`;
    throw call.error("incomplete", `one period holds ${REPLY_CAP} records or more, which a reply cannot hold`, { missing });
  }
  return [{ from, to: middle }, { from: middle, to }];
}
