import type { Call } from "./call.js";
import { SourceError } from "./errors.js";

/** A token or session, and its end in epoch milliseconds; infinite if the provider does not say. */
export interface Pass {
  value: string;
  until: number;
}

/** A pass is renewed when this part of its life is left, but no earlier than so many milliseconds before its end. */
const LAST_PART = 0.1;
const EARLIEST_MS = 60_000;

const PASSES_KEPT_SECRET = 100;

/** A pass with a life of so many seconds. */
export function passFor(value: string, seconds: number): Pass {
  const life = seconds * 1000;
  return { value, until: Date.now() + life - Math.min(life * LAST_PART, EARLIEST_MS) };
}

/**
 * A token or a session (docs/SOURCES.md#tokens-and-sessions). It is reused between calls, renewed before it ends, and once when it is refused.
 *
 * Calls share a pass, but never a pending request for one: in an edge worker a request may not wait for another one.
 */
export class Renewable {
  readonly #renew: ((call: Call) => Promise<Pass>) | null;
  #pass: Pass | null;
  /** Passes that requests may still use. */
  #known: string[] = [];

  /** Without `renew` the first pass is the only one. */
  constructor(first: string | undefined, renew: ((call: Call) => Promise<Pass>) | null) {
    this.#pass = first === undefined ? null : { value: first, until: Number.POSITIVE_INFINITY };
    this.#renew = renew;
  }

  /** Calls `work` with a valid pass, and once more with a new one if it fails as `unauthorized`. */
  async use<Result>(call: Call, work: (value: string) => Promise<Result>): Promise<Result> {
    const value = await this.#good(call);
    try {
      return await work(value);
    } catch (error) {
      if (this.#renew === null || !(error instanceof SourceError && error.code === "unauthorized")) {
        throw error;
      }
    }
    // Another call may have renewed it in the meantime.
    if (this.#pass?.value === value) {
      this.#pass = null;
    }
    const renewed = await this.#good(call);
    call.count({ retries: 1 });
    return work(renewed);
  }

  async #good(call: Call): Promise<string> {
    let pass = this.#pass;
    if (this.#renew !== null && (pass === null || pass.until <= Date.now())) {
      pass = await this.#renew(call);
      this.#pass = pass;
      this.#keepSecret(call, pass.value);
    }
    if (pass === null) {
      throw call.error("unauthorized", "there are no credentials to obtain access with");
    }
    return pass.value;
  }

  #keepSecret({ settings }: Call, value: string): void {
    settings.secrets.add(value);
    this.#known.push(value);
    if (this.#known.length > PASSES_KEPT_SECRET) {
      settings.secrets.forget(this.#known.shift() as string);
    }
  }
}
