import type { ErrorCode, Provider } from "meterglot";

/** What an error carries beside its message, in the names the engine writes. */
export interface Fault<Code extends string = ErrorCode> {
  /** What went wrong. */
  code: Code;
  /** The provider whose body or request it is about, if it is known. */
  provider: Provider | null;
  /** 0-based index of the page, for a fault of a body. */
  page: number | null;
  /** A JSON Pointer, or an XPath for XML. */
  pointer: string | null;
  /** 1-based. */
  line: number | null;
  /** 1-based, in bytes. */
  column: number | null;
  /** Bytes from the start of the body. */
  offset: number | null;
  /** The codes of the provider's own error reply. */
  providerCodes: string[];
  /** The messages of the provider's own error reply. */
  providerMessages: string[];
}

/** An error of this package: the engine's, or one of the rooms around it, which have codes of their own. */
export abstract class PlacedError<Code extends string> extends Error implements Fault<Code> {
  readonly code: Code;
  readonly provider: Provider | null;
  readonly page: number | null;
  readonly pointer: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly offset: number | null;
  readonly providerCodes: string[];
  readonly providerMessages: string[];

  constructor(message: string | undefined, code: Code, fault: Partial<Fault<Code>> & ErrorOptions) {
    super(message, "cause" in fault ? { cause: fault.cause } : undefined);
    this.code = code;
    this.provider = fault.provider ?? null;
    this.page = fault.page ?? null;
    this.pointer = fault.pointer ?? null;
    this.line = fault.line ?? null;
    this.column = fault.column ?? null;
    this.offset = fault.offset ?? null;
    this.providerCodes = fault.providerCodes ?? [];
    this.providerMessages = fault.providerMessages ?? [];
  }
}

/** Everything this package throws. */
export class MeterglotError extends PlacedError<ErrorCode> {
  constructor(message?: string, fault: Partial<Fault> & ErrorOptions = {}) {
    super(message, fault.code ?? "internal", fault);
  }
}

/** Names an error's class on its prototype, so that minified code keeps the name and no instance lists it as a field. */
export function named(error: { prototype: Error }, name: string): void {
  Object.defineProperty(error.prototype, "name", { value: name, configurable: true, writable: true });
}

named(MeterglotError, "MeterglotError");

/** The error for a fault as the engine writes it: JSON of its message and fields. */
export function errorFromEngine(json: string): MeterglotError {
  const { message, ...fault } = JSON.parse(json) as Fault & { message: string };
  return new MeterglotError(message, fault);
}

/** The error for a caller's option, record or call that is not as the contract says. */
export function invalidOption(message: string, cause?: unknown): MeterglotError {
  return new MeterglotError(message, cause === undefined ? { code: "invalid-option" } : { code: "invalid-option", cause });
}
