/** The page's side of the worker: typed calls that answer once. */
import type { Call, Calls, FromWorker, Progress, Refusal, ToWorker } from "./protocol.js";

/** What the worker refused to do, in the engine's own words. */
export class Refused extends Error {
  readonly code: string;

  constructor({ code, message }: Refusal) {
    super(message);
    this.code = code;
  }
}

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "meterglot" });
const waiting = new Map<number, { resolve(answer: unknown): void; reject(reason: Refused): void }>();
let lastId = 0;
let hearProgress: (progress: Progress) => void = () => {};
let hearSorting: (progress: { done: number; of: number }) => void = () => {};

worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
  if ("progress" in data) {
    hearProgress(data.progress);
    return;
  }
  if ("sorting" in data) {
    hearSorting(data.sorting);
    return;
  }
  const call = waiting.get(data.id);
  waiting.delete(data.id);
  if ("refusal" in data) {
    call?.reject(new Refused(data.refusal));
  } else {
    call?.resolve(data.answer);
  }
});

// The worker itself could not be loaded: whoever waits would wait for ever.
worker.addEventListener("error", (event) => {
  const refused = new Refused({ code: "not-loaded", message: event.message || "the worker could not be loaded" });
  for (const call of waiting.values()) {
    call.reject(refused);
  }
  waiting.clear();
});

export function ask<Name extends Call>(name: Name, ask: Calls[Name]["ask"]): Promise<Calls[Name]["answer"]> {
  const id = ++lastId;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve: resolve as (answer: unknown) => void, reject });
    worker.postMessage({ id, name, ask } as ToWorker);
  });
}

export function onProgress(hear: (progress: Progress) => void): void {
  hearProgress = hear;
}

export function onSorting(hear: (progress: { done: number; of: number }) => void): void {
  hearSorting = hear;
}
