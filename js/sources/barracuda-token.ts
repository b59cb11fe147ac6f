import type { Call } from "./call.js";
import { addressOf, required } from "./config.js";
import { SourceError } from "./errors.js";
import { fetchWhole } from "./http.js";
import type { Outgoing } from "./outgoing.js";
import { type Pass, passFor } from "./renewable.js";

/** The options of a Barracuda source that say how to get a token. */
export interface TokenOptions {
  tokenUrl?: string;
  clientId?: string;
  clientSecret?: string;
  scopes?: string[];
  token?: string;
  allowInsecure?: boolean;
}

/** What asks for a token, as the configuration says; null where it names no client. */
export function tokenSource(config: TokenOptions): ((call: Call) => Promise<Pass>) | null {
  const { clientId, clientSecret, token, scopes = ["partners_read", "accounts_read"], allowInsecure = false } = config;
  const { tokenUrl = "https://auth.intronis.com/oauth2/token" } = config;
  const address = addressOf("tokenUrl", tokenUrl, allowInsecure);
  if (clientId === undefined && clientSecret === undefined && token !== undefined) {
    return null;
  }
  const client = required(
    { clientId, clientSecret },
    { clientId: "the id of an API client", clientSecret: "the client's secret" },
    "`token` (an access token)",
  );
  // The plus between scopes is one of the text, not a space: it is sent as %2B.
  const form = new URLSearchParams({ client_id: client.clientId, client_secret: client.clientSecret, grant_type: "none", scope: scopes.join("+") });
  const request: Outgoing = {
    method: "POST",
    url: address.href,
    headers: { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" },
    body: form.toString(),
    authenticates: true,
  };
  return async (call) => tokenIn(call, (await ask(call, request, address.origin)).body);
}

/** A client that the token server refuses is not authorized, whichever status it says so with. */
async function ask(call: Call, request: Outgoing, origin: string) {
  try {
    return await fetchWhole(call, request, origin);
  } catch (error) {
    if (error instanceof SourceError && (error.status === 400 || error.status === 403)) {
      throw new SourceError(error.message, { ...error, code: "unauthorized" });
    }
    throw error;
  }
}

function tokenIn(call: Call, body: Uint8Array): Pass {
  let reply: unknown;
  try {
    reply = JSON.parse(new TextDecoder().decode(body));
  } catch {
    reply = null;
  }
  const { access_token: token, expires_in: seconds } = (reply ?? {}) as { access_token?: unknown; expires_in?: unknown };
  if (typeof token !== "string" || !/^[\x21-\x7e]+$/.test(token)) {
    throw call.error("provider-error", "the token server's reply holds no token");
  }
  // A number, or one in a text.
  const life = typeof seconds === "string" || typeof seconds === "number" ? Number(seconds) : Number.NaN;
  return life > 0 ? passFor(token, life) : { value: token, until: Number.POSITIVE_INFINITY };
}
