/** A queue of questions to the worker with one place: a newer question replaces the one that waits, so the worker never answers outdated ones. */
import { type Refused, refusedBy } from "./engine/refused.js";

export type Outcome<Answer> = { answer: Answer; refused: null } | { answer: null; refused: Refused };

/** The pause after an answer that is already outdated. It leaves the worker time for its other work: `times` the duration of the answer, `atMost` milliseconds. */
const LULL = { times: 3, atMost: 1000 };

interface Asking<Question> {
  /** Asks the question after the current one is answered; a newer question replaces it. With `now` the current one is abandoned and this one asked at once. */
  ask(question: Question, now?: boolean): void;
  /** Discards the question that waits, and ignores the answer to the current one. */
  drop(): void;
}

/** Calls `hear` with each answer, and with whether a newer question waits. Pauses between answers only while `busy` returns true. */
export function asking<Question, Answer>(
  put: (question: Question) => Promise<Answer>,
  hear: (outcome: Outcome<Answer>, overtaken: boolean) => void,
  busy: () => boolean,
): Asking<Question> {
  let [turn, out] = [0, false];
  let waiting: { question: Question } | null = null;

  async function go(question: Question): Promise<void> {
    const mine = ++turn;
    out = true;
    const begun = performance.now();
    const outcome = await put(question).then(
      (answer): Outcome<Answer> => ({ answer, refused: null }),
      (error: unknown): Outcome<Answer> => ({ answer: null, refused: refusedBy(error) }),
    );
    if (mine !== turn) {
      return;
    }
    hear(outcome, waiting !== null);
    if (waiting !== null && busy()) {
      await new Promise((later) => setTimeout(later, Math.min(LULL.times * (performance.now() - begun), LULL.atMost)));
    }
    if (mine === turn) {
      out = false;
      next();
    }
  }

  function next(): void {
    if (waiting !== null && !out) {
      const { question } = waiting;
      waiting = null;
      void go(question);
    }
  }

  return {
    ask(question, now = false) {
      waiting = { question };
      out &&= !now;
      next();
    },
    drop() {
      turn += 1;
      [out, waiting] = [false, null];
    },
  };
}
