import type { ErrorCode, MeterglotError, Provider } from "meterglot";
import { type Fault, named, PlacedError } from "../errors.js";

/** An error code of the engine, or of the communication with the provider. */
export type SourceErrorCode =
  | ErrorCode
  /** The provider refused the credentials, or they have expired. */
  | "unauthorized"
  /** The provider accepted the credentials, but they may not read this. */
  | "forbidden"
  /** Too many requests, with no retry left or a `retryAfter` longer than the configuration allows. */
  | "rate-limited"
  /** The provider could not be reached, or answered with 5xx, after every retry. */
  | "upstream-unavailable"
  /** One attempt, or the whole call, exceeded its timeout. */
  | "timeout"
  /** The caller ended the call by its signal, or cancelled the stream. */
  | "aborted"
  /** The listing has more than `maxPages` pages, or no end. */
  | "too-many-pages"
  /** The listing changed while it was read. */
  | "listing-changed"
  /** Rows are missing; `missing` says which. */
  | "incomplete"
  /** A redirect to another origin, to which the credentials must not be sent. */
  | "foreign-origin";

/** The fields of a {@link SourceError} besides its message: those of a MeterglotError, and those of the communication. */
export interface SourceFault extends Fault<SourceErrorCode> {
  /** The HTTP status of the reply, if the error comes from it. */
  status: number | null;
  /** Seconds to wait, if the provider sent them. */
  retryAfter: number | null;
  /** What is missing, if a part was returned already or the row count differs. */
  missing: string | null;
}

/**
 * The error that the functions and sources of this module throw. Errors of the caller's own callbacks are passed on.
 *
 * It has no credentials: not in the message, the stack or the cause.
 */
export class SourceError extends PlacedError<SourceErrorCode> implements SourceFault {
  readonly status: number | null;
  readonly retryAfter: number | null;
  readonly missing: string | null;

  constructor(message: string, fault: Partial<SourceFault> & ErrorOptions = {}) {
    super(message, fault.code ?? "internal", fault);
    this.status = fault.status ?? null;
    this.retryAfter = fault.retryAfter ?? null;
    this.missing = fault.missing ?? null;
  }
}

named(SourceError, "SourceError");

/** Converts an error of the engine. */
export function errorFromEngine(error: MeterglotError, provider: Provider | null): SourceError {
  return new SourceError(error.message, { ...error, provider: error.provider ?? provider });
}

/** Returns a copy of the error with changed texts. The stack is new, because the old one has the old message. */
export function copyOf(error: SourceError, change: (text: string) => string, missing: string | null): SourceError {
  const lacking = error.missing ?? missing;
  return new SourceError(change(error.message), {
    ...error,
    missing: lacking === null ? null : change(lacking),
    pointer: error.pointer === null ? null : change(error.pointer),
    providerCodes: error.providerCodes.map(change),
    providerMessages: error.providerMessages.map(change),
    ...("cause" in error ? { cause: error.cause } : {}),
  });
}
