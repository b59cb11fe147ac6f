// deviceWISE TR50: commands in one POST, each answered on its own, mostly with status 200 (docs/formats.md#devicewise).
import { Hono } from "hono";
import { HOUR, SECOND, eastern, parseTime } from "../calendar.mjs";
import { Dice, place } from "../random.mjs";

/** @typedef {import("./context.mjs").Api} Api */
/** @typedef {import("./context.mjs").Context} Context */
/** @typedef {import("./context.mjs").Env} Env */
/** @typedef {Record<string, unknown>} Json */

/** The most records of one reply; the rest is silently cut. */
const MOST_RECORDS = 5000;

/**
 * What the vendor's pages leave open, so that a client can be tried against each reading of them.
 *
 * @typedef {object} Reading
 * @property {"period" | "figure"} recordIs what 5,000 of are the most: periods, or figures of all services
 * @property {"services" | "calls" | "totals"} byOrganisation the value of an organisation: lists of services, one list, or a number without times
 */

/** The vendor publishes no table of codes: these are of this server. */
const FAILURES = {
  session: [-90000, "Authentication session is invalid"],
  login: [-90001, "Invalid username or password"],
  command: [-91000, "Unknown command"],
  parameters: [-91001, "Invalid parameters"],
  permission: [-91002, "Permission denied"],
  backend: [-91003, "Command failed"],
  body: [-92000, "Request is not valid JSON"],
};

/** A failure, of a command or, at the root, of the whole request. */
const failed = (/** @type {number} */ code, /** @type {string} */ message) => ({
  success: false,
  errorCodes: [code],
  errorMessages: [message],
});

const failure = (/** @type {keyof typeof FAILURES} */ kind, /** @type {string} */ why = "") => {
  const [code, message] = /** @type {[number, string]} */ (FAILURES[kind]);
  return failed(code, why === "" ? message : `${message}: ${why}`);
};

/** A member of an object, its name in any case, as the server takes it. */
function member(/** @type {unknown} */ value, /** @type {string} */ name) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return undefined;
  }
  const own = Object.entries(value).find(([key]) => key.toLowerCase() === name.toLowerCase());
  return own?.[1];
}

const text = (/** @type {unknown} */ value, /** @type {string} */ name) => {
  const found = member(value, name);
  return typeof found === "string" ? found : undefined;
};

/** Old clients send booleans as texts. */
const flag = (/** @type {unknown} */ value, /** @type {string} */ name) => [true, "true"].includes(/** @type {any} */ (member(value, name)));

const sum = (/** @type {number[]} */ all) => all.reduce((total, one) => total + one, 0);

/** @type {Record<string, number>} */
const UNITS = { s: SECOND, m: 60 * SECOND, h: HOUR, d: 24 * HOUR };

/**
 * @param {object} options
 * @param {number} options.seed
 * @param {import("../data/devicewise.mjs").DevicewiseData} options.data
 * @param {() => number} options.clock
 * @param {{ username: string, password: string, sessionId: string }} options.credentials sessionId: one that is open from the start
 * @param {boolean} options.endIncluded whether the period that begins at `end` is in; the vendor does not say
 * @param {Reading} options.reading
 * @returns {Api}
 */
