import type { Issue, Limits, Provider, UsageRecord, UsageTable } from "meterglot";

/**
 * The period of one record. Each provider supports these; the first is the default:
 *
 * | provider | resolutions |
 * |---|---|
 * | Barracuda | `day`, `week`, `month`, `<n>d` with n from 1 to 60 |
 * | deviceWISE | `hour`, `day` |
 * | CloudSigma | `day`, `total` (one figure for each resource over the whole period) |
 * | Wasabi | `day` |
 * | OnApp | `hour`, `total` |
 */
export type Resolution = "hour" | "day" | "week" | "month" | "total" | `${number}d`;

/** The part of the usage that a query selects. A field that the provider does not support is `invalid-option`. */
export interface QueryScope {
  /**
   * Barracuda: an account's username, instead of the partner's. Wasabi: an account's number, but not at the Stats API, whose
   * keys are those of one account. Default: the source's own.
   */
  account?: string;
  /** Wasabi: a bucket's name. All buckets that ever had this name are included. */
  bucket?: string;
  /** OnApp: a user's number. Default: the source's own. */
  user?: string;
  /** Wasabi: records for each bucket (default), or for each account with its regions. */
  level?: "bucket" | "account";
  /**
   * Rows of a page. Default: the provider's maximum. Only for Barracuda (at most 90), CloudSigma (at least 2 are requested)
   * and Wasabi's Stats API (at most 100).
   */
  pageSize?: number;
}

/** Usage of a period. */
export interface PeriodQuery extends QueryScope {
  /** Inclusive: an RFC 3339 time with its offset, to the nanosecond, a date (midnight UTC), or a Date. */
  from: string | Date;
  /** Exclusive. A record belongs to the period when it starts in it. */
  to: string | Date;
  /** Default: the first resolution of the provider. One that it does not have is `invalid-option`. */
  resolution?: Resolution;
  /** Not allowed with a period. */
  invoice?: undefined;
}

/** Wasabi: the usage of one invoice of the control account, whatever its period. Not available at the Stats API. */
export interface InvoiceQuery extends Omit<QueryScope, "level"> {
  /** The number of the invoice. */
  invoice: string;
  /** Invoices have records for each bucket only. */
  level?: "bucket";
  /** Not allowed with an invoice, which has a period of its own. */
  from?: undefined;
  /** Not allowed with an invoice. */
  to?: undefined;
  /** Not allowed with an invoice. */
  resolution?: undefined;
}

/** What usage to fetch: that of a period, or of an invoice. */
export type UsageQuery = PeriodQuery | InvoiceQuery;

/** The progress of a call: what has arrived so far. */
export interface Progress {
  /** Number of requests sent, including retries, redirects, and requests for tokens and sessions. */
  requests: number;
  /** Number of requests that were sent again after a failure. */
  retries: number;
  /** Number of complete pages. */
  pages: number;
  /** Number of complete records. */
  records: number;
  /** Number of records dropped because an identical record was read before; the first row of each later page of CloudSigma is one. */
  duplicates: number;
  /** Bytes of bodies, after decompression. */
  bytes: number;
  /**
   * Number of rows of the listing by the provider's own count; null if it has none. For a period that is requested in
   * slices, these are the rows of the slices that have begun.
   */
  total: number | null;
}

/** Options of every call of a source. */
export interface FetchOptions {
  /** Aborts the call at any time; it then throws `aborted`. */
  signal?: AbortSignal;
  /** Is called after each request, page and piece of a body. */
  onProgress?: (progress: Progress) => void;
  /**
   * Is called with each faulty row; the others are read. Without it, the fault of the first such row is thrown.
   * A fault that makes a page incomplete is thrown in either case.
   */
  onIssue?: (issue: Issue) => void;
}

/** Options of {@link Source.stream}. */
export interface StreamOptions extends FetchOptions {
  /**
   * Only for NDJSON; default false. The text ends in a line `{"complete":true,"records":N,"issues":N}`. If the listing fails, it ends in
   * `{"complete":false,"records":N,"issues":N,"problem":{…}}`, with `code`, `message` and `missing` of the error, and the stream does not fail: a failed
   * stream may reach the reader of a response as a text that seems complete.
   */
  trailer?: boolean;
}

