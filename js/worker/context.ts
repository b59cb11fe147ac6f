import type { Context } from "hono";
import type { Caller } from "./access.js";
import type { Bindings } from "./bindings.js";
import type { RequestLog } from "./log.js";
import { Problem, type Side } from "./problem.js";
import type { ConfiguredSource, Settings } from "./settings.js";

/** The environment of the hono app. */
export interface Env {
  /** The bindings, which have the whole configuration. */
  Bindings: Bindings;
  /** Values that the handlers of one request share. @internal */
  Variables: { requestId: string; log: RequestLog; settings: Settings; caller: Caller; side?: Side };
}

export type WorkerContext = Context<Env>;

/** The source with this name, if the caller may read it. A caller that may not read it cannot see whether it exists. */
export function sourceNamed(c: WorkerContext, name: string): ConfiguredSource {
  c.var.log.entry.source = name;
  if (!c.var.caller.mayRead(name)) {
    throw new Problem("source-not-allowed", "this token may not read this source", {
      headers: { "WWW-Authenticate": 'Bearer realm="meterglot", error="insufficient_scope"' },
    });
  }
  const configured = c.var.settings.sources.get(name);
  if (configured === undefined) {
    throw new Problem("unknown-source", "there is no such source; see /v1/sources");
  }
  return configured;
}

/** Lets work continue after the answer, if the runtime would otherwise stop it. */
export function later(c: WorkerContext, work: Promise<unknown>): void {
  const done = work.catch(() => {});
  try {
    c.executionCtx.waitUntil(done);
  } catch {
    // Without an execution context the runtime does not stop it.
  }
}

/** Aborted when the caller disconnects, if the runtime reports that. */
export function callerSignal(c: WorkerContext): AbortSignal {
  return c.req.raw.signal ?? new AbortController().signal;
}
