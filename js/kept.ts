/** The last object of each kind. */
const kept = new Map<string, unknown>();

/**
 * Keeps a reference to the last object of a kind.
 *
 * JavaScript engines discard the layout of objects, and the code compiled for it, when the last object with that layout is collected. A program
 * that reads a small reply now and then, with garbage collections between, would run unoptimized code each time, three times as slowly.
 * So one object of each class that a call creates is kept. It has no large data.
 */
export function keepOne(kind: string, one: unknown): void {
  kept.set(kind, one);
}
