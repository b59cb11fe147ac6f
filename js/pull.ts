import type { Issue, UsageRecord } from "./api.js";
import { wholeBytes } from "./body.js";
import type { Listing } from "./listing.js";
import { issueOf, type Trailer } from "./trailer.js";

type Output = Uint8Array | UsageRecord[];
// biome-ignore lint/suspicious/noConfusingVoidType: TypeScript gives void to a generator that returns nothing.
type Pieces = Generator<Output, { fault: Issue | null } | void, undefined>;

/** Input whose output is being read. It is complete when all its output was read. */
interface Work {
  pieces: Pieces;
  done: () => void;
  failed: (reason: unknown) => void;
}

/**
 * Passes a body through a listing. A piece of output is made only when the reader asks for it.
 *
 * The platform's `TransformStream` cannot do this: it cannot wait between two pieces of one chunk until the first is read.
 */
export class Pull {
  readonly readable: ReadableStream<Output>;
  readonly writable: WritableStream<Uint8Array>;
  readonly #listing: Listing<"ndjson" | "csv" | "records">;
  readonly #trailer: Trailer | undefined;
  #out!: ReadableStreamDefaultController<Output>;
  #in!: WritableStreamDefaultController;
  #work: Work | undefined;
  /** Wakes a reader that waits for input. */
  #wake: (() => void) | undefined;
  #isOver = false;

  /** @param trailer the last line of the text, whether it is complete or not */
  constructor(listing: Listing<"ndjson" | "csv" | "records">, trailer: Trailer | undefined) {
    this.#listing = listing;
    this.#trailer = trailer;
    this.readable = new ReadableStream<Output>(
      {
        start: (controller) => {
          this.#out = controller;
        },
        pull: () => this.#pull(),
        cancel: (reason) => {
          this.#end();
          this.#in.error(reason);
          this.#work?.failed(reason);
        },
      },
      { highWaterMark: 0 },
    );
    this.writable = new WritableStream<Uint8Array>({
      start: (controller) => {
        this.#in = controller;
        // A write that waits for a reader would delay an abort.
        controller.signal?.addEventListener("abort", () => this.#fail(controller.signal.reason));
      },
      write: (chunk) => {
        try {
          wholeBytes(chunk, "stream", "a chunk of Uint8Array");
        } catch (error) {
          this.#fail(error);
          throw error;
        }
        return this.#give(() => this.#listing.pushPieces(chunk));
      },
      close: () => this.#give(() => this.#listing.endPieces()),
      abort: (reason) => this.#fail(reason),
    });
  }

  /** Queues input and waits until it was read. Input after a fault is ignored. */
  #give(work: () => Pieces): Promise<void> {
    if (this.#isOver) {
      return Promise.resolve();
    }
    return new Promise<void>((done, failed) => {
      this.#work = { pieces: work(), done, failed };
      this.#wake?.();
    });
  }

  async #pull(): Promise<void> {
    while (!this.#isOver) {
      const work = this.#work;
      if (work === undefined) {
        await new Promise<void>((wake) => {
          this.#wake = wake;
        });
        continue;
      }
      try {
        const { done, value } = work.pieces.next();
        if (done !== true) {
          this.#trailer?.pass(value as Uint8Array);
          this.#out.enqueue(value);
          return;
        }
        this.#work = undefined;
        if (value !== undefined) {
          this.#close(value.fault ?? undefined);
        }
        work.done();
      } catch (error) {
        this.#fail(error);
      }
    }
  }

  /** The output ends here, complete or not. */
  #close(fault: unknown): void {
    this.#end();
    if (this.#trailer !== undefined) {
      this.#out.enqueue(this.#trailer.line(fault === undefined ? undefined : issueOf(fault)));
    }
    this.#out.close();
  }

  /** Stops reading. With a trailer the output ends with it; otherwise the output fails. */
  #fail(reason: unknown): void {
    if (this.#isOver) {
      return;
    }
    const work = this.#work;
    this.#work = undefined;
    this.#end();
    if (this.#trailer === undefined) {
      this.#out.error(reason);
      this.#in.error(reason);
      work?.failed(reason);
    } else {
      this.#out.enqueue(this.#trailer.line(issueOf(reason)));
      this.#out.close();
      work?.done();
    }
    this.#wake?.();
  }

  #end(): void {
    this.#isOver = true;
    this.#listing.free();
    this.#wake?.();
  }
}

/** A transform stream with the two ends of a {@link Pull}. */
export class PulledTransform extends TransformStream<Uint8Array, Output> {
  constructor({ readable, writable }: Pull) {
    super();
    Object.defineProperty(this, "readable", { value: readable });
    Object.defineProperty(this, "writable", { value: writable });
  }
}
