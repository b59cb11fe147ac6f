/**
 * Meterglot reads the usage and billing replies of five providers into one exact usage model.
 *
 * This file is the complete public interface of the package. Every call may throw {@link MeterglotError}; `internal` (a defect) and
 * `invalid-option` (an argument of another type, a handle that was freed) are possible everywhere and are named only where they say more.
 *
 * @module meterglot
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
export type Provider =
  // Generated from the engine by `cargo xtask names`.
  /** Barracuda. */
  | "barracuda"
  /** deviceWISE. */
  | "devicewise"
  /** CloudSigma. */
  | "cloudsigma"
  /** Wasabi. */
  | "wasabi"
  /** OnApp. */
  | "onapp"
  | (string & {});

/** A format of a provider's replies. {@link detect} detects it from the body. */
export type Format =
  // Generated from the engine by `cargo xtask names`.
  /** Stored bytes over time, of a partner or an account. JSON and XML. */
  | "barracuda.usage-history"
  /** API calls by service and period, of one or many TR50 commands. JSON. */
  | "devicewise.api-history"
  /** Accumulated burst usage of a period. JSON. */
  | "cloudsigma.burst-usage"
  /** Burst usage of each day. JSON. */
  | "cloudsigma.daily-burst-usage"
  /** Readings of each resource, taken every five minutes. JSON. */
  | "cloudsigma.usage"
  /** The days of buckets. JSON. */
  | "wasabi.bucket-daily"
  /** The invoice periods of buckets, rolled up to GB-days. JSON. */
  | "wasabi.bucket-invoice"
  /** The days of accounts, with or without `RegionalUtilizations`. JSON. */
  | "wasabi.account-daily"
  /** Days of accounts and buckets by WACM Connect. JSON. */
  | "wasabi.wacm-usages"
  /** A user's costs, by the hour or as a summary. JSON and XML. */
  | "onapp.user-statistics"
  /** The hours of virtual servers, with what was billed. JSON and XML. */
  | "onapp.vm-stats"
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
export type RequestContext =
  | string
  | {
      /** An absolute http or https URL, or a path that begins with `/`. {@link nextRequest} needs an absolute one. */
      url: string;
      /** The body of a POST, for example the TR50 commands of deviceWISE. */
      body?: string;
    };

/** What to do at the first fault. */
export type OnError =
  // Generated from the engine by `cargo xtask names`.
  /** The first fault ends the call. */
  | "throw"
  /** Every valid row is read, and each fault is an issue. */
  | "collect";

/** How a body is read. An unknown option, or one of the wrong type, is `invalid-option`. */
export interface ReadOptions {
  /** Default: detected from the body. A body that another provider sent is then `unknown-format`. It may be the provider of one of `formats`. */
  provider?: Provider;
  /** The body's format, or the name of a built-in one. Nothing is detected but error replies. It excludes `formats`. */
  format?: UsageFormat | Format;
  /** Further formats for detection, at most 64, tried in this order before the built-in ones. */
  formats?: UsageFormat[];
  /** The reply's Content-Type; a hint only. */
  contentType?: string;
  /** The request that was answered. */
  request?: RequestContext;
  /** The account, if neither body nor request names one. */
  account?: string;
  /** An ISO 4217 code, if the body names no currency (CloudSigma). */
  currency?: string;
  /** The period of rows that have no time of their own, if the request names none. */
  period?: Period;
  /** `throw` (default): the first fault is thrown. `collect`: every valid row is read, and each fault is an issue. */
  onError?: OnError;
  /** Limits other than the defaults. A limit that is exceeded is `limit-exceeded`, or `number-out-of-range` for `maxDigits`. */
  limits?: Partial<Limits>;
}

/** A period of time: `start` is included, `end` is not, and it is after `start`. */
export interface Period {
  /** RFC 3339, inclusive. */
  start: Timestamp;
  /** RFC 3339, exclusive. */
  end: Timestamp;
}

/** Limits that keep memory and time bounded. Each is a whole number. */
export interface Limits {
  /** Bytes of one whole body; default 64 MiB. It does not limit a stream. */
  maxBytes: number;
  /** Bytes of one row; default 1 MiB. */
  maxRowBytes: number;
  /** Levels of nesting, in JSON and XML; default 64, at most 512. */
  maxDepth: number;
  /** Records over all pages; default 5,000,000. */
  maxRecords: number;
  /** Significant digits of one number; default 76. */
  maxDigits: number;
}

/** How a reply is written. */
export type Encoding =
  // Generated from the engine by `cargo xtask names`.
  /** RFC 8259. */
  | "json"
  /** XML 1.0 without a DOCTYPE. */
  | "xml";

/** What a body was recognised as. */
export interface Detection {
  /** Who sent it. */
  provider: Provider;
  /** Which of the provider's formats it has. */
  format: Format;
  /** How it is written. */
  encoding: Encoding;
}

/** What values of a metric may be added over. */
export type Kind =
  // Generated from the engine by `cargo xtask names`.
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
  /** Who sent it. */
  provider: Provider;
  /** The format of the reply that it was read from. */
  format: Format;
  /** The customer whose usage it is, as the provider names them; null if neither body, request nor option names one. */
  account: string | null;
  /** The provider's own identifier of what was used; null if the usage is that of the whole account. */
  resourceId: string | null;
  /** The name of the resource. It does not identify it. */
  resourceName: string | null;
  /** `bucket`, `partner`, `virtual-machine` … */
  resourceType: string | null;
  /** The provider's name of the place; null if the provider sends none. */
  region: string | null;
  /** A name of the vocabulary that all providers share, such as `storage.stored`. */
  metric: string;
  /** The provider's own field name, verbatim, such as `RawStorageSizeBytes`. */
  providerField: string;
  /** What else distinguishes this series, such as `service`, `org`, `uuid`, `invoice`, `occurrence`; possibly empty. */
  dimensions: Record<string, string>;
  /** What the quantity may be added over. */
  kind: Kind;
  /** The provider's own number, never rescaled; null if there is only a cost. */
  quantity: Decimal | null;
  /** The unit of `quantity`; null in formats that have only costs. */
  unit: Unit | null;
  /** Money in `currency`; null if the provider sent none. */
  cost: Decimal | null;
  /** An ISO 4217 code. Null if the provider did not name it. */
  currency: string | null;
  /** Inclusive; null if the time is unknown. */
  start: Timestamp | null;
  /** Exclusive. Null with a start that is not null: an instant. */
  end: Timestamp | null;
  /** The offset as the provider wrote it, such as `-05:00`; null if none was written. */
  utcOffset: string | null;
  /** The metric whose total already contains this one. */
  partOf: string | null;
  /** The position in the body: a JSON Pointer, or an XPath for XML. */
  pointer: string;
  /** 0-based index of the body. */
  page: number;
  /** What was inferred rather than read. */
  notes: Note[];
}

