// Intronis / Barracuda: `usage_history` of partners and accounts, JSON and XML, behind a token (docs/formats.md#barracuda).
import { Hono } from "hono";
import { xml } from "../body.mjs";
import { eastern, easternMidnight, parseDate } from "../calendar.mjs";
import { Dice, place } from "../random.mjs";
import { spoil } from "./context.mjs";

/** @typedef {import("./context.mjs").Api} Api */
/** @typedef {import("./context.mjs").Context} Context */
/** @typedef {import("./context.mjs").Env} Env */
/** @typedef {import("../data/barracuda.mjs").Step} Step */

/** @type {Record<string, { step: (days: number) => Step, pageSize: number }>} */
const RESOLUTIONS = {
  DAY: { step: () => ({ days: 1 }), pageSize: 30 },
  WEEK: { step: () => ({ days: 7 }), pageSize: 26 },
  MONTH: { step: () => ({ months: 1 }), pageSize: 12 },
  CUSTOM: { step: (days) => ({ days }), pageSize: 30 },
};
const MOST_ROWS = 90;
const MOST_DAYS = 60;

/** A request that cannot be answered, and with which status. */
class Refusal extends Error {
  constructor(/** @type {number} */ status, /** @type {string} */ message) {
    super(message);
    this.status = status;
  }
}

/**
 * The token server: an origin of its own, as the vendor's is.
 *
 * @param {{ seed: number, clock: () => number, credentials: { clientId: string, clientSecret: string }, seconds: number }} options seconds: how long a token lives
 */
export function barracudaTokens({ seed, clock, credentials, seconds }) {
  /** @type {Map<string, { scopes: string[], until: number }>} */
  const tokens = new Map();
  let given = 0;

  /** @type {(c: Context) => Promise<import("./context.mjs").Credential>} */
  const credentialOf = async (c) => {
    const form = await fields(c);
    if (!form.has("client_id") && !form.has("client_secret")) {
      return "missing";
    }
    return form.get("client_id") === credentials.clientId && form.get("client_secret") === credentials.clientSecret ? "right" : "wrong";
  };
  const fields = async (/** @type {Context} */ c) =>
    new URLSearchParams((c.req.header("content-type") ?? "").startsWith("application/x-www-form-urlencoded") ? await c.req.text() : "");
  const refuse = (/** @type {Context} */ c, /** @type {400 | 401 | 404} */ status, /** @type {string} */ error, /** @type {string} */ why) =>
    c.json({ error, error_description: why }, status);

  /** @type {Hono<Env>} */
  const app = new Hono();
  app.post("/oauth2/token", async (c) => {
    const form = await fields(c);
    if (c.get("credential") !== "right") {
      return refuse(c, 401, "invalid_client", "client_id or client_secret is not known");
    }
    if (form.get("grant_type") !== "none") {
      return refuse(c, 400, "unsupported_grant_type", "grant_type is to be none");
    }
    // A literal plus separates scopes: it is sent as %2B.
    const scopes = (form.get("scope") ?? "").split("+").filter((scope) => scope !== "");
    if (scopes.length === 0 || !scopes.every((scope) => ["partners_read", "accounts_read"].includes(scope))) {
      return refuse(c, 400, "invalid_scope", "scope is to be of partners_read and accounts_read");
    }
    given += 1;
    const token = new Dice(place(seed, "token", given)).hex(40);
    tokens.set(token, { scopes, until: clock() + seconds * 1000 });
    c.header("Cache-Control", "no-store");
    return c.json({ access_token: token, expires_in: String(seconds), scope: scopes.join("+") });
  });
  app.all("*", (c) => refuse(c, 404, "invalid_request", "no such resource"));

  /** @type {Api} */
  const api = {
    app,
    credentialOf,
    fault: (c, status, message) => c.json({ error: "server_error", error_description: message }, /** @type {any} */ (status)),
    expired: (c) => refuse(c, 401, "invalid_client", "client_id or client_secret is not known"),
  };
  return {
    ...api,
    /** The scopes of a token that lives. */
    scopesOf(/** @type {string} */ token) {
      const known = tokens.get(token);
      return known !== undefined && known.until > clock() ? known.scopes : null;
    },
    forget: (/** @type {string} */ token) => tokens.delete(token),
  };
}

