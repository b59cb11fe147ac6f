import { Listing, type UsageFormat, type UsageRecord, type UsageTable } from "meterglot";
import { type Check, objectOf, refuse, shortened, text } from "../validate.js";
import type { Call } from "./call.js";
import { common, configOf, refuseUnseen, requestUrlOf, settingsOf, SHORTEST_SECRET } from "./config.js";
import { fetchBegun, fetchWhole } from "./http.js";
import { callsOf, checked } from "./make.js";
import type { Outgoing } from "./outgoing.js";
import type { Pages, Plan } from "./read.js";
import type { FetchOptions, SourceConfig, StreamOptions } from "./source.js";

/** A request for a page. */
export interface FirstRequest {
  /** Of the first page. */
  url: string;
  /** Sent with every page, to the origin of the first alone. */
  headers?: Record<string, string>;
}

/** The configuration of a source of a user's format. */
export interface FormatSourceConfig extends SourceConfig {
  /** The format of the replies. */
  format: UsageFormat;
  /** The first request, a GET. Its headers are sent with every page, and only to its origin. */
  request: string | FirstRequest;
}

/**
 * The pages of one listing in a user's format, requested one after the other. Every call gives all records, or throws a
 * {@link SourceError} that says what is missing.
 */
export interface FormatSource {
  /**
   * Returns the records in the provider's order as they arrive. Nothing is sent before the first one is requested, and
   * leaving the loop ends the request.
   *
   * @throws {@link SourceError} Every code, while it is read.
   */
  records(options?: FetchOptions): AsyncIterable<UsageRecord>;
  /**
   * Returns all records as one table in the engine's memory; free it after use. A listing that changes while it is read is
   * read a second time.
   *
   * @throws {@link SourceError} Any code; nothing was returned.
   */
  table(options?: FetchOptions): Promise<UsageTable>;
  /**
   * Returns the records as NDJSON or CSV in UTF-8, no faster than the stream is read. To detect duplicates, about a hundred
   * bytes are retained for each row.
   *
   * @throws {@link SourceError} Every code fails the stream, or ends it with a trailer.
   */
  stream(to: "ndjson" | "csv", options?: StreamOptions): ReadableStream<Uint8Array>;
}

const usageFormat: Check<UsageFormat> = (value, path) =>
  typeof value === "object" && value !== null ? (value as UsageFormat) : refuse(path, "a format of `defineFormat`", value);

const texts: Check<Record<string, string>> = (value, path) => {
  const fields = typeof value === "object" && value !== null ? Object.entries(value) : refuse(path, "an object with headers", value);
  const known = fields.filter(([, field]) => field !== undefined);
  return Object.fromEntries(known.map(([name, field]) => [name, typeof field === "string" ? field : refuseUnseen(`${path}.${shortened(name)}`, "a string")]));
};

const requestFields = objectOf<Required<FirstRequest>>({ url: text, headers: texts });

const firstRequest: Check<FirstRequest> = (value, path) => {
  if (typeof value === "string") {
    return { url: value };
  }
  const { url, headers = {} } = typeof value === "object" ? requestFields(value, path) : refuse(path, "a URL or an object with a URL", value);
  return { url: url ?? refuse(`${path}.url`, "a URL", undefined), headers };
};

const { baseUrl: _, ...shared } = common;

const checkConfig = configOf<Omit<FormatSourceConfig, "request"> & { request: FirstRequest }>({ ...shared, format: usageFormat, request: firstRequest });

/**
 * Fetches the pages of a listing in a user's format: the first request is given, the next ones are made by `next` of the descriptor.
 *
 * @throws {@link SourceError} `invalid-option` for an invalid configuration.
 * @example
 * ```ts
 * const source = formatSource({
 *   format: defineFormat(descriptor),
 *   request: { url: "https://api.acme.example/v1/usage?month=2026-01", headers: { Authorization: `Bearer ${token}` } },
 * });
 * using table = await source.table();
 * ```
 */
