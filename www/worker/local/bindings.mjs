// Bindings of a worker whose sources are the test providers.
import { createHash } from "node:crypto";

/** The form of tokens in METERGLOT_TOKENS. */
export const digestOf = (token) => createHash("sha256").update(token).digest("hex");

/** Each source by its name, which is its provider's unless `provider` says another: what is no secret, and what is. */
export function sourcesOf({ baseUrls, credentials }) {
  const { barracuda, devicewise, cloudsigma, wasabi, wasabiStats, onapp } = credentials;
  return {
    barracuda: {
      open: { baseUrl: baseUrls.barracuda, tokenUrl: `${baseUrls.barracudaTokens}/oauth2/token`, clientId: barracuda.clientId, partner: barracuda.username },
      secret: { clientSecret: barracuda.clientSecret },
    },
    devicewise: { open: { baseUrl: baseUrls.devicewise, username: devicewise.username }, secret: { password: devicewise.password } },
    cloudsigma: { open: { baseUrl: baseUrls.cloudsigma, user: cloudsigma.user, currency: "USD" }, secret: { password: cloudsigma.password } },
    wasabi: { open: { baseUrl: baseUrls.wasabi, account: wasabi.account }, secret: { apiKey: wasabi.key } },
    "wasabi-stats": {
      open: { provider: "wasabi", api: "stats", baseUrl: baseUrls.wasabiStats },
      secret: { accessKey: wasabiStats.accessKey, secretKey: wasabiStats.secretKey },
    },
    onapp: { open: { baseUrl: baseUrls.onapp, login: onapp.user, user: onapp.userId }, secret: { password: onapp.password } },
  };
}

/**
 * The bindings, as `wrangler.jsonc` and `wrangler secret put` would hold them. `more` goes into every source, `each` into
 * the one of that name; `tokens` maps a token to what METERGLOT_TOKENS says of it.
 */
export function bindingsOf(providers, { more = {}, each = {}, tokens = {}, limits = {}, ...others } = {}) {
  const sources = Object.entries(sourcesOf(providers));
  return {
    METERGLOT_SOURCES: Object.fromEntries(sources.map(([name, { open }]) => [name, { provider: name, ...open, ...more, ...each[name] }])),
    ...Object.fromEntries(sources.map(([name, { secret }]) => [`METERGLOT_SECRET_${name.toUpperCase().replaceAll("-", "_")}`, JSON.stringify(secret)])),
    METERGLOT_TOKENS: JSON.stringify(Object.fromEntries(Object.entries(tokens).map(([token, entry]) => [digestOf(token), entry]))),
    METERGLOT_LIMITS: limits,
    ...others,
  };
}
