import { call, currentGeneration } from "./engine.js";
import { invalidOption, MeterglotError } from "./errors.js";
import { keepOne } from "./kept.js";

/** A value in the engine's memory. The glue frees it when it is garbage collected, through its finalization registry. */
interface EngineValue {
  free(): void;
}

/** A reference to a value in the engine's memory, until it is freed. */
export class Handle<Value extends EngineValue> {
  readonly #name: string;
  readonly #generation = currentGeneration();
  #value: Value | undefined;

  constructor(name: string, value: Value) {
    this.#name = name;
    this.#value = value;
  }

  /** Whether the value exists: it was not freed, and the engine was not restarted. */
  get isAlive(): boolean {
    return this.#value !== undefined && this.#generation === currentGeneration();
  }

  /** The value, for use inside one call into the engine. */
  get value(): Value {
    if (this.#value === undefined) {
      throw invalidOption(`this ${this.#name} has been freed`);
    }
    if (this.#generation !== currentGeneration()) {
      throw new MeterglotError(`this ${this.#name} was lost when the engine was restarted`, { code: "internal" });
    }
    return this.#value;
  }

  use<Result>(work: (value: Value) => Result): Result {
    const value = this.value;
    return call(() => work(value));
  }

  /** Passes the value to a call that consumes it. */
  release<Result>(work: (value: Value) => Result): Result {
    const value = this.value;
    this.#value = undefined;
    return call(() => work(value));
  }

  /** Frees the value; freeing it again does nothing. */
  free(): void {
    const value = this.#value;
    this.#value = undefined;
    if (value !== undefined && this.#generation === currentGeneration()) {
      call(() => value.free());
      keepOne(this.#name, [this, value]);
    }
  }
}

/** Adds support for `using` to a class, if the runtime has it. */
export function makeDisposable(type: { prototype: { free(): void } }): void {
  // Older runtimes have no such symbol.
  if (Symbol.dispose !== undefined) {
    Object.defineProperty(type.prototype, Symbol.dispose, {
      value(this: { free(): void }) {
        this.free();
      },
      configurable: true,
      writable: true,
    });
  }
}