export function formatSource(config: FormatSourceConfig): FormatSource {
  return checked(null, () => {
    const { request, ...options } = checkConfig(config, "");
    const format = options.format ?? refuse("format", "a format of `defineFormat`", undefined);
    const { url, headers = {} } = request ?? refuse("request", "a URL or an object with a URL", undefined);
    const address = requestUrlOf("request", url, options.allowInsecure ?? false);
    // The engine knows the formats of `defineFormat`: no other object passes.
    new Listing({ to: "table", format }).free();
    const { rows = [], next, version } = format.descriptor;
    const settings = settingsOf(format.provider, options, address.origin, credentialsIn(address, headers));
    const first: Outgoing = { method: "GET", url: address.href, headers: headersOf(headers, format) };
    const plan: Plan = {
      between: null,
      reading: { format },
      restates: version !== undefined || rows.some((rule) => rule.version !== undefined),
      pages: (call) => pages(call, first, next === undefined ? fetchBegun : fetchWhole),
    };
    const calls = callsOf<void>(settings, () => plan);
    return {
      records: (options) => calls.records(undefined, options),
      table: (options) => calls.table(undefined, options),
      stream: (to, options) => calls.stream(undefined, to, options),
    };
  });
}

/** The pages from a request on. A page that names a next one is read whole before that is requested, so that it can be requested again. */
async function* pages(call: Call, first: Outgoing, send: typeof fetchBegun): Pages {
  for (let request = first; ; ) {
    const { next, page, rows, gained, repeated, all } = yield { reply: await send(call, request), about: { request: request.url } };
    if (next === null) {
      if (page?.hasNext) {
        const how = rows === 0 ? "and this page has none" : "and not how to request them";
        throw call.error("incomplete", `${call.settings.provider} says that more rows follow, ${how}`, { missing: `what follows after ${all} rows` });
      }
      return;
    }
    if (next.url === request.url || (repeated > 0 && gained === 0)) {
      const message = "the listing has no end: a page has nothing new, and yet a next one follows";
      throw call.error("too-many-pages", message, { missing: `what follows after ${all} rows` });
    }
    request = { ...request, url: next.url };
  }
}

/** The headers of each request, in the names' lower case. */
function headersOf(headers: Record<string, string>, { encodings }: UsageFormat): Record<string, string> {
  const accept = encodings.map((encoding) => `application/${encoding}`).join(", ");
  let sent: Headers;
  try {
    sent = new Headers({
      Accept: accept,
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase() === "accept" ? "Accept" : name, value])),
    });
  } catch {
    // The runtime's message would show the value.
    return refuseUnseen("request.headers", "names and values of HTTP headers");
  }
  return Object.fromEntries(sent);
}

/** Headers whose values are no credentials. */
const PUBLIC = /^(accept.*|content-type|user-agent|.*-version)$/i;

/** Parameters of a URL whose values are credentials. */
const CREDENTIAL = /key|token|secret|signature|password|auth/i;

/** What an error may not show: the values of headers and parameters, without the words of their schemes. */
function credentialsIn({ searchParams }: URL, headers: Record<string, string>): string[] {
  const values = Object.entries(headers).flatMap(([name, value]) => (PUBLIC.test(name) ? [] : partsOf(value)));
  const parameters = [...searchParams].flatMap(([name, value]) => (CREDENTIAL.test(name) ? [value] : []));
  return [...values, ...parameters].filter((value) => value.length >= SHORTEST_SECRET);
}

/** The parts of a header that may be a credential of their own: `Bearer <token>`, `session=<id>; user=<name>`, `Basic <base64>`. */
function partsOf(header: string): string[] {
  const parts = header.split(/[\s,;]+/).map((part) => part.replace(/^[\w-]+=(?=[^=])/, "").replaceAll('"', ""));
  const [scheme, encoded] = parts;
  return /^basic$/i.test(scheme ?? "") ? [...parts, passwordIn(encoded ?? "")] : parts;
}

/** The password of an HTTP Basic header. */
function passwordIn(encoded: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0))).replace(/^[^:]*:/, "");
  } catch {
    return "";
  }
}
