import type { Progress } from "meterglot/sources";
import type { z } from "zod";
import { release } from "../release.js";
import { Copy } from "./cache.js";
import { callerSignal, sourceNamed, type WorkerContext } from "./context.js";
import { framingOf } from "./framing.js";
import { answerHeaders, keepLater, knownAnswer, placeOf } from "./keeping.js";
import { usageQuery } from "./query.js";
import { negotiate, summedIn } from "./representation.js";
import type { UsageParameters } from "./schemas.js";
import { begin, bodyOf, type Watcher } from "./streaming.js";

/** `GET /v1/usage/:source`: the records, sent while pages still arrive. */
export async function usage(c: WorkerContext, name: string, parameters: z.output<typeof UsageParameters>, now: Date): Promise<Response> {
  const { log, settings, requestId } = c.var;
  const configured = sourceNamed(c, name);
  const query = usageQuery(configured, parameters, settings.limits);
  const representation = negotiate(c.req.header("Accept"));
  const summed = summedIn(representation, parameters.summary);
  const signal = callerSignal(c);
  let duplicates = 0;
  const onProgress = (progress: Progress) => {
    log.follow(progress);
    duplicates = progress.duplicates;
  };
  // Nothing is sent before the answer is read, and a query that the source does not support is refused at once.
  const lines = configured.source.stream(query, representation === "csv" ? "csv" : "ndjson", { signal, onProgress });
  const place = await placeOf(c, now, "usage", configured, query, summed ? { summed } : {}, representation);
  const known = await knownAnswer(c, place, representation);
  if (known !== undefined) {
    return known;
  }

  const leave = await configured.gate.enter(signal, () => {
    log.close({ outcome: "left" });
    release(lines);
  });
  try {
    const begun = await begin(lines);

    log.streams = true;
    const end = (outcome: "answered" | "broken" | "left") => {
      leave();
      log.close({ outcome });
    };
    const copy = new Copy(place === undefined ? 0 : settings.limits.cacheBytes);
    const { from = null, to = null } = parameters;
    const framing = framingOf(representation, { head: { source: name, provider: configured.source.provider, from, to }, list: "records", summed });
    const watcher: Watcher = {
      passed(bytes) {
        copy.take(bytes);
        log.entry.bytes += bytes.length;
      },
      summary: () => ({ duplicates }),
      whole() {
        keepLater(c, place, copy.whole(), representation);
        end("answered");
      },
      broken(problem) {
        log.note(problem);
        end("broken");
      },
      left: () => end("left"),
    };
    const stallMs = settings.limits.stallSeconds * 1000;
    const body = bodyOf(begun, { framing, side: "provider", request: requestId, stallMs, watcher });
    return new Response(body, { headers: answerHeaders(c, representation, place) });
  } catch (error) {
    leave();
    throw error;
  }
}
