import type { AggregateRow, AggregateSpec } from "meterglot";
import type { UsageQuery } from "meterglot/sources";
import type { z } from "zod";
import { Aggregator, pushLines } from "../aggregate.js";
import { release } from "../release.js";
import { etagOf, matches } from "./cache.js";
import { callerSignal, sourceNamed, type WorkerContext } from "./context.js";
import { csvOf } from "./csv.js";
import { answerHeaders, keepLater, knownAnswer, placeOf } from "./keeping.js";
import { Problem } from "./problem.js";
import { aggregateSpec, usageQuery } from "./query.js";
import { Quota } from "./quota.js";
import { negotiate, type Representation } from "./representation.js";
import type { AggregateParameters } from "./schemas.js";
import type { ConfiguredSource } from "./settings.js";

/** `GET /v1/aggregate/:source`: one row for each group and window, computed while pages arrive, with memory only for the groups. */
export async function aggregate(c: WorkerContext, name: string, parameters: z.output<typeof AggregateParameters>, now: Date): Promise<Response> {
  const configured = sourceNamed(c, name);
  const query = usageQuery(configured, parameters, c.var.settings.limits);
  const spec = aggregateSpec(parameters);
  const representation = negotiate(c.req.header("Accept"));
  // Invalid queries are refused before anything is sent.
  new Aggregator(spec).free();
  const lines = linesOf(c, configured, query);
  const place = await placeOf(c, now, "aggregate", configured, query, { spec }, representation);
  const known = await knownAnswer(c, place, representation);
  if (known !== undefined) {
    return known;
  }
  const rows = await rowsOf(c, configured, lines, spec);
  const { from = null, to = null } = parameters;
  const head = { source: name, provider: configured.source.provider, from, to };
  const body = new TextEncoder().encode(written(rows, spec, representation, head, c.var.log.entry.records));
  const etag = await etagOf(body);
  keepLater(c, place, body, representation);
  const headers = answerHeaders(c, representation, place, etag);
  if (matches(c.req.header("If-None-Match"), etag)) {
    return new Response(null, { status: 304, headers });
  }
  c.var.log.entry.bytes = body.length;
  return new Response(body, { headers });
}

function linesOf(c: WorkerContext, { source }: ConfiguredSource, query: UsageQuery): ReadableStream<Uint8Array> {
  return source.stream(query, "ndjson", { signal: callerSignal(c), onProgress: (progress) => c.var.log.follow(progress) });
}

async function rowsOf(c: WorkerContext, { gate }: ConfiguredSource, lines: ReadableStream<Uint8Array>, spec: AggregateSpec): Promise<AggregateRow[]> {
  const { log, settings } = c.var;
  let aggregator: Aggregator | undefined;
  let lost = false;
  const leave = await gate.enter(callerSignal(c), () => {
    lost = true;
    log.close({ outcome: "left" });
    release(lines);
    aggregator?.free();
  });
  try {
    aggregator = new Aggregator(spec);
    const quota = new Quota(aggregator, settings.limits);
    for await (const some of lines) {
      pushLines(aggregator, some);
      quota.check(log.entry.records);
      // The runtime detects that the caller has disconnected only while no code runs.
      await nextTurn();
    }
    return quota.finish(log.entry.records);
  } catch (error) {
    throw lost ? new Problem("aborted", "the caller seems to have disconnected") : error;
  } finally {
    aggregator?.free();
    leave();
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

function written(rows: AggregateRow[], { by = [] }: AggregateSpec, representation: Representation, head: object, records: number): string {
  switch (representation) {
    case "json":
      return `${JSON.stringify({ ...head, rows, records, complete: true })}\n`;
    case "ndjson":
      return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
    case "csv":
      return csvOf(rows, by);
  }
}
