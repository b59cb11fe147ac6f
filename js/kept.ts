/** The last one of each kind. */
const kept = new Map<string, unknown>();

/**
 * Keeps an object, in the place of the one of its kind that was kept before.
 *
 * Engines let go of the shape of objects, and of the code made for it, when the last of them is collected. Whoever reads
 * a small reply now and then, with a collection between, would then begin cold each time: three times as slow. So of
 * what every call makes and nobody holds for long, one stays; it holds nothing large.
 */
export function keepOne(kind: string, one: unknown): void {
  kept.set(kind, one);
}
