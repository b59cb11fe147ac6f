/** What the page asks of the worker that holds the engine, and what it is told. Everything here can be cloned. */
import type { AggregateRow, Check, Format, GroupKey, Issue, Kind, Note, PageInfo, Provider, ProviderRequest, Reducer, UsageRecord, Window } from "meterglot";

/** One body as it was brought. */
export interface Body {
  name: string;
  blob: Blob;
  /** The URL of the request that was answered; empty where it is not known. */
  request: string;
  /** The body of that request; deviceWISE asks by POST. */
  requestBody: string;
}

/** What a person says of a reply. Empty: not said. */
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

/** How many records lack what a request, or a person, could tell. */
export interface Unsettled {
  account: number;
  currency: number;
  time: number;
  /** Levels that are instants: how long they hold is told by the resolution of the request. */
  instants: number;
}

/** What became of a reply. */
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

/** From the first start to the last end, in epoch milliseconds. */
export interface Span {
  start: number;
  end: number;
}

/** One thing that was measured: what may be added, and nothing else. */
export interface Measure {
  metric: string;
  kind: Kind;
  unit: string | null;
  currency: string | null;
  what: "quantity" | "cost";
}

/** Of a measure that another one contains. */
export interface Parted {
  /** The metric whose total already contains this one, in every row or in some. */
  partOf: string;
  /** What of it stands in rows where that metric is not told; null: nothing. */
  outside: { total: string; records: number } | null;
}

/** A measure over everything that was read. */
export interface MeasureTotal extends Measure {
  reducer: Reducer;
  total: string;
  /** Of a level: the last reading of each series, added. */
  last: string | null;
  /** As in `Parted`; null where no row tells it in another measure too. */
  partOf: string | null;
  outside: Parted["outside"];
  formats: Format[];
  /** Names of the dimensions it has. */
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
  /** What there is to group by. */
  keys: GroupKey[];
  span: Span | null;
  twice: ToldTwice[];
}

/** What counts where the same usage is told twice. */
export interface Preference {
  /** Kinds of reply that count before others, the first before all. */
  prefer: Format[];
  /** "error": one of those that tell it; "keep": all of them are added. */
  overlap: "error" | "keep";
}

/** Usage that is told twice. */
export interface ToldTwice {
  /** By two kinds of reply, or by replies of one kind. */
  by: "format" | "reply";
  /** Of replies of one kind: the one that counts and the one that does not; or one that tells the same twice by itself, and does not count. */
  replies: number[];
  /** Of two kinds: the one that counts and the one that does not. */
  formats: Format[];
  /** What two kinds both tell. */
  metrics: string[];
  /** Records that do not count. */
  records: number;
  /** As the engine says it. */
  message: string;
  /** Whether the replies, read as one listing, may tell each row once. */
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
  /** What the records say; null where they say nothing. */
  key: string | null;
  /** How a person knows it. */
  label: string;
  total: string | null;
  records: number;
  /** One a window; null where there is no row. */
  values: (string | null)[];
}

export interface Series {
  /** What was asked: the page may ask for something else by now. */
  request: SeriesRequest;
  window: Window;
  /** Of the values, as they are reduced; null for money and for what is counted. */
  unit: string | null;
  /** Seconds that the written calendar is ahead of UTC, for the zone `source`. */
  shift: number;
  /** Edges of the windows in epoch seconds, those without a figure left out. */
  starts: Float64Array;
  ends: Float64Array;
  /** Seconds of each window that the records speak for, and that they do not, over all groups. */
  covered: Float64Array;
  gaps: Float64Array;
  /** The largest groups; the rest is added up in the last one where `rest` is not zero. */
  groups: Group[];
  rest: number;
  /** Of all windows and groups, as the engine reduces them; a mean is no sum of theirs. */
  total: string | null;
  /** One a window: of all groups. */
  totals: (string | null)[];
  totalRecords: number;
  /** Records that carry no time: in the total, but in no window. */
  untimed: number;
}

/** A number, said so that the records behind it can be found. */
export interface Behind {
  /** More than one where their costs were added. */
  measures: Measure[];
  by: GroupKey | "";
  key: string | null;
  /** Edges of the window in epoch milliseconds; null: the whole time. */
  start: number | null;
  end: number | null;
  /** Only what is in no other measure of its row. */
  outside?: boolean;
}

/** What a list of records can be sorted by: the heads of its columns. */
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
  /** How many do not say what they are sorted by, and stand last. */
  unknown: number;
  /** Units, or currencies, that cannot be compared and were sorted each for itself. */
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

/** Why something was not done. */
export interface Refusal {
  code: string;
  message: string;
}

/** Every call, with what it takes and what it gives. */
export interface Calls {
  read: { ask: ReplyToRead; answer: ReplyRead };
  sources: { ask: { edge: string; token: string }; answer: Source[] };
  fetch: { ask: UsageToFetch; answer: ReplyRead };
  cancel: { ask: { reply: number }; answer: null };
  forget: { ask: { reply: number }; answer: null };
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
  /** 0 where it is not known. */
  of: number;
}

export type FromWorker =
  | { id: number; answer: unknown }
  | { id: number; refusal: Refusal }
  | { progress: Progress }
  /** Records gone through for the list that is being made. */
  | { sorting: { done: number; of: number } };

export type { AggregateRow };
