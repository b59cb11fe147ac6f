import { type Issue, normalizeStream, type ReadOptions, type RequestContext } from "meterglot";
import { z } from "zod";
import type { Visiting } from "./context.js";
import { framingOf } from "./framing.js";
import { Problem } from "./problem.js";
import { CONTENT_TYPES, negotiate } from "./representation.js";
import type { NormalizeHeaders, NormalizeParameters } from "./schemas.js";
import { begin, bodyOf } from "./streaming.js";

/** `POST /v1/normalize`: a provider's reply in, its records out, neither of them held whole. */
export async function normalize(
  c: Visiting,
  parameters: z.output<typeof NormalizeParameters>,
  hints: z.output<typeof NormalizeHeaders>,
): Promise<Response> {
  const { log, settings, requestId } = c.var;
  const representation = negotiate(c.req.header("Accept"));
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
  const received = c.req.raw.body ?? new Blob([]).stream();
  const lines = received
    .pipeThrough(counted(limit))
    .pipeThrough(normalizeStream({ ...readOptions(c, parameters, hints), to: representation === "csv" ? "csv" : "ndjson", onIssue: (issue) => issues.push(issue) }));
  const begun = await begin(lines);

  log.streams = true;
  const body = bodyOf(begun, framingOf(representation, {}, "records"), "caller", requestId, {
    passed(bytes) {
      log.visit.bytes += bytes.length;
    },
    summary: () => ({ issues }),
    whole: () => log.close({ outcome: "answered" }),
    broken(problem) {
      log.note(problem);
      log.close({ outcome: "broken" });
    },
    left: () => log.close({ outcome: "left" }),
  });
  return new Response(body, {
    headers: { "Content-Type": CONTENT_TYPES[representation], "Cache-Control": "no-store", Vary: "Accept, Authorization" },
  });
}

/** The bytes as they are, as long as they are not too many. */
function counted(limit: number): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.length;
      if (bytes > limit) {
        throw tooLarge(limit);
      }
      controller.enqueue(chunk);
    },
  });
}

function tooLarge(limit: number): Problem {
  return new Problem("limit-exceeded", `expected a body of at most ${limit} bytes`, { side: "caller" });
}

function readOptions(
  c: Visiting,
  { provider, request, account, currency, from, to, onError }: z.output<typeof NormalizeParameters>,
  hints: z.output<typeof NormalizeHeaders>,
): ReadOptions {
  if ((from === undefined) !== (to === undefined)) {
    throw new Problem("invalid-option", `query parameter \`${from === undefined ? "from" : "to"}\`: is missing`);
  }
  const given: Record<keyof Omit<ReadOptions, "limits">, unknown> = {
    provider: provider ?? hints["meterglot-provider"],
    request: requestOf(request ?? hints["meterglot-request"]),
    contentType: c.req.header("Content-Type"),
    account,
    currency,
    period: from === undefined ? undefined : { start: from, end: to },
    onError,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
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
