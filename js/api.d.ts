/**
 * Meterglot reads the usage and billing replies of five providers into one exact usage model.
 *
 * This file is the complete public interface of the package.
 */

// For projects whose `lib` is without `esnext.disposable` or `dom`. Where it has them, these are the same.
declare global {
  interface SymbolConstructor {
    readonly dispose: unique symbol;
  }
  interface Disposable {
    [Symbol.dispose](): void;
  }
  namespace WebAssembly {
    interface Module {}
  }
}

/** A built-in provider, or another name. */
export type Provider = "barracuda" | "devicewise" | "cloudsigma" | "wasabi" | "onapp" | (string & {});

/** A format of a provider's replies. {@link detect} detects it from the body. */
export type Format =
  /** JSON and XML; partner and account form. */
  | "barracuda.usage-history"
  /** JSON; one or many TR50 commands in one reply. */
  | "devicewise.api-history"
  /** JSON. */
  | "cloudsigma.burst-usage"
  /** JSON. */
  | "cloudsigma.daily-burst-usage"
  /** JSON. */
  | "wasabi.bucket-daily"
  /** JSON, rolled up per invoice (GB-days). */
  | "wasabi.bucket-invoice"
  /** JSON, no bucket; may carry RegionalUtilizations. */
  | "wasabi.account-daily"
  /** JSON and XML; hourly list and summary. */
  | "onapp.user-statistics"
  | (string & {});

/** A reply body in UTF-8, with or without a byte order mark. Bytes are fastest; a string is encoded first. */
export type Body = Uint8Array | ArrayBuffer | string;

/** An exact decimal in canonical form: no exponent, no `+`, no trailing fraction zeros; `-0` is `0`. */
export type Decimal = string;

/** An RFC 3339 time in UTC: `2011-01-01T05:00:00Z`; with a fraction only if it is not zero. */
export type Timestamp = string;

/** A UCUM code of a closed vocabulary of units: `By`, `GiBy.d`, `{call}`, `MHz.5.min` … */
export type Unit = string;

/** The request that was answered, as its URL or as URL and body. Account, period and resolution are read from it. */
export type RequestContext = string | { url: string; body?: string };

export interface ReadOptions {
  /** Default: detected from the body. */
  provider?: Provider;
  /** The reply's Content-Type; a hint only. */
  contentType?: string;
  /** The request that was answered. */
  request?: RequestContext;
  /** The account, if neither body nor request names one. */
  account?: string;
  /** An ISO 4217 code, if the body names no currency (CloudSigma). */
  currency?: string;
  /** The period, where rows carry no time of their own. */
  period?: { start: Timestamp; end: Timestamp };
  /** `throw` (default): the first fault is thrown. `collect`: every valid row is read, and each fault is an issue. */
  onError?: "throw" | "collect";
  limits?: Partial<Limits>;
}

export interface Limits {
  /** Bytes of one whole body; default 64 MiB. It does not limit a stream. */
  maxBytes: number;
  /** Bytes of one row; default 1 MiB. */
  maxRowBytes: number;
  /** Levels of nesting, in JSON and XML; default 64. */
  maxDepth: number;
  /** Records over all pages; default 5,000,000. */
  maxRecords: number;
  /** Significant digits of one number; default 76. */
  maxDigits: number;
}

export interface Detection {
  provider: Provider;
  format: Format;
  encoding: "json" | "xml";
}

export type Kind =
  /** An amount that occurred within [start, end): can be added over time and over resources. */
  | "delta"
  /** A level: can be added over resources at one time, never over time. */
  | "gauge"
  /** Level × time over [start, end): can be added over both. */
  | "integral";

