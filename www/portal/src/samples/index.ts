/** The sample replies of the providers' documentation, with their requests; and one year of generated data. */
import type { Provider } from "meterglot";
import type { Body, Settings } from "../engine/protocol.js";
import { Refused } from "../engine/refused.js";
import { madeYear } from "./made-year.js";

export interface Sample {
  id: string;
  provider: Provider;
  title: string;
  /** A peculiarity of the sample, if it has one. */
  odd?: string;
  file: string;
  bytes(): Promise<Blob>;
  request: string;
  requestBody?(): Promise<string>;
  settings?: Partial<Settings>;
}

const files = import.meta.glob<string>(["./*.json", "./*.xml"], { query: "?url", import: "default", eager: true });

async function fetched(name: string): Promise<Blob> {
  const unreachable = (why: string) => new Refused({ code: "sample-unreachable", message: `the sample ${name} could not be fetched: ${why}` });
  try {
    const response = await fetch(files[`./${name}`] as string);
    if (response.ok) {
      return await response.blob();
    }
    throw unreachable(`it was answered with status ${response.status}`);
  } catch (error) {
    throw error instanceof Refused ? error : unreachable(error instanceof Error ? error.message : String(error));
  }
}

const sample = (file: string, rest: Omit<Sample, "id" | "file" | "bytes">): Sample => ({
  ...rest,
  file,
  id: file.replace(/\.[^.]+$/, (ending) => (ending === ".json" ? "" : ending)),
  bytes: () => fetched(file),
});

const INTRONIS = "https://api.intronis.com/v1/partners/barracuda/usage_history";
const CLOUDSIGMA = "https://zrh.cloudsigma.com/api/2.0";
const WASABI = "https://partner.wasabisys.com/v1";
const ONAPP = "https://onapp.test/users/4/user_statistics.xml?hourly_stats";
const deviceRequest = async () => (await fetched("devicewise-request.json")).text();

export const SAMPLES: Sample[] = [
  sample("barracuda-usage-history.json", { provider: "barracuda", title: "usage history, JSON", request: INTRONIS }),
  sample("barracuda-usage-history.xml", { provider: "barracuda", title: "usage history, XML", request: INTRONIS }),
  sample("devicewise-api-history.without-ellipsis.json", {
    provider: "devicewise",
    title: "API history",
    request: "https://api.devicewise.com/api",
    requestBody: deviceRequest,
  }),
  sample("devicewise-api-history.elided.json", {
    provider: "devicewise",
    title: "API history, as printed",
    odd: "broken: “...” for what is left out",
    request: "https://api.devicewise.com/api",
    requestBody: deviceRequest,
  }),
  sample("cloudsigma-daily-burst-usage.json", {
    provider: "cloudsigma",
    title: "daily burst usage",
    request: `${CLOUDSIGMA}/dailyburstusage/?date__gt=2014-11-15&date__lt=2014-11-19`,
    settings: { currency: "CHF" },
  }),
  sample("cloudsigma-burst-usage.trailing-comma.json", {
    provider: "cloudsigma",
    title: "burst usage, as printed",
    odd: "broken: a comma too many",
    request: `${CLOUDSIGMA}/burstusage/?date__gte=2014-11-15&date__lt=2014-11-19`,
  }),
  sample("wasabi-bucket-daily.json", { provider: "wasabi", title: "bucket days", request: `${WASABI}/accounts/101430/utilizations/buckets/jk` }),
  sample("wasabi-bucket-daily.date-range.json", {
    provider: "wasabi",
    title: "bucket days of a range",
    request: `${WASABI}/accounts/7363/utilizations/buckets/jk?from=2019-12-25&to=2019-12-26`,
  }),
  sample("wasabi-bucket-invoice.json", { provider: "wasabi", title: "bucket roll-up of an invoice", request: `${WASABI}/accounts/11681/utilizations/buckets` }),
  sample("wasabi-bucket-invoice.control-account.json", {
    provider: "wasabi",
    title: "roll-up with control account",
    request: `${WASABI}/accounts/11681/utilizations/buckets`,
  }),
  sample("onapp-user-statistics-period.xml", {
    provider: "onapp",
    title: "user statistics of a period",
    request: `${ONAPP}&period[startdate]=2012-03-15+06:58:16&period[enddate]=2012-03-15+08:58:16`,
  }),
  sample("onapp-user-statistics-hourly.elided.xml", {
    provider: "onapp",
    title: "hourly statistics, as printed",
    odd: "broken: “...” for rows left out",
    request: ONAPP,
  }),
  {
    id: "made-year",
    provider: "wasabi",
    title: "a year of eight buckets",
    odd: "made up, with two gaps",
    file: "made-year.json",
    bytes: async () => madeYear(),
    request: `${WASABI}/accounts/101430/utilizations`,
  },
];

/** One valid reply of each provider. */
export const ONE_OF_EACH = [
  "barracuda-usage-history",
  "devicewise-api-history.without-ellipsis",
  "cloudsigma-daily-burst-usage",
  "wasabi-bucket-daily",
  "onapp-user-statistics-period.xml",
];

export async function bodyOf({ file, bytes, request, requestBody }: Sample): Promise<Body> {
  return { name: file, blob: await bytes(), request, requestBody: (await requestBody?.()) ?? "" };
}
