// A strict consumer: the worker as it is deployed, and as it is mounted into another one.
import { Hono } from "hono";
import type { Source } from "meterglot/sources";
import worker, { type Bindings, createWorker, type Log, type WorkerOptions } from "meterglot/worker";

declare const source: Source;
const lines: Readonly<Record<string, unknown>>[] = [];
const log: Log = (line) => lines.push(line);
const options: WorkerOptions = { log, now: () => new Date(0), openSource: () => source };

export const mounted = new Hono<{ Bindings: Bindings }>().route("/usage", createWorker(options));

export async function ask(bindings: Bindings): Promise<Response> {
  const own = createWorker();
  await own.request("/healthz", {}, bindings);
  return worker.fetch(new Request("https://usage.example/v1/sources"), bindings);
}

// What the types must refuse.
// @ts-expect-error not an option
createWorker({ logger: log });
