// Generated from the engine by `cargo xtask names`. Do not edit.

export const PROVIDERS = ["barracuda", "devicewise", "cloudsigma", "wasabi", "onapp"] as const;

export const FORMATS = [
  "barracuda.usage-history",
  "devicewise.api-history",
  "cloudsigma.burst-usage",
  "cloudsigma.daily-burst-usage",
  "cloudsigma.usage",
  "wasabi.bucket-daily",
  "wasabi.bucket-invoice",
  "wasabi.account-daily",
  "wasabi.wacm-usages",
  "onapp.user-statistics",
  "onapp.vm-stats",
] as const;

export const ON_ERROR = ["throw", "collect"] as const;

export const ENCODINGS = ["json", "xml"] as const;

export const KINDS = ["delta", "gauge", "integral"] as const;

export const NOTES = ["assumed-utc", "resolution-inferred", "unit-inferred", "float32-source", "duplicate-element", "period-from-request"] as const;

export const ERROR_CODES = [
  "unknown-format",
  "invalid-encoding",
  "invalid-json",
  "invalid-xml",
  "provider-error",
  "unexpected-shape",
  "missing-field",
  "invalid-number",
  "number-out-of-range",
  "invalid-timestamp",
  "length-mismatch",
  "limit-exceeded",
  "invalid-option",
  "incompatible-aggregation",
  "mixed-currency",
  "conflicting-record",
  "internal",
] as const;

export const WINDOWS = ["hour", "day", "week", "month", "quarter", "year", "all"] as const;

export const GROUP_KEYS = ["provider", "format", "account", "resource", "resourceType", "region"] as const;

export const REDUCERS = ["sum", "mean", "max", "min", "first", "last", "count", "integral"] as const;

export const WEEK_STARTS = ["monday", "sunday"] as const;

export const SPLITS = ["start", "proportional", "error"] as const;

export const OVERLAPS = ["error", "keep"] as const;
