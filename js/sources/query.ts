import type { Provider } from "meterglot";
import { type Check, objectOf, oneOf, refuse, text } from "../validate.js";
import { isBefore, type Time, timestampOf } from "../time.js";
import { type AskedPeriod, instant, periodBetween } from "./period.js";
import type { Resolution, UsageQuery } from "./source.js";

/** A query whose fields were checked and whose times were read. */
export interface CheckedQuery {
  /** Null for an invoice, whose period only the provider has. */
  period: AskedPeriod | null;
  resolution: Resolution;
  account: string | undefined;
  bucket: string | undefined;
  user: string | undefined;
  invoice: string | undefined;
  level: "bucket" | "account" | undefined;
  pageSize: number | undefined;
}

const resolution: Check<Resolution> = (value, path) =>
  typeof value === "string" && /^(hour|day|week|month|total|[1-9]\d*d)$/.test(value)
    ? (value as Resolution)
    : refuse(path, "one of hour, day, week, month, total or <n>d", value);

/** A name in a path. A dot segment would lead to another path. */
export const name: Check<string> = (value, path) =>
  typeof value === "string" && !["", ".", ".."].includes(value) && isWellFormed(value) ? value : refuse(path, "a name", value);

/** Whether a text has no unpaired surrogate, which could not be sent. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

const digits: Check<string> = (value, path) => (/^\d+$/.test(text(value, path)) ? (value as string) : refuse(path, "a number as text", value));

export const positive: Check<number> = (value, path) =>
  Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : refuse(path, "a whole number above zero", value);

const checkFields = objectOf<{ from: Time; to: Time } & { [Field in Exclude<keyof CheckedQuery, "period">]: Exclude<CheckedQuery[Field], undefined> }>({
  from: instant,
  to: instant,
  resolution,
  account: name,
  bucket: name,
  user: name,
  invoice: digits,
  level: oneOf("bucket", "account"),
  pageSize: positive,
});

const scope = ["account", "bucket", "user", "invoice", "level", "pageSize"] as const;

/** The queries that a provider supports. */
export interface Answerable {
  /** The first is the default. `<n>d` represents any number of days. */
  resolutions: readonly (Resolution | "<n>d")[];
  /** Fields by which a query may select, besides its period. */
  fields: readonly (typeof scope)[number][];
}

/** Checks a query against these, and sets its resolution. */
export function checkQuery(provider: Provider, { resolutions, fields }: Answerable, query: UsageQuery): CheckedQuery {
  const { from, to, ...asked } = checkFields(query, "");
  for (const field of scope) {
    if (asked[field] !== undefined && !fields.includes(field)) {
      refuse(field, `none: ${provider} cannot be asked by it`, asked[field]);
    }
  }
  const resolution = asked.resolution ?? (resolutions[0] as Resolution);
  if (!resolutions.includes(/^\d+d$/.test(resolution) ? "<n>d" : resolution)) {
    refuse("resolution", `one that ${provider} has (${resolutions.join(", ")})`, resolution);
  }
  const { account, bucket, user, invoice, level, pageSize } = asked;
  if (invoice !== undefined) {
    // With the text that the caller wrote.
    for (const field of ["from", "to", "resolution"] as const) {
      query[field] !== undefined && refuse(field, "none beside an invoice, which has a period of its own", query[field]);
    }
  }
  return { period: invoice === undefined ? periodOf(from, to) : null, resolution, account, bucket, user, invoice, level, pageSize };
}

function periodOf(from: Time | undefined, to: Time | undefined): AskedPeriod {
  if (from === undefined || to === undefined) {
    return refuse(from === undefined ? "from" : "to", "a time", undefined);
  }
  return isBefore(from, to) ? periodBetween(from, to) : refuse("to", "a time after `from`", timestampOf(to));
}

/** The period of a query for usage of a period. */
export function periodIn({ period }: CheckedQuery): AskedPeriod {
  return period ?? refuse("from", "a time", undefined);
}

/** The account or user of a query: from the query, or from `own`, the field of the source's configuration. */
export function needed(field: string, value: string | undefined, own: string): string {
  return value ?? refuse(field, `a value in the query, since the source's configuration has no \`${own}\``, undefined);
}
