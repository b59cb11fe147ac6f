import { Problem } from "./problem.js";

/** How often a waiting caller looks by itself, should no one tell it of a free place. */
const LOOK_MS = 250;

export interface GateLimits {
  /** How many may be inside at once. */
  places: number;
  /** How many may wait; who comes later is refused. */
  waiting: number;
  /** How long one may wait. */
  waitMs: number;
  /** A place not touched for this long is taken back. */
  leaseMs: number;
}

/** A place inside, until it is left. */
export interface Place {
  /** Says that the work goes on. */
  touch(): void;
  leave(): void;
}

/**
 * Lets so many in at a time, the others in the order they came.
 *
 * An edge runtime may drop a request whose caller went away in mid-step, without running what stands in `finally`. So a place
 * is a lease, a waiting caller that no longer looks loses its turn, and nobody depends on another request coming to its end.
 */
export class Gate {
  readonly #limits: GateLimits;
  readonly #now: () => number;
  /** When each place was last touched. */
  readonly #inside = new Map<symbol, number>();
  /** In the order they came: when each last looked, and how to tell it to look again. */
  readonly #waiting = new Map<symbol, { looked: number; tell: () => void }>();

  constructor(limits: GateLimits, now: () => number = Date.now) {
    this.#limits = limits;
    this.#now = now;
  }

  async enter(signal: AbortSignal): Promise<Place> {
    const ticket = Symbol();
    const start = this.#now();
    try {
      while (!this.#mayEnter(ticket)) {
        const left = this.#limits.waitMs - (this.#now() - start);
        if (left <= 0) {
          throw busy("this source has been busy for too long");
        }
        if (!this.#waiting.has(ticket) && this.#waiting.size >= this.#limits.waiting) {
          throw busy("too many callers wait for this source already");
        }
        await this.#told(ticket, Math.min(LOOK_MS, left));
        if (signal.aborted) {
          throw new Problem("aborted", "the caller went away");
        }
      }
    } finally {
      this.#waiting.delete(ticket);
    }
    this.#inside.set(ticket, this.#now());
    return {
      touch: () => {
        if (this.#inside.has(ticket)) {
          this.#inside.set(ticket, this.#now());
        }
      },
      leave: () => {
        if (this.#inside.delete(ticket)) {
          this.#first()?.tell();
        }
      },
    };
  }

  /** Whether there is a place, and no one who came earlier still waits for it. */
  #mayEnter(ticket: symbol): boolean {
    for (const [other, touched] of this.#inside) {
      if (this.#now() - touched > this.#limits.leaseMs) {
        this.#inside.delete(other);
      }
    }
    const first = this.#first();
    return this.#inside.size < this.#limits.places && (first === undefined || first === this.#waiting.get(ticket));
  }

  /** Who has waited longest, of those that still look. */
  #first() {
    for (const [ticket, waiting] of this.#waiting) {
      if (this.#now() - waiting.looked <= 4 * LOOK_MS) {
        return waiting;
      }
      this.#waiting.delete(ticket);
    }
    return undefined;
  }

  /** Resolves when it is this caller's turn to look, or after a while. */
  #told(ticket: symbol, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      const tell = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#waiting.set(ticket, { looked: this.#now(), tell });
    });
  }
}

function busy(detail: string): Problem {
  return new Problem("busy", detail, { details: { retryAfter: 5 } });
}
