// Five usage APIs to test against, from a seed: nothing is kept, everything can be asked for again.
import { Hono } from "hono";
import { barracudaApi, barracudaTokens } from "./api/barracuda.mjs";
import { cloudsigmaApi } from "./api/cloudsigma.mjs";
import { devicewiseApi } from "./api/devicewise.mjs";
import { onappApi } from "./api/onapp.mjs";
import { wasabiApi } from "./api/wasabi.mjs";
import { wasabiStatsApi } from "./api/wasabi-stats.mjs";
import { FaultInjector } from "./faults.mjs";
import { BarracudaData } from "./data/barracuda.mjs";
import { CloudsigmaData } from "./data/cloudsigma.mjs";
import { DevicewiseData } from "./data/devicewise.mjs";
import { OnappData } from "./data/onapp.mjs";
import { WasabiData } from "./data/wasabi.mjs";
import { Dice, place } from "./random.mjs";
import { RequestLog } from "./request-log.mjs";
import { rowsOf, expected } from "./expected.mjs";

/** @typedef {"barracuda" | "devicewise" | "cloudsigma" | "wasabi" | "onapp"} Provider */
/** @typedef {Provider | "barracudaTokens" | "wasabiStats" | "elsewhere"} Origin Barracuda's token server and Wasabi's Stats API are separate origins; `elsewhere` is an origin of no provider */

/**
 * How much there is. Every day since `since` has data.
 *
 * @typedef {object} Size
 * @property {{ partners: string[], accounts: string[] }} barracuda names; one that begins with `huge` stores more than 2^53 bytes
 * @property {{ services: number, subOrganisations: number }} devicewise
 * @property {{ resources: number }} cloudsigma
 * @property {{ accounts: number, buckets: number }} wasabi buckets: of each account
 * @property {{ users: number, machines: number }} onapp machines: of each user, at the most
 */

/** @type {Size} */
const SIZE = {
  barracuda: { partners: ["acme", "huge-partner"], accounts: ["bakery"] },
  devicewise: { services: 10, subOrganisations: 2 },
  cloudsigma: { resources: 12 },
  wasabi: { accounts: 2, buckets: 12 },
  onapp: { users: 2, machines: 3 },
};

/**
 * @typedef {object} Options
 * @property {number} [seed] 1
 * @property {{ [P in Provider]?: Partial<Size[P]> }} [size]
 * @property {string} [since] the first day: 2019-01-01
 * @property {() => number | Date} [clock] the current time; nothing later is reported
 * @property {boolean} [endIncluded] whether Barracuda's `end_date` and deviceWISE's `end` are in: the vendors do not say
 * @property {Partial<import("./api/devicewise.mjs").Reading>} [devicewise] what else it leaves open
 * @property {number} [tokenSeconds] how long a token of Barracuda lives: 3600
 * @property {() => string} [elsewhere] the origin that some faults lead to
 */

/** @typedef {ReturnType<typeof createProviders>} Providers */