/** Something about a record that was inferred rather than read. */
export type Note =
  // Generated from the engine by `cargo xtask names`.
  /** The time was written without an offset and is read as UTC. */
  | "assumed-utc"
  /** deviceWISE: the length of the period was inferred from the times, because the request was not given. */
  | "resolution-inferred"
  /** CloudSigma: the unit follows from the type of resource; the vendor does not state it. */
  | "unit-inferred"
  /** Wasabi: the provider computed the number as a 32-bit float, so about seven digits are significant. */
  | "float32-source"
  /** OnApp: the field, or the virtual machine, occurs more than once in its row. */
  | "duplicate-element"
  /** The row has no time: the period is that of the request. */
  | "period-from-request";

/** A fault of a body, read with `onError: "collect"`. */
export interface Issue {
  /** One of the codes of a body. */
  code: ErrorCode;
  /** What was expected and what was found. For people: do not parse it. */
  message: string;
  /** 0-based index of the body. */
  page: number;
  /** A JSON Pointer, or an XPath for XML; null if the fault is in no single value. */
  pointer: string | null;
  /** 1-based. */
  line: number | null;
  /** 1-based, in bytes. */
  column: number | null;
  /** Bytes from the start of the body. */
  offset: number | null;
}

/** The codes of errors and issues. They are a part of the contract; docs/troubleshooting.md explains each. */
export type ErrorCode =
  // Generated from the engine by `cargo xtask names`.
  /** The body has none of the known formats. */
  | "unknown-format"
  /** Not UTF-8. */
  | "invalid-encoding"
  /** The body breaks the syntax of JSON. */
  | "invalid-json"
  /** The body breaks the syntax of XML, or has a DOCTYPE. */
  | "invalid-xml"
  /** An error reply of the provider: see `providerCodes` and `providerMessages`. */
  | "provider-error"
  /** A known format with a value of the wrong type, or data without usage. */
  | "unexpected-shape"
  /** A row lacks a field that its record needs. */
  | "missing-field"
  /** A text that is not a number, where one was expected. */
  | "invalid-number"
  /** More than `maxDigits` significant digits, or more than 256 fraction digits. */
  | "number-out-of-range"
  /** Not an RFC 3339 time or date, or one that does not exist. */
  | "invalid-timestamp"
  /** deviceWISE: a counter whose length differs from that of `ts`. */
  | "length-mismatch"
  /** One of `limits`, or the limit of an aggregation; the message names it. */
  | "limit-exceeded"
  /** An option, a record or a call that is not allowed. */
  | "invalid-option"
  /** For example the sum of a level over time; the message names the reducers to use. */
  | "incompatible-aggregation"
  /** Reserved: currency always separates the groups of an aggregation. */
  | "mixed-currency"
  /** Two records with one id and different values. */
  | "conflicting-record"
  /** A defect of Meterglot. The engine was restarted; the next call works. */
  | "internal";