/**
 * @param {object} options
 * @param {import("../data/barracuda.mjs").BarracudaData} options.data
 * @param {ReturnType<typeof barracudaTokens>} options.tokens
 * @param {() => number} options.clock
 * @param {boolean} options.endIncluded whether `end_date` is in; the vendor does not say
 * @returns {Api}
 */
export function barracudaApi({ data, tokens, clock, endIncluded }) {
  const tokenOf = (/** @type {Context} */ c) => /^OAuth (\S+)$/.exec(c.req.header("authorization") ?? "")?.[1];

  /** @type {Api["credentialOf"]} */
  const credentialOf = (c) => {
    if (c.req.header("authorization") === undefined) {
      return "missing";
    }
    const token = tokenOf(c);
    return token !== undefined && tokens.scopesOf(token) !== null ? "right" : "wrong";
  };

  const wantsXml = (/** @type {Context} */ c) => c.req.header("accept") === "application/xml";

  /** @type {Api["fault"]} */
  const fault = (c, status, message) => {
    const [body, type] = wantsXml(c)
      ? [`<?xml version="1.0" encoding="UTF-8"?>\n<error>\n  <code>${status}</code>\n  <message>${xml(message)}</message>\n</error>`, "application/xml"]
      : [JSON.stringify({ code: status, message }), "application/json"];
    return c.body(body, /** @type {any} */ (status), { "Content-Type": type });
  };

  const list = (/** @type {Context} */ c, /** @type {import("../data/barracuda.mjs").HolderKind} */ kind) => {
    const accept = c.req.header("accept");
    if (accept !== "application/json" && accept !== "application/xml") {
      return fault(c, 406, "Accept is to be application/json or application/xml");
    }
    if (c.get("credential") !== "right") {
      return fault(c, 401, "the token is missing, not valid or no longer valid");
    }
    if (!tokens.scopesOf(/** @type {string} */ (tokenOf(c)))?.includes(`${kind}s_read`)) {
      return fault(c, 403, `the token has no scope ${kind}s_read`);
    }
    const holder = data.holder(kind, c.req.param("username") ?? "");
    if (holder === null) {
      return fault(c, 404, `no such ${kind}`);
    }
    try {
      const page = pageOf(c, holder);
      return wantsXml(c) ? c.body(xmlOf(page), 200, { "Content-Type": "application/xml" }) : c.body(jsonOf(page), 200, { "Content-Type": "application/json" });
    } catch (error) {
      if (error instanceof Refusal) {
        return fault(c, error.status, error.message);
      }
      throw error;
    }
  };

  const pageOf = (/** @type {Context} */ c, /** @type {import("../data/barracuda.mjs").Holder} */ holder) => {
    const asked = askedOf((name) => c.req.query(name));
    const last = Math.min(asked.last === null ? Infinity : asked.last - (endIncluded ? 0 : 1), data.lastDay(clock()));
    const series = data.series({ first: asked.first, last, step: asked.step });
    const affected = c.get("affected");
    const { rows, skipped, count } = spoil(affected, series.count);
    const pages = Math.ceil(rows / asked.pageSize);
    // The fault `endless-next`: the last page is returned repeatedly.
    const page = affected.endless ? Math.min(asked.page, Math.max(1, pages)) : asked.page;
    const from = (page - 1) * asked.pageSize;
    const list = Array.from({ length: Math.max(0, Math.min(asked.pageSize, rows - from)) }, (_, i) => {
      const n = asked.descending ? rows - 1 - (from + i) : from + i;
      const day = series.day(n + skipped);
      return { date: eastern(easternMidnight(day)), bytes: data.bytes(holder, day) };
    });
    // The links bear the page alone: the rest of the query is lost.
    const url = new URL(c.req.url);
    const href = (/** @type {number} */ page, origin = url.origin) => `${origin}${url.pathname}?page=${page}`;
    const links = [{ rel: "first", href: href(1) }];
    if (affected.endless || asked.page < pages) {
      links.push({ rel: "next", href: href(asked.page + 1, affected.elsewhere) });
    }
    return { page: asked.page, pageSize: asked.pageSize, count, links, list };
  };

  /** @type {Hono<Env>} */
  const app = new Hono();
  app.get("/v1/partners/:username/usage_history", (c) => list(c, "partner"));
  app.get("/v1/accounts/:username/usage_history", (c) => list(c, "account"));
  app.all("/v1/:kind{partners|accounts}/:username/usage_history", (c) => fault(c, 405, "only GET is allowed"));
  app.all("*", (c) => fault(c, 404, "no such resource"));

  return {
    app,
    credentialOf,
    fault,
    expired(c) {
      tokens.forget(tokenOf(c) ?? "");
      return fault(c, 401, "the token is missing, not valid or no longer valid");
    },
  };
}

