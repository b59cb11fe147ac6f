import type { ErrorCode, MeterglotError, Provider } from "meterglot";

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

/** What a {@link SourceError} carries beside its message. */
export interface SourceFault {
  code: SourceErrorCode;
  provider: Provider | null;
  /** The HTTP status of the reply, where it was one that says so. */
  status: number | null;
  /** Seconds to wait, where the provider said so. */
  retryAfter: number | null;
  /** What of the answer is missing, where some of it was given already or a count is not met. */
  missing: string | null;
  /** 0-based index of the page, where the fault lies in a body; this and the next four are as in a MeterglotError. */
  page: number | null;
  pointer: string | null;
  line: number | null;
  column: number | null;
  offset: number | null;
  /** What the provider's own error reply says. */
  providerCodes: string[];
  providerMessages: string[];
}

/**
 * Everything that the functions and sources of this module throw, beside what the caller's own callbacks throw.
 *
 * No credential stands in it: not in the message, not in the stack, not in the cause.
 */
export class SourceError extends Error implements SourceFault {
  readonly code: SourceErrorCode;
  readonly provider: Provider | null;
  readonly status: number | null;
  readonly retryAfter: number | null;
  readonly missing: string | null;
  readonly page: number | null;
  readonly pointer: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly offset: number | null;
  readonly providerCodes: string[];
  readonly providerMessages: string[];

  constructor(message: string, fault: Partial<SourceFault> & ErrorOptions = {}) {
    super(message, "cause" in fault ? { cause: fault.cause } : undefined);
    this.code = fault.code ?? "internal";
    this.provider = fault.provider ?? null;
    this.status = fault.status ?? null;
    this.retryAfter = fault.retryAfter ?? null;
    this.missing = fault.missing ?? null;
    this.page = fault.page ?? null;
    this.pointer = fault.pointer ?? null;
    this.line = fault.line ?? null;
    this.column = fault.column ?? null;
    this.offset = fault.offset ?? null;
    this.providerCodes = fault.providerCodes ?? [];
    this.providerMessages = fault.providerMessages ?? [];
  }
}

// On the prototype, so that minified code keeps the name and no instance lists it as a field.
Object.defineProperty(SourceError.prototype, "name", { value: "SourceError", configurable: true, writable: true });

/** The error for what the engine found in a body, or for an option it refused. */
export function errorFromEngine(error: MeterglotError, provider: Provider | null): SourceError {
  const { code, page, pointer, line, column, offset, providerCodes, providerMessages } = error;
  const fault = { code, provider: error.provider ?? provider, page, pointer, line, column, offset, providerCodes, providerMessages };
  return new SourceError(error.message, fault);
}

/** The same error, its texts changed. Its stack is new, since the old one shows the old message. */
export function copyOf(error: SourceError, change: (text: string) => string, missing: string | null): SourceError {
  return new SourceError(change(error.message), {
    ...error,
    missing: error.missing === null ? missing : change(error.missing),
    pointer: error.pointer === null ? null : change(error.pointer),
    providerCodes: error.providerCodes.map(change),
    providerMessages: error.providerMessages.map(change),
    ...("cause" in error ? { cause: error.cause } : {}),
  });
}