/** The five APIs, each a hono app. */
export function createProviders(/** @type {Options} */ options = {}) {
  const { seed = 1, size = {}, since = "2019-01-01", clock = Date.now, endIncluded = true, tokenSeconds = 3600 } = options;
  const now = () => Number(clock());
  const world = { seed, since: Date.parse(`${since}T00:00:00Z`) };
  const secret = (/** @type {string} */ name, digits = 32) => new Dice(place(seed, "secret", name)).hex(digits);

  const data = {
    barracuda: new BarracudaData({ ...world, ...SIZE.barracuda, ...size.barracuda }),
    devicewise: new DevicewiseData({ ...world, ...SIZE.devicewise, ...size.devicewise }),
    cloudsigma: new CloudsigmaData({ ...world, ...SIZE.cloudsigma, ...size.cloudsigma }),
    wasabi: new WasabiData({ ...world, ...SIZE.wasabi, ...size.wasabi }),
    onapp: new OnappData({ ...world, ...SIZE.onapp, ...size.onapp }),
  };

  /** The credentials that each API accepts, and its callers. */
  const credentials = {
    barracuda: {
      clientId: `client-${secret("client", 8)}`,
      clientSecret: secret("barracuda"),
      username: { ...SIZE.barracuda, ...size.barracuda }.partners[0] ?? "",
    },
    devicewise: { username: "reports@example.com", password: secret("devicewise", 16), sessionId: secret("session", 24) },
    cloudsigma: { user: "billing@example.com", password: secret("cloudsigma", 16) },
    wasabi: { key: secret("wasabi"), account: String(data.wasabi.accounts[0] ?? "") },
    /** The keys of one account, the first. */
    wasabiStats: {
      accessKey: secret("wasabi access", 20).toUpperCase(),
      secretKey: secret("wasabi secret", 40),
      account: String(data.wasabi.accounts[0] ?? ""),
    },
    onapp: { user: "billing@example.com", password: secret("onapp", 40), userId: String(data.onapp.users[0] ?? "") },
  };

  const tokens = barracudaTokens({ seed, clock: now, credentials: credentials.barracuda, seconds: tokenSeconds });
  const reading = /** @type {const} */ ({ recordIs: "period", byOrganisation: "services", ...options.devicewise });
  /** @type {Record<Origin, import("./api/context.mjs").Api>} */
  const apis = {
    barracuda: barracudaApi({ data: data.barracuda, tokens, clock: now, endIncluded }),
    barracudaTokens: tokens,
    devicewise: devicewiseApi({ seed, data: data.devicewise, clock: now, credentials: credentials.devicewise, endIncluded, reading }),
    cloudsigma: cloudsigmaApi({ data: data.cloudsigma, clock: now, credentials: credentials.cloudsigma }),
    wasabi: wasabiApi({ data: data.wasabi, clock: now, credentials: credentials.wasabi }),
    wasabiStats: wasabiStatsApi({ data: data.wasabi, clock: now, credentials: credentials.wasabiStats }),
    onapp: onappApi({ data: data.onapp, clock: now, credentials: credentials.onapp, currency: "USD" }),
    elsewhere: otherServer(),
  };

  const log = new RequestLog();
  const faults = new FaultInjector(options.elsewhere ?? (() => "http://elsewhere.invalid"));
  const app = (/** @type {Origin} */ origin) => {
    const api = apis[origin];
    /** @type {Hono<import("./api/context.mjs").Env>} */
    const app = new Hono();
    app.use(async (c, next) => {
      const credential = await api.credentialOf(c);
      const entry = log.open(origin, c, credential);
      c.set("credential", credential);
      c.set("affected", {});
      const fault = faults.of(origin, c);
      entry.fault = fault?.fault.kind ?? null;
      const good = async () => {
        await next();
        return c.res;
      };
      c.res = log.close(entry, c, fault === null ? await good() : await faults.answer(fault, c, api, good));
    });
    app.route("/", api.app);
    return app;
  };
  const apps = /** @type {Record<Origin, Hono<import("./api/context.mjs").Env>>} */ (
    Object.fromEntries(Object.keys(apis).map((origin) => [origin, app(/** @type {Origin} */ (origin))]))
  );

  return {
    apps,
    data,
    credentials,
    /**
     * Injects a fault; the result has the number of affected requests, and can end it.
     *
     * @param {Origin} origin
     * @param {import("./faults.mjs").Fault} fault
     */
    injectFault: (origin, fault) => faults.inject(origin, fault),
    faults,
    /** The requests that came, to one origin or to all. */
    requests: (/** @type {Origin | undefined} */ origin = undefined) => log.of(origin),
    forgetRequests: () => log.clear(),
    /**
     * What a complete and exact answer holds.
     *
     * @param {Provider} provider
     * @param {import("./expected.mjs").ExpectedQuery} query
     */
    expected: (provider, query) => expected(data, provider, query, now()),
    /**
     * How many rows there are, as the provider counts them.
     *
     * @param {Provider} provider
     * @param {import("./expected.mjs").ExpectedQuery} query
     */
    rows: (provider, query) => rowsOf(data, provider, query, now()),
  };
}

/** A server that belongs to no provider: each request to it is an error of the client. It records any credential that it receives. */
function otherServer() {
  /** @type {Hono<import("./api/context.mjs").Env>} */
  const app = new Hono();
  const headers = ["authorization", "sessionid", "cookie", "x-wasabi-service"];
  const inBodies = /sessionId|password|client_secret/i;
  /** @type {import("./api/context.mjs").Api} */
  const api = {
    app: app.all("*", (c) => c.json({ elsewhere: true })),
    async credentialOf(c) {
      const shown = headers.some((name) => c.req.header(name) !== undefined) || inBodies.test(await c.req.text());
      return shown ? "wrong" : "missing";
    },
    fault: (c, status, message) => c.text(message, /** @type {any} */ (status)),
    expired: (c) => c.text("", 401),
  };
  return api;
}