/** One measured quantity, one cost, or both. */
export interface UsageRecord {
  /** 32 hexadecimal digits; the same provider, account, resource, region, metric, kind, dimensions and period give the same id. */
  id: string;
  provider: Provider;
  format: Format;
  account: string | null;
  resourceId: string | null;
  resourceName: string | null;
  /** `bucket`, `partner`, `virtual-machine` … */
  resourceType: string | null;
  region: string | null;
  /** A name of the vocabulary that all providers share, such as `storage.stored`. */
  metric: string;
  /** The provider's own field name, verbatim, such as `RawStorageSizeBytes`. */
  providerField: string;
  dimensions: Record<string, string>;
  kind: Kind;
  /** The provider's own number, never rescaled; null if there is only a cost. */
  quantity: Decimal | null;
  unit: Unit | null;
  cost: Decimal | null;
  /** Null if the provider did not name it. */
  currency: string | null;
  start: Timestamp | null;
  /** Exclusive. Null with a start that is not null: an instant. */
  end: Timestamp | null;
  /** The offset as the provider wrote it, such as `-05:00`; null if none was written. */
  utcOffset: string | null;
  /** The metric whose total already contains this one. */
  partOf: string | null;
  /** The position in the body: a JSON Pointer, or an XPath for XML. */
  pointer: string;
  /** 0-based index into the bodies given. */
  page: number;
  /** What was inferred rather than read. */
  notes: Note[];
}

export type Note = "assumed-utc" | "resolution-inferred" | "unit-inferred" | "float32-source" | "duplicate-element" | "period-from-request";

/** A fault of a body, read with `onError: "collect"`. */
export interface Issue {
  code: ErrorCode;
  message: string;
  page: number;
  pointer: string | null;
  /** 1-based. */
  line: number | null;
  /** 1-based, in bytes. */
  column: number | null;
  /** Bytes from the start of the body. */
  offset: number | null;
}

export type ErrorCode =
  /** The body has none of the known formats. */
  | "unknown-format"
  /** Not UTF-8. */
  | "invalid-encoding"
  | "invalid-json"
  | "invalid-xml"
  /** An error reply of the provider: see `providerCodes` and `providerMessages`. */
  | "provider-error"
  /** A known format with a value of the wrong type, or data without usage. */
  | "unexpected-shape"
  | "missing-field"
  | "invalid-number"
  | "number-out-of-range"
  | "invalid-timestamp"
  /** deviceWISE: a counter whose length differs from that of `ts`. */
  | "length-mismatch"
  | "limit-exceeded"
  /** An option, a record or a call that this file does not allow. */
  | "invalid-option"
  /** For example the sum of a level over time; the message names the reducers to use. */
  | "incompatible-aggregation"
  | "mixed-currency"
  /** Two records with one id and different values. */
  | "conflicting-record"
  /** A defect of Meterglot. The engine was restarted; the next call works. */
  | "internal";

/** The error that every call of this package throws. */
export class MeterglotError extends Error {
  readonly code: ErrorCode;
  readonly provider: Provider | null;
  /** 0-based index into the bodies given. */
  readonly page: number | null;
  /** A JSON Pointer, or an XPath for XML. */
  readonly pointer: string | null;
  /** 1-based. */
  readonly line: number | null;
  /** 1-based, in bytes. */
  readonly column: number | null;
  /** Bytes from the start of the body. */
  readonly offset: number | null;
  /** The provider's own codes (`provider-error`): at most 100, of at most 1,000 characters each. */
  readonly providerCodes: string[];
  /** The provider's own messages (`provider-error`): at most 100, of at most 1,000 characters each. `message` quotes their beginnings. */
  readonly providerMessages: string[];
}

/**
 * Loads the engine. In a browser, call and await it once before any other call.
 *
 * It does nothing where the engine is loaded on import: Node, Deno, Bun, workerd, and `meterglot/inline` everywhere.
 *
 * @param module The WebAssembly module, its bytes, or its URL. Default in a bundle for a browser: a chunk of the bundle. Default in a
 *   browser without a bundler: `meterglot.wasm` beside the package's own code.
 * @throws `invalid-option` if that cannot be loaded or is not the engine. The message names what was found and what to do.
 */
