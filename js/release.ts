/** How to let go of what a stream holds in the engine's memory. */
const releases = new WeakMap<object, () => void>();

/** Gives the stream back, known to {@link release}. */
export function releasable<Stream extends object>(stream: Stream, free: () => void): Stream {
  releases.set(stream, free);
  return stream;
}

/**
 * Frees what a stream holds in the engine's memory, where its reader is gone and will neither read on nor cancel it. What
 * is read all the same fails.
 *
 * Nothing but that memory is touched: an edge worker may call this for a request that was dropped, of which it may touch
 * nothing else. A stream that is not of this package holds nothing.
 */
export function release(stream: object): void {
  releases.get(stream)?.();
}
