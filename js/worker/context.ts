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
  /** Values of one request that its handlers share. @internal */
  Variables: { requestId: string; log: RequestLog; settings: Settings; caller: Caller; side?: Side };
}

export type WorkerContext = Context<Env>;

/** The source of that name, if the caller may read it. Who may not learns not even whether it is there. */
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

/** Lets work go on after the answer, where the runtime would else stop it. */
export function later(c: WorkerContext, work: Promise<unknown>): void {
  const done = work.catch(() => {});
  try {
    c.executionCtx.waitUntil(done);
  } catch {
    // Without an execution context nothing stops it.
  }
}

/** Aborted when the caller goes away, where the runtime reports that. */
export function callerSignal(c: WorkerContext): AbortSignal {
  return c.req.raw.signal ?? new AbortController().signal;
}
