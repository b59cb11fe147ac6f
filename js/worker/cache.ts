import type { Representation } from "./representation.js";

/** What an answer of a closed period is found by: everything it depends on, and nothing of who asked. */
export interface CacheKey {
  /** This package's version: another one may read the same bytes otherwise. */
  version: string;
  route: string;
  source: string;
  /** The source's whole configuration, credentials included: other credentials may see other usage. Only a digest leaves. */
  configuration: string;
  /** The query as it was understood, so that two ways to write one period are one entry. */
  query: Record<string, unknown>;
  representation: Representation;
}

/** An answer that was complete when it was kept. */
export interface Kept {
  body: ReadableStream<Uint8Array> | null;
  etag: string;
  bytes: number;
  records: number;
  /** When it was asked for, in epoch milliseconds. */
  time: number;
}

/** Cloudflare's own cache, where this runtime has one. */
function defaultCache(): Cache | undefined {
  return (globalThis as { caches?: { default?: Cache } }).caches?.default;
}

/** Where an answer is kept: a URL that names nothing. */
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
 * Whether an If-None-Match header names the answer, by the weak comparison that RFC 9110 asks for there. hono's middleware `etag` reads and hashes every
 * answer before it is sent; here most answers stream, and a kept answer's ETag is known before its body is read.
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

/** Keeps a complete answer for a while. */
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

/** Takes along what passes, as long as it is small enough to be kept. */
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

  /** All of it, or nothing where it was too much. */
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
