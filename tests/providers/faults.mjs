// Fault injection: the kind of fault, for how many requests, after how many good ones.
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { streamFrom } from "./body.mjs";

/** @typedef {import("./api/context.mjs").Context} Context */
/** @typedef {import("./api/context.mjs").Api} Api */
/** @typedef {import("./providers.mjs").Origin} Origin */

/**
 * An injected fault.
 *
 * | kind | what happens | options |
 * |---|---|---|
 * | `429` | too many requests, in the provider's own form | `retryAfter` |
 * | `500` | an HTML page, whatever was asked for | |
 * | `503` | not available, in the provider's own form | `retryAfter` |
 * | `status` | any reply | `status`, `body` (empty), `type` |
 * | `slow-headers` | nothing for a while, then the reply | `ms` |
 * | `slow-body` | the headers, a part of the body, nothing for a while, then the rest | `ms`, `at` |
 * | `reset` | the connection is closed without a reply | |
 * | `cut` | the connection is closed in mid-body | `at` |
 * | `short` | the body ends early, as if that were all | `at` |
 * | `content-type` | a reply that says it is something else | `type` (`text/html`) |
 * | `row-inserted` | the first row is not there at first: a listing that grows while it is paged | `keepsCount` |
 * | `row-removed` | the first row is there at first, then not: a listing that shrinks | `keepsCount` |
 * | `row-replaced` | the first row is there at first, then not, and one more comes at the end: as many rows as before | |
 * | `endless-next` | there is always a next page, with the last rows again | |
 * | `not-counted` | the listing is not counted on any page | |
 * | `row-doubled` | the first row of a page occurs twice on it | |
 * | `foreign-next` | the links to further pages lead to another origin | `to` |
 * | `redirect` | a redirect, to another origin where `to` does not say | `status` (302), `to` |
 * | `expired` | the token or session that the request came with is valid no more | |
 * | `denied` | the credential is taken for a wrong one | |
 * | `forbidden` | the credential is right, but may not do this | |
 * | `command-failed` | the command fails, the request does not | |
 * | `hours-unheeded` | a summary, although hours were asked for | |
 * | `hours-without-time` | hours that do not say which | |
 *
 * @typedef {object} Fault
 * @property {Kind} kind
 * @property {number} [times] how many requests it spoils: 1; `Infinity` for as long as it is not ended
 * @property {number} [after] how many it lets through first: 0, and 1 for `row-removed` and `row-replaced`
 * @property {string} [path] only requests whose path and query contain this
 * @property {string | number} [retryAfter] seconds, or an HTTP date
 * @property {number} [ms]
 * @property {number} [at] bytes of the body that come first; half of its first chunk
 * @property {number} [status]
 * @property {string} [body]
 * @property {string} [type]
 * @property {string} [to] an origin, or for a redirect an address
 * @property {boolean} [keepsCount] the listing's count does not show that it changed
 */

/** @typedef {`${keyof typeof KINDS}`} Kind */

/**
 * What a kind does: which options it takes, at which origins it can happen, and how it answers.
 *
 * @typedef {object} Behaviour
 * @property {string[]} [options]
 * @property {Origin[]} [only]
 * @property {(spoil: Spoiling) => Promise<Response>} answer
 */

/**
 * @typedef {object} Spoiling
 * @property {Fault} fault
 * @property {Context} c
 * @property {Api} api
 * @property {() => Promise<Response>} good the reply without the fault
 * @property {() => string} elsewhere another origin
 */

const sleep = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms).unref());

const HTML =
  "<html><body><h1>500 Internal Server Error</h1>If you are the administrator of this website, then please read this web application's log file.</body></html>";

/** A fault in the provider's own form, with the wait it asks for. */
const asksToWait =
  (/** @type {number} */ status, /** @type {string} */ message) =>
  async (/** @type {Spoiling} */ { fault, c, api }) => {
    if (fault.retryAfter !== undefined) {
      c.header("Retry-After", String(fault.retryAfter));
    }
    return api.fault(c, status, message);
  };

/** The good reply of a listing that is affected. */
const listing = (/** @type {(spoiling: Spoiling) => import("./api/context.mjs").Spoiled} */ affected) => async (/** @type {Spoiling} */ spoiling) => {
  spoiling.c.set("affected", affected(spoiling));
  return spoiling.good();
};

