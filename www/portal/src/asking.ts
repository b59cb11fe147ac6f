/** Questions to the worker, so that it never has more to answer than anyone waits for. */
import { type Refused, refusedBy } from "./engine/refused.js";

export type Outcome<Answer> = { answer: Answer; refused: null } | { answer: null; refused: Refused };

/** An answer that is already overtaken is followed by a lull, so that answers take a part of the worker's time and not all of it. */
const LULL = { times: 3, atMost: 1000 };

interface Asking<Question> {
  /** Asks once what is being answered is answered. Of all that comes up by then the latest is asked, and nothing else. With `now` what is being answered is given up. */
  ask(question: Question, now?: boolean): void;
  /** Nobody waits any more. */
  drop(): void;
}

/** `hear` is told what was answered, and whether something newer is waiting. There is a lull only while `busy`. */
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
