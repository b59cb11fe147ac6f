/** Lets a long task in the worker report its progress from time to time, and yield to other messages. */

/** The shortest time between two reports of progress to the page. */
export const MILLISECONDS_BETWEEN_REPORTS = 100;

export class Pace {
  readonly #tell: () => void;
  readonly #signal: AbortSignal | null;
  #told: number;

  /** The first report is made at once; with `delayed`, after the first interval. */
  constructor(tell: () => void, signal: AbortSignal | null, { delayed = false } = {}) {
    this.#tell = tell;
    this.#signal = signal;
    this.#told = delayed ? performance.now() : 0;
  }

  /** Reports and yields if a report is due. Throws if the work was aborted. */
  async step(): Promise<void> {
    this.#signal?.throwIfAborted();
    if (performance.now() - this.#told > MILLISECONDS_BETWEEN_REPORTS) {
      this.#tell();
      // Awaiting a settled promise would not let messages through; a timer does.
      await new Promise((resume) => setTimeout(resume));
      this.#signal?.throwIfAborted();
      this.#told = performance.now();
    }
  }
}
