// CloudSigma API 2.0: `burstusage` and `dailyburstusage`, behind HTTP Basic (docs/formats.md#cloudsigma).
import { Hono } from "hono";
import { DAY, dateOf, dayOf, parseTime } from "../calendar.mjs";
import { AMOUNT_SCALE } from "../data/cloudsigma.mjs";
import { fixed } from "../decimal.mjs";
import { basic, spoil } from "./context.mjs";

/** @typedef {import("./context.mjs").Api} Api */
/** @typedef {import("./context.mjs").Context} Context */
/** @typedef {import("./context.mjs").Env} Env */

const DEFAULT_LIMIT = 20;
const DEFAULT_DAYS = 30;
/** Where no filter says where to begin or to end. */
const EVER = { first: -1_000_000, end: 1_000_000 };

/** A query that is not valid, and at which of its parameters. */
class Invalid extends Error {
  constructor(/** @type {string} */ point, /** @type {string} */ message) {
    super(message);
    this.point = point;
  }
}

/**
 * @param {object} options
 * @param {import("../data/cloudsigma.mjs").CloudsigmaData} options.data
 * @param {() => number} options.clock
 * @param {{ user: string, password: string }} options.credentials
 * @returns {Api}
 */
export function cloudsigmaApi({ data, clock, credentials }) {
  let requests = 0;

  const error = (
    /** @type {Context} */ c,
    /** @type {number} */ status,
    /** @type {string} */ type,
    /** @type {string} */ message,
    /** @type {string | null} */ point = null,
  ) => {
    requests += 1;
    c.header("X-REQUEST-ID", requests.toString(16).padStart(32, "0"));
    if (status === 401) {
      c.header("WWW-Authenticate", 'Basic Realm="CloudSigma"');
    }
    return json(c, JSON.stringify([{ error_type: type, error_message: message, error_point: point }]), status);
  };
  const json = (/** @type {Context} */ c, /** @type {string} */ body, status = 200) =>
    c.body(body, /** @type {any} */ (status), { "Content-Type": "application/json; charset=utf-8" });

  const answered = (/** @type {(c: Context) => Response} */ list) => (/** @type {Context} */ c) => {
    if (c.get("credential") !== "right") {
      return error(c, 401, "permission", "Authentication credentials are missing or not valid");
    }
    try {
      return list(c);
    } catch (fault) {
      if (fault instanceof Invalid) {
        return error(c, 400, "validation", fault.message, fault.point);
      }
      throw fault;
    }
  };

  /** `limit` and `offset`; a limit of 0 is everything. */
  const cutOf = (/** @type {Context} */ c) => {
    const number = (/** @type {string} */ name, /** @type {number} */ fallback) => {
      const text = c.req.query(name) ?? String(fallback);
      if (!/^\d{1,15}$/.test(text)) {
        throw new Invalid(name, `Invalid ${name} '${text}' provided. Please provide a positive integer.`);
      }
      return Number(text);
    };
    return { limit: number("limit", DEFAULT_LIMIT), offset: number("offset", 0) };
  };

  /**
   * The days that the filters leave. A day's date is a full time, a little after midnight: what is greater than the
   * day includes it, what is lower does not.
   */
  const daysOf = (/** @type {Context} */ c, /** @type {string[]} */ allowed) => {
    const filters = [...new URL(c.req.url).searchParams].filter(([name]) => name === "date" || name.startsWith("date__"));
    let { first, end } = EVER;
    for (const [name, text] of filters) {
      const time = parseTime(text);
      if (!allowed.includes(name)) {
        throw new Invalid(name, `The 'date' field does not allow filtering by '${name}'.`);
      }
      if (time === null) {
        throw new Invalid(name, `Invalid date '${text}'.`);
      }
      const onOrAfter = Math.ceil(time / DAY);
      if (name === "date__gt" || name === "date__gte") {
        first = Math.max(first, onOrAfter);
      } else if (name === "date__lt") {
        end = Math.min(end, onOrAfter);
      } else {
        first = name === "date" ? Math.max(first, dayOf(time)) : first;
        end = Math.min(end, dayOf(time) + 1);
      }
    }
    const now = clock();
    return filters.length === 0 ? { first: dayOf(now) - DEFAULT_DAYS, end: dayOf(now), now } : { first, end, now };
  };

  const nameOf = (/** @type {number} */ resource) => /** @type {import("../data/cloudsigma.mjs").Resource} */ (data.resources[resource]).name;

  const daily = (/** @type {Context} */ c) => {
    const rows = data.daily(daysOf(c, ["date__gt", "date__lt"]));
    const { limit, offset } = cutOf(c);
    const affected = c.get("affected");
    const { rows: there, skipped, count } = spoil(affected, rows.count);
    const length = Math.max(0, limit === 0 ? there - offset : Math.min(limit, there - offset));
    // The fault `endless-next`: the last page is returned repeatedly.
    const again = affected.endless && length < limit;
    const from = again ? Math.max(0, there - limit) : offset;
    const objects = Array.from({ length: again ? Math.min(limit, there) : length }, (_, i) => {
      const { resource, day, usage, amount } = rows.at(from + i + skipped);
      return `{"amount": "${fixed(amount, AMOUNT_SCALE)}", "date": "${dateOf(day)}", "resource_type": "${nameOf(resource)}", "usage": ${usage}}`;
    });
    const total = affected.endless ? Math.max(count, offset + objects.length + 1) : count;
    return json(c, `{"meta": {"limit": ${limit}, "offset": ${offset}, "total_count": ${total}}, "objects": [${objects.join(", ")}]}`);
  };

  /** No `meta` here: nothing shows that rows were cut. */
  const accumulated = (/** @type {Context} */ c) => {
    const rows = data.accumulated(daysOf(c, ["date", "date__gt", "date__gte", "date__lt", "date__lte"]));
    const { limit, offset } = cutOf(c);
    const length = Math.max(0, limit === 0 ? rows.count - offset : Math.min(limit, rows.count - offset));
    const objects = Array.from({ length }, (_, i) => {
      const { resource, usage, amount } = rows.at(offset + i);
      return `{"uuid": "${data.uuid(resource)}", "amount": ${fixed(amount, AMOUNT_SCALE)}, "resource_type": "${nameOf(resource)}", "usage": ${usage}}`;
    });
    return json(c, `{"objects": [${objects.join(", ")}]}`);
  };

  /** @type {Hono<Env>} */
  const app = new Hono();
  for (const [path, list] of /** @type {const} */ ([
    ["/api/2.0/dailyburstusage", daily],
    ["/api/2.0/burstusage", accumulated],
  ])) {
    app.get(`${path}/`, answered(list));
    // The slash at the end is part of the path: a request without it is redirected.
    app.get(path, (c) => c.redirect(`${path}/${new URL(c.req.url).search}`, 301));
    app.all(`${path}/`, (c) => error(c, 405, "validation", "Method not allowed"));
  }
  app.all("*", (c) => error(c, 404, "notexist", "Object with this path does not exist"));

  return {
    app,
    credentialOf: (c) => basic(c.req.header("authorization"), credentials),
    fault: (c, status, message) => error(c, status, status >= 500 ? "backend" : "permission", message),
    expired: (c) => error(c, 401, "permission", "Authentication credentials are missing or not valid"),
  };
}