/** @type {Origin[]} */
const PAGED = ["barracuda", "cloudsigma", "wasabiStats"];
const changed = {
  options: ["keepsCount"],
  only: PAGED,
  answer: listing(({ fault }) => ({ lacksFirst: true, keepsCount: fault.keepsCount ?? false })),
};

/** The good reply, its body interrupted once `at` bytes have come; what interrupts it says whether it goes on. */
const interrupted = (/** @type {(spoiling: Spoiling) => Promise<boolean>} */ interrupt) => async (/** @type {Spoiling} */ spoiling) => {
  const { fault } = spoiling;
  const response = await spoiling.good();
  const body = (async function* () {
    let left = fault.at;
    for await (const chunk of response.body ?? []) {
      left ??= Math.floor(chunk.length / 2);
      if (chunk.length < left) {
        left -= chunk.length;
        yield chunk;
        continue;
      }
      yield chunk.subarray(0, left);
      if (!(await interrupt(spoiling))) {
        return;
      }
      yield chunk.subarray(left);
      left = Infinity;
    }
    if (left !== Infinity) {
      // The body is shorter than that: it is interrupted at its end.
      await interrupt(spoiling);
    }
  })();
  return new Response(streamFrom(body), response);
};

/** Closes the connection once everything written has left. */
async function hangUp(/** @type {Context} */ c) {
  if (c.env?.outgoing === undefined) {
    throw new Error("the connection was cut");
  }
  const { outgoing } = c.env;
  while (!outgoing.destroyed && (!outgoing.headersSent || outgoing.writableLength > 0)) {
    await sleep(1);
  }
  outgoing.destroy();
}

/** @satisfies {Record<string, Behaviour>} */
const KINDS = {
  429: { options: ["retryAfter"], answer: asksToWait(429, "Too many requests") },
  500: { answer: async ({ c }) => c.html(HTML, 500) },
  503: { options: ["retryAfter"], answer: asksToWait(503, "Service unavailable") },
  status: {
    options: ["status", "body", "type"],
    answer: async ({ fault, c }) => c.body(fault.body ?? "", /** @type {any} */ (fault.status ?? 500), { "Content-Type": fault.type ?? "text/plain" }),
  },
  "slow-headers": {
    options: ["ms"],
    async answer({ fault, good }) {
      await sleep(fault.ms ?? 0);
      return good();
    },
  },
  "slow-body": {
    options: ["ms", "at"],
    answer: interrupted(async ({ fault }) => {
      await sleep(fault.ms ?? 0);
      return true;
    }),
  },
  reset: {
    async answer({ c }) {
      c.env?.outgoing?.destroy();
      return RESPONSE_ALREADY_SENT;
    },
  },
  cut: {
    options: ["at"],
    answer: interrupted(async ({ c }) => {
      await hangUp(c);
      return false;
    }),
  },
  short: { options: ["at"], answer: interrupted(async () => false) },
  "content-type": {
    options: ["type"],
    async answer({ fault, good }) {
      const response = await good();
      const headers = new Headers(response.headers);
      headers.set("Content-Type", fault.type ?? "text/html");
      return new Response(response.body, { status: response.status, headers });
    },
  },
  "row-inserted": changed,
  "row-removed": changed,
  "row-replaced": { only: PAGED, answer: listing(() => ({ lacksFirst: true, hasOneMore: true })) },
  "endless-next": { only: PAGED, answer: listing(() => ({ endless: true })) },
  "not-counted": { only: ["wasabiStats"], answer: listing(() => ({ uncounted: true })) },
  "row-doubled": { only: ["wasabiStats"], answer: listing(() => ({ doubled: true })) },
  "foreign-next": { options: ["to"], only: ["barracuda"], answer: listing(({ fault, elsewhere }) => ({ elsewhere: fault.to ?? elsewhere() })) },
  redirect: {
    options: ["status", "to"],
    async answer({ fault, c, elsewhere }) {
      const { pathname, search } = new URL(c.req.url);
      return c.redirect(fault.to ?? `${elsewhere()}${pathname}${search}`, /** @type {any} */ (fault.status ?? 302));
    },
  },
  expired: { answer: async ({ c, api }) => api.expired(c) },
  denied: {
    async answer({ c, good }) {
      c.set("credential", "wrong");
      return good();
    },
  },
  forbidden: { answer: async ({ c, api }) => api.fault(c, 403, "You are not permitted to do this") },
  "command-failed": { only: ["devicewise"], answer: listing(() => ({ commandFails: true })) },
  "hours-unheeded": { only: ["onapp"], answer: listing(() => ({ together: true })) },
  "hours-without-time": { only: ["onapp"], answer: listing(() => ({ timeless: true })) },
};
/** @type {Record<string, Behaviour>} */
const BEHAVIOURS = KINDS;