/** The error that every call of this package throws. */
export class MeterglotError extends Error {
  /** What went wrong. */
  readonly code: ErrorCode;
  /** The provider that sent the body, if it is known. */
  readonly provider: Provider | null;
  /** 0-based index of the body. */
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
 * The error for a descriptor that {@link defineFormat} refuses. Its message, `pointer`, `line` and `column` are those of the first problem;
 * the pointer is a JSON Pointer into the descriptor.
 */
export class DescriptorError extends MeterglotError {
  /** @param problems At least one. */
  constructor(problems: DescriptorProblem[]);
  /** A descriptor is an option. */
  readonly code: "invalid-option";
  /** Every problem in the order of the descriptor, at most 100. */
  readonly problems: DescriptorProblem[];
}

/** What is wrong with a descriptor, at one of its values. */
export interface DescriptorProblem {
  /** A JSON Pointer into the descriptor: `/metrics/bytes/kind`. */
  pointer: string;
  /** What was expected and what was found: `expected "delta", "gauge" or "integral", found "flow"`. */
  message: string;
  /** 1-based. Null where the descriptor was no JSON text, and for a member that comes from the format that is extended. */
  line: number | null;
  /** 1-based, in bytes. Null where `line` is. */
  column: number | null;
}

/** A checked format. It holds no memory of the engine, so that there is nothing to free and it outlives a restart of the engine. */
export interface UsageFormat {
  /** The provider's name in records. */
  readonly provider: string;
  /** The format's name in records. */
  readonly format: string;
  /** A name for people. */
  readonly title: string;
  /** How its replies are written. */
  readonly encodings: readonly Encoding[];
  /** The descriptor with `extends` resolved; frozen. */
  readonly descriptor: FormatDescriptor;
  /**
   * 32 hexadecimal digits that change with any change of reading: XXH3-128 of the resolved descriptor as canonical JSON (RFC 8785), without
   * `$schema`, `title` and `documentation`.
   */
  readonly fingerprint: string;
}

/**
 * Checks a descriptor whole and makes a format of it. docs/DESCRIPTORS.md describes the language.
 *
 * @param descriptor The descriptor, or its JSON text: problems then have line and column.
 * @throws {@link DescriptorError} with every problem.
 */
export function defineFormat(descriptor: FormatDescriptor | string): UsageFormat;

/**
 * Returns every problem of a descriptor, in its order, at most 100. None: {@link defineFormat} accepts it. Throws nothing once the engine
 * is loaded, whatever the argument is.
 */
export function checkFormat(descriptor: unknown): DescriptorProblem[];

/**
 * Returns a built-in format, to read with or to extend.
 *
 * @throws `invalid-option` if there is none of that name.
 */
export function builtInFormat(name: Format): UsageFormat;

/**
 * Says why a body is read as it is, for the author of a descriptor: which tests of detection it passes, which rule reads which rows, and what is
 * read or not. It reads the body whole and twice, and is no part of reading. Faults are issues, whatever `onError` is.
 *
 * @throws `invalid-option`.
 * @example
 * ```ts
 * const { tests, unread, unused } = explain(body, { formats: [defineFormat(descriptor)] });
 * ```
 */
export function explain(body: Body, options?: ReadOptions): Explanation;

/** Why a body is read as it is. */
export interface Explanation {
  /** Null if the body has no known format. */
  detection: Detection | null;
  /** Every test of `detect` and `errors` of the formats that were tried. Empty if the body is neither JSON nor XML. */
  tests: ExplainedTest[];
  /** The rows of each rule, then those that no rule fits. */
  rows: ExplainedRows[];
  /** Fields that nothing reads, at most 1,000. */
  unread: UnreadField[];
  /** Pointers of the parts of the descriptor that found nothing: metrics, sources and rules of periods. */
  unused: string[];
  /** The first records, at most 20. */
  records: UsageRecord[];
  /** The position of the page in its listing; null if it is not a page of one. */
  page: PageInfo | null;
  /** Every fault. */
  issues: Issue[];
}

/** A test of a descriptor, and its result. */
export interface ExplainedTest {
  /** The name of the descriptor's format. */
  format: string;
  /** The JSON Pointer of the test in the descriptor. */
  pointer: string;
  /** Whether the body passes it. */
  holds: boolean;
  /** The paths and texts that it lacks, such as `/account/id` or `row: quantity`. */
  missing: string[];
}

/** The rows that one rule reads. */
export interface ExplainedRows {
  /** The JSON Pointer of the rule in the descriptor; null for rows that no rule fits. */
  pointer: string | null;
  /** Number of these rows. */
  count: number;
  /** Number of those that have a fault. */
  faulty: number;
}

/** A field that nothing reads. */
export interface UnreadField {
  /** Its path from the row; from the root, with `/` at its beginning, if it is in no row. `*` is an element of a list. */
  field: string;
  /** Number of rows that it is in. */
  rows: number;
  /** The JSON Pointer of the first in the body; an XPath for XML. */
  pointer: string;
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

/**
 * Loads the engine synchronously from a module or its bytes. Does nothing if the engine is loaded already.
 *
 * @throws `invalid-option` if the argument is not the engine.
 */
export function initSync(module: WebAssembly.Module | ArrayBuffer | ArrayBufferView): void;

/**
 * Returns the provider and the format of a body, or null if the format is unknown.
 *
 * Reads and copies at most the first 256 KiB. The result is also null if the format cannot be detected within them (because of a first
 * member or row that is longer); `normalize` still reads such a body. An error reply gives null.
 *
 * @throws `invalid-option` for a body of another type, or one whose `ArrayBuffer` is detached.
 */
export function detect(body: Body, options?: Pick<ReadOptions, "contentType" | "request" | "format" | "formats">): Detection | null;

/**
 * Returns the rows with the provider's own fields; none is dropped. Integers beyond 2^53 are bigint, numbers with a
 * fraction or an exponent are {@link Decimal}.
 *
 * @throws {@link MeterglotError} The first fault of the body. With `onError: "collect"` faults are `issues`.
 */
export function parse(body: Body, options?: ReadOptions): ParsedDocument;

/** A body as the provider's own rows. */
export interface ParsedDocument extends Detection {
  /** The provider's rows, with its field names. */
  rows: Record<string, unknown>[];
  /** The position in a listing; null if the reply is not a page of one. */
  page: PageInfo | null;
  /** The faults, with `onError: "collect"`; otherwise empty. */
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
 *
 * @example
 * ```ts
 * using table = normalize([page1, page2], { request: [url1, url2] });
 * for (const { metric, quantity, unit, start } of table) console.log(metric, quantity, unit, start);
 * ```
 */
export function normalize(body: Body | Body[], options?: NormalizeOptions): UsageTable;

/**
 * Usage records as columns in the engine's memory; record objects are created only on demand.
 *
 * It is freed by `free()`, by `using`, or by garbage collection. After that every use throws `invalid-option`.
 */
export interface UsageTable extends Iterable<UsageRecord>, Disposable {
  /** Number of records. */
  readonly length: number;
  /** Null if no page was recognised. */
  readonly format: Format | null;
  /** The faults, with `onError: "collect"`, in the order of the bodies; otherwise empty. */
  readonly issues: Issue[];
  /** The position of the last page in its listing; null if it is not a page of one. */
  readonly page: PageInfo | null;
  /** Number of records that were dropped because an identical record was read before. */
  readonly duplicates: number;
  /** Returns the records from `start` to before `end`, with the indices of `Array.prototype.slice`. */
  records(start?: number, end?: number): UsageRecord[];
  /** Returns all records as columns, for charts. Numbers are the nearest doubles, so use {@link UsageTable.records} for exact ones. */
  columns(): UsageColumns;
  /** Returns one {@link UsageRecord} on each line, in UTF-8. */
  toNDJSON(): Uint8Array;
  /** Returns RFC 4180 text in UTF-8. Cells that a spreadsheet would read as formulas are neutralised. */
  toCSV(): Uint8Array;
  /** Returns the figures that the replies state about themselves, compared with the records of this table; possibly none. */
  checks(): Check[];
  /** Frees the table's memory in the engine. A second call does nothing. */
  free(): void;
  /** Does the same as `free`, for `using`. */
  [Symbol.dispose](): void;
}

/** All records of a table as columns of one length: entry i of each belongs to record i. */
export interface UsageColumns {
  /** Epoch milliseconds; NaN is null. */
  start: Float64Array;
  /** Epoch milliseconds, exclusive; NaN is null. */
  end: Float64Array;
  /** The nearest doubles, in `unit`; NaN is null. */
  quantity: Float64Array;
  /** The nearest doubles, in `currency`; NaN is null. */
  cost: Float64Array;
  /** The metrics. */
  metric: Dictionary;
  /** The identifiers of the resources. */
  resourceId: Dictionary;
  /** The accounts. */
  account: Dictionary;
  /** The regions. */
  region: Dictionary;
  /** The units of `quantity`. */
  unit: Dictionary;
  /** The currencies of `cost`. */
  currency: Dictionary;
}

/** A dictionary-encoded column of strings: the code of a row is an index of `values`; -1 is null. */
export interface Dictionary {
  /** The different values. */
  values: string[];
  /** One for each record. */
  codes: Int32Array;
}

/** The position of a page in its listing, from the reply and the request; null is unknown. */
export interface PageInfo {
  /** The provider's own page number: Barracuda counts from 1, Wasabi's Stats API from 0. */
  number: number | null;
  /** The largest number of rows of a page. */
  size: number | null;
  /** Number of rows before this page (CloudSigma). */
  offset: number | null;
  /** Number of rows of the whole listing, by the provider's count. */
  totalRows: number | null;
  /** Whether more pages follow. */
  hasNext: boolean;
}

/** A figure that the reply states about itself, compared with the records that were read. */
export interface Check {
  /** `rows` (number of rows), `total` (deviceWISE: sum of the counters), `cost.total` (OnApp: the total of a row), or the name that a custom format gives. */
  name: string;
  /** The figure that the reply states. */
  expected: Decimal;
  /** The figure computed from the records. */
  actual: Decimal;
  /** Whether the two are equal, or agree at the digits that the format names; `cost.total` is compared at 15 significant digits. */
  ok: boolean;
  /** The position of the stated figure in its body. */
  pointer: string | null;
}

/** The size of a window: a calendar unit of the time zone, or one window over everything. Windows have no fixed length. */
export type Window =
  // Generated from the engine by `cargo xtask names`.
  /** An hour of the local clock, cut where the offset changes. */
  | "hour"
  /** From midnight to midnight: 23 or 25 hours where the clock is changed. */
  | "day"
  /** Seven days from `weekStart`. */
  | "week"
  /** A calendar month. */
  | "month"
  /** Three months from January, April, July or October. */
  | "quarter"
  /** A calendar year. */
  | "year"
  /** From the earliest start to the latest end of each group. */
  | "all";

/** A field that separates groups. `resource` is `resourceId`; `dimensions.<name>` is one of the dimensions. */
export type GroupKey =
  // Generated from the engine by `cargo xtask names`.
  /** Who sent the reply. */
  | "provider"
  /** The format of the reply. */
  | "format"
  /** The account. */
  | "account"
  /** The record's `resourceId`. */
  | "resource"
  /** The type of the resource, such as `bucket`. */
  | "resourceType"
  /** The region. */
  | "region"
  | `dimensions.${string}`;

/**
 * How a series is reduced over time in a window. `mean` is weighted by time, `integral` is level × time in the unit × seconds, `count` is the number of records and has no
 * unit. Which kinds allow which reducers is a table in docs/design.md#aggregation.
 */
export type Reducer =
  // Generated from the engine by `cargo xtask names`.
  /** The sum of all readings. */
  | "sum"
  /** A gauge: the mean over the time for which it is known. A delta: the mean of its readings. An integral: the mean level. */
  | "mean"
  /** The greatest reading. */
  | "max"
  /** The least reading. */
  | "min"
  /** The earliest reading. */
  | "first"
  /** The latest reading. */
  | "last"
  /** The number of records. */
  | "count"
  /** A level × the seconds for which it applies. */
  | "integral";

/** The day on which a week begins. */
export type WeekStart =
  // Generated from the engine by `cargo xtask names`.
  /** ISO 8601. */
  | "monday"
  /** As in North America. */
  | "sunday";

/** The treatment of a delta, an integral or a cost whose period crosses the edge of a window. */
export type Split =
  // Generated from the engine by `cargo xtask names`.
  /** It counts as a whole in the window in which it starts. */
  | "start"
  /** Each window has its share by time; the last piece takes the remainder, so that pieces add up exactly. */
  | "proportional"
  /** It is refused: `incompatible-aggregation`. */
  | "error";

/** The treatment of usage that is reported twice. */
export type Overlap =
  // Generated from the engine by `cargo xtask names`.
  /** It is refused: `incompatible-aggregation`. */
  | "error"
  /** It is added. */
  | "keep";

/** How records are grouped, divided into windows and reduced. An unknown option, or one of the wrong type, is `invalid-option`. */
export interface AggregateSpec {
  /** Default none. Metric, kind, unit and currency always separate groups, so that incompatible values are never added. */
  by?: GroupKey[];
  /** Default `all`. */
  window?: Window;
  /** An IANA name, `UTC` (default), or `source`: the offset that each record was written with. */
  timeZone?: string;
  /** Default `monday`. */
  weekStart?: WeekStart;
  /**
   * The reducer by kind or by metric name; the metric name takes precedence. Defaults: delta sum, gauge mean, integral sum. Each series of a group is
   * reduced, and then the series are added. The mean of a gauge or of an integral is that of the group: the integrals of its series are added and divided by the time in
   * which at least one of them is known. A series that covers no time (a single instant) adds its value.
   */
  reduce?: Partial<Record<Kind, Reducer>> & Record<string, Reducer>;
  /** The treatment of a record that crosses the edge of a window. Default `start`: it counts in the window in which it starts. */
  split?: Split;
  /**
   * The treatment of usage that is reported twice: by two records of one series (provider, account, resource, region, metric, kind and dimensions) of which more than half of the
   * shorter period is in both, that begin at one moment, or that both have no time; or by two formats of one provider that report a metric and kind of one
   * account over the same time. It applies within a group: records that `by`, unit or currency separate are not added. Default `error`:
   * `incompatible-aggregation`, whose message names both. `keep` adds all of them.
   */
  overlap?: Overlap;
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
  /** Selects records; a record must match each field. Default: all. */
  where?: Filter;
  /** Converts quantities by exact factors, such as `{ "storage.stored": "GiBy" }`. */
  units?: Record<string, Unit>;
  /** Default 20: a quotient without a finite decimal is rounded to this many digits, half to even; a finite one is exact. */
  fractionDigits?: number;
}

/**
 * Which records an aggregation uses. Of a list, one value must be equal; an empty list selects nothing. `start` and `end` are edges like those of a window: a gauge is cut
 * there, and any other record counts by {@link AggregateSpec.split}, so by default where it starts in [start, end). A record without a time is then not selected.
 */
export interface Filter {
  /** For example `wasabi.bucket-daily`: selects one of two formats that report the same usage. */
  format?: Format[];
  /** Providers. */
  provider?: Provider[];
  /** Metrics; a name that neither the vocabulary nor the data has is `invalid-option`. */
  metric?: string[];
  /** Accounts. */
  account?: string[];
  /** Identifiers of resources (`resourceId`). */
  resource?: string[];
  /** Regions. */
  region?: string[];
  /** Inclusive. */
  start?: Timestamp;
  /** Exclusive. */
  end?: Timestamp;
}

/** One group in one window: one metric, kind, unit and currency. */
export interface AggregateRow {
  /** The values of the fields in `by`; null where the records have none. */
  key: Partial<Record<GroupKey, string | null>>;
  /** The metric, or the name of a derived one. */
  metric: string;
  /** The kind of the records. */
  kind: Kind;
  /** The reducer that `quantity` was computed with. */
  reducer: Reducer;
  /** The unit of `quantity`; null for `count`, and if there is only a cost. */
  unit: Unit | null;
  /** The currency of `cost`; null if it is unknown. */
  currency: string | null;
  /** The window's edges; both null for records without a time. */
  start: Timestamp | null;
  /** Exclusive. */
  end: Timestamp | null;
  /** Null if it is unknown, never a zero in its place. */
  quantity: Decimal | null;
  /** The sum of the costs, whatever the reducer; null if no record has one. */
  cost: Decimal | null;
  /** Number of distinct records that touch the window. */
  records: number;
  /** Number of distinct resources (provider, account, `resourceId`). */
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
 *   has no meaning, and for a record that {@link UsageRecord} does not allow; `limit-exceeded` for more than about a million rows, or work out of proportion to the input.
 * @example
 * ```ts
 * aggregate(table, { by: ["resource"], window: "month", units: { "storage.stored": "GiBy" } });
 * ```
 */
export function aggregate(source: UsageTable | UsageRecord[] | UsageTable[], spec?: AggregateSpec): AggregateRow[];

/** Does the same as {@link aggregate} in pieces and on many machines: the `state()` of one aggregator merges into another. */
export class Aggregator implements Disposable {
  /** @throws `invalid-option` for a spec that is not valid. */
  constructor(spec?: AggregateSpec);
  /**
   * Adds records. The table may be freed afterwards.
   *
   * @throws `invalid-option` for a record that is not valid; nothing of this call is then added.
   */
  push(source: UsageTable | UsageRecord[]): this;
  /** Serializes everything pushed so far. A state of another version or another spec is refused by `merge`. */
  state(): Uint8Array;
  /**
   * Adds everything that another aggregator of the same spec had when it wrote the state.
   *
   * @throws `invalid-option` for bytes that are not a state, and for a state of another version or spec.
   */
  merge(state: Uint8Array): this;
  /**
   * Returns the rows of everything pushed and merged so far. More can be pushed afterwards.
   *
   * @throws The codes of {@link aggregate}.
   */
  finish(): AggregateRow[];
  /** Frees the aggregator's memory in the engine. A second call does nothing. */
  free(): void;
  /** Does the same as `free`, for `using`. */
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

/** A request to send. It has no credentials: add your own headers. */
export interface ProviderRequest {
  /** `POST` for deviceWISE, otherwise `GET`. */
  method: "GET" | "POST";
  /** Absolute, of the origin of the answered request. */
  url: string;
  /** `Accept`, and `Content-Type` of a body. */
  headers: Record<string, string>;
  /** The body of a `POST`. */
  body?: string;
}

/**
 * Returns the request for the next page, or null at the end of the listing. It always has the origin of `request`.
 *
 * @throws `invalid-option` if `request` is missing or not absolute; otherwise the first fault of the body.
 */
export function nextRequest(body: Body, options: ReadOptions & { request: RequestContext }): ProviderRequest | null;

/** The options of a {@link Listing}: how pages are read, and the form of the output. */
export interface ListingOptions extends ReadOptions {
  /** `table` stores all records; the others return records as soon as they are complete. */
  to: "table" | "ndjson" | "csv" | "records";
  /** Rows that start outside [start, end) are left out; rows without a time are included. */
  between?: Period;
  /**
   * Drops and counts records that were read before on any page, as a table always does. A record that contradicts one that
   * was returned already is `conflicting-record`. It needs about 50 bytes of memory for each record. For Wasabi and OnApp,
   * whose rows have many records, it needs as much for each row: there, two rows of one resource and period that share a
   * metric must be identical.
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
  /** The period of rows that have no time of their own. */
  period?: Period;
  /**
   * Like `between` of the listing, for a listing that is requested in slices: what `distinct` has stored of the slice before is
   * then dropped.
   */
  between?: Period;
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

/** What {@link Listing.end} returns: the result of the page, and the rest of its output. */
export interface PageEnd<To extends ListingOptions["to"] = ListingOptions["to"]> extends PageOutcome {
  /** What was not returned by the calls before. */
  output: ListingOutput<To>;
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
  /** @throws `invalid-option` for options that are not valid. */
  constructor(options: ListingOptions & { to: To });
  /**
   * Begins the next page.
   *
   * @throws `invalid-option` if the page before has not been ended.
   */
  begin(page?: ListingPage): this;
  /**
   * Reads the next chunk of the page, cut anywhere, and returns what is complete. After a fault nothing more can be read.
   *
   * @throws {@link MeterglotError} The first fault of the page, which also frees the listing; `invalid-option` if no page has begun.
   */
  push(chunk: Uint8Array): ListingOutput<To>;
  /**
   * Ends the page and returns the rest of its output.
   *
   * @throws The codes of {@link Listing.push}.
   */
  end(): PageEnd<To>;
  /**
   * Does the same as `push`, and returns the output in pieces of at most 1 MiB and one record, or some thousand records. Each piece is made on demand; take
   * all of them before the next call. A few bytes of deviceWISE can be a gigabyte of records.
   */
  pushPieces(chunk: Uint8Array): Generator<NonNullable<ListingOutput<To>>, void, void>;
  /** Does the same as `end` in pieces; the generator returns the outcome. */
  endPieces(): Generator<NonNullable<ListingOutput<To>>, PageOutcome, void>;
  /**
   * Returns the table of all pages, or the header of a text without any page. Frees the listing.
   *
   * @throws `invalid-option` if a page has not been ended.
   */
  finish(): To extends "table" ? UsageTable : ListingOutput<To>;
  /** Number of records stored or returned so far. */
  readonly records: number;
  /** Number of records dropped so far because they were read before. */
  readonly duplicates: number;
  /** Frees the listing's memory in the engine. A second call does nothing. */
  free(): void;
  /** Does the same as `free`, for `using`. */
  [Symbol.dispose](): void;
}

/**
 * Converts a quantity exactly between two units of one dimension.
 *
 * @param fractionDigits Default 20, at most 256: a result without a finite decimal is rounded to this many digits, half to even; a finite one is exact.
 * @throws `invalid-option` for an unknown unit (the message suggests valid ones) or units of two dimensions; `invalid-number` and `number-out-of-range` for the quantity.
 * @example
 * ```ts
 * convert("309237645312", "By.5.min", "GiBy.d"); // "1"
 * ```
 */
export function convert(quantity: Decimal, from: Unit, to: Unit, fractionDigits?: number): Decimal;

/** The version of this package. */
export const version: string;

// ------------------------------------------------------------------------------------------------ format descriptors

/**
 * A path to a value. Absolute (`/data/items/*`; an empty text is the whole body) or relative to a row (`billing/total`; `.` is the row itself,
 * `../id` a field of the outer row). Its steps: `name`; `*` for each element of a list (in XML each child element); `{key}` for each member
 * of an object, whose name is captured as `key`; `@name` for an XML attribute; in tests and metrics a name with one `*`, such as `*_cost`.
 * `~0 ~1 ~2 ~3` stand for `~ / * {`.
 */
export type Path = string;

/** One path, alternatives in order of preference, or either for each encoding. */
export type Place =
  | Path
  | Path[]
  | {
      /** In JSON. Absent: there is no such place. */
      json?: Path | Path[];
      /** In XML. Absent: there is no such place. */
      xml?: Path | Path[];
    };

/** A text with at most one `*`, which stands for any characters. An exact text wins over a pattern, a longer pattern over a shorter one. */
export type Pattern = string;

/** A length of time: `PT5M`, `PT1H`, `P1D`, `P7D`, `P1M`. Days and months follow the calendar of the written offset. */
export type Duration = string;

/** One usage format of one provider. Its row members (`metrics`, `account`, `period` …) apply to every rule of `rows` that has none of its own. */
export interface FormatDescriptor extends RowMeaning {
  /** Where editors find the JSON Schema; not read. */
  $schema?: string;
  /** Version of the language. */
  descriptor: 1;
  /** The provider's name in records, of a to z, 0 to 9 and `-`. It may be that of a built-in provider. */
  provider: string;
  /** The format's name, `<provider>.<name>`. No built-in format has it. */
  format: string;
  /** A name for people. Required unless `extends` gives it. */
  title: string;
  /** The provider's name for people. Default: its name in records. */
  providerTitle?: string;
  /** What to request, such as `/v1/usage`: messages name it where a body is of no known format. */
  endpoint?: string;
  /** Requests that only this provider answers: replies to them count as if the caller had named the provider. A host counts before a body, a body before a path. */
  requests?: RequestTest | RequestTest[];
  /** URL of the provider's page that this was written from. */
  documentation?: string;
  /** A built-in format whose members apply where this descriptor has none; `metrics` and `dimensions` are merged by name. */
  extends?: Format;
  /** Default `["json"]`. */
  encodings?: Encoding[];
  /** Whether names in bodies are compared without regard to ASCII case. Default false. */
  ignoreCase?: boolean;
  /** The body is of this format if one of these tests holds. */
  detect: Test[];
  /** What an error reply looks like. */
  errors?: ErrorRule[];
  /** What a row is; the first rule that fits a row reads it. Required unless `extends` gives it. */
  rows?: RowRule[];
  /** Where the envelope states its paging. */
  page?: PageRule;
  /** How the next page is requested. Default: there is none. */
  next?: NextRule;
  /** Statements of the provider to compare with what was read. */
  checks?: CheckRule[];
  /** Limits for this format where the caller sets none. */
  limits?: {
    /** Bytes of a row, as the option of this name. */
    maxRowBytes?: number;
    /** Levels of nesting, as the option of this name. */
    maxDepth?: number;
  };
}

/**
 * What the values of a row mean. A nested row inherits all but `required`, `rowErrors` and `nested`; what it inherits of the resource
 * and the period are the outer row's values. A member given there replaces the inherited one; `dimensions` are merged by name.
 */
export interface RowMeaning {
  /** By field name or relative path, with at most one `*`. null: not a metric. */
  metrics?: Record<Path, MetricRule | null>;
  /** Default: the option `account`, which is also used where the source gives nothing. */
  account?: Source;
  /** What was used. */
  resource?: {
    /** `resourceId`. */
    id?: Source;
    /** `resourceName`. */
    name?: Source;
    /** `resourceType`. */
    type?: Source;
  };
  /** Where it is. */
  region?: Source;
  /** An ISO 4217 code, for records that have a cost. Default: the option `currency`, also where the source gives nothing. */
  currency?: Source;
  /** What else distinguishes one series from another; part of the record's id. A source that gives nothing adds no dimension. */
  dimensions?: Record<string, Source>;
  /** The first rule that applies; else the option `period`; else unknown. */
  period?: PeriodRule | PeriodRule[];
  /** Time of restatement: of two records with one id the newer replaces the older. Default: a contradiction is `conflicting-record`. */
  version?: TimeSource;
  /** Fields that every row must have, else `missing-field`; of an inner list one is enough. */
  required?: (Path | Path[])[];
  /**
   * A field that occurs twice in a row. `error` (default): twice the same counts once, another value is `unexpected-shape`.
   * `occurrence`: each is read, with the dimension `occurrence` (`1`, `2` …) and the note `duplicate-element`; likewise nested rows
   * whose rule has its own `resource` and that have the same resource id.
   */
  repeated?: "error" | "occurrence";
  /** The row reports a failure of its own: `provider-error`. Other rows are still read. Paths are relative to the row. */
  rowErrors?: ErrorRule[];
  /** Rows inside the row. */
  nested?: NestedRule[];
  /** Notes of every record. */
  notes?: Note[];
}

/** One kind of row. */
export interface RowRule extends RowMeaning {
  /** Where the rows are. Absolute. */
  at: Place;
  /** Only rows for which this holds, or one of these. Paths are relative to the row. A row that no rule fits is `unexpected-shape`. */
  when?: Test | Test[];
  /** These rows hold no usage; only their `rowErrors` are read. */
  skip?: true;
  /** The row is a columnar group: lists of values beside a list of times. */
  columns?: ColumnRule[];
}

/** Rows inside a row: parts of it, or other resources. They inherit the row's meaning. */
export interface NestedRule extends RowMeaning {
  /** Relative to the outer row: `RegionalUtilizations/{region}`. Absent, null and empty are valid. */
  at: Place;
  /** Only nested rows for which this holds, or one of these. */
  when?: Test | Test[];
  /** The values are parts of the outer row's: `partOf` of each record is its own metric. Default false. */
  breakdown?: boolean;
}

/** Lists of values, one value for each time of `{ column }` in `period`. */
export interface ColumnRule {
  /** Relative to the group: `counters/{service}`. A metric's key is compared with its last name. */
  at: Path;
  /** `providerField`, with captures: `counters.{service}`. Default: the last name of the path. */
  name?: string;
  /** Only where this holds, or one of these; they test the captures and the request. */
  when?: Test | Test[];
  /** A single number in place of a list, without times: the group's total. Default false. */
  single?: boolean;
}

/** What a field means. */
export interface MetricRule extends MetricMeaning {
  /** The field that holds the cost of this quantity: one record has both. */
  cost?: Path;
  /** The field whose text selects a case. Required with `cases`. */
  by?: Path;
  /** Members for rows in which the field `by` has one of these texts; they replace the rule's. `skip`: no record. */
  cases?: (MetricMeaning & {
    /** The texts of the field `by`. */
    is: Pattern[];
    /** Rows with these texts have no record of this metric. */
    skip?: true;
  })[];
}

/** The members of a metric that a case can replace. */
export interface MetricMeaning {
  /** The metric's name. `*` is what `*` in the field's name stands for, in lower case; `{field}` is the text of that field of the row. */
  metric?: string;
  /** What the quantity may be added over. */
  kind?: Kind;
  /** A unit, or the field that states it with a table of its spellings. Required unless `holds` is `cost`. */
  unit?:
    | Unit
    | {
        /** The field that states it. */
        field: Path;
        /** The unit that each of its texts means. Another text is `unexpected-shape`. */
        map: Record<Pattern, Unit>;
      };
  /** What the field holds. Default `quantity`. */
  holds?: "quantity" | "cost";
  /** The metric whose total already contains this one. */
  partOf?: string;
  /** Notes of this metric's records, beside those of the row. */
  notes?: Note[];
}

/** A constant, where a text comes from, or a list of these: the first that gives a text is used. Absence and null give none. */
export type Source = string | Reference | (string | Reference)[];

/** Where a text comes from, and how it is read. */
export type Reference = Origin & {
  /** What a text is read as; `*` in a value is what `*` in its key stands for. A text that is not here, or is mapped to an empty one, gives none. */
  map?: Record<Pattern, string>;
  /** Used where the row is there without the field, or the request without the parameter. Never where no request was given. */
  default?: string;
};

/** Where a text comes from: exactly one of these. Names in requests are compared without regard to case. */
export type Origin =
  | {
      /** A field of the row (`id`), of the outer row (`../id`) or of the envelope (`/account/id`). */
      field: Place;
    }
  | {
      /** A name captured on the way to the row. */
      capture: string;
    }
  | {
      /** The segment of the request's path after one of these. */
      segmentAfter: string[];
      /** Of the URLs at this place of the envelope, instead of the request's. */
      in?: Place;
    }
  | {
      /** Which of these segments the request's path has. */
      segment: string[];
      /** Of the URLs at this place of the envelope, instead of the request's. */
      in?: Place;
    }
  | {
      /** A parameter of the request's query; the last of that name. */
      query: string;
    }
  | {
      /** A member of the request's JSON body; `{key}` is the captured name, `*` the only member of its object. */
      body: Path | Path[];
    }
  | {
      /** What `*` stands for in the request's host: `*.acme.com`. */
      host: Pattern;
    }
  | {
      /** The account, from wherever it came. */
      same: "account";
    };

/** A time from the first of these that gives one. */
export type TimeSource = TimeReference | TimeReference[];

/** A time. A fault of a field or a column is `invalid-timestamp`; a time in a request that cannot be read gives nothing. */
export type TimeReference = (
  | Origin
  | {
      /** The list of times beside the columns, relative to the group. */
      column: Path;
    }
) & {
  /** `rfc3339` (default), `unix` (seconds, decimals allowed) or `unix-ms`. */
  as?: "rfc3339" | "unix" | "unix-ms";
  /** Also accept a date or a date-time without an offset, in UTC, with the note `assumed-utc`. Always so in requests, without the note. */
  zone?: "UTC";
  /** An end that still belongs to the period: a date ends with its day. Default false. */
  inclusive?: boolean;
};

/** [start, end), [start, start + step) or, with neither end nor step, an instant. Applies where `start` and `end` give times and `when` holds. */
export interface PeriodRule {
  /** When the period starts; without an end and a step, the instant. */
  start: TimeSource;
  /** When it ends. Before its start: `invalid-timestamp`. */
  end?: TimeSource;
  /** The first that gives a length; if none does, the record is an instant. */
  step?: Step | Step[];
  /** Only where this holds, or one of these. */
  when?: Test | Test[];
  /** Notes of records with this period. `period-from-request` is added by itself. */
  notes?: Note[];
}

/** A length of time, or where it comes from. */
export type Step =
  | Duration
  | {
      /** A number of days, hours … that a text states. */
      count: Source;
      /** What is counted. */
      of: Duration;
      /** The largest number. Outside 1 to `max`: no length. */
      max: number;
    }
  | {
      /** The text that decides. */
      from: Source;
      /** The step of each text, without regard to case. */
      cases: Record<Pattern, Step>;
    }
  | {
      /** The smallest gap between the times of the column, with the note `resolution-inferred`. */
      smallestGap: {
        /** The longest of these that is not longer than the gap (a day counts as 23 hours here). Default: the gap itself. */
        of?: Duration[];
        /** For a single time, and where none of `of` is short enough. */
        else: Duration;
      };
    };

/** A test of names and texts. Every member given must hold. */
export interface Test {
  /** Holds for this encoding only. */
  encoding?: Encoding;
  /** Only where the provider is known otherwise: the caller named it or the format, or the request is one of its `requests`. */
  named?: true;
  /** In `detect` only: the first row, wherever `rows` finds it, passes one of these; paths are relative to it. */
  row?: Test | Test[];
  /** All of these are there. */
  has?: Path | Path[];
  /** At least one of these is there. */
  hasOne?: Path[];
  /** None of these is there. Decided once the object or element that would hold them is complete. */
  lacks?: Path | Path[];
  /** Nothing but these is in the root object, or in the row: paths of one step. */
  only?: Path[];
  /** These are there and are lists without elements, or null. */
  empty?: Path | Path[];
  /** Scalars with one of these texts (true, false and numbers as written); null: absent or null. `{key}` alone as a path: a captured name. */
  is?: Record<Path, (Pattern | null)[]>;
  /** Captured names of this form: `object-id` 24 hexadecimal digits, `uuid` RFC 9562. */
  shape?: Record<string, "object-id" | "uuid">;
  /** What the request says. In `detect` and `errors` a test with `request` that holds wins over those without. */
  request?: RequestTest;
  /** What the request does not say. Holds without a request. */
  notRequest?: RequestTest;
}

/** Every member given must hold; without a request none does. Compared without regard to case. */
export interface RequestTest {
  /** Host name: `*.acme.com`. */
  host?: Pattern[];
  /** Consecutive path segments: `utilizations/buckets`, `user_statistics*`. */
  path?: Pattern[];
  /** Query parameters; `*` any value, null absent. */
  query?: Record<string, (Pattern | null)[]>;
  /** Members of the JSON body, as in {@link Origin}; null absent, also where no request was given. */
  body?: Record<Path, (Pattern | null)[]>;
}

/** A reply or row that reports an error. Without `codes` and `messages` the customary members of errors are read. */
export interface ErrorRule {
  /** The reply or row is an error if this holds, or one of these. */
  when: Test | Test[];
  /** Where codes are: texts, numbers, or lists and objects of these. All places are read. */
  codes?: Place;
  /** Where messages are, in the same forms. */
  messages?: Place;
}

/** Where the envelope states its paging; each a whole number, as a number or a text. */
export interface PageRule {
  /** The number of this page. */
  number?: Place;
  /** The rows of a full page. */
  size?: Place;
  /** Rows before this page. If absent: the request's parameter of `next`. */
  offset?: Place;
  /** Rows of the whole listing. 0 beyond the first page is no statement; the same holds for `pages`. */
  total?: Place;
  /** Pages of the whole listing. */
  pages?: Place;
  /** Whether more follows, as true or false, 1 or 0, or their texts. If given, it decides. */
  more?: Place;
}

/** How many rows a full page has, where the envelope does not state it. */
export interface PageSize {
  /** The request's parameter that states it. With `by: "offset"`, 0 asks for everything. */
  parameter: string;
  /** Where the request does not state it. */
  default?: number;
  /** The most rows that the server sends, even if the request asks for more. */
  max?: number;
}

/** How the request of the next page is made from the last: one parameter is set, all else stays. It never leaves the origin. */
export type NextRule =
  | {
      /** A link of the envelope. More follows if such a link is there. */
      by: "link";
      /** Where the links are. */
      at: Place;
      /** What a link must be for. Without regard to case. */
      rel?: {
        /** The field of a link that says it. */
        field: Path;
        /** One of these texts. */
        is: string[];
      };
      /** The field of a link with its URL. */
      href: Path;
      /** The parameter that is taken from its URL, and nothing else. */
      parameter: string;
    }
  | {
      /** The number of rows so far. */
      by: "offset";
      /** The parameter that is set. */
      parameter: string;
      /** The rows of a full page. */
      size?: PageSize;
    }
  | {
      /** The page's number plus one. */
      by: "page";
      /** The parameter that is set. */
      parameter: string;
      /** The number of the first page. Default 1. */
      first?: number;
      /** The rows of a full page. */
      size?: PageSize;
    }
  | {
      /** A token of the envelope. More follows if it is there, not null and not empty. */
      by: "cursor";
      /** Where the token is. */
      at: Place;
      /** The parameter that is set. */
      parameter: string;
    }
  | {
      /** A function of the package. Built-in formats only. */
      by: "hook";
      /** Its name. */
      hook: "tr50-resume";
    };

/** What the provider states, compared with what was read: one entry of `checks()`. */
export type CheckRule =
  | {
      /** The name of the check. */
      name: string;
      /** Where the stated count is. */
      stated: Place;
      /** Compared with the distinct rows of the whole listing. */
      of: "rows";
    }
  | {
      /** The name of the check. */
      name: string;
      /** Where the stated total is, relative to the columnar group. */
      stated: Path;
      /** Compared with the sum of the group's values. */
      of: "values";
    }
  | {
      /** The name of the check. */
      name: string;
      /** The metric of a row that states the sum. */
      metric: string;
      /** The metrics of that row whose sum it states. */
      of: string[];
      /** Significant digits that must agree. Default: all. */
      digits?: number;
    };
