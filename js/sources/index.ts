/**
 * Fetches usage records from the providers: one source for each provider, all with the same interface.
 *
 * @module meterglot/sources
 */
export { type BarracudaConfig, barracudaSource } from "./barracuda.js";
export { type CloudsigmaConfig, cloudsigmaSource } from "./cloudsigma.js";
export { type DevicewiseConfig, devicewiseSource } from "./devicewise.js";
export { SourceError, type SourceErrorCode, type SourceFault } from "./errors.js";
export { type FirstRequest, type FormatSource, type FormatSourceConfig, formatSource } from "./format.js";
export { type OnappConfig, onappSource } from "./onapp.js";
export { openSource, type SourceConfigs } from "./open.js";
export type {
  FetchOptions,
  InvoiceQuery,
  PeriodQuery,
  Progress,
  QueryScope,
  Resolution,
  RetryConfig,
  Source,
  SourceConfig,
  StreamOptions,
  UsageQuery,
} from "./source.js";
export { type WasabiConfig, type WasabiPartnerConfig, wasabiSource } from "./wasabi.js";
export type { WasabiStatsConfig } from "./wasabi-stats.js";
