/** Exports records and aggregates, in the formats that the package writes. */
import { aggregateCsvOf } from "./csv.js";
import { aggregateOf, type Counting } from "./counting.js";
import type { Download, SeriesRequest } from "./protocol.js";
import { everyMeasureSpec, rowsOf, windowOf } from "./series.js";
import type { Held } from "./store.js";

const TYPES: Record<Download, string> = {
  "records.csv": "text/csv;charset=utf-8",
  "records.ndjson": "application/x-ndjson",
  "aggregate.csv": "text/csv;charset=utf-8",
  "aggregate.json": "application/json",
};

/** Exports all records, also those that do not count because another reply reports the same usage. */
export async function download(held: Held[], counting: Counting, what: Download, request: SeriesRequest | null, everyMeasure: boolean): Promise<Blob> {
  return new Blob(await partsOf(held, counting, what, request, everyMeasure), { type: TYPES[what] });
}

async function partsOf(held: Held[], counting: Counting, what: Download, request: SeriesRequest | null, everyMeasure: boolean): Promise<BlobPart[]> {
  switch (what) {
    case "records.ndjson":
      return held.flatMap(({ holding }) => holding.ndjson());
    case "records.csv":
      return await oneHeader(held.map(({ holding }) => holding.csv()));
    case "aggregate.csv":
    case "aggregate.json": {
      if (request === null) {
        return [];
      }
      const window = windowOf(counting, request);
      const rows = everyMeasure ? aggregateOf(counting, everyMeasureSpec({ ...request, window })) : rowsOf(counting, { ...request, window });
      return [what === "aggregate.json" ? `${JSON.stringify(rows, null, 1)}\n` : aggregateCsvOf(rows, request.by === "" ? [] : [request.by])];
    }
  }
}

/** Joins the CSV tables of several replies into one with a single header. */
async function oneHeader(tables: BlobPart[][]): Promise<BlobPart[]> {
  const [first = [], ...others] = tables;
  const headless = await Promise.all(
    others.map(async (parts) => {
      const whole = new Blob(parts);
      const head = await whole.slice(0, 1024).text();
      return whole.slice(head.indexOf("\r\n") + 2);
    }),
  );
  return [...first, ...headless];
}