/** What a query asks for. */
function askedOf(/** @type {(name: string) => string | undefined} */ parameter) {
  const day = (/** @type {string} */ name) => {
    const text = parameter(name);
    const day = text === undefined ? null : parseDate(text.slice(0, 10));
    if (text !== undefined && day === null) {
      throw new Refusal(400, `${name} is to be a date`);
    }
    return day;
  };
  const number = (/** @type {string} */ name, /** @type {number} */ fallback, /** @type {number} */ most) => {
    const text = parameter(name) ?? String(fallback);
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < 1 || value > most) {
      throw new Refusal(400, `${name} is to be a number from 1 to ${most}`);
    }
    return value;
  };
  const oneOf = (/** @type {string} */ name, /** @type {string[]} */ known) => {
    const text = parameter(name) ?? /** @type {string} */ (known[0]);
    if (!known.includes(text)) {
      throw new Refusal(400, `${name} is to be one of ${known.join(", ")}`);
    }
    return text;
  };
  const resolution = oneOf("resolution", Object.keys(RESOLUTIONS));
  const { step, pageSize } = /** @type {typeof RESOLUTIONS[string]} */ (RESOLUTIONS[resolution]);
  oneOf("order_by", ["DATE"]);
  return {
    first: day("start_date"),
    last: day("end_date"),
    step: step(number("custom", 1, MOST_DAYS)),
    page: number("page", 1, Number.MAX_SAFE_INTEGER),
    pageSize: number("page_size", pageSize, MOST_ROWS),
    descending: oneOf("order_dir", ["ASC", "DESC"]) === "DESC",
  };
}

/** @typedef {{ page: number, pageSize: number, count: number, links: { rel: string, href: string }[], list: { date: string, bytes: bigint }[] }} Page */

function jsonOf(/** @type {Page} */ { page, pageSize, count, links, list }) {
  const objects = (/** @type {string[][]} */ all) => all.map((members) => `\n   {\n     ${members.join(",\n     ")}\n   }`).join(",");
  return `{
  "page": ${page},
  "page_size": ${pageSize},
  "count": ${count},
  "links": [${objects(links.map(({ rel, href }) => [`"rel": "${rel}"`, `"href": ${JSON.stringify(href)}`]))}
  ],
  "list": [${objects(list.map(({ date, bytes }) => [`"date": "${date}"`, `"bytes": ${bytes}`]))}
  ]
}`;
}

function xmlOf(/** @type {Page} */ { page, pageSize, count, links, list }) {
  const link = (/** @type {Page["links"][number]} */ { rel, href }) => `\n  <link rel="${rel}" href="${xml(href)}"/>`;
  const usage = (/** @type {Page["list"][number]} */ { date, bytes }) => `\n  <usage>\n   <date>${date}</date>\n   <bytes>${bytes}</bytes>\n  </usage>`;
  const open = `<?xml version="1.0" encoding="UTF-8"?>\n<list page="${page}" page_size="${pageSize}" count="${count}"`;
  return `${open}>${links.map(link).join("")}${list.map(usage).join("")}\n</list>`;
}
