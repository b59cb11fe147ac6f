import type { Format, Kind, Note, Provider } from "./api.js";

/** The closed lists of the contract, in its order. */
export const PROVIDERS = ["barracuda", "devicewise", "cloudsigma", "wasabi", "onapp"] as const satisfies Provider[];

export const FORMATS = [
  "barracuda.usage-history",
  "devicewise.api-history",
  "cloudsigma.burst-usage",
  "cloudsigma.daily-burst-usage",
  "wasabi.bucket-daily",
  "wasabi.bucket-invoice",
  "wasabi.account-daily",
  "onapp.user-statistics",
] as const satisfies Format[];

export const KINDS = ["delta", "gauge", "integral"] as const satisfies Kind[];

/** Their places are those of the engine's bits. */
export const NOTES = [
  "assumed-utc",
  "resolution-inferred",
  "unit-inferred",
  "float32-source",
  "duplicate-element",
  "period-from-request",
] as const satisfies Note[];
