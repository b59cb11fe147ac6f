import { Problem } from "./problem.js";

/** How often a waiting caller looks whether there is a place for it. */
const LOOK_MS = 20;

/** Who has not looked for this long waits no more. */
const GONE_MS = 2000;

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

/**
 * Lets so many in at a time, the others in the order they came.
 *
 * An edge runtime drops a request whose caller has gone, often without running another line of it: no `finally`, no `cancel`.
 * So who is inside gives signs of life while it is, and nobody depends on another's coming to an end. Nor does one request
 * wake another: workerd has been seen to run what was woken in the wrong one. Who waits looks, by a timer of its own.
 */
export class Gate {
  readonly #limits: GateLimits;
  readonly #now: () => number;
  readonly #inside = new Map<symbol, Inside>();
  /** When each last looked, in the order they came. */
  readonly #waiting = new Map<symbol, number>();

  constructor(limits: GateLimits, now: () => number = Date.now) {
    this.#limits = limits;
    this.#now = now;
  }

  /**
   * Waits for a place. `lost` is called by somebody else's request, where this one was dropped: it must touch nothing that
   * belongs to this one but plain values and the engine's memory.
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
   * Takes back the places of those who were silent when this caller looked before, and still are; gives who is silent now.
   * Between the two looks lies a timer: where the whole isolate stood still, who lives gives its overdue sign before it.
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

  /** Whether there are more places than callers who came earlier and still look. */
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
