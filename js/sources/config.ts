import { type Limits, Listing, type Provider } from "meterglot";
import { invalidOption } from "../errors.js";
import { plain } from "../options.js";
import { type Check, flag, objectOf, refuse, text, wholeNumber } from "../validate.js";
import { isWellFormed, name, positive } from "./query.js";
import { Secrets } from "./secrets.js";
import type { RetryConfig, SourceConfig } from "./source.js";

/** What every source works with, defaults filled in. */
export interface Settings {
  provider: Provider;
  /** Where the provider's documented paths begin; ends without a slash. */
  baseUrl: string;
  origin: string;
  fetch: (request: Request) => Promise<Response>;
  retry: Required<RetryConfig>;
  timeoutMs: number;
  totalTimeoutMs: number;
  maxPages: number;
  maxPageBytes: number;
  limits: Partial<Limits>;
  secrets: Secrets;
}

/** A shorter credential could not be distinguished from other text, and so not be redacted where a provider repeats it. */
export const SHORTEST_SECRET = 8;

/** A credential. An error never shows it. */
export const secret: Check<string> = (value, path) =>
  typeof value === "string" && value.length >= SHORTEST_SECRET && isWellFormed(value)
    ? value
    : refuseUnseen(path, `a text of at least ${SHORTEST_SECRET} characters`);

/** A credential that travels in a header as it is. */
export const headerSecret: Check<string> = (value, path) =>
  /^[\x21-\x7e]+$/.test(secret(value, path)) ? (value as string) : refuseUnseen(path, "visible ASCII characters only");

/** Refuses a value that may be a credential, which the message does not show. */
export function refuseUnseen(path: string, expected: string): never {
  throw invalidOption(`option \`${path}\`: expected ${expected}`);
}

const callable: Check<NonNullable<SourceConfig["fetch"]>> = (value, path) =>
  typeof value === "function" ? (value as NonNullable<SourceConfig["fetch"]>) : refuse(path, "a function", value);

// What a timer can count.
const milliseconds: Check<number> = (value, path) =>
  positive(value, path) < 2 ** 31 ? (value as number) : refuse(path, "fewer milliseconds than 2^31", value);

/** The engine checks them: here, so that a source with wrong ones is never made. */
const engineLimits: Check<Partial<Limits>> = (value) => {
  const limits = plain(value) as Partial<Limits>;
  new Listing({ to: "table", limits }).free();
  return limits;
};

/** A configuration as `objectOf` checks it: every field that it may have. */
export type Checked<Config> = { [Field in keyof Config]-?: Exclude<Config[Field], undefined> };

/** Checks the argument of a source's constructor, field by field. */
export function configOf<Config>(fields: { [Field in keyof Checked<Config>]: Check<Checked<Config>[Field]> }): Check<Partial<Checked<Config>>> {
  const check = objectOf<Checked<Config>>(fields);
  return (value, path) =>
    typeof value === "object" && value !== null ? check(value, path) : refuse("config", "an object with the source's configuration", value);
}

/**
 * The fields that a source cannot do without. Of those that are missing, the error names all and says what each is.
 *
 * @param instead what may be given in their place
 */
export function required<Field extends string>(
  config: { [Name in NoInfer<Field>]?: string | undefined },
  fields: Record<Field, string>,
  instead?: string,
): Record<Field, string> {
  const missing = (Object.keys(fields) as Field[]).filter((field) => config[field] === undefined);
  if (missing.length > 0) {
    const names = missing.map((field) => `\`${field}\``).join(", ");
    const expected = missing.map((field) => fields[field]).join(" and ");
    const others = instead === undefined ? "" : `, or ${instead}`;
    throw invalidOption(`option${missing.length > 1 ? "s" : ""} ${names}: expected ${expected}${others}, found none`);
  }
  return config as Record<Field, string>;
}

/** The fields that every source's configuration has. */
export const common: { [Field in keyof SourceConfig]-?: Check<Checked<SourceConfig>[Field]> } & { baseUrl: Check<string> } = {
  baseUrl: text,
  fetch: callable,
  retry: objectOf<Checked<RetryConfig>>({
    limit: wholeNumber,
    baseMs: wholeNumber,
    maxDelayMs: wholeNumber,
    maxRetryAfterMs: wholeNumber,
  }),
  timeoutMs: milliseconds,
  totalTimeoutMs: milliseconds,
  maxPages: positive,
  maxPageBytes: positive,
  limits: engineLimits,
  allowInsecure: flag,
};

/** The settings of a source whose configuration is checked. */
export function settingsOf(provider: Provider, config: SourceConfig, baseUrl: string, credentials: (string | undefined)[]): Settings {
  const secrets = new Secrets();
  credentials.forEach((credential) => credential !== undefined && secrets.add(credential));
  const url = addressOf("baseUrl", baseUrl, config.allowInsecure ?? false);
  return {
    provider,
    baseUrl: url.origin + url.pathname.replace(/\/+$/, ""),
    origin: url.origin,
    fetch: config.fetch ?? ((request) => globalThis.fetch(request)),
    retry: { limit: 4, baseMs: 300, maxDelayMs: 10_000, maxRetryAfterMs: 60_000, ...config.retry },
    timeoutMs: config.timeoutMs ?? 30_000,
    totalTimeoutMs: config.totalTimeoutMs ?? 600_000,
    maxPages: config.maxPages ?? 1000,
    maxPageBytes: config.maxPageBytes ?? 4 * 1024 * 1024,
    limits: config.limits ?? {},
    secrets,
  };
}

/** An address that credentials may be sent to: absolute, of HTTP, without credentials or a query of its own. */
export function addressOf(path: string, address: string, allowInsecure: boolean): URL {
  const url = requestUrlOf(path, address, allowInsecure);
  return url.search === "" ? url : refuse(path, "a URL without a query", url.origin);
}

/** The address of a request that credentials may be sent with: absolute, of HTTP, without credentials of its own. */
export function requestUrlOf(path: string, address: string, allowInsecure: boolean): URL {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return refuseUnseen(path, "an absolute URL");
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    refuse(path, "a URL of https: or http:", url.protocol);
  }
  if (url.username !== "" || url.password !== "" || url.hash !== "") {
    refuse(path, "a URL without credentials or fragment", url.origin);
  }
  if (url.protocol === "http:" && !isThisHost(url.hostname) && !allowInsecure) {
    refuse(path, "a URL of https:, since credentials are sent there (or `allowInsecure: true`)", url.origin);
  }
  return url;
}

function isThisHost(hostname: string): boolean {
  return hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}

/** Who asks, as HTTP Basic names it: what follows a colon would be taken for the password. */
export const loginName: Check<string> = (value, path) => (name(value, path).includes(":") ? refuse(path, "a name without a colon", value) : (value as string));

/** The value of an HTTP Basic header. */
export function basic(user: string, password: string): string {
  const bytes = new TextEncoder().encode(`${user}:${password}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}