/**
 * One provider's usage. A source implements the provider's authentication, paging, request limits and quirks.
 *
 * Every call gives all usage of [from, to), or throws a {@link SourceError} that says what is missing. A query that
 * the provider cannot answer throws `invalid-option` before anything is sent.
 */
export interface Source {
  /** The provider that it fetches from. */
  readonly provider: Provider;
  /** The only origin that receives requests, apart from that of the token server. */
  readonly origin: string;

  /**
   * Returns the records in the provider's order as they arrive. Nothing is sent before the first one is requested, and
   * little is read ahead; leaving the loop ends the request.
   *
   * @throws {@link SourceError} `invalid-option` for the query, at once; every other code while it is read.
   * @example
   * ```ts
   * for await (const record of source.records({ from: "2024-01-01", to: "2024-02-01" })) {
   *   console.log(record.metric, record.quantity, record.unit);
   * }
   * ```
   */
  records(query: UsageQuery, options?: FetchOptions): AsyncIterable<UsageRecord>;

  /**
   * Returns all records as one table in the engine's memory; free it after use. A listing that changes while it is read is
   * read a second time.
   *
   * @throws {@link SourceError} Any code; nothing was returned.
   * @example
   * ```ts
   * using table = await source.table({ from: "2024-01-01", to: "2024-02-01" });
   * const rows = aggregate(table, { by: ["resource"], window: "month" });
   * ```
   */
  table(query: UsageQuery, options?: FetchOptions): Promise<UsageTable>;

  /**
   * Returns the records as NDJSON or CSV in UTF-8, no faster than the stream is read. To detect duplicates, about a hundred
   * bytes are retained for each row; at Wasabi and OnApp only until the next slice (`daysPerRequest`) begins. An error of
   * the listing is an error of the stream; cancelling the stream ends the request.
   *
   * @throws {@link SourceError} `invalid-option` for the query, at once. Every other code fails the stream, or ends it with a trailer.
   * @example
   * ```ts
   * return new Response(source.stream(query, "ndjson"), { headers: { "content-type": "application/x-ndjson" } });
   * ```
   */
  stream(query: UsageQuery, to: "ndjson" | "csv", options?: StreamOptions): ReadableStream<Uint8Array>;
}

/** The number of retries and the delays between them. */
export interface RetryConfig {
  /** Attempts after the first. Default 4. */
  limit?: number;
  /** The first delay is a random time up to this many milliseconds; the limit doubles with each retry. Default 300. */
  baseMs?: number;
  /** The longest delay, in milliseconds. Default 10 000. */
  maxDelayMs?: number;
  /** The longest `Retry-After` that is waited for, in milliseconds. Default 60 000. */
  maxRetryAfterMs?: number;
}

/** The configuration that all sources share. */
export interface SourceConfig {
  /** Sends a request. Default: the runtime's `fetch`. The `Request` has manual redirects. */
  fetch?: (request: Request) => Promise<Response>;
  /** The number of retries and the delays between them. */
  retry?: RetryConfig;
  /** Timeout of one attempt, and idle timeout of a body, in milliseconds. Default 30 000. */
  timeoutMs?: number;
  /** Timeout of a whole call in milliseconds, without the time in which the reader does not read. Default 600 000. */
  totalTimeoutMs?: number;
  /** The largest number of pages of a listing. Default 1000; for Wasabi's Stats API, whose pages have 100 rows, 10 000. */
  maxPages?: number;
  /**
   * Bytes of a body that are buffered until it is complete, so that it can be requested again if the connection breaks.
   * A page of a paged listing (Barracuda, deviceWISE, CloudSigma, Wasabi's Stats API) may not be larger. Default 4 MiB.
   */
  maxPageBytes?: number;
  /** The limits of `normalize`. `maxBytes` limits each streamed body; it has no default here. The engine checks them, so it has to be loaded. */
  limits?: Partial<Limits>;
  /** Allows `http:` to hosts other than the local machine: the credentials are then sent unencrypted. Default false. */
  allowInsecure?: boolean;
}
