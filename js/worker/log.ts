import type { Progress } from "meterglot/sources";
import type { Problem } from "./problem.js";

/** The log entry of one request: one line of JSON, written when its answer ends. It has no query, header, body or secret. */
export interface RequestEntry {
  id: string;
  method: string;
  /** The route's pattern, not the path. */
  route: string;
  source: string | null;
  /** The token's name, or the subject of a JWT. */
  client: string | null;
  status: number;
  /** Answered to the end; broken off by a fault after the answer had begun; or left by the caller. */
  outcome: "answered" | "broken" | "left";
  /** The code of the problem, if the request ended in one. */
  code: string | null;
  cache: "hit" | "miss" | "bypass" | null;
  records: number;
  /** Requests sent to the provider, and the retries among them. */
  upstreamRequests: number;
  upstreamRetries: number;
  /** Bytes of the answer's body. */
  bytes: number;
  ms: number;
}

/** The destination of log entries: objects that are written as JSON. */
export type Log = (line: Readonly<Record<string, unknown>>) => void;

/** The most characters of an error's text: it may quote what it could not read. */
const LONGEST_TEXT = 4000;

export const consoleLog: Log = (line) => console.log(JSON.stringify(line));

/** Collects the log entry of one request and writes it once. */
export class RequestLog {
  readonly entry: RequestEntry;
  readonly #start = Date.now();
  readonly #log: Log;
  #closed = false;
  /** Whether a streamed body, instead of the handler, ends the request. */
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

  /** Updates the progress of a listing. */
  follow({ records, requests, retries }: Progress): void {
    Object.assign(this.entry, { records, upstreamRequests: requests, upstreamRetries: retries });
  }

  /** Records an error. An unexpected one is logged at once, with its stack. */
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
