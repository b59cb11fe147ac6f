/**
 * Meterglot reads the usage and billing replies of five providers and turns them into one exact usage model.
 *
 * This file is the whole public surface of the package.
 */

/** A built-in provider, or another name. */
export type Provider = "barracuda" | "devicewise" | "cloudsigma" | "wasabi" | "onapp" | (string & {});

/** One reply shape of a provider. {@link detect} tells them apart from the body alone. */
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

/** A reply body in UTF-8, with or without a byte order mark. Bytes are the fast path; a string is encoded once. */
export type Body = Uint8Array | ArrayBuffer | string;

/** An exact decimal in canonical form: no exponent, no `+`, no trailing fraction zeros; `-0` is `0`. */
export type Decimal = string;

/** RFC 3339 in UTC: `2011-01-01T05:00:00Z`; a fraction only where it is not zero. */
export type Timestamp = string;

/** A unit as a UCUM code, of a closed vocabulary: `By`, `GiBy.d`, `{call}`, `MHz.5.min` … */
export type Unit = string;

/** The request that was answered, as its URL or as URL and body: account, period and resolution are read from it. */
export type RequestContext = string | { url: string; body?: string };

export interface ReadOptions {
  /** Default: told from the body. */
  provider?: Provider;
  /** The reply's Content-Type; a hint only. */
  contentType?: string;
  /** The request that was answered. */
  request?: RequestContext;
  /** The account, where neither body nor request names one. */
  account?: string;
  /** ISO 4217, where the body names no currency (CloudSigma). */
  currency?: string;
  /** The period, where rows carry no time of their own. */
  period?: { start: Timestamp; end: Timestamp };
  /** `throw` (default): the first fault throws. `collect`: every sound row is kept, each fault is an issue. */
  onError?: "throw" | "collect";
  limits?: Partial<Limits>;
}

