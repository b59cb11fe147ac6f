// Generated from the engine by `cargo xtask names`. Do not edit.

export const PROVIDERS = ["barracuda", "devicewise", "cloudsigma", "wasabi", "onapp"] as const;

export const WINDOWS = ["hour", "day", "week", "month", "quarter", "year", "all"] as const;

export const GROUP_KEYS = ["provider", "format", "account", "resource", "resourceType", "region"] as const;

export const REDUCERS = ["sum", "mean", "max", "min", "first", "last", "count", "integral"] as const;

/** By provider: its name for people. */
export const PROVIDER_TITLES: Readonly<Record<string, string>> = {
  barracuda: "Barracuda",
  devicewise: "deviceWISE",
  cloudsigma: "CloudSigma",
  wasabi: "Wasabi",
  onapp: "OnApp",
};

/** By format: its name for people. */
export const FORMAT_TITLES: Readonly<Record<string, string>> = {
  "barracuda.usage-history": "Stored bytes over time, of a partner or an account",
  "devicewise.api-history": "API calls by service and period, of one or many TR50 commands",
  "cloudsigma.burst-usage": "Accumulated burst usage of a period",
  "cloudsigma.daily-burst-usage": "Burst usage of each day",
  "cloudsigma.usage": "Readings of each resource, taken every five minutes",
  "wasabi.bucket-daily": "The days of buckets",
  "wasabi.bucket-invoice": "The invoice periods of buckets, rolled up to GB-days",
  "wasabi.account-daily": "The days of accounts, with or without `RegionalUtilizations`",
  "wasabi.wacm-usages": "Days of accounts and buckets by WACM Connect",
  "onapp.user-statistics": "A user's costs, by the hour or as a summary",
  "onapp.vm-stats": "The hours of virtual servers, with what was billed",
};

/** By unit: what it is a multiple of, and how many of that it is. */
export const UNITS: Readonly<Record<string, { base: string; factor: bigint }>> = {
  By: { base: "By", factor: 1n },
  kBy: { base: "By", factor: 1000n },
  MBy: { base: "By", factor: 1000000n },
  GBy: { base: "By", factor: 1000000000n },
  TBy: { base: "By", factor: 1000000000000n },
  KiBy: { base: "By", factor: 1024n },
  MiBy: { base: "By", factor: 1048576n },
  GiBy: { base: "By", factor: 1073741824n },
  TiBy: { base: "By", factor: 1099511627776n },
  MHz: { base: "MHz", factor: 1n },
  GHz: { base: "MHz", factor: 1000n },
  "{call}": { base: "{call}", factor: 1n },
  "{object}": { base: "{object}", factor: 1n },
  "{unit}": { base: "{unit}", factor: 1n },
};

/** By time that a unit can be multiplied by: its seconds. */
export const TIMES: Readonly<Record<string, bigint>> = {
  s: 1n,
  min: 60n,
  "5.min": 300n,
  h: 3600n,
  d: 86400n,
};