const COMMON = ["kind", "times", "after", "path"];

/** Kinds that have no effect on the first request. @type {Kind[]} */
const LATER = ["row-removed", "row-replaced"];

/** A fault that was injected. */
class Injected {
  /** How many requests it has affected. */
  affected = 0;
  #after;
  #times;

  /**
   * @param {Origin} origin
   * @param {Fault} fault
   */
  constructor(origin, fault) {
    this.origin = origin;
    this.fault = fault;
    this.#after = fault.after ?? (LATER.includes(fault.kind) ? 1 : 0);
    this.#times = fault.times ?? 1;
  }

  get isOver() {
    return this.#times <= 0;
  }

  /** Lets no more request be affected. */
  end() {
    this.#times = 0;
  }

  /** Whether it spoils this request; it counts it. */
  takes(/** @type {string} */ path) {
    if (this.isOver || (this.fault.path !== undefined && !path.includes(this.fault.path))) {
      return false;
    }
    if (this.#after > 0) {
      this.#after -= 1;
      return false;
    }
    this.#times -= 1;
    this.affected += 1;
    return true;
  }
}

export class FaultInjector {
  /** @type {Injected[]} */
  #injected = [];
  #elsewhere;

  /** @param {() => string} elsewhere another origin, where credentials have no business */
  constructor(elsewhere) {
    this.#elsewhere = elsewhere;
  }

  /**
   * Injects a fault. Of several, each request gets the first that applies.
   *
   * @param {Origin} origin
   * @param {Fault} fault
   */
  inject(origin, fault) {
    const behaviour = BEHAVIOURS[fault.kind];
    if (behaviour === undefined) {
      throw new TypeError(`fault: no kind ${JSON.stringify(fault.kind)}; there are ${Object.keys(KINDS).join(", ")}`);
    }
    if (behaviour.only !== undefined && !behaviour.only.includes(origin)) {
      throw new TypeError(`fault: ${fault.kind} happens at ${behaviour.only.join(" and ")} only`);
    }
    const unknown = Object.keys(fault).find((name) => !COMMON.includes(name) && !behaviour.options?.includes(name));
    if (unknown !== undefined) {
      throw new TypeError(`fault: ${fault.kind} has no option ${unknown}`);
    }
    const injected = new Injected(origin, fault);
    this.#injected.push(injected);
    return injected;
  }

  /** Those that are not over. */
  get active() {
    this.#injected = this.#injected.filter((fault) => !fault.isOver);
    return [...this.#injected];
  }

  /** Ends all, or those of one origin. */
  end(/** @type {Origin | undefined} */ origin = undefined) {
    this.active.filter((fault) => origin === undefined || fault.origin === origin).forEach((fault) => fault.end());
  }

  /**
   * The fault that applies to this request, if any.
   *
   * @param {Origin} origin
   * @param {Context} c
   */
  of(origin, c) {
    const { pathname, search } = new URL(c.req.url);
    return this.active.find((fault) => fault.origin === origin && fault.takes(pathname + search)) ?? null;
  }

  /**
   * @param {Injected} injected
   * @param {Context} c
   * @param {Api} api
   * @param {() => Promise<Response>} good
   */
  answer({ fault }, c, api, good) {
    return /** @type {Behaviour} */ (BEHAVIOURS[fault.kind]).answer({ fault, c, api, good, elsewhere: this.#elsewhere });
  }
}

/** The kinds of faults that can happen at an origin. */
export const kindsAt = (/** @type {Origin} */ origin) =>
  /** @type {Kind[]} */ (Object.keys(KINDS).filter((kind) => BEHAVIOURS[kind]?.only?.includes(origin) ?? true));
