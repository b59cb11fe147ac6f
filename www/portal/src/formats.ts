/** Formats of descriptors that were added, and the names of all providers and formats. */
import { signal } from "@preact/signals";
import type { DescriptorProblem, Format, Provider } from "meterglot";
import type { DefinedFormat } from "./engine/protocol.js";
import { FORMATS, PROVIDERS } from "./format/words.js";

/** A descriptor that was added: a format, or the problems that it has. */
export interface AddedFormat {
  id: number;
  /** The name of the file. */
  name: string;
  defined: DefinedFormat | null;
  problems: DescriptorProblem[];
}

export const formats = signal<AddedFormat[]>([]);

const definedOnes = () => formats.value.flatMap(({ defined }) => defined ?? []);

export const providerName = (provider: Provider): string => PROVIDERS[provider] ?? provider;

export const formatName = (format: Format): string => FORMATS[format] ?? definedOnes().find((own) => own.format === format)?.title ?? format;

/** The providers that a reply may be of. */
export const allProviders = (): Provider[] => [...new Set([...(Object.keys(PROVIDERS) as Provider[]), ...definedOnes().map(({ provider }) => provider)])];
