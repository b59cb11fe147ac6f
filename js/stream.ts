import type { Issue, ReadOptions, UsageRecord } from "./api.js";
import { isBytes } from "./body.js";
import { invalidOption } from "./errors.js";
import { Listing } from "./listing.js";
import { checkStreamOptions } from "./options.js";
import { releasable } from "./release.js";
import { shown } from "./validate.js";

/** A larger chunk is handed on by pieces, so that what waits for its reader does not grow with the chunks. */
const BYTES_A_PIECE = 64 * 1024;

type IssueListener = { onIssue?: (issue: Issue) => void };

export function normalizeStream(options: ReadOptions & { to: "ndjson" | "csv" } & IssueListener): TransformStream<Uint8Array, Uint8Array>;
export function normalizeStream(options: ReadOptions & { to: "records" } & IssueListener): TransformStream<Uint8Array, UsageRecord[]>;
export function normalizeStream(
  options: ReadOptions & { to: "ndjson" | "csv" | "records" } & IssueListener,
): TransformStream<Uint8Array, Uint8Array> | TransformStream<Uint8Array, UsageRecord[]> {
  checkStreamOptions(options);
  const listing = new Listing(options).begin();
  return options.to === "records" ? transform<UsageRecord[]>(listing) : transform<Uint8Array>(listing);
}

function transform<Output extends Uint8Array | UsageRecord[]>(
  listing: Listing<"ndjson" | "csv" | "records">,
): TransformStream<Uint8Array, Output> {
  const transformer: Transformer<Uint8Array, Output> & { cancel(): void } = {
    transform(chunk, controller) {
      if (!isBytes(chunk)) {
        listing.free();
        throw invalidOption(`stream: expected a chunk of Uint8Array, found ${shown(chunk)}`);
      }
      for (let start = 0; start < chunk.length; start += BYTES_A_PIECE) {
        give(listing.push(chunk.subarray(start, start + BYTES_A_PIECE)) as Output, controller);
      }
    },
    flush(controller) {
      give(listing.end().output as Output, controller);
      listing.free();
    },
    cancel() {
      listing.free();
    },
  };
  return releasable(new TransformStream(transformer), () => listing.free());
}

function give<Output extends Uint8Array | UsageRecord[]>(output: Output, controller: TransformStreamDefaultController<Output>): void {
  if (output.length > 0) {
    controller.enqueue(output);
  }
}
