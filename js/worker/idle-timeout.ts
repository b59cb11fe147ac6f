/** Calls a function when nothing has happened for some time. */
export class IdleTimeout {
  readonly #ms: number;
  readonly #expired: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `expired` is called when a wait has lasted for `ms` milliseconds. */
  constructor(ms: number, expired: () => void) {
    this.#ms = ms;
    this.#expired = expired;
  }

  /** Begins a wait. */
  start(): void {
    this.stop();
    this.#timer = setTimeout(this.#expired, this.#ms);
  }

  /** Ends the wait: the expected event has occurred, or is no longer needed. */
  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** Waits for a promise. If it is not settled after `ms` milliseconds, throws what `late` returns. */
export async function within<Value>(ms: number, awaited: Promise<Value>, late: () => Error): Promise<Value> {
  const { promise, reject } = rejectable();
  const idle = new IdleTimeout(ms, () => reject(late()));
  idle.start();
  try {
    return await Promise.race([awaited, promise]);
  } finally {
    idle.stop();
  }
}

function rejectable(): { promise: Promise<never>; reject: (error: Error) => void } {
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<never>((_, rejecting) => (reject = rejecting));
  return { promise, reject };
}
