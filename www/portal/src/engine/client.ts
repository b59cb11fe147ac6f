/** The page's side of the worker: typed calls that answer once. */
import type { Call, Calls, FromWorker, Progress, ToWorker } from "./protocol.js";
import { Refused } from "./refused.js";

const waiting = new Map<number, { resolve(answer: unknown): void; reject(reason: Refused): void }>();
let lastId = 0;
let hearProgress: (progress: Progress) => void = () => {};
let hearSorting: (progress: { done: number; of: number }) => void = () => {};

let worker: Worker | null = null;

/** Returns the worker, and starts it if there is none. A worker that could not be loaded is discarded, so that the next call starts another. */
function begun(): Worker {
  if (worker !== null) {
    return worker;
  }
  const beginning = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "meterglot" });
  let alive = false;
  beginning.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
    alive = true;
    hear(data);
  });
  beginning.addEventListener("error", (event) => {
    if (!alive) {
      beginning.terminate();
      worker = null;
    }
    // The worker will not answer these calls: reject them, or they would wait for ever.
    for (const call of waiting.values()) {
      call.reject(notLoaded(event.message || "the worker could not be loaded"));
    }
    waiting.clear();
  });
  worker = beginning;
  return beginning;
}

function hear(message: FromWorker): void {
  if ("progress" in message) {
    hearProgress(message.progress);
    return;
  }
  if ("sorting" in message) {
    hearSorting(message.sorting);
    return;
  }
  const call = waiting.get(message.id);
  waiting.delete(message.id);
  if ("refusal" in message) {
    call?.reject(new Refused(message.refusal));
  } else {
    call?.resolve(message.answer);
  }
}

const notLoaded = (message: string) => new Refused({ code: "not-loaded", message });

export function ask<Name extends Call>(name: Name, ask: Calls[Name]["ask"]): Promise<Calls[Name]["answer"]> {
  const id = ++lastId;
  return new Promise((resolve, reject) => {
    let asked: Worker;
    try {
      asked = begun();
    } catch (error) {
      reject(notLoaded(`no worker can be started: ${error instanceof Error ? error.message : String(error)}`));
      return;
    }
    waiting.set(id, { resolve: resolve as (answer: unknown) => void, reject });
    asked.postMessage({ id, name, ask } as ToWorker);
  });
}

export function onProgress(hear: (progress: Progress) => void): void {
  hearProgress = hear;
}

export function onSorting(hear: (progress: { done: number; of: number }) => void): void {
  hearSorting = hear;
}

// Loads the engine before the first call needs it. If that fails, the first call tries again and reports the error.
try {
  begun();
} catch {}
