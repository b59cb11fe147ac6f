import { within } from "./idle-timeout.js";
import { Problem } from "./problem.js";
import type { Limits } from "./settings.js";

/**
 * The body of a request: no more of it than `bodyBytes`, no slower than `stallSeconds` a piece and `uploadSeconds` in all.
 *
 * A body of which a part was read is read to its end before the request is answered with a problem. A connection on which the
 * rest of it is left cannot carry the next request: under `wrangler dev` that one waits for ever. It does, too, after a body
 * that was cancelled, so that one of which nothing was read is left alone: the runtime reads it by itself.
 */
export class Upload {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #limits: Limits;
  readonly #end: number;
  #bytes = 0;

  constructor(request: Request, limits: Limits) {
    this.#reader = (request.body ?? new Blob([]).stream()).getReader();
    this.#limits = limits;
    this.#end = Date.now() + limits.uploadSeconds * 1000;
  }

  /** What is made of the body, piece by piece. It fails once what is left of the body is read. */
  through(make: (body: ReadableStream<Uint8Array>) => AsyncGenerator<Uint8Array, void, void>): ReadableStream<Uint8Array> {
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
      const { done, value } = await this.#next();
      if (done) {
        controller.close();
        return;
      }
      this.#bytes += value.length;
      if (this.#bytes > this.#limits.bodyBytes) {
        throw tooLarge(this.#limits.bodyBytes);
      }
      controller.enqueue(value);
    };
    // That nothing more of the body is asked for does not end it: what is left may have to be read.
    const made = make(new ReadableStream({ pull }, { highWaterMark: 0 }));
    const source: UnderlyingDefaultSource<Uint8Array> = {
      pull: async (controller) => {
        try {
          const { done, value } = await made.next();
          if (done === true) {
            controller.close();
          } else {
            controller.enqueue(value);
          }
        } catch (error) {
          await this.#drain();
          throw error;
        }
      },
      cancel: async (reason) => {
        await this.#reader.cancel(reason);
        await made.return();
      },
    };
    return new ReadableStream(source, { highWaterMark: 0 });
  }

  async #next(): Promise<ReadableStreamReadResult<Uint8Array>> {
    const read = this.#reader.read().catch(() => {
      throw new Problem("aborted", "the caller disconnected before the end of the body");
    });
    try {
      const timeout = Math.min(this.#limits.stallSeconds * 1000, Math.max(this.#end - Date.now(), 0));
      return await within(timeout, read, () => new Problem("too-slow", "the body did not arrive in time"));
    } catch (error) {
      this.#reader.cancel().catch(() => {});
      throw error;
    }
  }

  /** Reads what is left and drops it. Of a body that is too large no more than as much again. */
  async #drain(): Promise<void> {
    try {
      for (let end = this.#bytes + this.#limits.bodyBytes; this.#bytes <= end; ) {
        const { done, value } = await this.#next();
        if (done) {
          return;
        }
        this.#bytes += value.length;
      }
    } catch {
      // The caller is gone, or too slow.
    }
    await this.#reader.cancel().catch(() => {});
  }
}

export function tooLarge(limit: number): Problem {
  return new Problem("limit-exceeded", `expected a body of at most ${limit} bytes`, { side: "caller" });
}
