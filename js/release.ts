/** The functions that free the engine's memory of a stream. */
const releases = new WeakMap<object, () => void>();

/** Registers a stream for {@link release} and returns it. */
export function releasable<Stream extends object>(stream: Stream, free: () => void): Stream {
  releases.set(stream, free);
  return stream;
}

/**
 * Frees the engine's memory of a stream whose reader is gone and will neither read nor cancel it. Reading it later
 * fails.
 *
 * Only that memory is used: an edge worker may call this for a request that the runtime dropped, of which it may use
 * nothing else. A stream that is not of this package has no such memory.
 */
export function release(stream: object): void {
  releases.get(stream)?.();
}
