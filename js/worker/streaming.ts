import type { Framing, Summary } from "./framing.js";
import { IdleTimeout } from "./idle-timeout.js";
import { Problem, problemOf, type Side } from "./problem.js";

/** Lines of an answer that have begun: a failure before the first line can still be answered with its status. */
export interface Begun {
  reader: ReadableStreamDefaultReader<Uint8Array>;
  first: ReadableStreamReadResult<Uint8Array>;
}

/** Waits for the first line, or the end. */
export async function begin(lines: ReadableStream<Uint8Array>): Promise<Begun> {
  const reader = lines.getReader();
  return { reader, first: await nextOf(reader) };
}

/** The next chunk that is not empty. */
async function nextOf(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<ReadableStreamReadResult<Uint8Array>> {
  let read = await reader.read();
  while (!read.done && read.value.length === 0) {
    read = await reader.read();
  }
  return read;
}

/** Observes how a body is read. */
export interface Watcher {
  passed(bytes: Uint8Array): void;
  summary(): Summary;
  whole(): void;
  broken(problem: Problem): void;
  /** The caller stopped reading. */
  left(): void;
}

export interface BodyOptions {
  framing: Framing;
  /** The sender of the body that the lines come from. */
  side: Side;
  /** The request's id. */
  request: string;
  /** The longest time until one piece is read. */
  stallMs: number;
  watcher: Watcher;
}

/**
 * A body of lines, made as fast as it is read and no faster.
 *
 * If the reader stops for too long, the body is broken off, because it uses a provider's connection and a place that others wait for.
 */
export function bodyOf({ reader, first }: Begun, { framing, side, request, stallMs, watcher }: BodyOptions): ReadableStream<Uint8Array> {
  let next: ReadableStreamReadResult<Uint8Array> | undefined = first;
  let opened = false;
  let over = false;
  let broken = false;
  let left = false;
  let controller: ReadableStreamDefaultController<Uint8Array>;
  const idle = new IdleTimeout(stallMs, () => {
    const problem = new Problem("too-slow", `the answer was not taken for ${stallMs / 1000} seconds`);
    breakOff(problem);
    reader.cancel(problem).catch(() => {});
  });

  function start(its: ReadableStreamDefaultController<Uint8Array>): void {
    controller = its;
    idle.start();
  }

  function breakOff(problem: Problem): void {
    broken = true;
    watcher.broken(problem);
    controller.enqueue(framing.broken(problem.body(request)));
  }

  async function piece(): Promise<Uint8Array> {
    if (!opened) {
      opened = true;
      return framing.open();
    }
    const { done, value } = next ?? (await nextOf(reader));
    next = undefined;
    if (!done) {
      return framing.chunk(value);
    }
    over = true;
    return framing.close(watcher.summary());
  }

  async function pull(): Promise<void> {
    idle.stop();
    if (broken) {
      // Only now, because an error discards pieces that were not read yet.
      controller.error(new Error("the answer broke off"));
      return;
    }
    try {
      let bytes = await piece();
      while (bytes.length === 0 && !over) {
        bytes = await piece();
      }
      if (left) {
        return;
      }
      if (bytes.length > 0) {
        watcher.passed(bytes);
        controller.enqueue(bytes);
      }
      if (over) {
        controller.close();
        watcher.whole();
      } else {
        idle.start();
      }
    } catch (error) {
      if (!left) {
        breakOff(problemOf(error, side));
      }
    }
  }

  function cancel(reason: unknown): Promise<void> {
    idle.stop();
    left = true;
    watcher.left();
    return reader.cancel(reason);
  }

  return new ReadableStream({ start, pull, cancel }, { highWaterMark: 0 });
}
