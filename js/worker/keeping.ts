import { version } from "meterglot";
import type { UsageQuery } from "meterglot/sources";
import { addressOf, keep, type Kept, lookUp, matches } from "./cache.js";
import { later, type WorkerContext } from "./context.js";
import { isClosed } from "./query.js";
import { CONTENT_TYPES, type Representation } from "./representation.js";
import type { Limits, ConfiguredSource } from "./settings.js";

/** The cache entry of an answer. */
export interface Place {
  address: string;
  /** The time of the request, in epoch milliseconds. */
  time: number;
}

/** The cache entry of an answer, if the answer can no longer change. */
export async function placeOf(
  c: WorkerContext,
  now: Date,
  route: string,
  { name, configuration }: ConfiguredSource,
  query: UsageQuery,
  more: object,
  representation: Representation,
): Promise<Place | undefined> {
  if (!isClosed(query, c.var.settings.limits, now)) {
    c.var.log.entry.cache = "bypass";
    return undefined;
  }
  c.var.log.entry.cache = "miss";
  const address = await addressOf({ version, route, source: name, configuration, query: { ...query, ...more }, representation });
  return { address, time: now.getTime() };
}

/** The headers of an answer that is negotiated and depends on the caller. */
export function answerHeaders(c: WorkerContext, representation: Representation, place: Place | undefined, etag?: string): Headers {
  const headers = new Headers({
    "Content-Type": CONTENT_TYPES[representation],
    "Cache-Control": place === undefined ? "private, no-store" : "private, no-cache",
    "Cache-Status": `meterglot; ${{ hit: "hit", miss: "fwd=miss", bypass: "fwd=bypass" }[c.var.log.entry.cache ?? "bypass"]}`,
    Vary: "Accept, Authorization",
  });
  if (etag !== undefined) {
    headers.set("ETag", etag);
  }
  return headers;
}

/** An answer that needs no request to the provider: the cached one, a 304, or the headers for HEAD. */
export async function knownAnswer(c: WorkerContext, place: Place | undefined, representation: Representation): Promise<Response | undefined> {
  const isHead = c.req.method === "HEAD";
  // A caller may ask for a new answer. Browsers send no-cache with every If-None-Match and do not mean it.
  const isReload = /\bno-cache\b/.test(c.req.header("Cache-Control") ?? "") && c.req.header("If-None-Match") === undefined;
  const kept = place === undefined || isReload ? undefined : await keptAt(place, c.var.settings.limits);
  if (kept === undefined) {
    return isHead ? new Response(null, { headers: answerHeaders(c, representation, place) }) : undefined;
  }
  Object.assign(c.var.log.entry, { cache: "hit", records: kept.records });
  const headers = answerHeaders(c, representation, place, kept.etag);
  const isKnown = matches(c.req.header("If-None-Match"), kept.etag);
  if (isHead || isKnown) {
    await kept.body?.cancel();
    return new Response(null, { status: isKnown ? 304 : 200, headers });
  }
  c.var.log.entry.bytes = kept.bytes;
  return new Response(kept.body, { headers });
}

/** The cached answer, unless it is older than the configuration now allows. */
async function keptAt({ address, time }: Place, { cacheSeconds }: Limits): Promise<Kept | undefined> {
  const kept = await lookUp(address);
  if (kept !== undefined && time - kept.time >= cacheSeconds * 1000) {
    await kept.body?.cancel();
    return undefined;
  }
  return kept;
}

/** Caches a complete answer, after it was sent. */
export function keepLater(c: WorkerContext, place: Place | undefined, body: Uint8Array<ArrayBuffer> | undefined, representation: Representation): void {
  const { cacheSeconds, cacheBytes } = c.var.settings.limits;
  if (place !== undefined && body !== undefined && body.length <= cacheBytes && cacheSeconds >= 1) {
    const about = { contentType: CONTENT_TYPES[representation], records: c.var.log.entry.records, time: place.time, seconds: Math.floor(cacheSeconds) };
    later(c, keep(place.address, body, about));
  }
}
