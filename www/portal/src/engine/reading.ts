/** Bodies to tables: read as streams, with progress, stopped when asked. */
import { type Format, Listing, type ListingPage, type ReadOptions } from "meterglot";
import { definedFormats } from "./formats.js";
import { type Holding, TableHolding } from "./holding.js";
import { Pace } from "./pace.js";
import type { Body, FromWorker, ReplyRead, ReplyToRead, Settings } from "./protocol.js";
import { Refused } from "./refused.js";
import { describe } from "./summary.js";

export interface Read {
  holding: Holding;
  read: ReplyRead;
}

export async function readReply({ reply, bodies, settings }: ReplyToRead, signal: AbortSignal, tell: (message: FromWorker) => void): Promise<Read> {
  const listing = new Listing({ ...optionsOf(settings), formats: definedFormats(), to: "table", onError: "collect" });
  const of = bodies.reduce((size, { blob }) => size + blob.size, 0);
  const formats = new Set<Format>();
  const pages: ReplyRead["pages"] = [];
  let done = 0;
  const pace = new Pace(() => tell({ progress: { reply, done, of } }), signal);
  try {
    for (const body of bodies) {
      listing.begin(pageOf(body));
      const reader = body.blob.stream().getReader();
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        signal.throwIfAborted();
        listing.push(piece.value);
        done += piece.value.length;
        await pace.step();
      }
      signal.throwIfAborted();
      const { format, page, rows, next } = listing.end();
      if (format !== null) {
        formats.add(format);
      }
      pages.push({ page, rows, next });
    }
  } catch (error) {
    listing.free();
    throw error;
  }
  const { duplicates } = listing;
  const table = listing.finish();
  const holding = new TableHolding(table, [...formats]);
  return { holding, read: { ...describe(holding), encoding: await encodingOf(bodies), duplicates, bytes: done, issues: table.issues, pages } };
}

function optionsOf({ provider, account, currency, periodStart, periodEnd }: Settings): ReadOptions {
  if ((periodStart === "") !== (periodEnd === "")) {
    throw new Refused({ code: "invalid-option", message: `a period has two ends, and this one says only when it ${periodEnd === "" ? "begins" : "ends"}` });
  }
  return {
    ...(provider === "" ? {} : { provider }),
    ...(account === "" ? {} : { account }),
    ...(currency === "" ? {} : { currency }),
    ...(periodStart === "" ? {} : { period: { start: periodStart, end: periodEnd } }),
  };
}

function pageOf({ request, requestBody, blob }: Body): ListingPage {
  return {
    ...(request === "" ? {} : { request: requestBody === "" ? request : { url: request, body: requestBody } }),
    ...(blob.type === "" ? {} : { contentType: blob.type }),
  };
}

/** How the first body is written, by its first byte that says anything. */
async function encodingOf(bodies: Body[]): Promise<"json" | "xml" | null> {
  const head = await bodies[0]?.blob.slice(0, 1024).text();
  const first = /[^\s\uFEFF]/.exec(head ?? "")?.[0];
  return first === undefined ? null : first === "<" ? "xml" : "json";
}
