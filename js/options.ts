import type { AggregateSpec, Issue, ListingOptions, ListingPage, NormalizeOptions, ReadOptions } from "./api.js";
import { type CheckedFormats, formatList, formatOrName, withPlaces } from "./format-places.js";
import { ON_ERROR } from "./names.js";
import { type Check, listOf, objectOf, oneOf, plain, refuse, text, flag, wholeNumber, wholeObjectOf } from "./validate.js";

export type DetectOptions = Pick<ReadOptions, "contentType" | "request" | "format" | "formats">;

const contextFields = objectOf<{ url: string; body: string }>({ url: text, body: text });

const requestContext: Check<string | { url?: string; body?: string }> = (value, path) => {
  if (typeof value === "string") {
    return value;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return refuse(path, "a URL or an object with a URL", value);
  }
  const context = contextFields(value, path);
  return context.url === undefined ? refuse(`${path}.url`, "a string", undefined) : context;
};

const requestList = listOf(requestContext);

const span = wholeObjectOf<{ start: string; end: string }>({ start: text, end: text });

const hints = { contentType: text, request: requestContext };

const detecting = { ...hints, format: formatOrName, formats: formatList };

const reading = {
  ...detecting,
  // The engine knows those of `formats`.
  provider: text,
  account: text,
  currency: text,
  period: span,
  onError: oneOf(...ON_ERROR),
  limits: objectOf<Record<string, number>>({
    maxBytes: wholeNumber,
    maxRowBytes: wholeNumber,
    maxDepth: wholeNumber,
    maxRecords: wholeNumber,
    maxDigits: wholeNumber,
  }),
};

const checkDetecting = objectOf<Record<string, unknown>>(detecting);
const checkReading = objectOf<Record<string, unknown>>(reading);
const checkNormalizing = objectOf<Record<string, unknown>>({
  ...reading,
  request: (value, path) => (Array.isArray(value) ? requestList(value, path) : requestContext(value, path)),
});

/** Options as the engine takes them: JSON of the known fields, or nothing where none is given. */
function json(checked: object): string {
  const { format, formats } = checked as CheckedFormats;
  const isDescribed = format !== undefined || formats !== undefined;
  return Object.keys(checked).length === 0 ? "" : JSON.stringify(isDescribed ? withPlaces(checked) : checked);
}

export function detectOptions(options: DetectOptions | undefined): string {
  return options === undefined ? "" : json(checkDetecting(options, ""));
}

export function readOptions(options: ReadOptions | undefined): string {
  return options === undefined ? "" : json(checkReading(options, ""));
}

/** The engine compares the number of requests with that of the bodies. */
export function normalizeOptions(options: NormalizeOptions | undefined): string {
  return options === undefined ? "" : json(checkNormalizing(options, ""));
}

export function nextRequestOptions(options: ReadOptions | undefined): string {
  const checked = options === undefined ? {} : checkReading(options, "");
  return checked.request === undefined ? refuse("request", "the request that was answered", undefined) : json(checked);
}

/** The engine checks it. */
export function aggregateSpec(spec: AggregateSpec | undefined): string {
  return spec === undefined ? "" : JSON.stringify(plain(spec, "options"));
}

const checkPage = objectOf<Record<string, unknown>>({ ...hints, period: span, between: span });

/** What a page of a listing has for itself. */
export function pageOptions(page: ListingPage = {}): Pick<CheckedListing, "reading" | "between"> {
  const { between, ...reading } = checkPage(page, "");
  return { reading: json(reading), between: between as CheckedListing["between"] };
}

const streaming = {
  ...reading,
  onIssue: (value: unknown, path: string) => (typeof value === "function" ? value : refuse(path, "a function", value)),
};

const checkStream = objectOf<Record<string, unknown>>({ ...streaming, to: oneOf("ndjson", "csv", "records"), trailer: flag });

/** @throws where an option is not one of `normalizeStream`. */
export function checkStreamOptions(options: unknown): void {
  const { to, trailer } = checkStream(options, "");
  if (to === undefined) {
    refuse("to", 'one of "ndjson", "csv", "records"', undefined);
  }
  if (trailer === true && to !== "ndjson") {
    refuse("trailer", 'true only where `to` is "ndjson"', trailer);
  }
}

const checkListing = objectOf<Record<string, unknown>>({
  ...streaming,
  to: oneOf("table", "ndjson", "csv", "records"),
  between: span,
  distinct: flag,
});

export interface CheckedListing {
  reading: string;
  to: ListingOptions["to"];
  between: { start: string; end: string } | undefined;
  distinct: boolean;
  onIssue: ((issue: Issue) => void) | undefined;
}

export function listingOptions(options: unknown): CheckedListing {
  const { to, between, distinct, onIssue, ...rest } = checkListing(options, "");
  if (to === undefined) {
    refuse("to", 'one of "table", "ndjson", "csv", "records"', undefined);
  }
  // What keeps nothing is ended only by a bound that was asked for.
  const limits = to === "table" || distinct === true ? {} : { maxRecords: Number.MAX_SAFE_INTEGER };
  const read = { ...rest, limits: { ...limits, ...(rest.limits as object | undefined) } };
  return {
    reading: json(read),
    to: to as ListingOptions["to"],
    between: between as CheckedListing["between"],
    distinct: distinct === true,
    onIssue: onIssue as CheckedListing["onIssue"],
  };
}
