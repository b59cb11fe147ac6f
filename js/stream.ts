import type { Issue, ReadOptions, UsageRecord } from "./api.js";
import { call } from "./engine.js";
import { Listing } from "./listing.js";
import { optionsText } from "./options.js";
import { releasable } from "./release.js";
import { PulledTransform, Pull } from "./pull.js";
import { Trailer } from "./trailer.js";

interface Extras {
  onIssue?: (issue: Issue) => void;
  trailer?: boolean;
}

type Output = Uint8Array | UsageRecord[];

export function normalizeStream(options: ReadOptions & { to: "ndjson" | "csv" } & Extras): TransformStream<Uint8Array, Uint8Array>;
export function normalizeStream(options: ReadOptions & { to: "records" } & Extras): TransformStream<Uint8Array, UsageRecord[]>;
export function normalizeStream(options: ReadOptions & { to: "ndjson" | "csv" | "records" } & Extras): TransformStream<Uint8Array, Output> {
  const json = optionsText(options);
  call((engine) => engine.checkStream(json));
  const { trailer = false, onIssue: toCaller, ...reading } = options;
  const ending = trailer ? new Trailer() : undefined;
  const onIssue = (issue: Issue) => {
    ending?.tell();
    toCaller?.(issue);
  };
  const listing = new Listing({ ...reading, ...(trailer || toCaller !== undefined ? { onIssue } : {}) }).begin();
  return releasable(new PulledTransform(new Pull(listing, ending)) as TransformStream<Uint8Array, Output>, () => listing.free());
}
