import type { Settings } from "./config.js";

/** Whether the same request may be answered otherwise a little later. */
export function passes(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || (status >= 500 && status !== 501 && status !== 505);
}

/** A longer wait than a year is as good as one. */
const LONGEST_WAIT = 365 * 24 * 3600 * 1000;

/** What a reply asks to wait, in milliseconds: `Retry-After` in seconds, or as a date by the provider's own clock. */
export function retryAfter(headers: Headers): number | null {
  const asked = headers.get("retry-after")?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(asked)) {
    return Math.min(Number(asked) * 1000, LONGEST_WAIT);
  }
  const until = dateIn(asked);
  if (Number.isNaN(until)) {
    return null;
  }
  const now = dateIn(headers.get("date") ?? "");
  return Math.min(Math.max(0, until - (Number.isNaN(now) ? Date.now() : now)), LONGEST_WAIT);
}

/** A date as HTTP has it, in any of its three forms; all are of GMT, and the oldest does not say so. */
function dateIn(text: string): number {
  return Date.parse(text.endsWith("GMT") ? text : `${text} GMT`);
}

/** A random time that may be twice as long with each try: many clients then come back one by one. */
export function backOff(retry: Settings["retry"], tries: number): number {
  return Math.random() * Math.min(retry.maxDelayMs, retry.baseMs * 2 ** (tries - 1));
}
