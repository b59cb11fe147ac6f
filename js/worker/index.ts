/**
 * The edge worker: a billing portal asks it, and it asks the providers.
 *
 * @module
 */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { createWorker } from "./app.js";
import type { Env } from "./context.js";

export { createWorker, type WorkerOptions } from "./app.js";
export type { Bindings, Env } from "./context.js";
export type { Log } from "./log.js";

const worker: OpenAPIHono<Env> = createWorker();

export default { fetch: worker.fetch };
