import { within } from "./idle-timeout.js";
import { Problem } from "./problem.js";
import type { Limits } from "./settings.js";

/**
 * The body of a request: at most `bodyBytes`, with a pause of at most `stallSeconds` and `uploadSeconds` in total.
 *
 * A body of which a part was read is read to its end before the request is answered with a problem. A connection with unread bytes
 * cannot be used for the next request: under `wrangler dev` that request waits for ever, also after the body was
 * cancelled. A body of which nothing was read is left to the runtime, which reads it itself.
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

  /** The result for the body, piece by piece. It fails after the rest of the body was read. */
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
    // The body is not over when no more of it is requested: the rest may have to be read.
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

  /** Reads the rest and discards it. Of a body that is too large, only as much again is read. */
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
      // The caller has disconnected, or is too slow.
    }
    await this.#reader.cancel().catch(() => {});
  }
}

export function tooLarge(limit: number): Problem {
  return new Problem("limit-exceeded", `expected a body of at most ${limit} bytes`, { side: "caller" });
}