export function init(module?: URL | Response | WebAssembly.Module | ArrayBuffer | ArrayBufferView): Promise<void>;

/** Loads the engine synchronously from a module or its bytes. Does nothing if the engine is loaded already. */
export function initSync(module: WebAssembly.Module | ArrayBuffer | ArrayBufferView): void;

/**
 * Returns the provider and the format of a body, or null if the format is unknown.
 *
 * Reads and copies at most the first 256 KiB. The result is also null if the format cannot be detected within them (because of a first
 * member or row that is longer); `normalize` reads such a body all the same. An error reply gives null.
 *
 * @throws `invalid-option` for a body of another type, or one whose `ArrayBuffer` is detached.
 */
export function detect(body: Body, options?: Pick<ReadOptions, "contentType" | "request">): Detection | null;

/**
 * Returns the rows with the provider's own fields; none is dropped. Integers beyond 2^53 are bigint, numbers with a
 * fraction or an exponent are {@link Decimal}.
 */
export function parse(body: Body, options?: ReadOptions): ParsedDocument;

export interface ParsedDocument extends Detection {
  /** The provider's rows, with its field names. */
  rows: Record<string, unknown>[];
  page: PageInfo | null;
  issues: Issue[];
}

/** The options of {@link normalize}: those of every call, and a request for each body. */
export interface NormalizeOptions extends Omit<ReadOptions, "request"> {
  /**
   * The request that was answered, for all bodies, or a list with one request for each body in the same order. A list of
   * another length is `invalid-option`. Calls that read one body ({@link detect}, {@link parse}, {@link nextRequest}, streams)
   * take no list. A {@link Listing} takes the request of each page when the page begins.
   */
  request?: RequestContext | RequestContext[];
}

/**
 * Reads one body, or the pages of one listing in order, into usage records.
 *
 * @throws {@link MeterglotError} The first fault. With `onError: "collect"` faults are the table's issues, and only an error
 *   of the call itself is thrown: `invalid-option`.
 */
export function normalize(body: Body | Body[], options?: NormalizeOptions): UsageTable;

/**
 * Usage records as columns in the engine's memory; record objects are created only on demand.
 *
 * It is freed by `free()`, by `using`, or by garbage collection. After that every use throws `invalid-option`.
 */
export interface UsageTable extends Iterable<UsageRecord>, Disposable {
  readonly length: number;
  /** Null if no page was recognised. */
  readonly format: Format | null;
  readonly issues: Issue[];
  /** The position of the last page in its listing. */
  readonly page: PageInfo | null;
  /** Number of records that were dropped because an identical record was read before. */
  readonly duplicates: number;
  /** Returns the records from `start` to before `end`, with the indices of `Array.prototype.slice`. */
  records(start?: number, end?: number): UsageRecord[];
  /** Returns all records as columns: times in epoch milliseconds, quantity and cost as the nearest doubles; NaN is null. */
  columns(): {
    start: Float64Array;
    end: Float64Array;
    quantity: Float64Array;
    cost: Float64Array;
    metric: Dictionary;
    resourceId: Dictionary;
    account: Dictionary;
    region: Dictionary;
    unit: Dictionary;
    currency: Dictionary;
  };
  /** Returns one {@link UsageRecord} on each line, in UTF-8. */
  toNDJSON(): Uint8Array;
  /** Returns RFC 4180 text in UTF-8. Cells that a spreadsheet would read as formulas are neutralised. */
  toCSV(): Uint8Array;
  checks(): Check[];
  free(): void;
}

/** A dictionary-encoded column of strings: the code of a row is an index of `values`; -1 is null. */
export interface Dictionary {
  values: string[];
  codes: Int32Array;
}

export interface PageInfo {
  number: number | null;
  size: number | null;
  offset: number | null;
  totalRows: number | null;
  hasNext: boolean;
}

