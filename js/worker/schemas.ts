/** The schemas of requests and answers. They validate requests and generate /openapi.json. */
import { z } from "@hono/zod-openapi";
import { FORMATS, GROUP_KEYS, KINDS, ON_ERROR, OVERLAPS, PROVIDERS, REDUCERS, SPLITS, WEEK_STARTS, WINDOWS } from "../names.js";
import { TIME, timeIn, timestampOf } from "../time.js";

/** The characters of a name: no control characters, no line breaks. */
const LETTER = String.raw`[^\p{C}\p{Zl}\p{Zp}]`;
/** The same within a list, whose items are separated by commas. */
const LISTED = String.raw`[^\p{C}\p{Zl}\p{Zp},]`;

/** A text with a pattern, which /openapi.json shows too. By default the pattern there would contain the flag. */
function matching(pattern: string, expected: string) {
  return z.string().regex(new RegExp(pattern, "u"), expected).openapi({ pattern });
}

/** A name from the query that may become a part of a provider's path: not a dot segment. */
const NAME = `^(?!\\.\\.?$)${LETTER}{1,256}$`;
const name = matching(NAME, "expected a name of at most 256 characters, none of them a control character");

/** A text with a maximum length, in characters as in /openapi.json, and not in UTF-16 units. */
function textOf(most: number) {
  return z
    .string()
    .min(1)
    .refine((text) => text.length <= most || [...text].length <= most, `expected at most ${most} characters`)
    .openapi({ maxLength: most });
}

/** RFC 3339, or a date for its midnight in UTC. The result is a canonical time in UTC. */
const time = z
  .string()
  .regex(TIME, "expected an RFC 3339 time with its offset, or a date")
  .transform((text, context) => {
    const time = timeIn(text);
    if (time === null) {
      context.addIssue({ code: "custom", message: "expected a time that exists, no finer than nanoseconds" });
      return z.NEVER;
    }
    return timestampOf(time);
  })
  // A pattern cannot say how many days a month has.
  .openapi({
    pattern: String.raw`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])([Tt ]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d{1,9}0*)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d))?$`,
  });

const MOST_ITEMS = 64;
const listShape = { type: "array", minItems: 1, maxItems: MOST_ITEMS } as const;

/** `?key=a&key=b`, for names that may contain a comma. */
function repeated(description: string) {
  const items = z.preprocess((value) => (value === undefined ? undefined : [value].flat()), z.array(name).min(1).max(MOST_ITEMS));
  return items.optional().openapi({ ...listShape, items: { type: "string", pattern: NAME }, description });
}

/** `?key=a,b` and `?key=a&key=b` are the same list. `item` validates each item, which has no comma. */
function list(item: string, expected: string) {
  return z
    .preprocess(
      (value) => (value === undefined ? undefined : [value].flat().flatMap((text) => String(text).split(","))),
      z
        .array(matching(`^(?:${item})$`, expected))
        .min(1)
        .max(MOST_ITEMS),
    )
    .openapi({ ...listShape, items: { type: "string", pattern: `^(?:${item})(?:,(?:${item}))*$` } });
}

/** `?key=a:x,b:y` is a dictionary. The last colon separates name and value. */
function dictionary<Value extends string>(value: string) {
  return list(`${LISTED}+:(?:${value})`, "expected <name>:<value>").transform((entries, context) => {
    const pairs = entries.map((text) => [text.slice(0, text.lastIndexOf(":")), text.slice(text.lastIndexOf(":") + 1) as Value] as const);
    const read = Object.fromEntries(pairs) as Record<string, Value>;
    if (Object.keys(read).length < pairs.length) {
      context.addIssue({ code: "custom", message: "expected each name once" });
    }
    return read;
  });
}

/** A parameter's description, with an example. */
const written = (description: string, example: string) => ({ description, param: { example } });

const provider = z.enum(PROVIDERS);

