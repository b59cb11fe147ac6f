// Shared by the tests of the providers: generated data at a fixed time, a minimal client, and totals to compare with the expected data.
import assert from "node:assert/strict";
import Decimal from "decimal.js";
import { normalize } from "meterglot";
import { serve } from "./index.mjs";

export const NOW = Date.parse("2024-06-15T12:00:00Z");

/** The five, until the test ends. */
export async function start(t, options = {}) {
  const providers = await serve({ clock: () => NOW, ...options });
  t.after(() => providers.close());
  return clientOf(providers);
}

const basic = ({ user, password }) => ({ authorization: `Basic ${btoa(`${user}:${password}`)}` });

/** Requests as the vendors' pages show them, credentials included. */
function clientOf(providers) {
  const { baseUrls: urls, credentials } = providers;
  const get =
    (origin, headersOf) =>
    async (path, init = {}) =>
      answerOf(`${urls[origin]}${path}`, { redirect: "manual", ...init, headers: { ...(await headersOf()), ...init.headers } });

  const askToken = (fields = {}) => {
    const form = {
      client_id: credentials.barracuda.clientId,
      client_secret: credentials.barracuda.clientSecret,
      grant_type: "none",
      scope: "partners_read+accounts_read",
      ...fields,
    };
    return answerOf(`${urls.barracudaTokens}/oauth2/token`, { method: "POST", body: new URLSearchParams(form) });
  };
  const tr50 = (body, headers = {}) =>
    answerOf(`${urls.devicewise}/api`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });

  return {
    ...providers,
    askToken,
    barracuda: get("barracuda", async () => ({
      authorization: `OAuth ${(await askToken()).json.access_token}`,
      accept: "application/json",
    })),
    tr50,
    /** One command of usage history, in a session. */
    history: (params) => tr50({ auth: { sessionId: credentials.devicewise.sessionId }, get: { command: "usage.api.history", params } }),
    cloudsigma: get("cloudsigma", () => basic(credentials.cloudsigma)),
    wasabi: get("wasabi", () => ({ authorization: credentials.wasabi.key, "x-wasabi-service": "partner" })),
    wasabiStats: get("wasabiStats", () => ({ authorization: `${credentials.wasabiStats.accessKey}:${credentials.wasabiStats.secretKey}` })),
    onapp: get("onapp", () => basic(credentials.onapp)),
  };
}

/** A reply that was read whole: its text, and as JSON where it is that. */
async function answerOf(url, init) {
  const response = await fetch(url, init);
  const text = await response.text();
  const request = { url, ...(init.body === undefined ? {} : { body: String(init.body) }) };
  return {
    status: response.status,
    headers: response.headers,
    type: response.headers.get("content-type"),
    text,
    get json() {
      return JSON.parse(text);
    },
    /** What the package makes of it. */
    get table() {
      return normalize(text, { request });
    },
  };
}

/** Every number digit for digit: JSON.parse makes doubles of them. */
export const numbersOf = (text, name) => Array.from(text.matchAll(new RegExp(`"${name}": ?"?([-+.eE\\d]+)`, "g")), ([, digits]) => digits);

const Exact = Decimal.clone({ precision: 1000, toExpNeg: -1000, toExpPos: 1000 });

/** Records and sums by metric, of one table or of several. A part by region is counted separately. */
export function totalsOf(tables, keep = () => true) {
  const metrics = {};
  let all = 0;
  for (const table of [tables].flat()) {
    for (const record of table) {
      if (!keep(record)) {
        continue;
      }
      const name = record.partOf === record.metric ? `${record.metric} by region` : record.metric;
      const total = (metrics[name] ??= { records: 0, quantity: null, cost: null });
      total.records += 1;
      for (const field of ["quantity", "cost"]) {
        if (record[field] !== null) {
          total[field] = new Exact(total[field] ?? 0).plus(record[field]).toString();
        }
      }
      all += 1;
    }
  }
  return { records: all, metrics };
}

/** That what was read is exactly what there is: every metric, every record, every digit. */
export function assertExpected(read, { records, metrics }) {
  assert.ok(records > 0, "expected data without records proves nothing");
  assert.deepEqual(read.metrics, metrics);
  assert.equal(read.records, records);
}

export const startsIn = (from, to) => {
  const [first, end] = [Date.parse(from), Date.parse(to)];
  return ({ start }) => Date.parse(start) >= first && Date.parse(start) < end;
};
