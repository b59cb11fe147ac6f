/** The worker that holds the engine, the tables and the bodies. The page holds none of them. */
import { init, MeterglotError } from "meterglot";
import { countingOf } from "./counting.js";
import { download } from "./download.js";
import { excerptOf } from "./excerpt.js";
import { figuresOf } from "./figures.js";
import { fetchUsage, listSources, SourceProblem } from "./edge.js";
import { define, descriptorIn, forgetFormat } from "./formats.js";
import type { Call, Calls, FromWorker, Preference, Refusal, ToWorker } from "./protocol.js";
import { readReply } from "./reading.js";
import { Refused } from "./refused.js";
import { recordsOf, select } from "./selection.js";
import { seriesOf } from "./series.js";
import { forget, held, holdingsOf, keep, reading } from "./store.js";

type Handlers = { [Name in Call]: (ask: Calls[Name]["ask"]) => Promise<Calls[Name]["answer"]> | Calls[Name]["answer"] };

const handlers: Handlers = {
  read: (ask) =>
    reading(ask.reply, async (signal) => {
      const descriptor = await descriptorIn(ask.bodies);
      return descriptor === null ? keep(ask.reply, await readReply(ask, signal, post), ask.bodies) : define(descriptor);
    }),
  sources: ({ edge, token }) => listSources(edge, token),
  fetch: (ask) => reading(ask.reply, async (signal) => keep(ask.reply, await fetchUsage(ask, signal, post), [])),
  cancel: ({ reply }) => forget(reply),
  forget: ({ reply }) => forget(reply),
  forgetFormat: ({ format }) => forgetFormat(format),
  figures: (ask) => figuresOf(countingIn(ask)),
  series: (ask) => seriesOf(countingIn(ask), ask.request),
  select: (ask) => select(holdingsOf(ask.replies), ask.list, () => countingIn(ask), post),
  records: ({ selection, start, end }) => recordsOf(selection, start, end),
  excerpt: ({ reply, page, place }) => excerptOf(held(reply).bodies[page]?.blob, place),
  download: (ask) => download(holdingsOf(ask.replies), countingIn(ask), ask.what, ask.request, ask.everyMeasure),
};

const countingIn = ({ replies, preference }: { replies: number[]; preference: Preference }) => countingOf(holdingsOf(replies), preference);

/** Loads the engine. If it could not be loaded, the next call tries again. */
async function loaded(): Promise<void> {
  try {
    await init();
  } catch (error) {
    throw new Refused({ code: "not-loaded", message: `the engine could not be loaded: ${error instanceof Error ? error.message : String(error)}` });
  }
}

// Starts to load before the first call. An error is reported by the first call, which tries again.
loaded().catch(() => {});

function post(message: FromWorker): void {
  self.postMessage(message);
}

self.addEventListener("message", async ({ data: { id, name, ask } }: MessageEvent<ToWorker>) => {
  try {
    await loaded();
    post({ id, answer: await (handlers[name] as (ask: unknown) => unknown)(ask) });
  } catch (error) {
    post({ id, refusal: refusalOf(error) });
  }
});

function refusalOf(error: unknown): Refusal {
  if (error instanceof MeterglotError || error instanceof SourceProblem || error instanceof Refused) {
    return { code: error.code, message: error.message };
  }
  if (error instanceof DOMException) {
    return { code: error.name === "AbortError" ? "cancelled" : error.name, message: error.message };
  }
  return { code: "internal", message: error instanceof Error ? error.message : String(error) };
}
