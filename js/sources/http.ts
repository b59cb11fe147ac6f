import ky, { isHTTPError, isTimeoutError } from "ky";
import { MeterglotError, normalize } from "meterglot";
import { joined } from "../bytes.js";
import { nextPiece, Stalled, unlessAborted } from "./body.js";
import type { Call } from "./call.js";
import { SourceError, type SourceFault } from "./errors.js";
import type { Outgoing } from "./outgoing.js";
import { follow } from "./redirects.js";
import { backOff, passes, retryAfter } from "./retry.js";

/** A reply of status 2xx. */
export interface Reply {
  contentType: string | undefined;
  /** The body from its beginning; to be read once. */
  pieces: AsyncIterable<Uint8Array>;
}

/** A reply whose body is at hand whole. */
export interface WholeReply extends Reply {
  body: Uint8Array;
}

/** So much of an error reply is read: it is for a reader, and anybody may have sent it. */
const LONGEST_ERROR = 64 * 1024;

const LONGEST_MESSAGE = 500;

/** A large body is held for so many milliseconds at the most before it is given on. */
const HOLD_MS = 2000;

/** Sends a request and gives its reply with the whole body, which may be as large as a page. What breaks is sent again. */
export async function fetchWhole(call: Call, request: Outgoing, origin = call.settings.origin): Promise<WholeReply> {
  const { contentType, start, rest } = await send(call, request, origin, true);
  if (rest !== null) {
    rest.cancel().catch(() => {});
    const message = `expected a page of at most ${call.settings.maxPageBytes} bytes (\`maxPageBytes\`), found a larger one`;
    throw call.error("limit-exceeded", message);
  }
  const body = joined(start);
  return { contentType, body, pieces: piecesOf(call, [body], null) };
}

/**
 * Sends a request and gives its reply once the body is whole, or as large as a page, or has been waited for long enough.
 * What breaks before is sent again; what breaks after is `incomplete`.
 */
export async function fetchBegun(call: Call, request: Outgoing): Promise<Reply> {
  const { contentType, start, rest } = await send(call, request, call.settings.origin, false);
  return { contentType, pieces: piecesOf(call, start, rest) };
}

/** A reply whose body is whole (`rest` is null), or begun. */
interface Answer {
  contentType: string | undefined;
  start: Uint8Array[];
  rest: ReadableStreamDefaultReader<Uint8Array> | null;
}

async function send(call: Call, request: Outgoing, origin: string, whole: boolean): Promise<Answer> {
  const { settings } = call;
  call.throwIfEnded();
  if (new URL(request.url).origin !== origin) {
    throw call.error("foreign-origin", `a request was to leave ${origin}`);
  }
  let answer: Answer | undefined;
  let wait = 0;
  const attempt = async (first: Request) => {
    const sendOne = (one: Request) => {
      call.count({ requests: 1 });
      const reply = settings.fetch(one);
      // What comes after its time is let go.
      return unlessAborted(reply, one.signal, undefined, () => reply.then(({ body }) => body?.cancel()).catch(() => {}));
    };
    const response = await follow(call, sendOne, first, request);
    answer = await hold(call, response, first.signal, whole);
    // A stand-in: ky decides by status and headers, and would not notice a body that breaks off.
    return new Response(null, { status: response.status, headers: response.headers });
  };
  try {
    await ky(request.url, {
      method: request.method,
      headers: request.headers,
      ...(request.body === undefined ? {} : { body: request.body }),
      redirect: "manual",
      signal: call.signal,
      timeout: settings.timeoutMs,
      fetch: (input) => attempt(input as Request),
      retry: {
        limit: settings.retry.limit,
        methods: ["get", "post"],
        shouldRetry({ error, retryCount }) {
          const planned = waitAfter(call, error, retryCount);
          wait = planned ?? 0;
          return planned !== null;
        },
        delay: () => wait,
      },
      hooks: { beforeRetry: [() => call.count({ retries: 1 })] },
    });
  } catch (error) {
    throw failure(call, request, error, answer);
  }
  return answer as Answer;
}

/** How long to wait before the next try, or null where there is to be none. */
function waitAfter(call: Call, error: Error, tries: number): number | null {
  const { retry } = call.settings;
  if (error instanceof SourceError || call.signal.aborted) {
    return null;
  }
  let wait = backOff(retry, tries);
  if (isHTTPError(error)) {
    const { status, headers } = error.response;
    const asked = retryAfter(headers) ?? 0;
    if (!passes(status) || asked > retry.maxRetryAfterMs) {
      return null;
    }
    wait = Math.max(wait, asked);
  }
  return wait < call.remaining ? wait : null;
}

