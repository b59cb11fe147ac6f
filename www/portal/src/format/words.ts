/** What the page calls things. */
import type { Format, GroupKey, Kind, Note, Provider, Reducer, Window } from "meterglot";
import type { Measure, MeasureTotal, SortColumn, Unsettled } from "../engine/protocol.js";
import { FORMAT_TITLES, PROVIDER_TITLES } from "../names.js";
import { isMeanLevel } from "./unit.js";

export const PROVIDERS: Readonly<Record<Provider, string>> = PROVIDER_TITLES;

/** Where the name for people is too long for a line of figures, a shorter one. */
export const FORMATS: Readonly<Record<Format, string>> = {
  ...FORMAT_TITLES,
  "barracuda.usage-history": "usage history",
  "devicewise.api-history": "API history",
  "cloudsigma.burst-usage": "burst usage",
  "cloudsigma.daily-burst-usage": "daily burst usage",
  "cloudsigma.usage": "readings",
  "wasabi.bucket-daily": "bucket days",
  "wasabi.bucket-invoice": "bucket roll-up of an invoice",
  "wasabi.account-daily": "account days",
  "wasabi.wacm-usages": "usages by WACM Connect",
  "onapp.user-statistics": "user statistics",
  "onapp.vm-stats": "hours of virtual servers",
};

export const WINDOWS: Record<Window, string> = {
  hour: "Hours",
  day: "Days",
  week: "Weeks",
  month: "Months",
  quarter: "Quarters",
  year: "Years",
  all: "The whole time",
};

export const REDUCERS: Record<Kind, Partial<Record<Reducer, string>>> = {
  delta: { sum: "sum", mean: "mean of records", max: "largest record", min: "smallest record", count: "number of records" },
  gauge: { mean: "mean over time", max: "highest", min: "lowest", first: "first", last: "last", integral: "level × time", count: "number of records" },
  integral: { sum: "sum", mean: "mean level", count: "number of records" },
};

type Reduced = Pick<MeasureTotal, "kind" | "resources" | "dimensions">;

/** What each series of a group is reduced of, where the results are then added. The mean of a level is the group's own, and sums are of everything. */
export function addedOfEach({ kind, resources, dimensions }: Reduced, reducer: Reducer, by: GroupKey | ""): string[] {
  if (addsUp(reducer) || isMeanLevel({ kind, what: "quantity" }, reducer)) {
    return [];
  }
  return [...(resources > 1 && by !== "resource" ? ["resource"] : []), ...dimensions.filter((dimension) => by !== `dimensions.${dimension}`)];
}

/** What a reducer makes of a measure in groups of a key. */
export function reducerName(measure: Reduced, reducer: Reducer, by: GroupKey | ""): string {
  const name = REDUCERS[measure.kind][reducer] ?? reducer;
  const each = addedOfEach(measure, reducer, by);
  return each.length === 0 ? name : `${name} of each ${each.join(" and ")}, added`;
}

/** Whether the windows of any size add up to the whole. */
export const addsUp = (reducer: Reducer) => reducer === "sum" || reducer === "count" || reducer === "integral";

export const NOTES: Record<Note, string> = {
  "assumed-utc": "The times carry no offset and are taken as UTC.",
  "resolution-inferred": "How long a period is was inferred from the step between the times.",
  "unit-inferred": "The unit was inferred: the reply does not say it.",
  "float32-source": "The provider prints these as 32-bit floats: about seven digits are significant.",
  "duplicate-element": "A field occurs twice in one row; both values are retained.",
  "period-from-request": "The period was taken from the request.",
};

export const SORTED_BY: Record<SortColumn, string> = {
  metric: "metric",
  quantity: "quantity",
  cost: "cost",
  start: "time",
  resource: "resource",
  region: "region",
  account: "account",
};

/** What each provider's request tells that its reply does not. */
export const REQUEST_TELLS: Record<Provider, { tells: string; example: string; body: boolean }> = {
  barracuda: {
    tells: "The request's URL gives the account, and with `resolution` how long each level lasts.",
    example: "https://api.intronis.com/v1/partners/acme/usage_history?resolution=DAY",
    body: false,
  },
  devicewise: {
    tells:
      "The request's body gives `series`: whether each count is of an hour or a day. It also gives the period and whether counts are split by organisation.",
    example: "https://api.devicewise.com/api",
    body: true,
  },
  cloudsigma: {
    tells: "The request's URL gives the location, and with `date__gt` and `date__lt` the period of rows that carry no date.",
    example: "https://zrh.cloudsigma.com/api/2.0/burstusage/?date__gt=2014-11-15&date__lt=2014-11-19",
    body: false,
  },
  wasabi: {
    tells: "The request's URL gives the account where rows lack it, and the invoice.",
    example: "https://partner.wasabisys.com/v1/accounts/101430/utilizations/buckets/jk",
    body: false,
  },
  onapp: {
    tells: "The request's URL gives the user, and with `period[startdate]` and `period[enddate]` the period of a summary.",
    example: "https://onapp.example/users/4/user_statistics.xml?period[startdate]=2012-03-01&period[enddate]=2012-04-01",
    body: false,
  },
};

