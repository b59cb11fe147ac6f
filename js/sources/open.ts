import { oneOf } from "../validate.js";
import { type BarracudaConfig, barracudaSource } from "./barracuda.js";
import { type CloudsigmaConfig, cloudsigmaSource } from "./cloudsigma.js";
import { type DevicewiseConfig, devicewiseSource } from "./devicewise.js";
import { checked } from "./make.js";
import { type OnappConfig, onappSource } from "./onapp.js";
import type { Source } from "./source.js";
import { type WasabiConfig, wasabiSource } from "./wasabi.js";

/** The configuration of each provider's source. */
export interface SourceConfigs {
  /** Barracuda (Intronis ECHOplatform). */
  barracuda: BarracudaConfig;
  /** deviceWISE TR50. */
  devicewise: DevicewiseConfig;
  /** One location of CloudSigma. */
  cloudsigma: CloudsigmaConfig;
  /** Wasabi's partner API or Stats API. */
  wasabi: WasabiConfig;
  /** An OnApp control panel. */
  onapp: OnappConfig;
}

/** A provider that has a source. */
type Sourced = keyof SourceConfigs;

const sources: { [Name in Sourced]: (config: SourceConfigs[Name]) => Source } = {
  barracuda: barracudaSource,
  devicewise: devicewiseSource,
  cloudsigma: cloudsigmaSource,
  wasabi: wasabiSource,
  onapp: onappSource,
};

/**
 * Opens the source of a provider by its name, as in a configuration file.
 *
 * @throws `SourceError` `invalid-option` for an unknown provider or an invalid configuration.
 */
export function openSource<Name extends Sourced>(provider: Name, config: SourceConfigs[Name]): Source {
  const known = checked(null, () => oneOf(...(Object.keys(sources) as Sourced[]))(provider, "provider"));
  return (sources[known] as (config: SourceConfigs[Name]) => Source)(config);
}
