import type { ErrorCode, Provider } from "meterglot";

/** The fields of an error besides its message, with the names that the engine writes. */
export interface Fault<Code extends string = ErrorCode> {
  /** What kind of error it is. */
  code: Code;
  /** The provider of the body or request, if known. */
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

/** An error of this package: of the engine, or of sources and the worker, which have codes of their own. */
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

/** The error that this package throws. */
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

/** Creates the error for a fault that the engine wrote as JSON. */
export function errorFromEngine(json: string): MeterglotError {
  const { message, ...fault } = JSON.parse(json) as Fault & { message: string };
  return new MeterglotError(message, fault);
}

/** Creates the error for an option, record or call that does not follow the contract. */
export function invalidOption(message: string, cause?: unknown): MeterglotError {
  return new MeterglotError(message, cause === undefined ? { code: "invalid-option" } : { code: "invalid-option", cause });
}
