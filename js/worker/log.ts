import type { Progress } from "meterglot/sources";
import type { Problem } from "./problem.js";

/** What is logged of one request when it is over, as one line of JSON. No query, no header, no body, no secret. */
export interface RequestEntry {
  id: string;
  method: string;
  /** The route's pattern, not the path that was asked for. */
  route: string;
  source: string | null;
  /** The token's name, or the subject of a JWT. */
  client: string | null;
  status: number;
  /** Answered to the end, broken off by a fault after the answer had begun, or left by the caller. */
  outcome: "answered" | "broken" | "left";
  /** The problem's code, where it ended in one. */
  code: string | null;
  cache: "hit" | "miss" | "bypass" | null;
  records: number;
  /** Requests sent to the provider, and those among them that were a second try. */
  upstreamRequests: number;
  upstreamRetries: number;
  /** Bytes of the answer's body. */
  bytes: number;
  ms: number;
}

/** Where log lines go: one object each, to be written as JSON. */
export type Log = (line: Readonly<Record<string, unknown>>) => void;

/** Of an error's text so much is logged: it may show what it could not read. */
const LONGEST_TEXT = 4000;

export const consoleLog: Log = (line) => console.log(JSON.stringify(line));

/** Collects the log entry of one request and writes it once. */
export class RequestLog {
  readonly entry: RequestEntry;
  readonly #start = Date.now();
  readonly #log: Log;
  #closed = false;
  /** Whether a streamed body, and not the handler, says when the request is over. */
  streams = false;

  constructor(id: string, method: string, log: Log) {
    this.#log = log;
    this.entry = {
      id,
      method,
      route: "",
      source: null,
      client: null,
      status: 0,
      outcome: "answered",
      code: null,
      cache: null,
      records: 0,
      upstreamRequests: 0,
      upstreamRetries: 0,
      bytes: 0,
      ms: 0,
    };
  }

  /** Follows how far a listing has come. */
  follow({ records, requests, retries }: Progress): void {
    Object.assign(this.entry, { records, upstreamRequests: requests, upstreamRetries: retries });
  }

  /** Notes what went wrong. A fault of the worker's own is logged at once, with its place in the code. */
  note({ code, cause }: Problem): void {
    this.entry.code = code;
    if (cause instanceof Error) {
      const { name, message, stack = "" } = cause;
      this.#log({ event: "fault", id: this.entry.id, name, message: message.slice(0, LONGEST_TEXT), stack: stack.slice(0, LONGEST_TEXT) });
    }
  }

  close(last: Partial<RequestEntry> = {}): void {
    if (!this.#closed) {
      this.#closed = true;
      Object.assign(this.entry, last, { ms: Date.now() - this.#start });
      this.#log({ event: "request", ...this.entry });
    }
  }
}