/** A figure that the reply states about itself, compared with the records that were read. */
export interface Check {
  name: string;
  expected: Decimal;
  actual: Decimal;
  ok: boolean;
  pointer: string | null;
}

export type Window = "hour" | "day" | "week" | "month" | "quarter" | "year" | "all";

export type GroupKey = "provider" | "format" | "account" | "resource" | "resourceType" | "region" | `dimensions.${string}`;

export type Reducer = "sum" | "mean" | "max" | "min" | "first" | "last" | "count" | "integral";

export interface AggregateSpec {
  /** Default none. Metric, kind, unit and currency always separate groups, so that incompatible values are never added. */
  by?: GroupKey[];
  /** Default `all`. */
  window?: Window;
  /** An IANA name, `UTC` (default), or `source`: the offset that each record was written with. */
  timeZone?: string;
  /** Default `monday`. */
  weekStart?: "monday" | "sunday";
  /**
   * The reducer by kind or by metric name; the metric name takes precedence. Defaults: delta sum, gauge mean, integral sum. Each series of a group is
   * reduced, and then the series are added. The mean of a gauge or of an integral is that of the group: the integrals of its series are added and divided by the time in
   * which at least one of them is known. A series that covers no time (a single instant) adds its value.
   */
  reduce?: Partial<Record<Kind, Reducer>> & Record<string, Reducer>;
  /** The treatment of a record that crosses the edge of a window. Default `start`: it counts in the window in which it starts. */
  split?: "start" | "proportional" | "error";
  /**
   * The treatment of usage that is reported twice: by two records of one series (provider, account, resource, region, metric, kind and dimensions) of which more than half of the
   * shorter period is in both, that begin at one moment, or that both have no time; or by two formats of one provider that report a metric and kind of one
   * account over the same time. It applies within a group: records that `by`, unit or currency separate are not added. Default `error`:
   * `incompatible-aggregation`, whose message names both. `keep` adds all of them.
   */
  overlap?: "error" | "keep";
  /**
   * Metrics that are exact sums of others, of one kind and one dimension of unit: `{ "storage.billed": ["storage.padded", "storage.metadata", "storage.deleted"] }`.
   * Their rows are added to those of the parts; `reduce`, `units` and `where.metric` take the new name. The parts are added record by record, of one format, series
   * and time, before anything is reduced; quantities and costs are added separately. If a part is absent or unknown, the sum is unknown and never
   * smaller. Default none.
   *
   * `invalid-option`: a name that a metric has already; a part that is itself derived, is named twice, is contained in another part (`partOf`), or is in
   * neither the vocabulary nor the data. `incompatible-aggregation`: parts of two kinds or of two dimensions.
   */
  derive?: Record<string, string[]>;
  where?: {
    /** For example `wasabi.bucket-daily`: selects one of two formats that report the same usage. */
    format?: Format[];
    provider?: Provider[];
    metric?: string[];
    account?: string[];
    resource?: string[];
    region?: string[];
    start?: Timestamp;
    end?: Timestamp;
  };
  /** Converts quantities by exact factors, such as `{ "storage.stored": "GiBy" }`. */
  units?: Record<string, Unit>;
  /** Default 20: a quotient without a finite decimal is rounded to this many digits, half to even; a finite one is exact. */
  fractionDigits?: number;
}

export interface AggregateRow {
  key: Partial<Record<GroupKey, string | null>>;
  metric: string;
  kind: Kind;
  reducer: Reducer;
  unit: Unit | null;
  currency: string | null;
  /** The window's edges; both null for records without a time. */
  start: Timestamp | null;
  end: Timestamp | null;
  quantity: Decimal | null;
  cost: Decimal | null;
  records: number;
  resources: number;
  /** The seconds of the window that records cover, summed over series. */
  coveredSeconds: number;
  /** The seconds of the window that no record covers, summed over series. */
  gapSeconds: number;
}

