import { oneOf } from "../validate.js";
import type { Call } from "./call.js";
import { basic, common, configOf, loginName, required, secret, settingsOf } from "./config.js";
import { checked, sourceOf } from "./make.js";
import { ceil, checkWhole, DAY, floor, type Period, SECOND, slices, textOf } from "./period.js";
import { type CheckedQuery, checkQuery, name, needed, periodIn, positive } from "./query.js";
import { pagesFor } from "./read.js";
import type { Source, SourceConfig } from "./source.js";
import { urlOf } from "./url.js";

/** The configuration of an OnApp control panel. */
export interface OnappConfig extends SourceConfig {
  /** The control panel's address. */
  baseUrl: string;
  /** A login with its password, or an email address with its API key. */
  login: string;
  /** The password of the login, or the API key of the email address. */
  password: string;
  /** The user's number, for queries without `user`. */
  user?: string;
  /** The encoding of replies. Default `xml`: only XML has virtual machines. */
  encoding?: "xml" | "json";
  /** Days of one request; with fewer days, less is requested again after a failure. Default 31. */
  daysPerRequest?: number;
}

const checkConfig = configOf<OnappConfig>({
  ...common,
  login: loginName,
  password: secret,
  user: name,
  encoding: oneOf("xml", "json"),
  daysPerRequest: positive,
});

const answerable = { resolutions: ["hour", "total"], fields: ["user"] } as const;

/**
 * Costs of a user of an OnApp cloud, by hour or (resolution `total`) as a sum over the whole period.
 *
 * @throws {@link SourceError} `invalid-option` for an invalid configuration.
 * @example
 * ```ts
 * const source = onappSource({ baseUrl: "https://cloud.example.com", login, password, user: "4" });
 * for await (const record of source.records({ from: "2024-01-01", to: "2024-01-02" })) …
 * ```
 */
export function onappSource(config: OnappConfig): Source {
  return checked("onapp", () => {
    const { user, encoding = "xml", daysPerRequest = 31, ...options } = checkConfig(config, "");
    const { baseUrl, login, password } = required(options, {
      baseUrl: "the control panel's address",
      login: "a user's login or email address",
      password: "the login's password, or the email address's API key",
    });
    const authorization = basic(login, password);
    const credentials = [password, authorization.slice("Basic ".length)];
    const settings = settingsOf("onapp", options, baseUrl, credentials);
    const mime = `application/${encoding}`;
    const headers = { Accept: mime, "Content-Type": mime, Authorization: authorization };

    return sourceOf(settings, (query) => {
      const asked = checkQuery("onapp", answerable, query);
      const path = ["users", needed("user", asked.user ?? user, "user"), "user_statistics"];
      const urlFor = (parameters: [string, string][]) => urlOf(settings.baseUrl, path, parameters, `.${encoding}`);
      const periods = periodsFor(asked, daysPerRequest);
      const requests = function* () {
        for (const part of periods()) {
          const url = urlFor(parametersOf(asked, boundsOf(asked, part)));
          // The engine would read the two bounds as a period whose end is before its start.
          yield { request: { method: "GET", url, headers } as const, about: { request: urlFor(parametersOf(asked, part)) }, part };
        }
      };
      const pages = (call: Call) => pagesFor(call, requests(), asked.resolution === "hour" ? hoursIn : undefined);
      return { between: asked.period, reading: {}, pages };
    });
  });
}

/** A year in one request is much work for a control panel, but a total cannot be computed from parts. */
function periodsFor(asked: CheckedQuery, days: number): () => Iterable<Period> {
  const period = periodIn(asked);
  if (asked.resolution === "total") {
    checkWhole(period, SECOND, "a whole second, since a total cannot be cut");
    return () => [period];
  }
  return () => slices({ from: floor(period.from, SECOND), to: ceil(period.to, SECOND) }, days * DAY);
}

/**
 * The bounds to request. They have whole seconds and are both inclusive, so a total ends a second before its period
 * does. For hours a second more is requested at each bound, so that an hour that begins there is included; the rows are then selected by their time.
 */
function boundsOf({ resolution }: CheckedQuery, { from, to }: Period): Period {
  return resolution === "hour" ? { from: from - SECOND, to } : { from, to: to - SECOND };
}

function parametersOf({ resolution }: CheckedQuery, { from, to }: Period): [string, string][] {
  const second = (time: number) => textOf(time).slice(0, 19).replace("T", " ");
  const bounds: [string, string][] = [
    ["period[startdate]", second(from)],
    ["period[enddate]", second(to)],
  ];
  return resolution === "hour" ? [["hourly_stats", ""], ...bounds] : bounds;
}

/** So many characters from the root of a body show what it is. */
const HEAD = 4096;

/** What may precede the root. Each expression matches one such part, so that no text takes long. */
const BEFORE = /\s+|<\?[\s\S]*?\?>|<!--[\s\S]*?-->/y;

/** Parts before the root that have begun and may continue: their beginning, and a possible part of their end. */
const BEGUN = /^(<\?|<!--)[\s\S]*?([?-]{0,2})$/;

/** A `user_stat` without a list around it, or any object that does not begin like an error. */
const ALONE = /^(<user_stat[\s/>]|\{(?!\s*"(?:errors?|message)"))/;

/** A body of hours. A summary is refused: its time would be read as the time of an hour (docs/SOURCES.md#hours-of-onapp). */
async function* hoursIn(call: Call, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const decoder = new TextDecoder();
  /** The part of the root that has arrived, or the part that precedes it. */
  let head = "";
  /** Bytes that are held back until the root is known. */
  let held: Uint8Array[] | null = [];
  for await (const piece of body) {
    if (held === null) {
      yield piece;
      continue;
    }
    held.push(piece);
    head = rootIn(head + decoder.decode(piece, { stream: true }));
    const isBefore = head === "" || BEGUN.test(head);
    if (isBefore || head.length >= HEAD) {
      checkList(call, head);
      yield* held;
      held = isBefore ? [] : null;
      head = isBefore ? head.replace(BEGUN, "$1$2") : "";
    }
  }
  checkList(call, head);
  yield* held ?? [];
}

/** A text from its root on, or from a part before it that has not ended. */
function rootIn(text: string): string {
  BEFORE.lastIndex = 0;
  let at = 0;
  while (BEFORE.test(text)) {
    at = BEFORE.lastIndex;
  }
  return text.slice(at);
}

function checkList(call: Call, head: string): void {
  if (ALONE.test(head)) {
    const message = "expected a list of hours, found one user_stat, a summary: OnApp ignored `hourly_stats`";
    throw call.error("unexpected-shape", message, { missing: "the hours", page: call.progress.pages });
  }
}
