/** What has been read so far, by the number the page gave each reply. */
import type { Holding } from "./holding.js";
import type { Body, ReplyRead } from "./protocol.js";

export interface Held {
  reply: number;
  holding: Holding;
  bodies: Body[];
}

const store = new Map<number, Held>();
const running = new Map<number, AbortController>();

/** Does work that `forget` can stop. Work that was begun before on the same reply is stopped first. */
export async function reading<Result>(reply: number, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  running.get(reply)?.abort();
  const controller = new AbortController();
  running.set(reply, controller);
  try {
    return await work(controller.signal);
  } finally {
    if (running.get(reply) === controller) {
      running.delete(reply);
    }
  }
}

/** Keeps what was read, in place of what was there. */
export function keep(reply: number, { holding, read }: { holding: Holding; read: ReplyRead }, bodies: Body[]): ReplyRead {
  store.get(reply)?.holding.free();
  store.set(reply, { reply, holding, bodies });
  return read;
}

/** Stops reading a reply, and frees what is held of it. */
export function forget(reply: number): null {
  running.get(reply)?.abort();
  store.get(reply)?.holding.free();
  store.delete(reply);
  return null;
}

export function held(reply: number): Held {
  const found = store.get(reply);
  if (found === undefined) {
    throw new DOMException("this reply is no longer held", "NotFoundError");
  }
  return found;
}

export function holdingsOf(replies: number[]): Held[] {
  return replies.flatMap((reply) => store.get(reply) ?? []);
}
