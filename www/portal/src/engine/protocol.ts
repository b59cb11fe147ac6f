/** The messages between the page and the worker that runs the engine. Everything here can be cloned. */
import type {
  AggregateRow,
  Check,
  DescriptorProblem,
  Format,
  GroupKey,
  Issue,
  Kind,
  Note,
  PageInfo,
  Provider,
  ProviderRequest,
  Reducer,
  UsageRecord,
  Window,
} from "meterglot";

/** One body as the user added it. */
export interface Body {
  name: string;
  blob: Blob;
  /** The URL of the request that it answers; empty if unknown. */
  request: string;
  /** The body of that request; requests to deviceWISE are POST. */
  requestBody: string;
}

/** What the user states about a reply. Empty: not stated. */
export interface Settings {
  provider: Provider | "";
  account: string;
  currency: string;
  periodStart: string;
  periodEnd: string;
}

/** A reply of one body, or the pages of one listing in order. */
export interface ReplyToRead {
  reply: number;
  bodies: Body[];
  settings: Settings;
}

/** What to ask an edge worker for. The token is kept in memory only. */
export interface UsageToFetch {
  reply: number;
  edge: string;
  token: string;
  source: string;
  query: Record<string, string>;
}

export interface Source {
  name: string;
  provider: Provider;
}

/** How many records lack a value that the request, or the user, could supply. */
export interface Unsettled {
  account: number;
  currency: number;
  time: number;
  /** Levels measured at an instant; the resolution of the request gives the time that they cover. */
  instants: number;
}

/** The result of reading a reply. */
export interface ReplyRead {
  formats: Format[];
  providers: Provider[];
  encoding: "json" | "xml" | null;
  records: number;
  duplicates: number;
  bytes: number;
  issues: Issue[];
  checks: Check[];
  pages: { page: PageInfo | null; rows: number; next: ProviderRequest | null }[];
  span: Span | null;
  unsettled: Unsettled;
  notes: Note[];
}

/** The result of reading a descriptor: a format, or the problems that it has. */
export interface FormatRead {
  defined: DefinedFormat | null;
  problems: DescriptorProblem[];
}

/** A format of a descriptor that was added. */
export interface DefinedFormat {
  provider: Provider;
  format: Format;
  title: string;
}

/** From the first start to the last end, in epoch milliseconds. */
export interface Span {
  start: number;
  end: number;
}

/** What identifies a measure. Only values of the same measure may be added. */
export interface Measure {
  metric: string;
  kind: Kind;
  unit: string | null;
  currency: string | null;
  what: "quantity" | "cost";
}

/** How a measure that another one contains relates to it. */
export interface Parted {
  /** The metric whose total already contains this one, in every row or in some. */
  partOf: string;
  /** The part of it in rows that do not report that metric; null: none. */
  outside: { total: string; records: number } | null;
}

/** A measure over everything that was read. */
export interface MeasureTotal extends Measure {
  reducer: Reducer;
  total: string;
  /** Of a level: the sum of the last value of each series. */
  last: string | null;
  /** As in `Parted`; null if no row reports it in another measure too. */
  partOf: string | null;
  outside: Parted["outside"];
  formats: Format[];
  /** Names of its dimensions. */
  dimensions: string[];
  start: string | null;
  end: string | null;
  records: number;
  resources: number;
  coveredSeconds: number;
  gapSeconds: number;
}

export interface Figures {
  measures: MeasureTotal[];
  /** The keys that it can be grouped by. */
  keys: GroupKey[];
  span: Span | null;
  twice: ToldTwice[];
}

/** What counts if the same usage is reported twice. */
export interface Preference {
  /** Kinds of reply that take precedence, the first before all others. */
  prefer: Format[];
  /** "error": only one report of the usage counts; "keep": all of them are added. */
  overlap: "error" | "keep";
}

/** Usage that is reported twice. */
export interface ToldTwice {
  /** By two kinds of reply, or by replies of one kind. */
  by: "format" | "reply";
  /** Of replies of one kind: the one that counts and the one that does not; or a single reply that reports usage twice itself and does not count. */
  replies: number[];
  /** Of two kinds: the one that counts and the one that does not. */
  formats: Format[];
  /** The metrics that both kinds report. */
  metrics: string[];
  /** Records that do not count. */
  records: number;
  /** The engine's message. */
  message: string;
  /** Whether the replies, if read as pages of one listing, may have each row once. */
  joins: boolean;
}

export interface SeriesRequest {
  measure: Measure;
  by: GroupKey | "";
  /** Empty: chosen for the span. */
  window: Window | "";
  zone: string;
  weekStart: "monday" | "sunday";
  reducer: Reducer;
}

