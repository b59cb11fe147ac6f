import { OpenAPIHono } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import { convert, version } from "meterglot";
import { openSource } from "meterglot/sources";
import type { ZodError } from "zod";
import { callerOf } from "./access.js";
import { aggregate } from "./aggregate.js";
import type { Env, WorkerContext } from "./context.js";
import { consoleLog, type Log, RequestLog } from "./log.js";
import { normalize } from "./normalize.js";
import { Problem, problemOf } from "./problem.js";
import { aggregateRoute, healthRoute, normalizeRoute, openapiRoute, sourcesRoute, usageRoute } from "./routes.js";
import { Misconfigured, type OpenSource, settingsOf } from "./settings.js";
import { usage } from "./usage.js";

/** What an app that contains the worker may replace. */
export interface WorkerOptions {
  /** Opens a source. Default: `openSource` of `meterglot/sources`. */
  openSource?: OpenSource;
  /** Receives the lines of the log. Default: `console.log`, as JSON. */
  log?: Log;
  /** Returns the current time, for closed periods and expiry. Default: the clock. */
  now?: () => Date;
}

/**
 * The edge worker: a hono app on web standards, configured only by its bindings.
 *
 * @example
 * ```ts
 * export default createWorker();
 * ```
 */
export function createWorker(options: WorkerOptions = {}): OpenAPIHono<Env> {
  const { openSource: open = openSource, log = consoleLog, now = () => new Date() } = options;
  const app = new OpenAPIHono<Env>({
    defaultHook(result, c) {
      if (!result.success) {
        throw refused(result.target, result.error, c.req.queries());
      }
    },
  });

  app.use(requestId({ limitLength: 64 }));
  app.use(observed(log));
  app.use(
    secureHeaders({
      contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
      strictTransportSecurity: "max-age=63072000; includeSubDomains",
      xFrameOptions: "DENY",
    }),
  );
  app.use(async (c, next) => {
    c.set("settings", settingsOf(c.env ?? {}, open));
    await next();
  });
  app.use(
    cors({
      origin: (origin, c: WorkerContext) => (c.var.settings.corsOrigins.has(origin) ? origin : null),
      allowMethods: ["GET", "HEAD", "POST"],
      allowHeaders: ["Authorization", "Accept", "Cache-Control", "Content-Type", "If-None-Match", "Meterglot-Provider", "Meterglot-Request", "X-Request-Id"],
      exposeHeaders: ["Cache-Status", "ETag", "Retry-After", "WWW-Authenticate", "X-Request-Id"],
      maxAge: 600,
    }),
  );
  app.use("/v1/*", async (c, next) => {
    const caller = await callerOf(c.req.header("Authorization"), c.var.settings, now());
    c.var.log.entry.client = caller.name;
    c.set("caller", caller);
    await next();
  });

  app.openapi({ ...healthRoute, middleware: at(healthRoute.path) }, (c) => {
    // Calls the engine, so that a module that does not load is found here.
    convert("1", "GiBy", "By");
    return c.json({ status: "ok", version });
  });
  app.openapi({ ...sourcesRoute, middleware: at(sourcesRoute.path) }, (c) => {
    const readable = [...c.var.settings.sources.values()].filter(({ name }) => c.var.caller.mayRead(name));
    c.header("Cache-Control", "private, no-store");
    return c.json({ sources: readable.map(({ name, source }) => ({ name, provider: source.provider })) });
  });
  app.openapi({ ...usageRoute, middleware: at(usageRoute.path) }, (c) => usage(c, c.req.valid("param").source, c.req.valid("query"), now()));
  app.openapi({ ...aggregateRoute, middleware: at(aggregateRoute.path) }, (c) => aggregate(c, c.req.valid("param").source, c.req.valid("query"), now()));
  app.openapi({ ...normalizeRoute, middleware: at(normalizeRoute.path) }, (c) => normalize(c, c.req.valid("query"), c.req.valid("header")));
  let document: object | undefined;
  app.openapi({ ...openapiRoute, middleware: at(openapiRoute.path) }, (c) => {
    document ??= describe(app);
    const prefix = c.req.path.slice(0, -openapiRoute.path.length);
    return c.json({ ...document, servers: [{ url: prefix === "" ? "/" : prefix }] });
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    description: "A token whose SHA-256 is configured, or a JWT of the configured issuer.",
  });

  for (const { method, getRoutingPath } of [healthRoute, sourcesRoute, usageRoute, aggregateRoute, normalizeRoute, openapiRoute]) {
    const allowed = method === "get" ? "GET, HEAD" : method.toUpperCase();
    app.all(getRoutingPath(), () => {
      throw new Problem("method-not-allowed", `expected ${allowed}`, { headers: { Allow: allowed } });
    });
  }
  // A route, because a path that a mounted app does not find would be answered by the outer app.
  app.all("*", () => {
    throw new Problem("unknown-path", "no route has this path; see /openapi.json");
  });
  app.onError((error, c) => {
    if (error instanceof Misconfigured) {
      log({ event: "misconfigured", id: c.var.requestId, faults: error.faults });
      return answer(c, new Problem("misconfigured", "the worker's configuration is invalid; the log of the worker names each fault"));
    }
    return answer(c, problemOf(error, c.var.side ?? "provider"));
  });
  return app;
}

