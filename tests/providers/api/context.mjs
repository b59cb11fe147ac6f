// What the five APIs have in common: authorization of requests, and the effect of fault injection on a listing.

/**
 * Whether a request bears the right credential, a wrong one or none.
 * @typedef {"right" | "wrong" | "missing"} Credential
 */

/**
 * How an injected fault changes a listing.
 *
 * @typedef {object} Spoiled
 * @property {boolean} [lacksFirst] the first row is not there (yet, or any more)
 * @property {boolean} [keepsCount] the count does not show it
 * @property {boolean} [hasOneMore] one row more is there at the end
 * @property {boolean} [endless] there is always a next page
 * @property {boolean} [uncounted] the listing is not counted
 * @property {boolean} [doubled] the first row of a page occurs twice on it
 * @property {boolean} [commandFails] each command fails
 * @property {boolean} [together] a sum, where rows were asked for
 * @property {boolean} [timeless] rows do not say when they were
 * @property {string} [elsewhere] the origin that links lead to
 */

/** @typedef {{ Variables: { credential: Credential, affected: Spoiled }, Bindings: import("@hono/node-server").HttpBindings }} Env */
/** @typedef {import("hono").Context<Env>} Context */

/**
 * An API of one provider.
 *
 * @typedef {object} Api
 * @property {import("hono").Hono<Env>} app
 * @property {(c: Context) => Credential | Promise<Credential>} credentialOf
 * @property {(c: Context, status: number, message: string) => Response} fault an error in the provider's own form
 * @property {(c: Context) => Response | Promise<Response>} expired forgets what the request was let in with, and says so
 */

/** A listing whose first row may be missing, and which may have one more: `count` is its stated count, `rows` are its rows. */
export function spoil(/** @type {Spoiled} */ { lacksFirst = false, hasOneMore = false, keepsCount = false }, /** @type {number} */ count) {
  const skipped = lacksFirst && count > 0 ? 1 : 0;
  const rows = count - skipped + (hasOneMore ? 1 : 0);
  return { rows, skipped, count: keepsCount ? count : rows };
}

/**
 * The content of an `Authorization: Basic` header.
 *
 * @param {string | undefined} header
 * @param {{ user: string, password: string }} right
 * @returns {Credential}
 */
export function basic(header, { user, password }) {
  if (header === undefined) {
    return "missing";
  }
  const [, encoded] = /^Basic ([A-Za-z0-9+/=]+)$/.exec(header) ?? [];
  return encoded !== undefined && Buffer.from(encoded, "base64").toString() === `${user}:${password}` ? "right" : "wrong";
}
