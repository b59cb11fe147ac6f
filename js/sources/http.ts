import { MeterglotError, normalize } from "meterglot";
import { joined } from "../bytes.js";
import { nextPiece, pause, TimedOut, unlessAborted } from "./body.js";
import type { Call } from "./call.js";
import { SourceError, type SourceFault } from "./errors.js";
import type { Outgoing } from "./outgoing.js";
import { follow } from "./redirects.js";
import { backOff, passes, retryAfter } from "./retry.js";

/** A reply of status 2xx. */
export interface Reply {
  contentType: string | undefined;
  /** The body from its beginning. It can be read once. */
  pieces: AsyncIterable<Uint8Array>;
}

/** A reply whose body was read whole. */
export interface WholeReply extends Reply {
  body: Uint8Array;
}

/** Bytes that are read of an error reply, which may come from any proxy. */
const LONGEST_ERROR = 64 * 1024;

const LONGEST_MESSAGE = 500;

/** Milliseconds for which a large body is buffered before it is passed on. */
const HOLD_MS = 2000;

/** Sends a request and returns its reply with the whole body, of at most `maxPageBytes`. A broken body is requested again. */
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
 * Sends a request and returns its reply once the body is whole, has `maxPageBytes`, or was buffered for {@link HOLD_MS}.
 * A body that breaks off before is requested again; one that breaks off after is `incomplete`.
 */
export async function fetchBegun(call: Call, request: Outgoing): Promise<Reply> {
  const { contentType, start, rest } = await send(call, request, call.settings.origin, false);
  return { contentType, pieces: piecesOf(call, start, rest) };
}

/** A reply whose body was read whole (`rest` is null) or in part. */
interface Answer {
  contentType: string | undefined;
  start: Uint8Array[];
  rest: ReadableStreamDefaultReader<Uint8Array> | null;
}

/** The codes and messages of an error reply. */
type Said = Pick<SourceFault, "providerCodes" | "providerMessages">;

/** A reply of another status than 2xx. */
class Refusal extends Error {
  readonly status: number;
  /** Milliseconds that the reply asks to wait. */
  readonly retryAfter: number | null;
  readonly said: Said;

  constructor({ status, headers }: Response, said: Said) {
    super(`status ${status}`);
    this.status = status;
    this.retryAfter = retryAfter(headers);
    this.said = said;
  }
}

/**
 * Sends a request, with retries, and returns the reply of status 2xx.
 *
 * A library for retries would decide by status and headers. Here a body that breaks off is requested again too,
 * `Retry-After` is read by the provider's clock, and no delay is longer than the time that the call has left.
 */
async function send(call: Call, request: Outgoing, origin: string, whole: boolean): Promise<Answer> {
  call.throwIfEnded();
  if (new URL(request.url).origin !== origin) {
    throw call.error("foreign-origin", `a request was to leave ${origin}`);
  }
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt(call, request, whole);
    } catch (error) {
      const delay = delayAfter(call, error, tries);
      if (delay === null) {
        throw failure(call, request, error);
      }
      await pause(call.signal, delay);
      call.throwIfEnded();
      call.count({ retries: 1 });
    }
  }
}

/** Sends a request once. Fetch and body are aborted after the timeout, or when the call ends. */
function attempt(call: Call, request: Outgoing, whole: boolean): Promise<Answer> {
  const { fetch, timeoutMs } = call.settings;
  const controller = new AbortController();
  const signal = AbortSignal.any([call.signal, controller.signal]);
  const sendOne = (one: Request) => {
    call.count({ requests: 1 });
    const reply = fetch(one);
    // A fetch that ignores the signal may still reply: that body is cancelled.
    return unlessAborted(reply, signal, undefined, () => reply.then(({ body }) => body?.cancel()).catch(() => {}));
  };
  const work = async () => {
    const response = await follow(call, request, signal, sendOne);
    if (response.ok) {
      return hold(call, response, signal, whole);
    }
    throw new Refusal(response, await saidIn(call, request, response, signal));
  };
  return unlessAborted(work(), call.signal, timeoutMs, (reason) => controller.abort(reason));
}

/** Milliseconds before the next try, or null if there is none. */
function delayAfter(call: Call, error: unknown, tries: number): number | null {
  const { retry } = call.settings;
  if (tries > retry.limit || error instanceof SourceError || call.signal.aborted) {
    return null;
  }
  let delay = backOff(retry, tries);
  if (error instanceof Refusal) {
    const asked = error.retryAfter ?? 0;
    if (!passes(error.status) || asked > retry.maxRetryAfterMs) {
      return null;
    }
    delay = Math.max(delay, asked);
  }
  return delay < call.remaining ? delay : null;
}

/** Reads a body to its end, or as much of it as is buffered. */
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
  const why = error instanceof TimedOut ? `was idle for ${timeoutMs} ms` : "broke off";
  return call.error("incomplete", `the body of page ${pages} ${why} after a part of it had been read`, {
    missing: `what follows after ${records} records`,
    page: pages,
    cause: secrets.causeOf(error),
  });
}

/** The error for a request without a reply of status 2xx. */
function failure(call: Call, request: Outgoing, error: unknown): SourceError {
  const { provider, secrets, timeoutMs } = call.settings;
  if (error instanceof SourceError) {
    return error;
  }
  if (call.signal.aborted) {
    return call.ended();
  }
  const what = `${request.method} ${new URL(request.url).pathname}`;
  if (error instanceof Refusal) {
    const { status, said } = error;
    const message = [`${what}: ${provider} answered with status ${status}`, ...said.providerMessages].join(": ").slice(0, LONGEST_MESSAGE);
    return call.error(codeOf(status), message, { ...said, status, retryAfter: error.retryAfter === null ? null : Math.ceil(error.retryAfter / 1000) });
  }
  if (error instanceof TimedOut) {
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

/**
 * The codes and messages of an error reply, as far as the engine recognises them. None of a reply about credentials,
 * which may repeat them: its body is not read.
 */
async function saidIn(call: Call, { authenticates }: Outgoing, response: Response, signal: AbortSignal): Promise<Said> {
  const { provider, secrets } = call.settings;
  const said: Said = { providerCodes: [], providerMessages: [] };
  if (authenticates || response.status === 401 || response.status === 403) {
    response.body?.cancel().catch(() => {});
    return said;
  }
  const { start, rest, contentType } = await hold(call, response, signal, false);
  rest?.cancel().catch(() => {});
  try {
    normalize(joined(start), { provider, ...(contentType === undefined ? {} : { contentType }) }).free();
    return said;
  } catch (error) {
    if (!(error instanceof MeterglotError)) {
      throw error;
    }
    const hidden = (texts: string[]) => texts.map((text) => secrets.hide(text));
    return { providerCodes: hidden(error.providerCodes), providerMessages: hidden(error.providerMessages) };
  }
}