/** The provider of a record or body: a built-in one, or that of a format of this worker's own. */
const anyProvider = matching("^[a-z0-9-]{1,32}$", "expected the name of a provider").openapi({ example: "wasabi" });
const reducer = z.enum(REDUCERS);
type Reducer = z.output<typeof reducer>;
const kind = z.enum(KINDS);

const decimal = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .openapi({ description: "An exact decimal; never a float.", example: "1073741824" });
const timestamp = z.string().openapi({ format: "date-time", description: "RFC 3339 in UTC.", example: "2026-01-01T00:00:00Z" });

const listing = {
  from: time.optional().openapi(written("The first moment, inclusive: RFC 3339, or a date for midnight UTC.", "2026-01-01")),
  to: time.optional().openapi(written("The moment after the last, exclusive. A record belongs to the period when it starts in it.", "2026-02-01")),
  resolution: z
    .string()
    .regex(/^(hour|day|week|month|total|[1-9]\d?d)$/, "expected one of hour, day, week, month, total or <n>d")
    .transform((text) => text as "hour" | "day" | "week" | "month" | "total" | `${number}d`)
    .optional()
    .openapi(written("The period of one record; providers differ in what they have.", "day")),
  account: name.optional().openapi(written("Barracuda: an account's username. Wasabi: an account's number, not at its Stats API.", "acme")),
  bucket: name.optional().openapi(written("Wasabi: a bucket's name.", "photos")),
  user: name.optional().openapi(written("OnApp: a user's number.", "42")),
  level: z.enum(["bucket", "account"]).optional().openapi({ description: "Wasabi: a record a bucket, or a record an account." }),
  invoice: z
    .string()
    .regex(/^\d{1,18}$/, "expected a number")
    .optional()
    .openapi(written("Wasabi: an invoice's number, instead of a period; not at its Stats API.", "1001")),
  pageSize: z
    .string()
    .regex(/^[1-9]\d{0,3}$/, "expected a whole number from 1 to 9999")
    .transform(Number)
    .optional()
    .openapi({ type: "integer", minimum: 1, maximum: 9999, description: "Rows a page. Barracuda, CloudSigma and Wasabi's Stats API." }),
};

const aggregation = {
  by: list(`${GROUP_KEYS.join("|")}|dimensions\\.${LISTED}+`, "expected a key to group by")
    .optional()
    .openapi({ description: `Keys to group by: ${GROUP_KEYS.join(", ")}, dimensions.<name>.` }),
  window: z.enum(WINDOWS).optional().openapi({ description: "Default: all." }),
  timeZone: name.optional().openapi(written('An IANA name, "UTC" (default), or "source" for each record\'s own offset.', "Europe/Vienna")),
  weekStart: z.enum(WEEK_STARTS).optional(),
  reduce: dictionary<Reducer>(reducer.options.join("|"))
    .optional()
    .openapi({ description: "<kind or metric>:<reducer>, such as gauge:max.", example: ["gauge:max"] }),
  split: z.enum(SPLITS).optional().openapi({ description: "The treatment of a record that crosses the edge of a window." }),
  derive: list(`${LISTED}+:${LISTED}+`, "expected <name>:<metric>")
    .transform((entries) => {
      const derived: Record<string, string[]> = {};
      for (const entry of entries) {
        const colon = entry.indexOf(":");
        const name = entry.slice(0, colon);
        derived[name] = [...(Object.hasOwn(derived, name) ? derived[name]! : []), entry.slice(colon + 1)];
      }
      return derived;
    })
    .optional()
    .openapi({
      description: "<name>:<metric>, once for each metric whose sum it is, such as storage.billed:storage.padded.",
      example: ["storage.billed:storage.padded", "storage.billed:storage.deleted"],
    }),
  overlap: z.enum(OVERLAPS).optional().openapi({ description: "Usage that is reported twice is refused (error, the default) or added (keep)." }),
  format: list(FORMATS.join("|").replaceAll(".", "\\."), "expected the name of a format").optional().openapi({ description: "Only records of these formats." }),
  provider: list(PROVIDERS.join("|"), "expected the name of a provider").optional().openapi({ description: "Only records of these providers." }),
  metric: list(`${LISTED}{1,256}`, "expected the name of a metric").optional().openapi({ description: "Only these metrics." }),
  resource: repeated("Only these resources."),
  region: repeated("Only these regions."),
  units: dictionary(String.raw`[^\p{C}\p{Zl}\p{Zp},:]{1,64}`)
    .optional()
    .openapi({ description: "<metric>:<unit> to convert to, such as storage.stored:GiBy.", example: ["storage.stored:GiBy"] }),
  fractionDigits: z
    .string()
    .regex(/^(0|[1-9]\d?|1\d\d|2[0-4]\d|25[0-6])$/, "expected a whole number from 0 to 256")
    .transform(Number)
    .optional()
    .openapi({ type: "integer", minimum: 0, maximum: 256, description: "Where a quotient that does not end is rounded. Default: 20." }),
};

