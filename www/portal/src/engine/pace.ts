/** Long work in a worker that is asked other things meanwhile: now and then it tells how far it is, and gives way. */

/** How often the page hears of progress. */
export const MILLISECONDS_BETWEEN_REPORTS = 100;

export class Pace {
  readonly #tell: () => void;
  readonly #signal: AbortSignal | null;
  #told: number;

  /** The first report is due at once, or where `delayed`, after the first while. */
  constructor(tell: () => void, signal: AbortSignal | null, { delayed = false } = {}) {
    this.#tell = tell;
    this.#signal = signal;
    this.#told = delayed ? performance.now() : 0;
  }

  /** Throws where the work is to be stopped. */
  async step(): Promise<void> {
    this.#signal?.throwIfAborted();
    if (performance.now() - this.#told > MILLISECONDS_BETWEEN_REPORTS) {
      this.#tell();
      // A promise that is kept already does not give way to messages; this does.
      await new Promise((resume) => setTimeout(resume));
      this.#signal?.throwIfAborted();
      this.#told = performance.now();
    }
  }
}
