import type { ErrorCode, Provider } from "./api.js";

/** What a {@link MeterglotError} carries beside its message, in the names the engine writes. */
export interface Fault {
  code: ErrorCode;
  provider: Provider | null;
  page: number | null;
  pointer: string | null;
  line: number | null;
  column: number | null;
  offset: number | null;
  providerCodes: string[];
  providerMessages: string[];
}

/** Everything this package throws. */
export class MeterglotError extends Error implements Fault {
  readonly code: ErrorCode;
  readonly provider: Provider | null;
  readonly page: number | null;
  readonly pointer: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly offset: number | null;
  readonly providerCodes: string[];
  readonly providerMessages: string[];

  constructor(message?: string, fault: Partial<Fault> & ErrorOptions = {}) {
    super(message, "cause" in fault ? { cause: fault.cause } : undefined);
    this.code = fault.code ?? "internal";
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

// On the prototype, so that minified code keeps the name and no instance lists it as a field.
Object.defineProperty(MeterglotError.prototype, "name", { value: "MeterglotError", configurable: true, writable: true });

/** The error for a fault as the engine writes it: JSON of its message and fields. */
export function errorFromEngine(json: string): MeterglotError {
  const { message, ...fault } = JSON.parse(json) as Fault & { message: string };
  return new MeterglotError(message, fault);
}

/** The error for a caller's option, record or call that is not as the contract says. */
export function invalidOption(message: string, cause?: unknown): MeterglotError {
  return new MeterglotError(message, cause === undefined ? { code: "invalid-option" } : { code: "invalid-option", cause });
}