/**
 * Returns sums, means and other reductions by group and window. Rows are sorted by key, metric and window start. The same
 * records in any order and any division give the same result.
 *
 * @throws `incompatible-aggregation` for a reducer that a metric's kind does not allow, for usage that is reported twice
 *   ({@link AggregateSpec.overlap}), and with `split: "error"` for a record that crosses an edge; `invalid-option` for an option that is unknown or
 *   has no meaning.
 */
export function aggregate(source: UsageTable | UsageRecord[] | UsageTable[], spec?: AggregateSpec): AggregateRow[];

/** Does the same as {@link aggregate} in pieces and on many machines: the `state()` of one aggregator merges into another. */
export class Aggregator implements Disposable {
  constructor(spec?: AggregateSpec);
  push(source: UsageTable | UsageRecord[]): this;
  /** Serializes everything pushed so far. A state of another version or another spec is refused by `merge`. */
  state(): Uint8Array;
  merge(state: Uint8Array): this;
  finish(): AggregateRow[];
  free(): void;
  [Symbol.dispose](): void;
}

/** The last line of a stream of NDJSON with `trailer: true`, after the records. */
export interface StreamTrailer {
  /** Whether the body was read to its end. Faulty rows do not change that: `issues` counts them. */
  complete: boolean;
  /** Number of records before this line. */
  records: number;
  /** Number of faults that were collected. */
  issues: number;
  /** If it is not complete: the fault at which reading stopped. For a body that broke off in transit, only `message`. */
  problem?: Partial<Issue>;
}

/**
 * Returns a transform from the bytes of a body to bytes or records, with memory bounded by the largest row. Output is given in pieces of at most 1 MiB and
 * one record (or some thousand records), and a piece is made only after the one before has been taken. Columns of deviceWISE are buffered as numbers until
 * `ts` is known.
 *
 * @param options With `onError: "collect"`, `onIssue` is called with each fault when it is found.
 *   `trailer` (only with `to: "ndjson"`, default false): the last line says whether the text is complete, a {@link StreamTrailer}. A fault, or a
 *   body that breaks off, then ends the stream with that line instead of an error; the rest of the body is ignored. Use it for a transform
 *   inside a response, where a reader may see a failed stream as one that ended.
 * @throws {@link MeterglotError} `invalid-option`, also for `trailer` with another `to`.
 * @example
 * ```ts
 * // A worker: the reader treats the text as complete only if its last line says so.
 * return new Response(reply.body.pipeThrough(normalizeStream({ to: "ndjson", trailer: true })));
 * ```
 */
export function normalizeStream(
  options: ReadOptions & { to: "ndjson"; trailer?: boolean; onIssue?: (issue: Issue) => void },
): TransformStream<Uint8Array, Uint8Array>;
export function normalizeStream(options: ReadOptions & { to: "ndjson" | "csv"; onIssue?: (issue: Issue) => void }): TransformStream<Uint8Array, Uint8Array>;
export function normalizeStream(options: ReadOptions & { to: "records"; onIssue?: (issue: Issue) => void }): TransformStream<Uint8Array, UsageRecord[]>;

export interface ProviderRequest {
  method: "GET" | "POST";
  url: string;
  headers: Record<string, string>;
  body?: string;
}

/** Returns the request for the next page, or null at the end of the listing. It always has the origin of `request`. */
export function nextRequest(body: Body, options: ReadOptions & { request: RequestContext }): ProviderRequest | null;