export interface Group {
  /** The value in the records; null if they have none. */
  key: string | null;
  /** The name to show. */
  label: string;
  total: string | null;
  records: number;
  /** One value for each window; null if there is no row. */
  values: (string | null)[];
}

export interface Series {
  /** The request that this answers; the page may have sent another one since. */
  request: SeriesRequest;
  window: Window;
  /** The unit of the reduced values; null for money and for counts. */
  unit: string | null;
  /** Seconds that the calendar in the records is ahead of UTC, for the zone `source`. */
  shift: number;
  /** Edges of the windows in epoch seconds, without windows that have no figure. */
  starts: Float64Array;
  ends: Float64Array;
  /** Seconds of each window that records cover, and seconds that they do not, over all groups. */
  covered: Float64Array;
  gaps: Float64Array;
  /** The largest groups. If `rest` is not zero, the last one is the sum of that many others. */
  groups: Group[];
  rest: number;
  /** The engine's reduction over all windows and groups; a mean is not the sum of theirs. */
  total: string | null;
  /** One value for each window, over all groups. */
  totals: (string | null)[];
  totalRecords: number;
  /** Records without a time: in the total, but in no window. */
  untimed: number;
}

/** Describes a number so that the records it was made of can be found. */
export interface Behind {
  /** More than one where their costs were added. */
  measures: Measure[];
  by: GroupKey | "";
  key: string | null;
  /** Edges of the window in epoch milliseconds; null: the whole time. */
  start: number | null;
  end: number | null;
  /** Only records that no other measure of their row contains. */
  outside?: boolean;
}

/** The columns by which a list of records can be sorted. */
export type SortColumn = "metric" | "quantity" | "cost" | "start" | "resource" | "region" | "account";

export interface Sort {
  column: SortColumn;
  descending: boolean;
}

/** Which records are listed, and in which order. */
export interface List {
  /** Null: all. */
  behind: Behind | null;
  /** Empty: any. */
  provider: Provider | "";
  metric: string;
  /** Null: the order read. */
  sort: Sort | null;
}

export interface Listed {
  selection: number;
  length: number;
  /** The number of records without a value in the sorted column; they come last. */
  unknown: number;
  /** The number of units, or currencies, that cannot be compared with each other; each is sorted separately. */
  blocks: number;
}

/** A reply and the page of it that a record came from. */
export interface ShownRecord {
  reply: number;
  record: UsageRecord;
}

/** A value in its body, with the text around it. */
export interface Excerpt {
  offset: number;
  /** 1-based. */
  line: number;
  /** 1-based, in bytes. */
  column: number;
  before: string;
  value: string;
  after: string;
  cutBefore: boolean;
  cutAfter: boolean;
}

/** Where to look in a body. */
export type Place = { pointer: string; occurrence: number } | { offset: number; line: number; column: number };

export type Download = "records.csv" | "records.ndjson" | "aggregate.csv" | "aggregate.json";

/** Why a call failed. */
export interface Refusal {
  code: string;
  message: string;
}

/** Every call, with its arguments and its result. */
export interface Calls {
  read: { ask: ReplyToRead; answer: ReplyRead | FormatRead };
  sources: { ask: { edge: string; token: string }; answer: Source[] };
  fetch: { ask: UsageToFetch; answer: ReplyRead };
  cancel: { ask: { reply: number }; answer: null };
  forget: { ask: { reply: number }; answer: null };
  forgetFormat: { ask: { format: Format }; answer: null };
  figures: { ask: { replies: number[]; preference: Preference }; answer: Figures };
  series: { ask: { replies: number[]; preference: Preference; request: SeriesRequest }; answer: Series };
  select: { ask: { replies: number[]; preference: Preference; list: List }; answer: Listed };
  records: { ask: { selection: number; start: number; end: number }; answer: ShownRecord[] };
  excerpt: { ask: { reply: number; page: number; place: Place }; answer: Excerpt | null };
  download: { ask: { replies: number[]; preference: Preference; what: Download; request: SeriesRequest | null; everyMeasure: boolean }; answer: Blob };
}

export type Call = keyof Calls;

export type ToWorker = { [Name in Call]: { id: number; name: Name; ask: Calls[Name]["ask"] } }[Call];

export interface Progress {
  reply: number;
  /** Bytes of a file, or records of a source. */
  done: number;
  /** 0: unknown. */
  of: number;
}

export type FromWorker =
  | { id: number; answer: unknown }
  | { id: number; refusal: Refusal }
  | { progress: Progress }
  /** The number of records processed for the list that is being made. */
  | { sorting: { done: number; of: number } };

export type { AggregateRow };
