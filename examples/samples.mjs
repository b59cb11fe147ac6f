// The replies that the providers' own pages show, with the requests they answer.

const WASABI = "https://partner.wasabisys.com/v1";
const CLOUDSIGMA = "https://zrh.cloudsigma.com/api/2.0";
const ONAPP = "https://onapp.test/users/4/user_statistics.xml?hourly_stats";

/** Sound samples. `measures` says which of a provider's metrics go into the table at the end, and how. */
export const samples = [
  {
    provider: "Barracuda",
    files: ["provider-docs/barracuda-usage-history.json", "provider-docs/barracuda-usage-history.xml"],
    options: { request: "https://api.intronis.com/v1/partners/barracuda/usage_history" },
    measures: { stored: "storage.stored" },
  },
  {
    provider: "deviceWISE",
    // The page's sample without its `...`, which is not JSON; the sample as printed is among the broken ones.
    files: ["made/devicewise-api-history.without-ellipsis.json"],
    options: (fixture) => ({
      request: { url: "https://api.devicewise.com/api", body: fixture("provider-docs/requests/devicewise-api-history.last.json") },
    }),
    measures: { calls: "api.calls" },
  },
  {
    provider: "CloudSigma",
    files: ["provider-docs/cloudsigma-daily-burst-usage.json"],
    options: { request: `${CLOUDSIGMA}/dailyburstusage/?date__gt=2014-11-15&date__lt=2014-11-19` },
    measures: { stored: "burst.dssd", cost: "burst.dssd" },
  },
  {
    provider: "Wasabi",
    files: ["provider-docs/wasabi-bucket-daily.json", "provider-docs/wasabi-bucket-invoice.json"],
    options: { request: `${WASABI}/accounts/101430/utilizations/buckets/jk` },
    measures: { stored: "storage.stored", calls: "api.calls" },
  },
  {
    provider: "OnApp",
    files: ["provider-docs/onapp-user-statistics-period.xml"],
    options: { request: `${ONAPP}&period[startdate]=2012-03-15+06:58:16&period[enddate]=2012-03-15+08:58:16` },
    measures: { cost: "cost.total" },
  },
];

/** Samples that are printed broken on their pages. */
export const broken = [
  {
    provider: "CloudSigma",
    file: "provider-docs/cloudsigma-burst-usage.trailing-comma.json",
    options: { request: `${CLOUDSIGMA}/burstusage/?date__gte=2014-07-01&date__lt=2014-08-01` },
  },
  { provider: "OnApp", file: "provider-docs/onapp-user-statistics-hourly.elided.xml", options: { request: ONAPP } },
  {
    provider: "deviceWISE",
    file: "provider-docs/devicewise-api-history.elided.json",
    options: { request: "https://api.devicewise.com/api" },
  },
];
