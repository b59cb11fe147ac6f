import { type Issue, MeterglotError } from "meterglot";
import type { Settings } from "./config.js";
import { copyOf, errorFromEngine, SourceError, type SourceFault } from "./errors.js";
import type { FetchOptions, Progress } from "./source.js";

/** One call of a caller's: what ends it before its time, and what is reported of it while it runs. */
export class Call {
  readonly settings: Settings;
  readonly progress: Progress = { requests: 0, retries: 0, pages: 0, records: 0, duplicates: 0, bytes: 0, total: null };
  readonly #controller = new AbortController();
  readonly #options: FetchOptions;
  /** Milliseconds that were left when the clock was last set going or stopped. */
  #left: number;
  /** When the clock was set going; null while it stands. */
  #since: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #expired = false;
  /** What the call holds in the engine's memory. */
  held: { free(): void } | undefined;
  #released = false;
  #thrownByCaller: { error: unknown } | undefined;

  constructor(settings: Settings, options: FetchOptions) {
    this.settings = settings;
    this.#options = options;
    this.#left = settings.totalTimeoutMs;
    this.resume();
    const { signal } = options;
    signal?.addEventListener("abort", this.#follow, { once: true });
    if (signal?.aborted) {
      this.#follow();
    }
  }

  /** Aborted by the caller's signal, by the stream's cancellation, or because the call takes too long. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Milliseconds of its own time until the call is given up. */
  get remaining(): number {
    return this.#since === null ? this.#left : this.#left - (Date.now() - this.#since);
  }

  /** Stops the clock: the reader has what it asked for, and takes its own time. */
  pause(): void {
    clearTimeout(this.#timer);
    this.#left = this.remaining;
    this.#since = null;
  }

  /** Sets the clock going: something is asked for. */
  resume(): void {
    this.#since = Date.now();
    this.#timer = setTimeout(() => {
      this.#expired = true;
      this.abort();
    }, this.#left);
  }

  get collects(): boolean {
    return this.#options.onIssue !== undefined;
  }

  readonly #follow = () => this.abort(this.#options.signal?.reason);

  abort(reason?: unknown): void {
    this.#controller.abort(reason);
  }

  /** Ends what the call set going. */
  close(): void {
    clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener("abort", this.#follow);
    this.abort();
  }

  /** Frees what the call holds in the engine's memory and touches nothing else, for a reader who is gone. */
  release(): void {
    this.#released = true;
    this.held?.free();
  }

  /** A fault of this call. */
  error(code: SourceFault["code"], message: string, more: Partial<SourceFault> & ErrorOptions = {}): SourceError {
    return new SourceError(message, { ...more, code, provider: this.settings.provider });
  }

  /** Throws where the call has been ended. */
  throwIfEnded(): void {
    if (this.signal.aborted) {
      throw this.ended();
    }
  }

  /** Why the call has been ended. */
  ended(): SourceError {
    return this.#expired
      ? this.error("timeout", `the call took longer than ${this.settings.totalTimeoutMs} ms, its reader's own time not counted`)
      : this.error("aborted", "the call was aborted", { cause: this.signal.reason });
  }

  /** What the caller is to be thrown for what was thrown in here; `missing` where the error itself does not say. */
  failure(error: unknown, missing: string | null): unknown {
    const { provider, secrets } = this.settings;
    if (this.#thrownByCaller !== undefined) {
      return this.#thrownByCaller.error;
    }
    if (this.#released) {
      return this.error("aborted", "the call was ended, because its reader seems to have disconnected", { missing });
    }
    const known = error instanceof MeterglotError ? errorFromEngine(error, provider) : error;
    return known instanceof SourceError ? copyOf(known, (text) => secrets.hide(text), missing) : error;
  }

  /** Begins to count the listing anew. */
  countAnew(): void {
    Object.assign(this.progress, { pages: 0, records: 0, duplicates: 0, total: null });
  }

  /** Adds to what has been done, and reports it. */
  count(done: { [Name in "requests" | "retries" | "bytes" | "pages"]?: number }): void {
    for (const [name, more] of Object.entries(done)) {
      this.progress[name as keyof typeof done] += more;
    }
    this.#tell(() => this.#options.onProgress?.({ ...this.progress }));
  }

  tellIssue(issue: Issue): void {
    const { secrets } = this.settings;
    const pointer = issue.pointer === null ? null : secrets.hide(issue.pointer);
    this.#tell(() => this.#options.onIssue?.({ ...issue, message: secrets.hide(issue.message), pointer }));
  }

  /** What a callback throws ends the call, and is not taken for a fault of the network. */
  #tell(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.#thrownByCaller = { error };
      this.abort();
      throw error;
    }
  }
}