export function devicewiseApi({ seed, data, clock, credentials, endIncluded, reading }) {
  const sessions = new Set([credentials.sessionId]);
  let opened = 0;

  const commandsOf = async (/** @type {Context} */ c) => {
    try {
      const body = /** @type {unknown} */ (await c.req.json());
      return typeof body === "object" && body !== null && !Array.isArray(body) ? /** @type {Json} */ (body) : null;
    } catch {
      return null;
    }
  };
  const authOf = (/** @type {Json | null} */ body) => member(body, "auth");
  const sessionOf = async (/** @type {Context} */ c) => text(authOf(await commandsOf(c)), "sessionId") ?? c.req.header("sessionid");
  const isLogin = (/** @type {unknown} */ command) => text(command, "command")?.toLowerCase() === "api.authenticate";
  const isRight = (/** @type {unknown} */ params) => text(params, "username") === credentials.username && text(params, "password") === credentials.password;

  /** @type {Api["credentialOf"]} */
  const credentialOf = async (c) => {
    const auth = authOf(await commandsOf(c));
    if (isLogin(auth)) {
      return isRight(member(auth, "params")) ? "right" : "wrong";
    }
    const session = await sessionOf(c);
    return session === undefined ? "missing" : sessions.has(session) ? "right" : "wrong";
  };

  const login = () => {
    opened += 1;
    const sessionId = new Dice(place(seed, "session", opened)).hex(24);
    sessions.add(sessionId);
    return { success: true, params: { sessionId } };
  };

  const history = (/** @type {unknown} */ params) => {
    const now = clock();
    const range = rangeOf(params, now);
    const series = (text(params, "series") ?? "hour").toLowerCase();
    if (typeof range === "string" || (series !== "hour" && series !== "day")) {
      return failure("parameters", typeof range === "string" ? range : "series is to be hour or day");
    }
    if (flag(params, "showAll")) {
      return failure("permission", "showAll requires Super-Ops");
    }
    const organisations = [data.organisation, ...(flag(params, "includeSubOrgs") ? data.subOrganisations : [])];
    const byOrganisation = text(params, "dimension")?.toLowerCase() === "org";
    const figures = data.services.length * (byOrganisation ? organisations.length : 1);
    const most = reading.recordIs === "period" ? MOST_RECORDS : Math.floor(MOST_RECORDS / figures);
    /** @type {import("../data/devicewise.mjs").Bucket[]} */
    const buckets = [];
    for (const bucket of data.buckets({ ...range, to: range.to + (endIncluded ? 1 : 0), series, now })) {
      if (buckets.length === most) {
        break;
      }
      buckets.push(bucket);
    }
    // Of nothing the server makes null, not an empty list.
    if (buckets.length === 0) {
      return { success: true, params: { counters: null, total: 0, ts: null } };
    }
    const ts = buckets.map(({ start }) => eastern(start));
    const services = (/** @type {string[]} */ of) =>
      data.services.map((name, service) => /** @type {const} */ ([name, buckets.map((bucket) => data.calls(of, service, bucket))]));
    if (!byOrganisation) {
      const counters = services(organisations);
      const total = sum(counters.flatMap(([, calls]) => calls));
      return { success: true, params: { counters: Object.fromEntries(counters), total, ts } };
    }
    let total = 0;
    const below = (/** @type {string} */ organisation) => {
      const counters = services([organisation]);
      const calls = buckets.map((_, i) => sum(counters.map(([, calls]) => calls[i] ?? 0)));
      total += sum(calls);
      return reading.byOrganisation === "services" ? Object.fromEntries(counters) : reading.byOrganisation === "calls" ? calls : sum(calls);
    };
    const counters = Object.fromEntries(organisations.map((organisation) => [organisation, below(organisation)]));
    return { success: true, params: { counters, total, ...(reading.byOrganisation === "totals" ? {} : { ts }) } };
  };

  const answer = (/** @type {unknown} */ command) => {
    const name = text(command, "command")?.toLowerCase();
    return name === "usage.api.history" ? history(member(command, "params")) : failure("command", name ?? "none");
  };

  /** @type {Hono<Env>} */
  const app = new Hono();
  app.post("/api", async (c) => {
    const body = await commandsOf(c);
    if (body === null) {
      return c.json(failure("body"));
    }
    const entries = Object.entries(body);
    const commands = entries.filter(([id, command]) => id.toLowerCase() !== "auth" && member(command, "command") !== undefined);
    const auth = entries.find(([id]) => id.toLowerCase() === "auth");
    if (auth !== undefined && isLogin(auth[1])) {
      // Commands beside a login are its own: they fail with it.
      const opened = c.get("credential") === "right" ? login() : failure("login");
      const answers = commands.map(([id, command]) => [id, opened.success ? answer(command) : failure("session")]);
      return c.json({ [auth[0]]: opened, ...Object.fromEntries(answers) });
    }
    if (c.get("credential") !== "right") {
      return c.json(failure("session"));
    }
    const fails = c.get("affected").commandFails ?? false;
    return c.json(Object.fromEntries(commands.map(([id, command]) => [id, fails ? failure("backend") : answer(command)])));
  });
  app.all("/api", (c) => c.text("Method Not Allowed", 405));
  app.all("*", (c) => c.text("Not Found", 404));

  return {
    app,
    credentialOf,
    fault: (c, status, message) => c.json(failed(-status, message), /** @type {any} */ (status)),
    async expired(c) {
      sessions.delete((await sessionOf(c)) ?? "");
      return c.json(failure("session"));
    },
  };
}

/** The time range of a command's parameters, or what is wrong with them. */
function rangeOf(/** @type {unknown} */ params, /** @type {number} */ now) {
  const last = text(params, "last");
  if (last !== undefined) {
    const [, number, unit] = /^(\d{1,6})([smhd])$/.exec(last) ?? [];
    const length = Number(number) * (UNITS[unit ?? ""] ?? NaN);
    return Number.isNaN(length) ? "last is to be a number of s, m, h or d" : { from: now - length, to: now };
  }
  const start = text(params, "start");
  const end = text(params, "end");
  const [from, to] = [start === undefined ? null : parseTime(start), end === undefined ? now : parseTime(end)];
  return from === null || to === null ? "start and end are to be timestamps" : { from, to };
}
