// A strict consumer: everything the package offers, as its types let it be used.
import {
  Aggregator,
  type AggregateRow,
  type AggregateSpec,
  aggregate,
  type Body,
  convert,
  type Decimal,
  detect,
  type ErrorCode,
  init,
  initSync,
  type Issue,
  MeterglotError,
  nextRequest,
  normalize,
  normalizeStream,
  parse,
  type ReadOptions,
  type UsageRecord,
  type UsageTable,
  version,
} from "meterglot";

export async function everything(body: Body, response: Response): Promise<Decimal | null> {
  await init();
  await init(new URL("https://example.com/meterglot.wasm"));
  initSync(new Uint8Array());

  const options: ReadOptions = { provider: "wasabi", onError: "collect", limits: { maxBytes: 1 } };
  const format = detect(body, { contentType: "application/json" })?.format;
  const rows: Record<string, unknown>[] = parse(body, options).rows;

  using table: UsageTable = normalize([body], { ...options, request: { url: "https://example.com", body: "{}" } });
  const records: UsageRecord[] = table.records(0, 10);
  const starts: Float64Array = table.columns().start;
  const codes: Int32Array = table.columns().metric.codes;
  for (const { metric, quantity } of table) {
    console.log(metric, quantity satisfies Decimal | null);
  }

  const spec: AggregateSpec = { by: ["provider", "dimensions.org"], window: "month", reduce: { gauge: "max", "api.calls": "sum" } };
  using aggregator = new Aggregator(spec);
  const result: AggregateRow[] = aggregator.push(table).push(records).merge(aggregator.state()).finish();
  const again: AggregateRow[] = aggregate([table], spec).concat(aggregate(records));

  const issues: Issue[] = [];
  const lines: ReadableStream<Uint8Array> | undefined = response.body?.pipeThrough(
    normalizeStream({ to: "ndjson", onError: "collect", onIssue: (issue) => issues.push(issue) }),
  );
  const batches: TransformStream<Uint8Array, UsageRecord[]> = normalizeStream({ to: "records" });

  const next = nextRequest(body, { request: "https://example.com" });
  const request = next === null ? undefined : new Request(next.url, { method: next.method, headers: next.headers });

  console.log(format, rows, starts, codes, result, again, lines, batches, request, version);
  return convert("1", "GiBy", "By", 0);
}

export function codeOf(error: unknown): ErrorCode | undefined {
  return error instanceof MeterglotError ? error.code : undefined;
}

// What the types must refuse.
// @ts-expect-error the request is needed
nextRequest("", {});
// @ts-expect-error not an option
normalize("", { acount: "1" });
// @ts-expect-error a stream needs the option `to`
normalizeStream({});
// @ts-expect-error not a group key
aggregate([], { by: ["bucket"] });
// @ts-expect-error a quantity is text
convert(1, "By", "kBy");
