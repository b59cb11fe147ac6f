import type { AggregateRow } from "meterglot";
import type { UsageQuery } from "meterglot/sources";
import type { z } from "zod";
import { Aggregator, pushLines } from "../aggregate.js";
import { etagOf, matches } from "./cache.js";
import { callerSignal, outletOf, type Visiting } from "./context.js";
import { csvOf } from "./csv.js";
import { answerHeaders, keepLater, keptAnswer, placeOf } from "./keeping.js";
import { aggregateSpec, usageQuery } from "./query.js";
import { Quota } from "./quota.js";
import { negotiate, type Representation } from "./representation.js";
import type { AggregateParameters } from "./schemas.js";
import type { Outlet } from "./settings.js";

/** `GET /v1/aggregate/:source`: one row a group and window, made while pages arrive, with memory for the groups alone. */
export async function aggregate(c: Visiting, name: string, parameters: z.output<typeof AggregateParameters>, now: Date): Promise<Response> {
  const outlet = outletOf(c, name);
  const query = usageQuery(parameters, c.var.settings.limits);
  const spec = aggregateSpec(parameters);
  const representation = negotiate(c.req.header("Accept"));
  // Before anything is asked for: a specification that is refused costs nothing.
  const aggregator = new Aggregator(spec);
  try {
    const place = await placeOf(c, now, "aggregate", outlet, query, { spec }, representation);
    if (c.req.method === "HEAD") {
      return new Response(null, { headers: answerHeaders(c, representation, place) });
    }
    const kept = await keptAnswer(c, place, representation);
    if (kept !== undefined) {
      return kept;
    }
    const quota = new Quota(aggregator, c.var.settings.limits);
    await add(c, outlet, query, aggregator, quota);
    const rows = quota.finish(c.var.log.visit.records);
    const { from = null, to = null } = parameters;
    const head = { source: name, provider: outlet.source.provider, from, to };
    const body = new TextEncoder().encode(written(rows, representation, head, c.var.log.visit.records));
    const etag = await etagOf(body);
    keepLater(c, place, body, representation);
    const headers = answerHeaders(c, representation, place, etag);
    if (matches(c.req.header("If-None-Match"), etag)) {
      return new Response(null, { status: 304, headers });
    }
    c.var.log.visit.bytes = body.length;
    return new Response(body, { headers });
  } finally {
    aggregator.free();
  }
}

async function add(c: Visiting, { source, gate }: Outlet, query: UsageQuery, aggregator: Aggregator, quota: Quota): Promise<void> {
  const signal = callerSignal(c);
  const leave = await gate.enter(signal, () => c.var.log.close({ outcome: "left" }));
  try {
    const lines = source.stream(query, "ndjson", { signal, onProgress: (progress) => c.var.log.follow(progress) });
    for await (const some of lines) {
      pushLines(aggregator, some);
      quota.check(c.var.log.visit.records);
      // Only while nothing runs does the runtime see that the caller has gone.
      await nextTurn();
    }
  } finally {
    leave();
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

function written(rows: AggregateRow[], representation: Representation, head: object, records: number): string {
  switch (representation) {
    case "json":
      return `${JSON.stringify({ ...head, rows, records, complete: true })}\n`;
    case "ndjson":
      return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
    case "csv":
      return csvOf(rows);
  }
}
