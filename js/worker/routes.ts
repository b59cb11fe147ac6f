import { createRoute, type RouteConfig, z } from "@hono/zod-openapi";
import {
  AggregateAnswer,
  AggregateParameters,
  AggregateRow,
  Health,
  NormalizeAnswer,
  NormalizeHeaders,
  NormalizeLine,
  NormalizeParameters,
  ProblemBody,
  SourceList,
  SourceParameters,
  UsageAnswer,
  UsageLine,
  UsageParameters,
} from "./schemas.js";

const security = [{ bearer: [] }];

/** The meaning of each status of a problem. */
const PROBLEMS: Readonly<Record<number, string>> = {
  400: "A parameter is missing, unknown or invalid; `detail` names it.",
  401: "No token, a token that is not known, or one that has expired.",
  403: "The token may not read this source, or the source may not be asked for this account or user.",
  404: "There is no such source.",
  406: "None of the representations is accepted.",
  408: "The body did not arrive in time.",
  413: "The body is larger than this worker reads.",
  415: "The body is encoded in a way that is not read.",
  422: "What was read cannot be normalized or aggregated as asked.",
  431: "The Authorization header is too large.",
  500: "The worker failed, or its configuration is invalid.",
  502: "The provider did not give a valid answer; `code` and `missing` say what is wrong.",
  503: "The source is busy, or the provider asks to wait; see Retry-After.",
  504: "The provider took too long.",
};

const challenge = { "WWW-Authenticate": { schema: { type: "string" }, required: true, description: "RFC 6750: what is wrong with the token." } };

/** Headers that come with a status. */
const HEADERS: Readonly<Record<number, object>> = {
  401: challenge,
  403: challenge,
  415: { "Accept-Encoding": { schema: { type: "string" }, required: true, description: "`identity`." } },
  503: { "Retry-After": { schema: { type: "integer" }, description: "Seconds to wait, where they are known." } },
};

const requestId = { "X-Request-Id": { schema: { type: "string" }, required: true, description: "Names the request; the log has the same id." } };

type Responses = RouteConfig["responses"];

function problems(...statuses: (keyof typeof PROBLEMS)[]): Responses {
  const content = { "application/problem+json": { schema: ProblemBody } };
  return Object.fromEntries(
    statuses.map((status) => [status, { description: PROBLEMS[status] ?? "", content, headers: { ...requestId, ...HEADERS[status] } as never }]),
  );
}

function ok(description: string, content: Record<string, { schema: z.ZodType }>, headers: Record<string, object> = {}): Responses {
  return { 200: { description, content, headers: { ...headers } as never } };
}

const text = z.string();
const cached = {
  ...requestId,
  ETag: { schema: { type: "string" }, description: "Of a cached answer, and of every aggregation." },
  "Cache-Status": { schema: { type: "string" }, description: "RFC 9211: a hit, a miss, or a bypass for a period that is not closed." },
};
const notModified: Responses = { 304: { description: "The caller has this answer already.", headers: cached as never } };

export const healthRoute = createRoute({
  method: "get",
  path: "/healthz",
  summary: "Whether this worker can serve",
  description: "Its configuration is read and its engine works. No provider is queried.",
  responses: { ...ok("It can.", { "application/json": { schema: Health } }, requestId), ...problems(500) },
});

export const sourcesRoute = createRoute({
  method: "get",
  path: "/v1/sources",
  summary: "The sources that this token may read",
  security,
  responses: { ...ok("Their names and providers.", { "application/json": { schema: SourceList } }, requestId), ...problems(401, 431, 500, 503) },
});

export const usageRoute = createRoute({
  method: "get",
  path: "/v1/usage/{source}",
  summary: "The usage records of a period",
  description:
    "Streamed while the provider's pages still arrive. An answer that broke off is recognisable: JSON then has no `complete`, " +
    'NDJSON ends in a line `{"problem": …}`, CSV in a quote that is never closed. If you do not trust every proxy, use `summary=true`.',
  security,
  request: { params: SourceParameters, query: UsageParameters },
  responses: {
    ...ok(
      "Every record that starts in [from, to).",
      { "application/json": { schema: UsageAnswer }, "application/x-ndjson": { schema: UsageLine }, "text/csv": { schema: text } },
      cached,
    ),
    ...notModified,
    ...problems(400, 401, 403, 404, 406, 431, 500, 502, 503, 504),
  },
});

export const aggregateRoute = createRoute({
  method: "get",
  path: "/v1/aggregate/{source}",
  summary: "The usage of a period, added up",
  description: "Each series is reduced over time inside a window, then the series of a group are added. What cannot be added is refused.",
  security,
  request: { params: SourceParameters, query: AggregateParameters },
  responses: {
    ...ok(
      "One row a group, metric and window.",
      { "application/json": { schema: AggregateAnswer }, "application/x-ndjson": { schema: AggregateRow }, "text/csv": { schema: text } },
      cached,
    ),
    ...notModified,
    ...problems(400, 401, 403, 404, 406, 422, 431, 500, 502, 503, 504),
  },
});

const reply = z.unknown().openapi({ description: "JSON, XML or whatever the provider sent, as bytes." });

export const normalizeRoute = createRoute({
  method: "post",
  path: "/v1/normalize",
  summary: "A provider's reply, as usage records",
  description: "Streamed in and out. Hints are query parameters or, if they should not be in a URL, headers; the query takes precedence.",
  security,
  request: {
    query: NormalizeParameters,
    headers: NormalizeHeaders,
    body: { description: "The reply's body, as the provider sent it.", required: true, content: { "*/*": { schema: reply } } },
  },
  responses: {
    ...ok(
      'Its records. With onError=collect JSON also has the issues, and NDJSON a line `{"issue": …}` for each.',
      { "application/json": { schema: NormalizeAnswer }, "application/x-ndjson": { schema: NormalizeLine }, "text/csv": { schema: text } },
      requestId,
    ),
    ...problems(400, 401, 406, 408, 413, 415, 422, 431, 500, 503),
  },
});

export const openapiRoute = createRoute({
  method: "get",
  path: "/openapi.json",
  summary: "This document",
  responses: {
    ...ok("OpenAPI 3.1.", { "application/json": { schema: z.record(z.string(), z.unknown()) } }, requestId),
    ...problems(500),
  },
});