export interface Limits {
  /** Bytes of one whole body; default 64 MiB. A stream is not bounded by it. */
  maxBytes: number;
  /** Bytes of one row; default 1 MiB. */
  maxRowBytes: number;
  /** Nesting, JSON and XML alike; default 64. */
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
  /** Happened within [start, end): adds up over time and across resources. */
  | "delta"
  /** A level: adds up across resources at one time, never over time. */
  | "gauge"
  /** Level × time over [start, end): adds up over both. */
  | "integral";

/** One measured quantity or one cost. */
export interface UsageRecord {
  /** 32 hex digits; the same provider, account, resource, metric, dimensions and period give the same id. */
  id: string;
  provider: Provider;
  format: Format;
  account: string | null;
  resourceId: string | null;
  resourceName: string | null;
  /** `bucket`, `partner`, `virtual-machine` … */
  resourceType: string | null;
  region: string | null;
  /** One vocabulary over all providers, such as `storage.stored`. */
  metric: string;
  /** The provider's own field name, verbatim, such as `RawStorageSizeBytes`. */
  providerField: string;
  dimensions: Record<string, string>;
  kind: Kind;
  /** The provider's own number, never rescaled; null where only money is given. */
  quantity: Decimal | null;
  unit: Unit | null;
  cost: Decimal | null;
  /** Null where the provider did not say. */
  currency: string | null;
  start: Timestamp | null;
  /** Exclusive. Null with a start: an instant. */
  end: Timestamp | null;
  /** As the provider wrote it, such as `-05:00`; null where none was written. */
  utcOffset: string | null;
  /** The metric whose total already contains this one. */
  partOf: string | null;
  /** Where it stands in the body: a JSON Pointer, or an XPath for XML. */
  pointer: string;
  /** 0-based index into the bodies given. */
  page: number;
  /** What was inferred rather than read. */
  notes: Note[];
}

export type Note =
  | "assumed-utc"
  | "resolution-inferred"
  | "unit-inferred"
  | "float32-source"
  | "duplicate-element"
  | "period-from-request";

/** A fault of a body that was read with `onError: "collect"`. */
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
  /** None of the formats. */
  | "unknown-format"
  /** Not UTF-8. */
  | "invalid-encoding"
  | "invalid-json"
  | "invalid-xml"
  /** A well-formed error reply of the provider: see `providerCodes` and `providerMessages`. */
  | "provider-error"
  /** The right format, the wrong type somewhere. */
  | "unexpected-shape"
  | "missing-field"
  | "invalid-number"
  | "number-out-of-range"
  | "invalid-timestamp"
  /** deviceWISE: a counter longer or shorter than its `ts`. */
  | "length-mismatch"
  | "limit-exceeded"
  /** An option, a record or a call that is not as this file says. */
  | "invalid-option"
  /** Such as the sum of a level over time; the message names the reducer to use. */
  | "incompatible-aggregation"
  | "mixed-currency"
  /** Two records of one id with different values. */
  | "conflicting-record"
  /** A defect of Meterglot. The engine has been started anew; the next call works. */
  | "internal";

/** Everything this package throws. */
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
 * Loads the engine. A browser awaits it once before anything else.
 *
 * It does nothing wherever the engine is loaded on import: Node, Deno, Bun, workerd.
 *
 * @param module The WebAssembly module, its bytes, or where to fetch it. A browser finds `meterglot.wasm` beside the
 *   package's own code where nothing is given.
 */
export function init(module?: URL | Response | WebAssembly.Module | BufferSource): Promise<void>;

/** Loads the engine from a module or its bytes, at once. Does nothing where it is loaded already. */
export function initSync(module: WebAssembly.Module | BufferSource): void;

/**
 * Detects the provider and the format of a body, or gives null where it is none of them.
 *
 * At most the first 256 KiB are read and copied. A body that does not show by then what it is (because of a first member or row
 * longer than that) gives null too; `normalize` reads it all the same. An error reply gives null.
 *
 * @throws `invalid-option` for a body of another type, or one whose `ArrayBuffer` is detached.
 */
export function detect(body: Body, options?: Pick<ReadOptions, "contentType" | "request">): Detection | null;

/**
 * The provider's own view: every field, none dropped. Integers beyond 2^53 are bigint, numbers with a fraction or an
 * exponent are {@link Decimal}.
 */
export function parse(body: Body, options?: ReadOptions): ParsedDocument;

export interface ParsedDocument extends Detection {
  /** With the provider's field names, verbatim. */
  rows: Record<string, unknown>[];
  page: PageInfo | null;
  issues: Issue[];
}

/** How {@link normalize} reads: as every call does, and with a request for each body where there are several. */
export interface NormalizeOptions extends Omit<ReadOptions, "request"> {
  /**
   * The request that was answered, of all bodies; or a list of them, one for each body in its order. A list of another
   * length is `invalid-option`. Calls that read one body ({@link detect}, {@link parse}, {@link nextRequest}, streams)
   * take no list, and a {@link Listing} is given each page's request when the page begins.
   */
  request?: RequestContext | RequestContext[];
}

/**
 * Reads one body, or the pages of one listing in order, into usage records.
 *
 * @throws {@link MeterglotError} The first fault. With `onError: "collect"` faults are the table's issues, and only what is
 *   wrong with the call itself is thrown: `invalid-option`.
 */
export function normalize(body: Body | Body[], options?: NormalizeOptions): UsageTable;

/**
 * Usage records as columns in the engine's memory; records are made only when asked for.
 *
 * It is freed by `free()`, by `using`, or when it is garbage collected. After that every use throws `invalid-option`.
 */
export interface UsageTable extends Iterable<UsageRecord>, Disposable {
  readonly length: number;
  /** Null where no page could be told. */
  readonly format: Format | null;
  readonly issues: Issue[];
  /** Of the last page. */
  readonly page: PageInfo | null;
  /** Records dropped because the very same record was read before. */
  readonly duplicates: number;
  /** The records from `start` up to `end`, as `Array.prototype.slice` counts them. */
  records(start?: number, end?: number): UsageRecord[];
  /** Times in epoch milliseconds, NaN for null; quantity and cost as the nearest doubles, NaN for null. */
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
  /** One {@link UsageRecord} a line, as UTF-8. */
  toNDJSON(): Uint8Array;
  /** RFC 4180 as UTF-8; cells that a spreadsheet would take for a formula are neutralised. */
  toCSV(): Uint8Array;
  checks(): Check[];
  free(): void;
}

/** A column of strings: each row's code is a position in `values`; -1 is null. */
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

/** What the provider says of its own reply, held against what was read. */
export interface Check {
  name: string;
  expected: Decimal;
  actual: Decimal;
  ok: boolean;
  pointer: string | null;
}

export type Window = "hour" | "day" | "week" | "month" | "quarter" | "year" | "all";

export type GroupKey =
  | "provider"
  | "format"
  | "account"
  | "resource"
  | "resourceType"
  | "region"
  | `dimensions.${string}`;

export type Reducer = "sum" | "mean" | "max" | "min" | "first" | "last" | "count" | "integral";

export interface AggregateSpec {
  /** Default none. Metric, kind, unit and currency always separate groups: what cannot be added is never added. */
  by?: GroupKey[];
  /** Default `all`. */
  window?: Window;
  /** An IANA name, `UTC` (default), or `source`: each record's own offset. */
  timeZone?: string;
  /** Default `monday`. */
  weekStart?: "monday" | "sunday";
  /**
   * By kind, or by metric name, which wins. Defaults: delta sum, gauge mean, integral sum. Each series of a group is reduced, and the series are
   * then added. A mean of levels (of a gauge, of an integral) is that of the group: the integrals of its series, added, over the time in which at
   * least one of them is known. A series that covers no time, a lone instant, adds its value.
   */
  reduce?: Partial<Record<Kind, Reducer>> & Record<string, Reducer>;
  /** A record that crosses a window's edge. Default `start`: it counts where it starts. */
  split?: "start" | "proportional" | "error";
  /**
   * Usage that is told twice: by two records of one series (provider, account, resource, region, metric, kind and dimensions) of which more than half of the
   * shorter period is in both, that begin at one moment, or that both have no time; or by two formats of one provider that tell a metric and kind of one
   * account over the same time. It holds within a group: what `by`, unit or currency sets apart is told once. Default `error`:
   * `incompatible-aggregation`, whose message names both. `keep` adds them all the same.
   */
  overlap?: "error" | "keep";
  /**
   * Metrics that are exact sums of others, of one kind and one dimension of unit: `{ "storage.billed": ["storage.padded", "storage.metadata", "storage.deleted"] }`.
   * Their rows come beside those of the parts; `reduce`, `units` and `where.metric` take the new name. The parts are added record by record, of one format, series
   * and time, before anything is reduced; quantities and costs are added each by themselves. Where a part is absent or unknown, the sum is unknown: never
   * smaller. Default none.
   *
   * `invalid-option`: a name that a metric has already, a part that is derived itself, is named twice, is contained in another part (`partOf`), or is known to
   * neither the vocabulary nor the data. `incompatible-aggregation`: parts of two kinds or of two dimensions.
   */
  derive?: Record<string, string[]>;
  where?: {
    /** Such as `wasabi.bucket-daily`: one of two formats that tell the same usage. */
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
  /** Default 20: a quotient that does not end is rounded here, half to even; what ends is kept whole. */
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
  /** How much of the window the records speak for, summed over series. */
  coveredSeconds: number;
  /** How much of it they do not. */
  gapSeconds: number;
}

/**
 * Sums, means and other reductions by group and window. Rows are sorted by key, metric and window start. The same
 * records, in any order and any split, give the same result.
 *
 * @throws `incompatible-aggregation` for a reducer that a metric's kind does not have, for usage that is told twice
 *   ({@link AggregateSpec.overlap}), and with `split: "error"` for a record that crosses an edge; `invalid-option` for an option that is unknown or
 *   means nothing.
 */
export function aggregate(source: UsageTable | UsageRecord[] | UsageTable[], spec?: AggregateSpec): AggregateRow[];

/** The same as {@link aggregate}, fed piece by piece, on many machines: `state()` of one merges into another. */
export class Aggregator implements Disposable {
  constructor(spec?: AggregateSpec);
  push(source: UsageTable | UsageRecord[]): this;
  /** Everything pushed so far. It is versioned: a state of another version or another spec is refused. */
  state(): Uint8Array;
  merge(state: Uint8Array): this;
  finish(): AggregateRow[];
  free(): void;
  [Symbol.dispose](): void;
}

/** The last line of NDJSON that is streamed with `trailer: true`, after the records. */
export interface StreamTrailer {
  /** Whether the body was read to its end. Rows that are faulty do not change that: `issues` counts them. */
  complete: boolean;
  /** Records before this line. */
  records: number;
  /** Faults that were collected. */
  issues: number;
  /** Where it is not complete: the fault after which nothing more was read. Of a body that broke off on its way, only `message`. */
  problem?: Partial<Issue>;
}

/**
 * Bytes in, bytes or records out, with memory bounded by the largest row. Output leaves in pieces of at most 1 MiB and a record (or some thousand
 * records), and none is made before the one before it has been taken; of deviceWISE, columns are held as numbers until `ts` is known.
 *
 * @param options With `onError: "collect"`, `onIssue` is told each fault as it is found.
 *   `trailer` (only with `to: "ndjson"`, default false): the text ends in a line that says whether it is whole, a {@link StreamTrailer}. A fault, and a
 *   body that breaks off, then end the stream with that line and do not fail it; what still comes of the body is ignored. It is for a
 *   transform in the middle of a response, where a stream that fails may reach the reader as one that ended.
 * @throws {@link MeterglotError} `invalid-option`, also for `trailer` with another `to`.
 * @example
 * ```ts
 * // A worker: the reader takes the text for whole only if its last line says so.
 * return new Response(reply.body.pipeThrough(normalizeStream({ to: "ndjson", trailer: true })));
 * ```
 */
export function normalizeStream(
  options: ReadOptions & { to: "ndjson"; trailer?: boolean; onIssue?: (issue: Issue) => void },
): TransformStream<Uint8Array, Uint8Array>;
export function normalizeStream(
  options: ReadOptions & { to: "ndjson" | "csv"; onIssue?: (issue: Issue) => void },
): TransformStream<Uint8Array, Uint8Array>;
export function normalizeStream(
  options: ReadOptions & { to: "records"; onIssue?: (issue: Issue) => void },
): TransformStream<Uint8Array, UsageRecord[]>;

export interface ProviderRequest {
  method: "GET" | "POST";
  url: string;
  headers: Record<string, string>;
  body?: string;
}

/** The request that follows a reply, or null at the end. It never leaves the origin of `request`. */
export function nextRequest(body: Body, options: ReadOptions & { request: RequestContext }): ProviderRequest | null;

/** How to read a listing: as every page is read, and what becomes of its records. */
export interface ListingOptions extends ReadOptions {
  /** `table` keeps them; the others give them as they are complete, and forget them. */
  to: "table" | "ndjson" | "csv" | "records";
  /** Rows that start outside [start, end) are left out; a row without a time stays. */
  between?: { start: Timestamp; end: Timestamp };
  /**
   * Records that were met before, on whatever page, are dropped and counted, as a table always does. A record that
   * contradicts one that was given already is `conflicting-record`. Some 50 bytes a record are remembered for it; of
   * Wasabi and OnApp, where a row has many, as much a row: there a row that comes again, or shares a metric with
   * one of the same resource and period, must be the very same.
   */
  distinct?: boolean;
  /** Hears of every fault with `onError: "collect"`, as it is met. */
  onIssue?: (issue: Issue) => void;
}

/** What a page of a listing has for itself. */
export interface ListingPage {
  /** The request that was answered. */
  request?: RequestContext;
  /** The reply's Content-Type; a hint only. */
  contentType?: string;
  /** The period, where rows carry no time of their own. */
  period?: { start: Timestamp; end: Timestamp };
  /**
   * As `between` of the listing, for one that is asked for span by span: what is remembered of the span before is then
   * let go.
   */
  between?: { start: Timestamp; end: Timestamp };
}

/** What a page was, once it has ended. */
export interface PageOutcome {
  /** null where it could not be told. */
  format: Format | null;
  /** Where it stands in its listing. */
  page: PageInfo | null;
  /** The provider's rows on it, sound or not, those included that were left out. */
  rows: number;
  /** The request after it: null at the end, and where the page's own request was not given. */
  next: ProviderRequest | null;
  /** With `onError: "collect"`: the fault after which nothing more of the page was read. null: it was read to its end. */
  fault: Issue | null;
}

/** What is given as it is complete: bytes (perhaps none) or records; a table is given at the end only. */
export type ListingOutput<To extends ListingOptions["to"]> = To extends "table" ? undefined : To extends "records" ? UsageRecord[] : Uint8Array;

/**
 * The pages of one listing, read as they arrive, each with its own request, into one output: what `normalizeStream` is for one body.
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
  /** Takes the next piece of the page, cut anywhere, and gives what is complete by it. After a fault nothing more can be read. */
  push(chunk: Uint8Array): ListingOutput<To>;
  /** Ends the page, and gives what was left of it. */
  end(): PageOutcome & { output: ListingOutput<To> };
  /**
   * As `push`, in pieces of at most 1 MiB and a record, or some thousand records, each made when it is asked for: all are to be taken before the
   * next call. A few bytes of deviceWISE can be a gigabyte of records.
   */
  pushPieces(chunk: Uint8Array): Generator<NonNullable<ListingOutput<To>>, void, undefined>;
  /** As `end`, in pieces; the generator returns the outcome. */
  endPieces(): Generator<NonNullable<ListingOutput<To>>, PageOutcome, undefined>;
  /** The table of everything, or what a text without any page still lacks; frees the listing. */
  finish(): To extends "table" ? UsageTable : ListingOutput<To>;
  /** Records kept or given so far. */
  readonly records: number;
  /** Records dropped so far because they were met before. */
  readonly duplicates: number;
  free(): void;
  [Symbol.dispose](): void;
}

/** Converts a quantity exactly between two units of one dimension. */
export function convert(quantity: Decimal, from: Unit, to: Unit, fractionDigits?: number): Decimal;

/** The version of this package. */
export const version: string;
