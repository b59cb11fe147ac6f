import { type Issue, MeterglotError } from "meterglot";
import type { Settings } from "./config.js";
import { copyOf, errorFromEngine, SourceError, type SourceFault } from "./errors.js";
import type { FetchOptions, Progress } from "./source.js";

/** One call of the caller: its timeout and abort signal, its progress and issues. */
export class Call {
  readonly settings: Settings;
  readonly progress: Progress = { requests: 0, retries: 0, pages: 0, records: 0, duplicates: 0, bytes: 0, total: null };
  readonly #controller = new AbortController();
  readonly #options: FetchOptions;
  /** The time that was left, in milliseconds, when the clock was last started or stopped. */
  #left: number;
  /** When the clock was started; null while it is stopped. */
  #since: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #expired = false;
  /** The values of the call in the engine's memory. */
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

  /** Aborted by the caller's signal, by the stream's cancellation, or by the timeout of the call. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Milliseconds of the call's own time until its timeout. */
  get remaining(): number {
    return this.#since === null ? this.#left : this.#left - (Date.now() - this.#since);
  }

  /** Stops the clock: the reader has the output that it asked for. */
  pause(): void {
    clearTimeout(this.#timer);
    this.#left = this.remaining;
    this.#since = null;
  }

  /** Starts the clock: the reader asks for more. */
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

  /** Ends everything that the call has started. */
  close(): void {
    clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener("abort", this.#follow);
    this.abort();
  }

  /** Frees the call's values in the engine's memory and uses nothing else, for a reader that is gone. */
  release(): void {
    this.#released = true;
    this.held?.free();
  }

  /** An error of this call. */
  error(code: SourceFault["code"], message: string, more: Partial<SourceFault> & ErrorOptions = {}): SourceError {
    return new SourceError(message, { ...more, code, provider: this.settings.provider });
  }

  /** Throws if the call has ended. */
  throwIfEnded(): void {
    if (this.signal.aborted) {
      throw this.ended();
    }
  }

  /** Why the call has ended. */
  ended(): SourceError {
    return this.#expired
      ? this.error("timeout", `the call took longer than ${this.settings.totalTimeoutMs} ms, its reader's own time not counted`)
      : this.error("aborted", "the call was aborted", { cause: this.signal.reason });
  }

  /** The error that the caller gets for an internal one; `missing` is used if the error itself has none. */
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

  /** Restarts the counts of the listing. */
  countAnew(): void {
    Object.assign(this.progress, { pages: 0, records: 0, duplicates: 0, total: null });
  }

  /** Adds to the progress, and reports it. */
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

  /** An error of a callback ends the call, and is not treated as a fault of the network. */
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