export const SourceParameters = z.object({
  source: z
    .string()
    .min(1)
    .max(63)
    .openapi({ param: { name: "source", in: "path" }, example: "wasabi", description: "A source's name, as /v1/sources lists it." }),
});

const summary = z
  .string()
  .regex(/^(true|false)$/, "expected true or false")
  .transform((text) => text === "true")
  .optional()
  .openapi({
    type: "boolean",
    description:
      'true: NDJSON ends in a line `{"complete":true,"records":…}`, so that one that was cut off on the way never looks whole. ' +
      "Default: false, records only. JSON has such an end always; not for CSV.",
  });

export const UsageParameters = z.strictObject({ ...listing, summary });
export const AggregateParameters = z.strictObject({ ...listing, ...aggregation });

/** A URL, or `{"url", "body"}` as JSON. It is read, and never fetched. */
const request = textOf(16_384).openapi({ description: 'The request that was answered: its URL, or {"url", "body"} as JSON. It is read, and never fetched.' });

export const NormalizeParameters = z.strictObject({
  provider: anyProvider
    .optional()
    .openapi({ description: `One of ${PROVIDERS.join(", ")}, or that of a format of this worker's own. Default: detected from the body.` }),
  format: matching(String.raw`^[a-z0-9-]{1,32}\.[a-z0-9-]{1,62}$`, "expected the name of a format")
    .optional()
    .openapi(
      written(
        "The body's format, built in or of this worker's own: only error replies are then detected. Default: detected from the body.",
        "wasabi.bucket-daily",
      ),
    ),
  request: request.optional(),
  account: name.optional().openapi(written("Where neither the body nor the request names one.", "acme")),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, "expected an ISO 4217 code")
    .optional()
    .openapi({ description: "Where the body names none.", example: "USD" }),
  from: time.optional().openapi(written("With `to`: the period of rows that carry no time.", "2026-01-01")),
  to: time.optional().openapi(written("With `from`: the period of rows that carry no time.", "2026-02-01")),
  onError: z.enum(ON_ERROR).optional().openapi({
    description: "throw (default): the first fault ends the answer. collect: each valid row is returned, and each fault is in the answer; not for CSV.",
  }),
  summary,
});

/** The same parameters as headers, for values that should not be in a URL. */
export const NormalizeHeaders = z.object({
  "meterglot-provider": anyProvider.optional(),
  "meterglot-request": request.optional(),
});

export const UsageRecord = z
  .strictObject({
    id: z.string().openapi({ description: "The same usage has the same id on every page and every day." }),
    provider: anyProvider,
    format: z.string(),
    account: z.string().nullable(),
    resourceId: z.string().nullable(),
    resourceName: z.string().nullable(),
    resourceType: z.string().nullable(),
    region: z.string().nullable(),
    metric: z.string().openapi({ example: "storage.stored" }),
    providerField: z.string(),
    dimensions: z.record(z.string(), z.string()),
    kind,
    quantity: decimal.nullable(),
    unit: z.string().nullable().openapi({ description: "A UCUM code.", example: "By" }),
    cost: decimal.nullable(),
    currency: z.string().nullable(),
    start: timestamp.nullable(),
    end: timestamp.nullable().openapi({ description: "Exclusive; null with a start: an instant." }),
    utcOffset: z.string().nullable(),
    partOf: z.string().nullable().openapi({ description: "The metric whose total already contains this one." }),
    pointer: z.string(),
    page: z.int().min(0),
    notes: z.array(z.string()).openapi({ description: "What was inferred rather than read." }),
  })
  .openapi("UsageRecord");

