import { flag, oneOf, text } from "../validate.js";
import type { Call } from "./call.js";
import { common, configOf, required, secret, settingsOf } from "./config.js";
import { type Counted, counted } from "./devicewise-counters.js";
import { SourceError } from "./errors.js";
import { checked, sourceOf } from "./make.js";
import { ceil, DAY, floor, HOUR, isWhole, type Period, slices, textOf } from "./period.js";
import { checkQuery, name, periodIn } from "./query.js";
import type { Pages } from "./read.js";
import { Renewable } from "./renewable.js";
import type { Source, SourceConfig } from "./source.js";
import { type Answer, ask, bodyOf, type Command, login } from "./tr50.js";
import { urlOf } from "./url.js";

/** The configuration of deviceWISE TR50. It needs `username` and `password`, or `sessionId`. */
export interface DevicewiseConfig extends SourceConfig {
  /** Default `https://api.devicewise.com`; in Europe `https://api-de.devicewise.com`. */
  baseUrl?: string;
  /** The user's name. */
  username?: string;
  /** The user's password. */
  password?: string;
  /** An existing session. Without `username` and `password` it cannot be renewed. */
  sessionId?: string;
  /** `org`: calls by organisation and service, instead of by service. */
  dimension?: "org";
  /** Includes the calls of sub-organisations. */
  includeSubOrgs?: boolean;
  /** Includes the calls of all organisations; only super operators may do this. */
  showAll?: boolean;
  /** The account of the records; the API does not name it. */
  account?: string;
}

const checkConfig = configOf<DevicewiseConfig>({
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
 * @throws {@link SourceError} `invalid-option` for an invalid configuration.
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
    const isSessionAlone = sessionId !== undefined && username === undefined && password === undefined;
    const needs = { username: "a user's name", password: "the user's password" };
    const user = isSessionAlone ? null : required({ username, password }, needs, "`sessionId` (the id of an open session)");
    const url = urlOf(settings.baseUrl, ["api"]);
    const sessions = new Renewable(sessionId, user === null ? null : (call) => login(call, url, user));
    // The engine reads one reply as one row, if it cannot be read in parts.
    const limits = { maxRowBytes: settings.maxPageBytes, ...settings.limits };
    const scope = { dimension, includeSubOrgs, showAll };
    return sourceOf(settings, (query) => {
      const asked = checkQuery("devicewise", answerable, query);
      const period = periodIn(asked);
      const series = SERIES[asked.resolution === "day" ? "day" : "hour"];
      const history: History = { url, sessions, series, scope, isOfHours: series.step === HOUR && isWhole(period, HOUR) };
      return {
        between: period,
        reading: { ...(account === undefined ? {} : { account }), limits },
        pages: (call) => pages(call, history, period),
      };
    });
  });
}

/** The most records of a reply; the rest is silently cut (docs/SOURCES.md#row-counts). The documentation does not say whether periods or figures are counted. */
const REPLY_CAP = 5000;

/** Periods of one request: somewhat fewer, so that replies are not cut. */
const PERIODS = 4800;

interface Series {
  name: "hour" | "day";
  step: number;
  /** The shortest such period, with a change of the clocks. */
  shortest: number;
  /**
   * The time that is requested beyond each end. Hours may begin at half past, and days at any time of UTC, so the
   * periods at the ends may be incomplete.
   */
  margin: number;
}

const SERIES: Record<Series["name"], Series> = {
  hour: { name: "hour", step: HOUR, shortest: HOUR, margin: HOUR },
  day: { name: "day", step: DAY, shortest: DAY - HOUR, margin: 2 * DAY },
};

interface History {
  url: string;
  sessions: Renewable;
  series: Series;
  scope: { dimension: "org" | undefined; includeSubOrgs: boolean | undefined; showAll: boolean | undefined };
  /** Whether the period consists of whole hours and hours are requested. */
  isOfHours: boolean;
}

async function* pages(call: Call, history: History, period: Period): Pages {
  for (const span of slices(period, PERIODS * history.series.step)) {
    yield* pagesOf(call, history, span);
  }
}

/** The page of a span, or the pages of its parts if it does not fit into one reply. */
async function* pagesOf(call: Call, history: History, span: Period): Pages {
  const { step, margin } = history.series;
  const range = { from: floor(span.from, step) - margin, to: ceil(span.to, step) + margin };
  const answer = await request(call, history, range);
  if (answer instanceof SourceError) {
    yield* halves(call, history, span, pagesOf, answer);
    return;
  }
  const { reply, params } = answer;
  const size = counted(params);
  if (isFull(size) && !isSurrounded(size, span, step)) {
    yield* halves(call, history, span, pagesOf);
    return;
  }
  if (size.times.length === 0 && size.values > 0) {
    yield* totals(call, history, span);
    return;
  }
  checkTotal(call, size);
  yield { reply, about: { request: about(history, range) }, part: span };
  for (const rest of restsOf(size, span, history.series)) {
    yield* pagesOf(call, history, rest);
  }
}

