// Providers that are a function each, and assertions for the tests of sources.
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { barracudaSource, cloudsigmaSource, devicewiseSource, onappSource, SourceError, wasabiSource } from "meterglot/sources";

/** Secrets that tests search for. */
export const secrets = {
  clientSecret: "client+secret/of=barracuda",
  token: "token-of-barracuda-0001",
  password: 'pass"word/für?everyone',
  sessionId: "session-of-devicewise-0001",
  apiKey: "9ef5b1468a52943b3cafb9385d76405b",
  accessKey: "ACCESSKEY0WASABI0001",
  secretKey: "secret/key+of=wasabi/0123456789abcdefghij",
};

/** Retries without a delay. */
export const quick = { baseMs: 1, maxDelayMs: 5 };

export const january = { from: "2024-01-01", to: "2024-02-01" };

/** A source of each provider, whose requests are answered by a function. */
export const sources = {
  barracuda: (fetch, more) => barracudaSource({ fetch, retry: quick, partner: "acme", token: secrets.token, ...more }),
  devicewise: (fetch, more) => devicewiseSource({ fetch, retry: quick, sessionId: secrets.sessionId, ...more }),
  cloudsigma: (fetch, more) => cloudsigmaSource({ fetch, retry: quick, location: "zrh", user: "me", password: secrets.password, ...more }),
  wasabi: (fetch, more) => wasabiSource({ fetch, retry: quick, account: "7", apiKey: secrets.apiKey, ...more }),
  wasabiStats: (fetch, more) => wasabiSource({ api: "stats", fetch, retry: quick, accessKey: secrets.accessKey, secretKey: secrets.secretKey, ...more }),
  onapp: (fetch, more) => onappSource({ fetch, retry: quick, baseUrl: "https://cloud.test", login: "me", password: secrets.password, user: "4", ...more }),
};

/**
 * Answers with one reply after another, and repeats the last. `sent` are the requests, each with its body as `text`.
 * A reply is a Response, or a function that makes one from the request.
 */
export function answering(...replies) {
  const sent = [];
  const fetch = async (request) => {
    const reply = replies[Math.min(sent.length, replies.length - 1)];
    sent.push(Object.assign(request, { at: performance.now(), sentBody: await request.clone().text() }));
    return typeof reply === "function" ? reply(request) : reply.clone();
  };
  return { fetch, sent };
}

export function json(value, init = {}) {
  const isBody = typeof value === "string" || value instanceof ReadableStream;
  return new Response(isBody ? value : JSON.stringify(value), {
    ...init,
    headers: { "content-type": "application/json", ...init.headers },
  });
}

/** A page of Barracuda's usage history: days of January 2024, counted from 1. */
export function barracudaPage({ days, page = 1, count = days.length, next = null, href = "https://api.intronis.com/v1/partners/acme/usage_history" }) {
  const links = [{ rel: "first", href: `${href}?page=1` }, ...(next === null ? [] : [{ rel: "next", href: `${href}?page=${next}` }])];
  const list = days.map((day) => ({ date: `2024-01-${String(day).padStart(2, "0")}T00:00:00-05:00`, bytes: 1000 + day }));
  return json({ page, page_size: 90, count, links, list });
}

/** A page of CloudSigma's daily burst usage. */
export function cloudsigmaPage({ days, offset = 0, total = days.length, limit = 1000 }) {
  const objects = days.map((day) => ({ amount: "0.01", date: `2024-01-${String(day).padStart(2, "0")}`, resource_type: "cpu", usage: day }));
  return json({ meta: { limit, offset, total_count: total }, objects });
}

/** A row of Wasabi's for a bucket and a day of January 2024. */
export function wasabiRow(day, bucket = 1) {
  const at = (day) => new Date(Date.UTC(2024, 0, day)).toISOString().replace(".000", "");
  return { AcctNum: 7, BucketNum: bucket, Bucket: `b${bucket}`, StartTime: at(day), EndTime: at(day + 1), NumAPICalls: 10 * day + bucket };
}

/** A page of the Stats API, which states its count only on the first page. */
export function statsPage(rows, { page = 0, size = 100, count = rows.length } = {}) {
  const isFirst = page === 0;
  return json({
    PageInfo: { RecordCount: isFirst ? count : 0, PageCount: isFirst ? Math.ceil(count / size) : 0, PageSize: size, PageNum: page },
    Records: rows,
  });
}

/** A body that is sent in pieces. A piece that is an error aborts it; a number is a delay in milliseconds. */
export function body(...pieces) {
  const encoder = new TextEncoder();
  const left = [...pieces];
  const stream = new ReadableStream(
    {
      async pull(controller) {
        const piece = left.shift();
        if (typeof piece === "number") {
          await new Promise((resolve) => setTimeout(resolve, piece));
          return this.pull(controller);
        }
        if (piece === undefined) {
          return controller.close();
        }
        if (piece instanceof Error) {
          return controller.error(piece);
        }
        controller.enqueue(typeof piece === "string" ? encoder.encode(piece) : piece);
      },
      cancel(reason) {
        stream.cancelled = reason ?? true;
      },
    },
    { highWaterMark: 0 },
  );
  return stream;
}

export async function all(iterable) {
  const list = [];
  for await (const item of iterable) {
    list.push(item);
  }
  return list;
}

export const textOf = (stream) => new Response(stream).text();

/** The error of a promise, which must be a SourceError with that code, without any secret. */
export async function failure(promise, code) {
  const error = await Promise.resolve(promise).then(
    (value) => assert.fail(`expected ${code}, found ${inspect(value)}`),
    (error) => error,
  );
  assert.ok(error instanceof SourceError, inspect(error));
  assert.equal(error.code, code, inspect(error));
  assertNoSecret(error);
  return error;
}

/** Searches everything that is reachable from a value. */
export function assertNoSecret(value) {
  const seen = inspect(value, { depth: 20, showHidden: true, getters: true, maxStringLength: null, maxArrayLength: null });
  for (const secret of Object.values(secrets)) {
    const shapes = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), btoa(unescape(encodeURIComponent(`me:${secret}`)))];
    for (const shape of shapes) {
      assert.ok(!seen.includes(shape), `${shape} is seen in ${seen}`);
    }
  }
}