/** Reads a body to its end, or to the most that is held of one. */
async function hold(call: Call, response: Response, signal: AbortSignal, whole: boolean): Promise<Answer> {
  const { maxPageBytes, timeoutMs } = call.settings;
  const most = response.ok ? maxPageBytes : LONGEST_ERROR;
  const until = Date.now() + Math.min(HOLD_MS, timeoutMs / 2);
  const answer: Answer = { contentType: response.headers.get("content-type") ?? undefined, start: [], rest: null };
  const reader = response.body?.getReader();
  for (let length = 0; reader !== undefined; ) {
    const { done, value } = await nextPiece(reader, signal);
    if (done) {
      break;
    }
    call.count({ bytes: value.length });
    answer.start.push(value);
    length += value.length;
    if (length > most && !response.ok) {
      reader.cancel().catch(() => {});
      break;
    }
    if (length > most || (!whole && Date.now() > until)) {
      return { ...answer, rest: reader };
    }
  }
  return answer;
}

async function* piecesOf(call: Call, start: Uint8Array[], rest: Answer["rest"]): AsyncGenerator<Uint8Array, void, void> {
  try {
    yield* start;
    while (rest !== null) {
      const { done, value } = await nextPiece(rest, call.signal, call.settings.timeoutMs);
      if (done) {
        return;
      }
      call.count({ bytes: value.length });
      yield value;
    }
  } catch (error) {
    throw brokenOff(call, error);
  } finally {
    rest?.cancel().catch(() => {});
  }
}

function brokenOff(call: Call, error: unknown): SourceError {
  if (call.signal.aborted) {
    return call.ended();
  }
  const { secrets, timeoutMs } = call.settings;
  const { records, pages } = call.progress;
  const why = error instanceof Stalled ? `was idle for ${timeoutMs} ms` : "broke off";
  return call.error("incomplete", `the body of page ${pages} ${why} after a part of it had been read`, {
    missing: `what follows after ${records} records`,
    page: pages,
    cause: secrets.causeOf(error),
  });
}

/** Why no reply of status 2xx came. */
function failure(call: Call, request: Outgoing, error: unknown, answer: Answer | undefined): SourceError {
  const { provider, secrets, timeoutMs } = call.settings;
  answer?.rest?.cancel().catch(() => {});
  if (error instanceof SourceError) {
    return error;
  }
  if (call.signal.aborted) {
    return call.ended();
  }
  const what = `${request.method} ${new URL(request.url).pathname}`;
  if (isHTTPError(error)) {
    const { status, headers } = error.response;
    const asked = retryAfter(headers);
    const said = answer === undefined ? {} : saidIn(call, answer);
    const words = [`${what}: ${provider} answered with status ${status}`, ...(said.providerMessages ?? [])].join(": ");
    // A secret that is cut could not be distinguished from other words.
    const message = secrets.hide(words).slice(0, LONGEST_MESSAGE);
    return call.error(codeOf(status), message, { ...said, status, retryAfter: asked === null ? null : Math.ceil(asked / 1000) });
  }
  if (isTimeoutError(error)) {
    return call.error("timeout", `${what}: ${provider} took longer than ${timeoutMs} ms`);
  }
  return call.error("upstream-unavailable", `${what}: ${provider} cannot be reached`, { cause: secrets.causeOf(error) });
}

function codeOf(status: number): SourceFault["code"] {
  switch (status) {
    case 401:
      return "unauthorized";
    case 403:
      return "forbidden";
    case 429:
      return "rate-limited";
    default:
      return passes(status) || status >= 500 ? "upstream-unavailable" : "provider-error";
  }
}

/** What an error reply says, as far as the engine knows it for one. */
function saidIn(call: Call, { start, contentType }: Answer): Pick<Partial<SourceFault>, "providerCodes" | "providerMessages"> {
  const { provider } = call.settings;
  try {
    normalize(joined(start), { provider, ...(contentType === undefined ? {} : { contentType }) }).free();
    return {};
  } catch (error) {
    if (!(error instanceof MeterglotError)) {
      throw error;
    }
    const { providerCodes, providerMessages } = error;
    return { providerCodes, providerMessages };
  }
}