/** Whether one more period would exceed the cap, whether it counts periods or figures. */
function isFull({ times, values }: Counted): boolean {
  const each = Math.ceil(values / Math.max(1, times.length));
  // If the cap counts figures, a reply never has as many as this.
  const isBeyond = values >= REPLY_CAP + each;
  return times.length >= REPLY_CAP || (times.length > 0 && values + each > REPLY_CAP && !isBeyond);
}

/** Whether a span of one period, which cannot be halved, is inside a reply: if the reply was cut, then after this period. */
function isSurrounded({ times }: Counted, { from, to }: Period, step: number): boolean {
  return to - from <= step && times.length < REPLY_CAP && times.some((time) => time < from) && times.some((time) => time >= to);
}

/** The parts of a span before the first and after the last time: either nothing happened there, or the reply was cut. Another request shows which. */
function restsOf({ times }: Counted, span: Period, { shortest }: Series): Period[] {
  const within = times.filter((time) => time >= span.from && time < span.to);
  if (within.length === 0) {
    return [];
  }
  const [first, last] = [Math.min(...within), Math.max(...within)];
  const before = { from: span.from, to: first };
  const after = { from: last + shortest, to: span.to };
  return [...(first - shortest >= span.from ? [before] : []), ...(after.from < after.to ? [after] : [])];
}

/** The two halves of a span, each requested separately. `tooLarge` is the reason, if it is not the cap. */
async function* halves(call: Call, history: History, { from, to }: Period, ofHalf: typeof pagesOf, tooLarge?: SourceError): Pages {
  const middle = from + floor((to - from) / 2, history.series.step);
  if (middle <= from) {
    if (tooLarge !== undefined) {
      throw tooLarge;
    }
    const missing = `what is beyond ${REPLY_CAP} records of ${textOf(from)}`;
    throw call.error("incomplete", `one period holds ${REPLY_CAP} records or more, which a reply cannot hold`, { missing });
  }
  yield* ofHalf(call, history, { from, to: middle });
  yield* ofHalf(call, history, { from: middle, to });
}

/**
 * Totals of a span, which some servers send by organisation instead of lists. They have no times, so they cannot be divided, and nothing
 * shows whether the reply was cut. So the span must fit into one reply with this number of services.
 */
async function* totals(call: Call, history: History, span: Period): Pages {
  const { step } = history.series;
  const isOfHours = history.isOfHours && span.from % HOUR === 0 && span.to % HOUR === 0;
  const answer = await request(call, history, span);
  if (answer instanceof SourceError) {
    yield* halves(call, history, span, totals, answer);
    return;
  }
  const { reply, params } = answer;
  const size = counted(params);
  if (!isOfHours || size.times.length > 0) {
    throw call.error("unexpected-shape", "expected counters with times, found totals, which cannot be cut to the period");
  }
  const byService = await request(call, { ...history, scope: { ...history.scope, dimension: undefined } }, span);
  if (byService instanceof SourceError) {
    yield* halves(call, history, span, totals, byService);
    return;
  }
  const services = counted(byService.params);
  if (services.times.length === 0 && services.values + (size.sum ?? 1) > 0) {
    throw call.error("unexpected-shape", "expected counters with times, found totals, which may have been cut");
  }
  const each = Math.ceil(services.values / Math.max(1, services.times.length)) * size.values;
  if (((span.to - span.from) / step) * each > REPLY_CAP) {
    yield* halves(call, history, span, totals);
    return;
  }
  checkTotal(call, size);
  yield { reply, about: { request: about(history, span) }, part: span };
}

/** Compares the server's own sum with the figures; the difference is missing. */
function checkTotal(call: Call, { sum, total }: Counted): void {
  if (total !== null && sum !== null && sum !== total) {
    const message = `expected ${total} calls by the total of devicewise, found ${sum}`;
    throw call.error("incomplete", message, { missing: `${total - sum} of ${total} calls` });
  }
}

/** The reply to a command, or the error that it is larger than a page may be. */
async function request(call: Call, history: History, { from, to }: Period): Promise<Answer | SourceError> {
  // It is not documented whether the end is included. One millisecond before it, both readings agree.
  const command = commandOf(history, { from, to: to - 1 });
  try {
    return await history.sessions.use(call, (session) => ask(call, history.url, command, session));
  } catch (error) {
    if (error instanceof SourceError && error.code === "limit-exceeded") {
      return error;
    }
    throw error;
  }
}

function about(history: History, range: Period) {
  return { url: history.url, body: bodyOf(commandOf(history, range)) };
}

function commandOf({ series, scope }: History, { from, to }: Period): Command {
  return { command: "usage.api.history", params: { start: textOf(from), end: textOf(to), series: series.name, ...scope } };
}
