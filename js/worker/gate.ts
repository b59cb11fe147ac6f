import { Problem } from "./problem.js";

/** How often a waiting caller looks by itself, should no one tell it of a free place. */
const LOOK_MS = 250;

/** Who has not looked for this long waits no more. */
const GONE_MS = 8 * LOOK_MS;

/** How often who is inside gives a sign of life, and how long none may come before the place is taken back. */
const PULSE_MS = 1000;
const LOST_MS = 5000;

export interface GateLimits {
  /** How many may be inside at once. */
  places: number;
  /** How many may wait; who comes later is refused. */
  waiting: number;
  /** How long one may wait. */
  waitMs: number;
}

/** What {@link Gate.enter} gives: leaves the place. */
export type Leave = () => void;

interface Inside {
  /** The last sign of life. */
  seen: number;
  lost: () => void;
}

interface Waiting {
  /** When it last looked. */
  looked: number;
  /** Tells it to look again. */
  tell: () => void;
}

/**
 * Lets so many in at a time, the others in the order they came.
 *
 * An edge runtime drops a request whose caller has gone, often without running another line of it: no `finally`, no `cancel`.
 * So who is inside gives signs of life while it is, who waits looks by itself, and nobody depends on another's coming to an end.
 */
export class Gate {
  readonly #limits: GateLimits;
  readonly #now: () => number;
  readonly #inside = new Map<symbol, Inside>();
  /** In the order they came. */
  readonly #waiting = new Map<symbol, Waiting>();

  constructor(limits: GateLimits, now: () => number = Date.now) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Waits for a place. `lost` is called by somebody else's request, where this one was dropped. */
  async enter(signal: AbortSignal, lost: () => void = () => {}): Promise<Leave> {
    const ticket = Symbol();
    const start = this.#now();
    try {
      while (!this.#mayEnter(ticket)) {
        const left = this.#limits.waitMs - (this.#now() - start);
        if (left <= 0) {
          throw busy("every place has been taken for too long");
        }
        if (!this.#waiting.has(ticket) && this.#waiting.size >= this.#limits.waiting) {
          throw busy("too many callers wait already");
        }
        await this.#told(ticket, Math.min(LOOK_MS, left));
        if (signal.aborted) {
          throw new Problem("aborted", "the caller went away");
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
      if (this.#inside.delete(ticket)) {
        this.#first()?.tell();
      }
    };
  }

  /** Whether there is a place, and no one who came earlier still waits for it. */
  #mayEnter(ticket: symbol): boolean {
    for (const [other, { seen, lost }] of this.#inside) {
      if (this.#now() - seen > LOST_MS) {
        this.#inside.delete(other);
        lost();
      }
    }
    const first = this.#first();
    return this.#inside.size < this.#limits.places && (first === undefined || first === this.#waiting.get(ticket));
  }

  /** Who has waited longest, of those that still look. */
  #first(): Waiting | undefined {
    for (const [ticket, waiting] of this.#waiting) {
      if (this.#now() - waiting.looked <= GONE_MS) {
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
