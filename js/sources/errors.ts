import type { ErrorCode, MeterglotError, Provider } from "meterglot";
import { type Fault, named, PlacedError } from "../errors.js";

/** What went wrong: a code of the engine, or one of the way to the provider. */
export type SourceErrorCode =
  | ErrorCode
  /** The provider does not know the credentials, or no longer. */
  | "unauthorized"
  /** The credentials are known, and may not read this. */
  | "forbidden"
  /** Too many requests, and the provider asks to wait longer than a retry may: see `retryAfter`. */
  | "rate-limited"
  /** The provider cannot be reached or answers with 5xx, after every retry. */
  | "upstream-unavailable"
  /** One try, or the whole call, took longer than it may. */
  | "timeout"
  /** The caller ended it, by its signal or by cancelling the stream. */
  | "aborted"
  /** The listing has more pages than it may have, or no end at all. */
  | "too-many-pages"
  /** The listing was another one when its later pages were read. */
  | "listing-changed"
  /** Rows are missing; `missing` says which. */
  | "incomplete"
  /** A redirect to another origin, where the credentials must not go. */
  | "foreign-origin";

/** What a {@link SourceError} carries beside its message: what a MeterglotError does, and what happened on the way. */
export interface SourceFault extends Fault<SourceErrorCode> {
  /** The HTTP status of the reply, where it was one that says so. */
  status: number | null;
  /** Seconds to wait, where the provider said so. */
  retryAfter: number | null;
  /** What of the answer is missing, where some of it was given already or a count is not met. */
  missing: string | null;
}

/**
 * Everything that the functions and sources of this module throw, beside what the caller's own callbacks throw.
 *
 * No credential stands in it: not in the message, not in the stack, not in the cause.
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

/** The error for what the engine found in a body, or for an option it refused. */
export function errorFromEngine(error: MeterglotError, provider: Provider | null): SourceError {
  return new SourceError(error.message, { ...error, provider: error.provider ?? provider });
}

/** The same error, its texts changed. Its stack is new, since the old one shows the old message. */
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
