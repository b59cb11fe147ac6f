// deviceWISE hours by service and day (UTC), as JavaScript would do it.
const decoder = new TextDecoder();

export function byServiceAndDay(body) {
  const { counters, ts } = JSON.parse(decoder.decode(body)).get.params;
  const days = ts.map((time) => new Date(time).toISOString().slice(0, 10));
  const rows = [];
  for (const [service, counts] of Object.entries(counters)) {
    const sums = new Map();
    counts.forEach((count, index) => sums.set(days[index], (sums.get(days[index]) ?? 0) + count));
    for (const [day, quantity] of sums) {
      rows.push({ service, day, quantity });
    }
  }
  return rows;
}