const place = {
  page: z.int().nullable(),
  pointer: z.string().nullable(),
  line: z.int().nullable(),
  column: z.int().nullable(),
  offset: z.int().nullable(),
};

export const Issue = z.strictObject({ code: z.string(), message: z.string(), ...place }).openapi("Issue");

export const AggregateRow = z
  .strictObject({
    key: z.record(z.string(), z.string().nullable()),
    metric: z.string(),
    kind,
    reducer,
    unit: z.string().nullable(),
    currency: z.string().nullable(),
    start: timestamp.nullable(),
    end: timestamp.nullable(),
    quantity: decimal.nullable(),
    cost: decimal.nullable(),
    records: z.int(),
    resources: z.int(),
    coveredSeconds: z.number(),
    gapSeconds: z.number(),
  })
  .openapi("AggregateRow");

const complete = z.literal(true).openapi({ description: "The last member. An answer without it is not whole." });
const asked = { source: z.string(), provider, from: timestamp.nullable(), to: timestamp.nullable() };

/** The possible last lines of NDJSON. */
export const NdjsonSummary = z
  .strictObject({ complete: z.boolean(), records: z.int().min(0), duplicates: z.int().min(0).optional(), issues: z.int().min(0).optional() })
  .openapi("NdjsonSummary", {
    description: "With summary=true, the last line of what is whole. `complete` is false only with onError=collect, where the last issue ended the reading.",
  });

export const UsageAnswer = z.strictObject({ ...asked, records: z.array(UsageRecord), duplicates: z.int(), complete }).openapi("UsageAnswer");

export const AggregateAnswer = z.strictObject({ ...asked, rows: z.array(AggregateRow), records: z.int(), complete }).openapi("AggregateAnswer");

export const NormalizeAnswer = z
  .strictObject({
    records: z.array(UsageRecord),
    issues: z.array(Issue),
    complete: z.boolean().openapi({ description: "The last member. False only with onError=collect, where the last issue ended the reading." }),
  })
  .openapi("NormalizeAnswer");

export const SourceList = z.strictObject({ sources: z.array(z.strictObject({ name: z.string(), provider })) }).openapi("SourceList");

export const Health = z.strictObject({ status: z.literal("ok"), version: z.string() }).openapi("Health");

export const ProblemBody = z
  .strictObject({
    type: z.string().openapi({ example: "urn:meterglot:problem:listing-changed" }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().openapi({ description: "Names the request; the log has the same id." }),
    code: z.string().openapi({ example: "listing-changed" }),
    provider: anyProvider.optional(),
    missing: z.string().optional().openapi({ description: "What of the answer is missing." }),
    upstreamStatus: z.int().optional(),
    retryAfter: z.number().optional(),
    page: z.int().optional(),
    pointer: z.string().optional(),
    line: z.int().optional(),
    column: z.int().optional(),
    offset: z.int().optional(),
    providerCodes: z.array(z.string()).optional(),
    providerMessages: z.array(z.string()).optional(),
  })
  .openapi("Problem");

const broken = z.strictObject({ problem: ProblemBody }).openapi({ description: "The last line of what broke off." });

/** A line of NDJSON. The last line may be a summary, if it was requested, or a problem, if the answer was broken off. */
export const UsageLine = z.union([UsageRecord, NdjsonSummary, broken]).openapi("UsageLine");
export const NormalizeLine = z
  .union([UsageRecord, z.strictObject({ issue: Issue }).openapi({ description: "With onError=collect, a fault." }), NdjsonSummary, broken])
  .openapi("NormalizeLine");
