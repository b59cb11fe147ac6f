// Times, side by side.

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Milliseconds of one call, averaged over `calls` of them. The rubbish of what ran before is swept first. */
export function timeOf(work, calls = 1) {
  globalThis.gc?.();
  const start = performance.now();
  for (let call = 0; call < calls; call += 1) {
    work();
  }
  return (performance.now() - start) / calls;
}

/**
 * Runs several ways to do one thing in turn (A B C A B C …) and gives the median time of each.
 * What another program does to the machine meanwhile, it does to all of them.
 */
export function sideBySide(ways, { rounds, warmups = 2, calls = 1 }) {
  const times = ways.map(() => []);
  for (let round = -warmups; round < rounds; round += 1) {
    ways.forEach((way, index) => {
      const time = timeOf(way, calls);
      if (round >= 0) {
        times[index].push(time);
      }
    });
  }
  return times.map(median);
}
