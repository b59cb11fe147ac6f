import type { Issue, Limits, Provider, UsageRecord, UsageTable } from "meterglot";

/**
 * What one figure speaks for. Which of them a provider can be asked for, the first being its default:
 *
 * | provider | resolutions |
 * |---|---|
 * | Barracuda | `day`, `week`, `month`, `<n>d` with n from 1 to 60 |
 * | deviceWISE | `hour`, `day` |
 * | CloudSigma | `day`, `total` (one figure a resource over the whole period) |
 * | Wasabi | `day` |
 * | OnApp | `hour`, `total` |
 */
export type Resolution = "hour" | "day" | "week" | "month" | "total" | `${number}d`;

/** What a query narrows down to, where the provider can: each field that it cannot answer is `invalid-option`. */
export interface QueryScope {
  /**
   * Barracuda: an account's username, instead of the partner's. Wasabi: an account's number, but not at the Stats API, whose
   * keys are those of one account. Default: the source's own.
   */
  account?: string;
  /** Wasabi: a bucket's name. All buckets that ever had it are given. */
  bucket?: string;
  /** OnApp: a user's number. Default: the source's own. */
  user?: string;
  /** Wasabi: a record a bucket (default), or a record an account with its regions. */
  level?: "bucket" | "account";
  /**
   * Rows a page. Default: the most that the provider gives. Only for Barracuda (at most 90), CloudSigma (at least 2 are asked
   * for) and Wasabi's Stats API (at most 100).
   */
  pageSize?: number;
}

/** Usage of a period. */
export interface PeriodQuery extends QueryScope {
  /** Inclusive: an RFC 3339 time with its offset, to the nanosecond, a date (midnight UTC), or a Date. */
  from: string | Date;
  /** Exclusive. A record belongs to the period when it starts in it. */
  to: string | Date;
  resolution?: Resolution;
  invoice?: undefined;
}

/** Wasabi: usage rolled up for one invoice of the control account, whatever its period. Not at the Stats API. */
export interface InvoiceQuery extends Omit<QueryScope, "level"> {
  invoice: string;
  level?: "bucket";
  from?: undefined;
  to?: undefined;
  resolution?: undefined;
}

export type UsageQuery = PeriodQuery | InvoiceQuery;

/** How far a call has come. Only what has arrived is counted. */
export interface Progress {
  /** Requests sent, each try and each redirect on its own, those for tokens and sessions too. */
  requests: number;
  /** Requests that were sent once more because the first did not do. */
  retries: number;
  /** Pages read whole. */
  pages: number;
  /** Records read whole. */
  records: number;
  /** Records dropped because the very same record was read before; the row that a page of CloudSigma begins with is one. */
  duplicates: number;
  /** Bytes of bodies, after decompression. */
  bytes: number;
  /**
   * Rows of the listing as the provider counts them; null where it does not. A period that is asked for in slices is
   * counted slice by slice: these are the rows of the slices that have begun.
   */
  total: number | null;
}

export interface FetchOptions {
  /** Ends the call at once, wherever it is: it then throws `aborted`. */
  signal?: AbortSignal;
  /** Told after each request, page and piece of a body. */
  onProgress?: (progress: Progress) => void;
  /**
   * Told each row that cannot be read; the others are kept. Without it the first such row is thrown.
   * What makes a page incomplete is thrown in either case.
   */
  onIssue?: (issue: Issue) => void;
}

/**
 * One provider's usage. A source implements the provider's authentication, paging, request limits and quirks.
 *
 * Every call gives the whole of [from, to), or throws a {@link SourceError} that says what is missing. A query that
 * the provider cannot answer throws `invalid-option` at once, before anything is sent.
 */
export interface Source {
  readonly provider: Provider;
  /** The only origin, beside that of a token's own address, that gets a request. */
  readonly origin: string;

  /**
   * The records in the provider's order, as they arrive. Nothing is sent before the first is asked for, and nothing is
   * read much ahead; leaving the loop ends the request.
   *
   * @example
   * ```ts
   * for await (const record of source.records({ from: "2024-01-01", to: "2024-02-01" })) {
   *   console.log(record.metric, record.quantity, record.unit);
   * }
   * ```
   */
  records(query: UsageQuery, options?: FetchOptions): AsyncIterable<UsageRecord>;

  /**
   * All records as one table in the engine's memory; free it. A listing that changes while it is read is read once more.
   *
   * @example
   * ```ts
   * using table = await source.table({ from: "2024-01-01", to: "2024-02-01" });
   * const rows = aggregate(table, { by: ["resource"], window: "month" });
   * ```
   */
  table(query: UsageQuery, options?: FetchOptions): Promise<UsageTable>;

  /**
   * The records as NDJSON or CSV in UTF-8, made as they are read: no faster than the stream is. Of what has passed, some
   * hundred bytes a row are kept, to know a row that comes again, and at Wasabi and OnApp only until the next slice
   * (`daysPerRequest`) begins. The stream fails where the listing does; cancelling it ends the request.
   *
   * @example
   * ```ts
   * return new Response(source.stream(query, "ndjson"), { headers: { "content-type": "application/x-ndjson" } });
   * ```
   */
  stream(query: UsageQuery, to: "ndjson" | "csv", options?: FetchOptions): ReadableStream<Uint8Array>;
}

/** How often and how long is waited before a request is sent once more. */
export interface RetryConfig {
  /** Tries after the first. Default 4. */
  limit?: number;
  /** The first wait is a random time up to this many milliseconds, and each next up to twice as many. Default 300. */
  baseMs?: number;
  /** Up to this many milliseconds. Default 10 000. */
  maxDelayMs?: number;
  /** A provider that asks for a longer wait than this many milliseconds is not waited for. Default 60 000. */
  maxRetryAfterMs?: number;
}

/** What every source may be told. */
export interface SourceConfig {
  /** Sends a request. Default: the runtime's own. It is given a `Request` whose redirects are manual. */
  fetch?: (request: Request) => Promise<Response>;
  retry?: RetryConfig;
  /** Milliseconds that one try may take, and that a body in progress may stand still. Default 30 000. */
  timeoutMs?: number;
  /** Milliseconds that a whole call may take, without the time its reader takes between two pieces. Default 600 000. */
  totalTimeoutMs?: number;
  /** Pages that a listing may have. Default 1000; for Wasabi's Stats API, whose pages have 100 rows, 10 000. */
  maxPages?: number;
  /**
   * Bytes of a body that are held until it is whole, so that it can be asked for again when the connection breaks.
   * A page of a paged listing (Barracuda, deviceWISE, CloudSigma, Wasabi's Stats API) may not be larger. Default 4 MiB.
   */
  maxPageBytes?: number;
  /** Bounds of what is read, as in `normalize`. `maxBytes` bounds each body that streams through; it has no default here. */
  limits?: Partial<Limits>;
  /** Allows `http:` to another host than this one: the credentials then travel in the clear. Default false. */
  allowInsecure?: boolean;
}
