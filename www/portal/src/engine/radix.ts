/** A stable sort of doubles that gives places instead of moving anything: four passes over 16 bits each, whatever the order. */

const BUCKETS = 1 << 16;

/**
 * The places of `keys` from the least key to the greatest; what is NaN stands last, and equal keys stay as they were.
 * With `order`, those places alone, and equal keys as they stand there: to sort by two things, sort by the lesser one first.
 */
export function placesByKey(keys: Float64Array, order?: Uint32Array): Uint32Array {
  const length = order?.length ?? keys.length;
  const low = new Uint32Array(length);
  const high = new Uint32Array(length);
  const places = order === undefined ? Uint32Array.from({ length }, (_, at) => at) : order.slice();
  const double = new Float64Array(1);
  const words = new Uint32Array(double.buffer);
  for (let at = 0; at < length; at++) {
    const key = keys[places[at] as number] as number;
    // Zero is written without a sign, and NaN in one way of many.
    double[0] = key === 0 ? 0 : key;
    const negative = (words[1] as number) >>> 31 === 1;
    low[at] = Number.isNaN(key) ? 0xffff_ffff : negative ? ~(words[0] as number) : (words[0] as number);
    high[at] = Number.isNaN(key) ? 0xffff_ffff : negative ? ~(words[1] as number) : (words[1] as number) | 0x8000_0000;
  }
  // Keys stay where they are; a pass orders the places among them.
  let turns = Uint32Array.from({ length }, (_, at) => at);
  for (const [word, shift] of [
    [low, 0],
    [low, 16],
    [high, 0],
    [high, 16],
  ] as const) {
    turns = pass(turns, word, shift);
  }
  const sorted = new Uint32Array(length);
  for (let at = 0; at < length; at++) {
    sorted[at] = places[turns[at] as number] as number;
  }
  return sorted;
}

function pass(turns: Uint32Array<ArrayBuffer>, word: Uint32Array, shift: number): Uint32Array<ArrayBuffer> {
  const ends = new Uint32Array(BUCKETS + 1);
  for (let at = 0; at < turns.length; at++) {
    const bucket = ((word[at] as number) >>> shift) & 0xffff;
    ends[bucket + 1] = (ends[bucket + 1] as number) + 1;
  }
  if (turns.length === 0 || ends[(((word[0] as number) >>> shift) & 0xffff) + 1] === turns.length) {
    return turns;
  }
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    ends[bucket + 1] = (ends[bucket + 1] as number) + (ends[bucket] as number);
  }
  const next = new Uint32Array(turns.length);
  for (const turn of turns) {
    const bucket = ((word[turn] as number) >>> shift) & 0xffff;
    next[ends[bucket] as number] = turn;
    ends[bucket] = (ends[bucket] as number) + 1;
  }
  return next;
}
