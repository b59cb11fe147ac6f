import type { Issue, ReadOptions, UsageRecord } from "./api.js";
import { isBytes } from "./body.js";
import { call } from "./engine.js";
import { invalidOption } from "./errors.js";
import type { NormalizeStream } from "./glue.js";
import { Handle } from "./handle.js";
import { streamOptions } from "./options.js";
import { shown } from "./validate.js";

/** A larger chunk goes in by pieces, so that what the engine holds does not grow with the chunks. */
const BYTES_A_PIECE = 64 * 1024;

type IssueListener = { onIssue?: (issue: Issue) => void };

export function normalizeStream(options: ReadOptions & { to: "ndjson" | "csv" } & IssueListener): TransformStream<Uint8Array, Uint8Array>;
export function normalizeStream(options: ReadOptions & { to: "records" } & IssueListener): TransformStream<Uint8Array, UsageRecord[]>;
export function normalizeStream(
  options: ReadOptions & { to: "ndjson" | "csv" | "records" } & IssueListener,
): TransformStream<Uint8Array, Uint8Array> | TransformStream<Uint8Array, UsageRecord[]> {
  const { reading, to, onIssue } = streamOptions(options);
  const handle = new Handle("stream", call((engine) => new engine.NormalizeStream(reading, to)));
  return to === "records" ? transform(handle, onIssue, recordsOf) : transform(handle, onIssue, (bytes) => bytes);
}

function transform<Output>(
  handle: Handle<NormalizeStream>,
  onIssue: ((issue: Issue) => void) | undefined,
  outputOf: (bytes: Uint8Array) => Output,
): TransformStream<Uint8Array, Output> {
  const give = (bytes: Uint8Array, controller: TransformStreamDefaultController<Output>) => {
    if (bytes.length > 0) {
      controller.enqueue(outputOf(bytes));
    }
    if (onIssue !== undefined) {
      for (const issue of JSON.parse(handle.use((stream) => stream.takeIssues())) as Issue[]) {
        onIssue(issue);
      }
    }
  };
  const freeOnError = (work: () => void) => {
    try {
      work();
    } catch (error) {
      handle.free();
      throw error;
    }
  };
  const transformer: Transformer<Uint8Array, Output> & { cancel(): void } = {
    transform(chunk, controller) {
      freeOnError(() => {
        if (!isBytes(chunk)) {
          throw invalidOption(`stream: expected a chunk of Uint8Array, found ${shown(chunk)}`);
        }
        for (let start = 0; start < chunk.length; start += BYTES_A_PIECE) {
          const piece = chunk.subarray(start, start + BYTES_A_PIECE);
          give(handle.use((stream) => stream.push(piece)), controller);
        }
      });
    },
    flush(controller) {
      freeOnError(() => give(handle.use((stream) => stream.finish()), controller));
      handle.free();
    },
    cancel() {
      handle.free();
    },
  };
  return new TransformStream(transformer);
}

const decoder = new TextDecoder();

function recordsOf(json: Uint8Array): UsageRecord[] {
  return JSON.parse(decoder.decode(json)) as UsageRecord[];
}
