// The five providers to test against, and a source of each that is let in.
import { openSource } from "meterglot/sources";
import { serve } from "../providers/index.mjs";
import { totalsOf } from "../providers/support.mjs";

/** Later than every period that is asked for. */
export const NOW = Date.parse("2024-12-01T00:00:00Z");

export async function start(options = {}) {
  const world = await serve({ clock: () => NOW, ...options });
  const { baseUrls, credentials } = world;
  const own = {
    barracuda: {
      tokenUrl: `${baseUrls.barracudaTokens}/oauth2/token`,
      clientId: credentials.barracuda.clientId,
      clientSecret: credentials.barracuda.clientSecret,
      partner: credentials.barracuda.username,
    },
    devicewise: { username: credentials.devicewise.username, password: credentials.devicewise.password },
    cloudsigma: { location: "zrh", currency: "CHF", ...credentials.cloudsigma },
    wasabi: { apiKey: credentials.wasabi.key, account: credentials.wasabi.account },
    wasabiStats: { api: "stats", accessKey: credentials.wasabiStats.accessKey, secretKey: credentials.wasabiStats.secretKey },
    onapp: { login: credentials.onapp.user, password: credentials.onapp.password, user: credentials.onapp.userId },
  };
  const configs = Object.fromEntries(Object.entries(own).map(([provider, config]) => [provider, { baseUrl: baseUrls[provider], ...config }]));
  const { account } = credentials.wasabi;
  const asked = { wasabi: { account }, wasabiStats: { account }, onapp: { encoding: "xml" } };
  return {
    ...world,
    configs,
    source: (provider, more = {}) => openSource(providerOf(provider), { retry: { baseMs: 1, maxDelayMs: 10 }, ...configs[provider], ...more }),
    expected: (provider, query) => world.expected(providerOf(provider), { ...asked[provider], ...query }),
  };
}

/** The provider of an origin: Wasabi has two APIs. */
export const providerOf = (origin) => (origin === "wasabiStats" ? "wasabi" : origin);

/** The same question in each of the ways it can be put; each gives records. */
export const WAYS = {
  async table(source, query, options) {
    const table = await source.table(query, options);
    const records = table.records();
    table.free();
    return records;
  },
  async records(source, query, options) {
    const records = [];
    for await (const record of source.records(query, options)) {
      records.push(record);
    }
    return records;
  },
  async ndjson(source, query, options) {
    const text = await new Response(source.stream(query, "ndjson", options)).text();
    return text
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  },
};

export const totals = (records) => totalsOf([records]);