/** Logs each request when its answer ends, unless a streamed body does so. */
function observed(log: Log): MiddlewareHandler<Env> {
  return async (c, next) => {
    const requestLog = new RequestLog(c.var.requestId, c.req.method, log);
    c.set("log", requestLog);
    await next();
    // Set again: an answer that is created before any other lacks the headers that were set before it.
    c.header("X-Request-Id", c.var.requestId);
    requestLog.entry.status = c.res.status;
    if (!requestLog.streams) {
      requestLog.close();
    }
  };
}

/** Records the route by its pattern, because a path may contain anything. */
function at(path: string): MiddlewareHandler<Env> {
  return async (c, next) => {
    c.var.log.entry.route = path;
    await next();
  };
}

function answer(c: WorkerContext, problem: Problem): Response {
  c.var.log.note(problem);
  const headers = { "Content-Type": "application/problem+json", "Cache-Control": "no-store", ...problem.headers };
  return new Response(JSON.stringify(problem.body(c.var.requestId)), { status: problem.status, headers });
}

/** The most faults and names in a problem: a query may have thousands. */
const MOST_TOLD = 8;

/** The problem for parameters that the schema refuses. It names each, and shows no values. */
function refused(target: string, error: ZodError, queries: Record<string, string[]>): Problem {
  const where = { query: "query parameter", param: "path parameter", header: "header" }[target] ?? target;
  const shown = (name: PropertyKey | undefined) =>
    `\`${String(name)
      .replaceAll(/[^\x20-\x7e]/g, "?")
      .slice(0, 64)}\``;
  const details = error.issues.map((issue) => {
    if (issue.code === "unrecognized_keys") {
      return `${where} ${issue.keys.slice(0, MOST_TOLD).map(shown).join(", ")}: is not known`;
    }
    const [name] = issue.path;
    const times = target === "query" ? (queries[String(name)]?.length ?? 0) : 0;
    const isList = issue.path.length > 1 || issue.code === "custom" || issue.code.startsWith("too_");
    return `${where} ${shown(name)}: ${times > 1 && !isList ? `expected it once, found it ${times} times` : issue.message}`;
  });
  return new Problem("invalid-option", [...new Set(details)].slice(0, MOST_TOLD).join("; "));
}

function describe(app: OpenAPIHono<Env>): object {
  return app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Meterglot at the edge",
      version,
      description: "The usage of five providers in one exact model. Errors are RFC 9457 problems with the engine's codes.",
      license: { name: "MIT" },
    },
  });
}
