/** Waits for somebody for so long at a stretch, and no longer. */
export class Patience {
  readonly #ms: number;
  readonly #lost: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `lost` is called when a wait has lasted for `ms` milliseconds. */
  constructor(ms: number, lost: () => void) {
    this.#ms = ms;
    this.#lost = lost;
  }

  /** Begins a wait. */
  wait(): void {
    this.rest();
    this.#timer = setTimeout(this.#lost, this.#ms);
  }

  /** What was waited for has come, or is of no use any more. */
  rest(): void {
    clearTimeout(this.#timer);
  }
}

/** What is waited for, or what `late` throws when it has not come after `ms` milliseconds. */
export async function within<Value>(ms: number, awaited: Promise<Value>, late: () => Error): Promise<Value> {
  const { promise, reject } = rejectable();
  const patience = new Patience(ms, () => reject(late()));
  patience.wait();
  try {
    return await Promise.race([awaited, promise]);
  } finally {
    patience.rest();
  }
}

function rejectable(): { promise: Promise<never>; reject: (error: Error) => void } {
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<never>((_, rejecting) => (reject = rejecting));
  return { promise, reject };
}
