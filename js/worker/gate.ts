import { Problem } from "./problem.js";

/** How often a waiting caller checks for a free place, in milliseconds. */
const LOOK_MS = 20;

/** A caller that has not checked for this long no longer waits. */
const GONE_MS = 2000;

/** How often a caller with a place renews it, and after which silence the place is recovered. */
const PULSE_MS = 1000;
const LOST_MS = 5000;

export interface GateLimits {
  /** The number of places. */
  places: number;
  /** The most callers that may wait; others are refused. */
  waiting: number;
  /** The longest time that a caller may wait. */
  waitMs: number;
}

/** The result of {@link Gate.enter}: frees the place. */
export type Leave = () => void;

interface Inside {
  /** When the place was last renewed. */
  seen: number;
  lost: () => void;
}

/**
 * Limits the number of concurrent callers. Others wait in the order of their arrival.
 *
 * An edge runtime may drop a request whose caller has disconnected without running any more of its code: no `finally`, no `cancel`.
 * So a caller with a place renews it regularly, and no caller depends on the end of another. A request does not
 * wake another one either, because workerd sometimes ran such code in the wrong request: each waiting caller checks by its own timer.
 */
export class Gate {
  readonly #limits: GateLimits;
  readonly #now: () => number;
  readonly #inside = new Map<symbol, Inside>();
  /** When each last checked, in the order of arrival. */
  readonly #waiting = new Map<symbol, number>();

  constructor(limits: GateLimits, now: () => number = Date.now) {
    this.#limits = limits;
    this.#now = now;
  }

  /**
   * Waits for a place. `lost` is called by another request if this one was dropped: of this request it may use only
   * plain values and the engine's memory.
   */
  async enter(signal: AbortSignal, lost: () => void = () => {}): Promise<Leave> {
    const ticket = Symbol();
    const start = this.#now();
    let silent = this.#takeBack(new Set());
    if (silent.size > 0) {
      await sleep(LOOK_MS);
    }
    try {
      for (silent = this.#takeBack(silent); !this.#hasPlaceFor(ticket); silent = this.#takeBack(silent)) {
        const left = this.#limits.waitMs - (this.#now() - start);
        if (left <= 0) {
          throw busy("no place became free in time");
        }
        if (!this.#waiting.has(ticket) && this.#waiting.size >= this.#limits.waiting) {
          throw busy("too many callers wait already");
        }
        this.#waiting.set(ticket, this.#now());
        await sleep(Math.min(LOOK_MS, left));
        if (signal.aborted) {
          throw new Problem("aborted", "the caller disconnected");
        }
      }
    } finally {
      this.#waiting.delete(ticket);
    }
    return this.#takePlace(ticket, lost);
  }

  #takePlace(ticket: symbol, lost: () => void): Leave {
    const inside: Inside = { seen: this.#now(), lost };
    this.#inside.set(ticket, inside);
    const pulse = setInterval(() => (inside.seen = this.#now()), PULSE_MS);
    return () => {
      clearInterval(pulse);
      this.#inside.delete(ticket);
    };
  }

  /**
   * Recovers places that were silent when this caller checked before, and still are. Returns those that are silent now.
   * A timer runs between two checks, so if the whole isolate was stopped, a live caller renews its place before it is recovered.
   */
  #takeBack(before: ReadonlySet<symbol>): Set<symbol> {
    const silent = new Set<symbol>();
    for (const [ticket, { seen, lost }] of this.#inside) {
      if (this.#now() - seen <= LOST_MS) {
        continue;
      }
      if (before.has(ticket)) {
        this.#inside.delete(ticket);
        lost();
      } else {
        silent.add(ticket);
      }
    }
    return silent;
  }

  /** Whether there are more free places than earlier callers that still wait. */
  #hasPlaceFor(ticket: symbol): boolean {
    let free = this.#limits.places - this.#inside.size;
    for (const [other, looked] of this.#waiting) {
      if (other === ticket) {
        break;
      }
      if (this.#now() - looked > GONE_MS) {
        this.#waiting.delete(other);
      } else {
        free -= 1;
      }
    }
    return free > 0;
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function busy(detail: string): Problem {
  return new Problem("busy", detail, { details: { retryAfter: 5 } });
}