/** What is still open about a reply, each a sentence. */
export function openQuestions(unsettled: Unsettled, records: number): string[] {
  const of = (number: number, verb: [one: string, many: string]) => {
    const all = number === records && records > 1;
    return `${all ? `All ${records.toLocaleString()} records` : `${number.toLocaleString()} of ${records.toLocaleString()} records`} ${number === 1 && !all ? verb[0] : verb[1]}`;
  };
  const { account, currency, time, instants } = unsettled;
  return [
    account === 0 ? "" : `${of(account, ["names", "name"])} no account: the request's URL or the account below settles it.`,
    currency === 0 ? "" : `${of(currency, ["is", "are"])} money of unknown currency: the currency below settles it.`,
    time === 0 ? "" : `${of(time, ["carries", "carry"])} no time: the request or the period below settles it.`,
    instants === 0 ? "" : `${of(instants, ["is an instant", "are instants"])}: a level lasts until the next reading, unless the request gives its resolution.`,
  ].filter((sentence) => sentence !== "");
}

export function keyName(key: GroupKey): string {
  const names: Record<string, string> = {
    provider: "Provider",
    account: "Account",
    resource: "Resource",
    resourceType: "Resource type",
    region: "Region",
    format: "Kind of reply",
  };
  return names[key] ?? `Dimension “${key.slice("dimensions.".length)}”`;
}

export function groupName(key: string | null, label: string, by: GroupKey | ""): string {
  if (key === null) {
    return by === "" ? "All" : `No ${keyName(by).toLowerCase()}`;
  }
  return by === "provider" ? (PROVIDERS[key as Provider] ?? key) : label;
}

/** Whether something is a rate of happening, a level, or a level times time. */
export function kindName({ kind, what }: Measure): string {
  return what === "cost" ? "cost" : { delta: "amount", gauge: "level", integral: "level × time" }[kind];
}

/** One word for a measure in the address: only what tells it from others. */
export function measureId({ metric, kind, unit, currency, what }: Measure): string {
  return what === "cost" ? `${metric}~cost~${currency ?? ""}` : `${metric}~${kind}~${unit ?? ""}${currency === null ? "" : `~${currency}`}`;
}

/** One word for a measure, with all that makes it one. */
export const exactMeasureId = ({ what, metric, kind, unit, currency }: Measure): string => [what, metric, kind, unit ?? "", currency ?? ""].join("~");

/** What to do about a fault, by its code. */
const ADVICE: Record<string, string> = {
  "unknown-format":
    "Bring a usage reply of one of the five providers, whole. If this is one, choose its provider under Settings. For another provider, bring a descriptor of its format.",
  "invalid-encoding": "Bring the reply as UTF-8, without compression. Every row before this place was read.",
  "invalid-json": "Every row before this place was read. Fetch the reply again: it may have been cut off or edited.",
  "invalid-xml": "Every row before this place was read. Fetch the reply again: it may have been cut off or edited.",
  "provider-error": "The provider answered with an error instead of usage. Its own words are above; ask it again once that is settled.",
  "unexpected-shape": "This part was left out; everything else was read. If the provider now answers in another shape, its documentation will say so.",
  "missing-field": "This row was left out; every other row was read.",
  "invalid-number": "This row was left out; every other row was read.",
  "number-out-of-range": "This row was left out rather than rounded.",
  "invalid-timestamp": "This row was left out; every other row was read.",
  "length-mismatch": "These counts and their times do not fit together, so none of them was taken. Ask the provider for the period again.",
  "limit-exceeded": "Reading stopped here, and what came before was kept. Split the reply, or ask for a shorter period.",
  "conflicting-record": "Two rows report the same usage and disagree; the first is used. Ask the provider which is right.",
  "invalid-option": "Correct it under Settings; the reply is then read again.",
  "too-many-windows": "Choose a longer window, or add data of a shorter period. The export below has all of them.",
  "incompatible-aggregation": "Choose another way to reduce it, or count each usage once.",
  internal: "This is a defect of Meterglot, not of your data. Read the reply again.",
  "not-loaded": "Check the network, and try again. If it stays like this, this browser may not allow WebAssembly or workers.",
  "sample-unreachable": "Check the network, and read it again.",
  "token-missing": "Type the token that the edge worker's operator gave you.",
  "token-invalid": "Check the token: it may be cut off, or of another edge worker.",
  "token-expired": "Ask the edge worker's operator for a new token.",
  "source-not-allowed": "Choose another source, or ask for a token that may read this one.",
  "unknown-source": "Choose one of the sources listed.",
  unauthorized: "The provider refused the edge worker’s own credentials: its operator must renew them.",
  forbidden: "The provider does not let the edge worker’s account read this: ask its operator.",
  "rate-limited": "The provider was asked too often. Try again a little later.",
  "upstream-unavailable": "The provider is out of order at the moment. Try again a little later.",
  timeout: "The provider took too long. Try again, or ask for a shorter period.",
  "too-many-pages": "Ask for a shorter period.",
  "listing-changed": "The provider’s listing changed while it was read. Try again.",
  incomplete: "The provider did not answer with everything, so nothing of it is shown. Try again.",
  busy: "The edge worker has too much to do. Try again a little later.",
  misconfigured: "The edge worker’s operator must correct its configuration; its log says what is wrong.",
  "keys-unavailable": "The edge worker cannot check tokens at the moment. Try again a little later.",
  unreachable: "Check the network, and that this page was built for the edge worker it should reach.",
  "broken-off": "What had come by then is not shown, because it is not the whole. Try again.",
  "no-edge-worker": "Check the address the page was built with: METERGLOT_EDGE in its README.",
  NotReadableError: "The file was changed or removed after it was chosen. Choose it again.",
  NotFoundError: "Bring the reply again.",
};

export const adviceFor = (code: string): string => ADVICE[code] ?? "Try it again.";

/** A message of the engine as a sentence. */
export function sentence(message: string): string {
  const begun = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
