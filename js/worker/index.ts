/**
 * The edge worker: an HTTP service that queries the providers on behalf of a billing portal.
 *
 * @module meterglot/worker
 */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { createWorker } from "./app.js";
import type { Env } from "./context.js";

export { createWorker, type WorkerOptions } from "./app.js";
export type { Bindings } from "./bindings.js";
export type { Env } from "./context.js";
export type { Log } from "./log.js";

const worker: OpenAPIHono<Env> = createWorker();

/** The worker as a module of Cloudflare: it handles each request by its bindings. */
export default {
  /** Answers one request. */
  fetch: worker.fetch,
};
