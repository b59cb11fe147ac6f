import type { Representation } from "./representation.js";

/** The cache key of an answer of a closed period: everything that it depends on, without the caller. */
export interface CacheKey {
  /** This package's version: another version may read the same bytes differently. */
  version: string;
  route: string;
  source: string;
  /** The source's whole configuration with its credentials, because other credentials may read other usage. Only a digest is used. */
  configuration: string;
  /** The validated query, so that two ways to write one period have one entry. */
  query: Record<string, unknown>;
  representation: Representation;
}

/** An answer that was complete when it was cached. */
export interface Kept {
  body: ReadableStream<Uint8Array> | null;
  etag: string;
  bytes: number;
  records: number;
  /** When it was requested, in epoch milliseconds. */
  time: number;
}

/** Cloudflare's own cache, if this runtime has one. */
function defaultCache(): Cache | undefined {
  return (globalThis as { caches?: { default?: Cache } }).caches?.default;
}

/** The cache key as a URL. */
export async function addressOf({ version, route, source, configuration, query, representation }: CacheKey): Promise<string> {
  const fields = Object.entries(query).filter(([, value]) => value !== undefined);
  const sorted = Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
  return `https://meterglot.invalid/${await digestOf(JSON.stringify([version, route, source, configuration, sorted, representation]))}`;
}

/** Base64url of a SHA-256; of a text, in UTF-8. */
async function digestOf(content: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return btoa(String.fromCharCode(...digest))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace("=", "");
}

export async function etagOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return `"${await digestOf(bytes)}"`;
}

/**
 * Whether an If-None-Match header has the answer's ETag, by the weak comparison of RFC 9110. hono's middleware `etag` reads and hashes every
 * answer before it is sent; here most answers are streams, and the ETag of a cached answer is known before its body is read.
 */
export function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  const named = (ifNoneMatch ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return named.includes(etag) || named.includes("*");
}

export async function lookUp(address: string): Promise<Kept | undefined> {
  const response = await defaultCache()?.match(address);
  const etag = response?.headers.get("etag");
  if (response === undefined || etag == null) {
    return undefined;
  }
  const { headers, body } = response;
  const number = (name: string) => Number(headers.get(`meterglot-${name}`));
  return { body, etag, bytes: number("bytes"), records: number("records"), time: number("time") };
}

/** Caches a complete answer for some time. */
export async function keep(
  address: string,
  body: Uint8Array<ArrayBuffer>,
  about: { contentType: string; records: number; time: number; seconds: number },
): Promise<void> {
  const headers = {
    "Content-Type": about.contentType,
    "Cache-Control": `max-age=${about.seconds}`,
    "Meterglot-Bytes": String(body.length),
    "Meterglot-Records": String(about.records),
    "Meterglot-Time": String(about.time),
    ETag: await etagOf(body),
  };
  await defaultCache()?.put(address, new Response(body, { headers }));
}

/** Copies the chunks that pass, as long as the copy is small enough for the cache. */
export class Copy {
  readonly #limit: number;
  #chunks: Uint8Array[] | undefined = [];
  #length = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  take(chunk: Uint8Array): void {
    this.#length += chunk.length;
    if (this.#length > this.#limit) {
      this.#chunks = undefined;
    }
    this.#chunks?.push(chunk);
  }

  /** The whole copy, or nothing if it was too large. */
  whole(): Uint8Array<ArrayBuffer> | undefined {
    if (this.#chunks === undefined) {
      return undefined;
    }
    const bytes = new Uint8Array(this.#length);
    let position = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, position);
      position += chunk.length;
    }
    return bytes;
  }
}
