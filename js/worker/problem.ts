import { MeterglotError, type ErrorCode, type Provider } from "meterglot";
import { SourceError, type SourceErrorCode } from "meterglot/sources";

/** Faults that only the worker itself detects. */
export type WorkerCode =
  | "token-missing"
  | "token-invalid"
  | "token-expired"
  | "source-not-allowed"
  | "unknown-source"
  | "unknown-path"
  | "method-not-allowed"
  | "not-acceptable"
  | "unsupported-media-type"
  | "header-too-large"
  | "too-slow"
  | "aggregation-too-large"
  | "keys-unavailable"
  | "misconfigured"
  | "busy";

export type ProblemCode = ErrorCode | SourceErrorCode | WorkerCode;

/** The sender of the faulty body: the caller, or a provider. */
export type Side = "caller" | "provider";

/** The status of a fault of a body: 422 for the caller's own, 502 for a provider's. */
const body = { caller: 422, provider: 502 };
const both = (status: number) => ({ caller: status, provider: status });

/** The status of every code. docs/EDGE.md shows this table. */
export const STATUS: Readonly<Record<ProblemCode, Readonly<Record<Side, number>>>> = {
  "unknown-format": body,
  "invalid-encoding": body,
  "invalid-json": body,
  "invalid-xml": body,
  "provider-error": body,
  "unexpected-shape": body,
  "missing-field": body,
  "invalid-number": body,
  "number-out-of-range": body,
  "invalid-timestamp": body,
  "length-mismatch": body,
  "conflicting-record": body,
  "limit-exceeded": { caller: 413, provider: 502 },
  "invalid-option": both(400),
  "incompatible-aggregation": both(422),
  "mixed-currency": both(422),
  internal: both(500),

  unauthorized: both(502),
  forbidden: both(502),
  "rate-limited": both(503),
  "upstream-unavailable": both(502),
  timeout: both(504),
  aborted: both(499),
  "too-many-pages": both(502),
  "listing-changed": both(503),
  incomplete: both(502),
  "foreign-origin": both(502),

  "token-missing": both(401),
  "token-invalid": both(401),
  "token-expired": both(401),
  "source-not-allowed": both(403),
  "unknown-source": both(404),
  "unknown-path": both(404),
  "method-not-allowed": both(405),
  "not-acceptable": both(406),
  "unsupported-media-type": both(415),
  "header-too-large": both(431),
  "too-slow": both(408),
  "aggregation-too-large": both(422),
  "keys-unavailable": both(503),
  misconfigured: both(500),
  busy: both(503),
};

const TITLE: Readonly<Record<number, string>> = {
  400: "The request is invalid",
  401: "A valid token is needed",
  403: "The token may not read this",
  404: "Not found",
  405: "The method is not allowed",
  406: "No accepted representation",
  408: "The caller took too long",
  413: "The body is too large",
  415: "The encoding of the body is not supported",
  422: "The request does not match this data",
  431: "A header is too large",
  499: "The caller disconnected",
  500: "The worker failed",
  502: "The provider did not give a valid answer",
  503: "Service unavailable",
  504: "The provider took too long",
};

/** The members of a problem with details, each only if it is known. */
export interface ProblemDetails {
  provider?: Provider | null;
  /** The part of the answer that is missing. */
  missing?: string | null;
  /** The provider's own HTTP status. */
  upstreamStatus?: number | null;
  /** Seconds after which the same request may succeed. */
  retryAfter?: number | null;
  page?: number | null;
  pointer?: string | null;
  line?: number | null;
  column?: number | null;
  offset?: number | null;
  providerCodes?: string[];
  providerMessages?: string[];
}

/** The longest wait that is reported: a provider may send any value, and infinity is not valid in a header or in JSON. */
const LONGEST_WAIT = 86_400;

/** An answer that reports a failure. It may be thrown anywhere, and is written as RFC 9457 describes. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly status: number;
  readonly details: ProblemDetails;
  readonly headers: Record<string, string>;

  constructor(code: ProblemCode, detail: string, more: { side?: Side; details?: ProblemDetails; headers?: Record<string, string>; cause?: unknown } = {}) {
    super(detail, { cause: more.cause });
    this.code = code;
    this.status = STATUS[code][more.side ?? "provider"];
    this.details = { ...more.details };
    if (this.details.retryAfter != null) {
      this.details.retryAfter = Math.min(this.details.retryAfter, LONGEST_WAIT);
    }
    const { retryAfter } = this.details;
    this.headers = { ...more.headers, ...(retryAfter == null ? {} : { "Retry-After": String(Math.ceil(retryAfter)) }) };
  }

  /** The JSON of `application/problem+json`; `instance` is the request's id. */
  body(instance: string): Record<string, unknown> {
    const known = Object.entries(this.details).filter(([, value]) => value != null && !(Array.isArray(value) && value.length === 0));
    return {
      type: `urn:meterglot:problem:${this.code}`,
      title: TITLE[this.status] ?? "The request failed",
      status: this.status,
      detail: this.message,
      instance: `urn:meterglot:request:${instance}`,
      code: this.code,
      ...Object.fromEntries(known),
    };
  }
}

/** The text for credentials that a provider refuses. */
const REFUSED = {
  unauthorized: "the provider refused this worker's credentials",
  forbidden: "the provider does not allow this worker's credentials to read this",
};

/** The problem for any thrown value. An unexpected one is `internal`, with its cause only in the log. */
export function problemOf(error: unknown, side: Side): Problem {
  if (error instanceof Problem) {
    return error;
  }
  if (error instanceof SourceError) {
    const { code, message, status: upstreamStatus, retryAfter, missing, ...rest } = error;
    if (code === "unauthorized" || code === "forbidden") {
      // The credentials are the worker's: its caller can do nothing about them.
      return new Problem(code, REFUSED[code], { side, details: { provider: rest.provider, upstreamStatus, missing } });
    }
    return new Problem(code, message, { side, details: { missing, upstreamStatus, retryAfter, ...positionOf(rest) } });
  }
  if (error instanceof MeterglotError) {
    return new Problem(error.code, error.message, { side, details: positionOf(error) });
  }
  return new Problem("internal", "the worker failed; its log has the request's id", { cause: error });
}

function positionOf(fault: Omit<MeterglotError, keyof Error | "code">): ProblemDetails {
  const { provider, page, pointer, line, column, offset, providerCodes, providerMessages } = fault;
  return { provider, page, pointer, line, column, offset, providerCodes, providerMessages };
}
