import { type Issue, Listing, type ReadOptions, type RequestContext } from "meterglot";
import { z } from "zod";
import { FORMATS, PROVIDERS } from "../names.js";
import { callerSignal, type WorkerContext } from "./context.js";
import { framingOf } from "./framing.js";
import { Problem } from "./problem.js";
import { CONTENT_TYPES, negotiate, summedIn } from "./representation.js";
import type { NormalizeHeaders, NormalizeParameters } from "./schemas.js";
import { begin, bodyOf, type Watcher } from "./streaming.js";
import { tooLarge, Upload } from "./upload.js";

/** `POST /v1/normalize`: reads a provider's reply and sends its records; neither is in memory as a whole. */
export async function normalize(
  c: WorkerContext,
  parameters: z.output<typeof NormalizeParameters>,
  hints: z.output<typeof NormalizeHeaders>,
): Promise<Response> {
  const { log, settings, requestId } = c.var;
  c.set("side", "caller");
  const representation = negotiate(c.req.header("Accept"));
  const summed = summedIn(representation, parameters.summary);
  if (parameters.onError === "collect" && representation === "csv") {
    throw new Problem("invalid-option", "query parameter `onError`: CSV has no place for what is collected; ask for JSON or NDJSON");
  }
  const encoding = c.req.header("Content-Encoding") ?? "identity";
  if (encoding !== "identity") {
    throw new Problem("unsupported-media-type", "expected a body without Content-Encoding", { headers: { "Accept-Encoding": "identity" } });
  }
  const limit = settings.limits.bodyBytes;
  if (Number(c.req.header("Content-Length") ?? 0) > limit) {
    throw tooLarge(limit);
  }

  const issues: Issue[] = [];
  const to = representation === "csv" ? "csv" : "ndjson";
  const limits = { maxRowBytes: settings.limits.rowBytes };
  const options = { ...readOptions(c, parameters, hints), limits, to, onIssue: (issue: Issue) => issues.push(issue) } as const;
  let complete = true;
  let reading: Listing<"ndjson" | "csv"> | undefined;
  const leave = await settings.uploads.enter(callerSignal(c), () => {
    log.close({ outcome: "left" });
    // Its request may no longer be used, only this handle.
    reading?.free();
  });
  try {
    const listing = new Listing<"ndjson" | "csv">(options).begin();
    reading = listing;
    const ended = (fault: Issue | null) => {
      complete = fault === null;
    };
    const begun = await begin(new Upload(c.req.raw, settings.limits).through((body) => piecesOf(listing, body, ended)));

    log.streams = true;
    const end = (outcome: "answered" | "broken" | "left") => {
      leave();
      log.close({ outcome });
    };
    const watcher: Watcher = {
      passed(bytes) {
        log.entry.bytes += bytes.length;
      },
      summary: () => ({ issues, complete }),
      whole: () => end("answered"),
      broken(problem) {
        log.note(problem);
        end("broken");
      },
      left: () => end("left"),
    };
    const framing = framingOf(representation, { head: {}, list: "records", summed });
    const stallMs = settings.limits.stallSeconds * 1000;
    return new Response(bodyOf(begun, { framing, side: "caller", request: requestId, stallMs, watcher }), {
      headers: { "Content-Type": CONTENT_TYPES[representation], "Cache-Control": "no-store", Vary: "Accept, Authorization" },
    });
  } catch (error) {
    leave();
    throw error;
  }
}

/**
 * The records of a body, each piece made when it is requested. `ended` receives the fault that ended the reading, if any.
 *
 * The first piece is held back until the next is known, so that a fault in it can be answered with its status.
 */
async function* piecesOf(
  listing: Listing<"ndjson" | "csv">,
  body: ReadableStream<Uint8Array>,
  ended: (fault: Issue | null) => void,
): AsyncGenerator<Uint8Array, void, void> {
  let isFirst = true;
  try {
    for await (const chunk of body) {
      yield* isFirst ? heldBack(listing.pushPieces(chunk)) : listing.pushPieces(chunk);
      isFirst = false;
    }
    ended((yield* listing.endPieces()).fault);
  } finally {
    listing.free();
  }
}

/** Yields each piece after the next is known, or after the end. */
function* heldBack(pieces: Iterable<Uint8Array>): Generator<Uint8Array, void, void> {
  let held: Uint8Array | undefined;
  for (const piece of pieces) {
    if (held !== undefined) {
      yield held;
    }
    held = piece;
  }
  if (held !== undefined) {
    yield held;
  }
}

function readOptions(
  c: WorkerContext,
  { provider: asked, format, request, account, currency, from, to, onError }: z.output<typeof NormalizeParameters>,
  hints: z.output<typeof NormalizeHeaders>,
): ReadOptions {
  if ((from === undefined) !== (to === undefined)) {
    throw new Problem("invalid-option", `query parameter \`${from === undefined ? "from" : "to"}\`: is missing`);
  }
  const { formats } = c.var.settings;
  const provider = asked ?? hints["meterglot-provider"];
  if (provider !== undefined) {
    const where = asked === undefined ? "header `meterglot-provider`" : "query parameter `provider`";
    checkKnown(where, "provider", provider, [...PROVIDERS, ...formats.map(({ provider }) => provider)]);
  }
  if (format !== undefined) {
    checkKnown("query parameter `format`", "format", format, [...FORMATS, ...formats.map(({ format }) => format)]);
  }
  const given: Record<keyof Omit<ReadOptions, "limits">, unknown> = {
    provider,
    format: formats.find((own) => own.format === format) ?? format,
    formats: format === undefined && formats.length > 0 ? formats : undefined,
    request: requestOf(request ?? hints["meterglot-request"]),
    contentType: c.req.header("Content-Type"),
    account,
    currency,
    period: from === undefined ? undefined : { start: from, end: to },
    onError,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** Throws if a provider or format is neither built in nor of this worker's own. */
function checkKnown(where: string, what: string, name: string, known: readonly string[]): void {
  if (!known.includes(name)) {
    throw new Problem("invalid-option", `${where}: expected a ${what} that this worker reads: ${[...new Set(known)].join(", ")}`);
  }
}

const requestWithBody = z.strictObject({ url: z.string(), body: z.string().optional() });

/** A URL, or `{"url", "body"}` as JSON. */
function requestOf(text: string | undefined): RequestContext | undefined {
  if (text === undefined || !text.startsWith("{")) {
    return text;
  }
  try {
    return requestWithBody.parse(JSON.parse(text)) as RequestContext;
  } catch {
    throw new Problem("invalid-option", 'the request that was answered: expected a URL, or {"url", "body"} as JSON');
  }
}
