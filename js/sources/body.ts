/** The time limit of a wait was reached. */
export class TimedOut extends Error {}

/**
 * Returns the next piece of a body. Rejects at once when the signal is aborted, and after `stillMs` milliseconds without a
 * piece, even if the sender ignores the signal.
 */
export function nextPiece(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  signal: AbortSignal,
  stillMs: number = Number.POSITIVE_INFINITY,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  return unlessAborted(reader.read(), signal, stillMs, (reason) => reader.cancel(reason).catch(() => {}));
}

/** Returns what the promise resolves to. Rejects if the signal is aborted or the time limit is reached before. */
export function unlessAborted<Value>(
  promise: Promise<Value>,
  signal: AbortSignal,
  limitMs: number = Number.POSITIVE_INFINITY,
  giveUp: (reason: unknown) => unknown = () => {},
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", follow);
    };
    const stop = (reason: unknown) => {
      settle();
      reject(reason);
      giveUp(reason);
    };
    const follow = () => stop(signal.reason);
    const timer = Number.isFinite(limitMs) ? setTimeout(() => stop(new TimedOut()), limitMs) : undefined;
    promise.then(resolve, reject).finally(settle);
    if (signal.aborted) {
      follow();
    } else {
      signal.addEventListener("abort", follow);
    }
  });
}

/** Waits for the milliseconds, or until the signal is aborted. */
export function pause(signal: AbortSignal, ms: number): Promise<void> {
  return unlessAborted(new Promise<void>(() => {}), signal, ms).catch(() => {});
}