/** The options of a {@link Listing}: how pages are read, and the form of the output. */
export interface ListingOptions extends ReadOptions {
  /** `table` stores all records; the others return records as soon as they are complete. */
  to: "table" | "ndjson" | "csv" | "records";
  /** Rows that start outside [start, end) are left out; rows without a time are included. */
  between?: { start: Timestamp; end: Timestamp };
  /**
   * Drops and counts records that were read before on any page, as a table always does. A record that contradicts one that
   * was returned already is `conflicting-record`. It needs about 50 bytes of memory for each record. For Wasabi and OnApp,
   * whose rows have many records, it needs as much for each row: there, a row that occurs again, or that shares a metric
   * with a row of the same resource and period, must be identical.
   */
  distinct?: boolean;
  /** Is called with each fault when it is found, with `onError: "collect"`. */
  onIssue?: (issue: Issue) => void;
}

/** The options of one page of a listing. */
export interface ListingPage {
  /** The request that was answered. */
  request?: RequestContext;
  /** The reply's Content-Type; a hint only. */
  contentType?: string;
  /** The period, where rows carry no time of their own. */
  period?: { start: Timestamp; end: Timestamp };
  /**
   * Like `between` of the listing, for a listing that is requested in slices: what `distinct` remembers of the slice before is
   * then dropped.
   */
  between?: { start: Timestamp; end: Timestamp };
}

/** The result of a page that has ended. */
export interface PageOutcome {
  /** Null if the page was not recognised. */
  format: Format | null;
  /** The position of the page in its listing. */
  page: PageInfo | null;
  /** Number of the provider's rows on the page: valid, faulty and left out. */
  rows: number;
  /** The request for the next page: null at the end, and if the request of this page was not given. */
  next: ProviderRequest | null;
  /** With `onError: "collect"`: the fault at which reading of the page stopped; null if it was read to its end. */
  fault: Issue | null;
}

/** The output of one call: bytes (possibly none) or records; a table is returned only at the end. */
export type ListingOutput<To extends ListingOptions["to"]> = To extends "table" ? undefined : To extends "records" ? UsageRecord[] : Uint8Array;

/**
 * Reads the pages of one listing as they arrive, each with its own request, into one output. `normalizeStream` does the same for one body.
 *
 * ```ts
 * const listing = new Listing({ to: "ndjson", distinct: true });
 * for (let url: string | undefined = first; url !== undefined; ) {
 *   listing.begin({ request: url });
 *   for await (const chunk of (await fetch(url)).body) write(listing.push(chunk));
 *   const { output, next } = listing.end();
 *   write(output);
 *   url = next?.url;
 * }
 * write(listing.finish());
 * ```
 */
export class Listing<To extends ListingOptions["to"] = ListingOptions["to"]> implements Disposable {
  constructor(options: ListingOptions & { to: To });
  /** Begins the next page. */
  begin(page?: ListingPage): this;
  /** Reads the next chunk of the page, cut anywhere, and returns what is complete. After a fault nothing more can be read. */
  push(chunk: Uint8Array): ListingOutput<To>;
  /** Ends the page and returns the rest of its output. */
  end(): PageOutcome & { output: ListingOutput<To> };
  /**
   * Does the same as `push`, and returns the output in pieces of at most 1 MiB and one record, or some thousand records. Each piece is made on demand; take
   * all of them before the next call. A few bytes of deviceWISE can be a gigabyte of records.
   */
  pushPieces(chunk: Uint8Array): Generator<NonNullable<ListingOutput<To>>, void, void>;
  /** Does the same as `end` in pieces; the generator returns the outcome. */
  endPieces(): Generator<NonNullable<ListingOutput<To>>, PageOutcome, void>;
  /** Returns the table of all pages, or the header of a text without any page. Frees the listing. */
  finish(): To extends "table" ? UsageTable : ListingOutput<To>;
  /** Number of records stored or returned so far. */
  readonly records: number;
  /** Number of records dropped so far because they were read before. */
  readonly duplicates: number;
  free(): void;
  [Symbol.dispose](): void;
}

/** Converts a quantity exactly between two units of one dimension. */
export function convert(quantity: Decimal, from: Unit, to: Unit, fractionDigits?: number): Decimal;

/** The version of this package. */
export const version: string;
