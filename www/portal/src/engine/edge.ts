/** Fetches usage from an edge worker, which reads a provider with credentials of its own. */
import type { Issue, Provider, UsageRecord } from "meterglot";
import { RecordsHolding } from "./holding.js";
import { MILLISECONDS_BETWEEN_REPORTS } from "./pace.js";
import type { FromWorker, Source, UsageToFetch } from "./protocol.js";
import type { Read } from "./reading.js";
import { describe } from "./summary.js";

/** An error that the edge worker reports, or an answer of it that is not valid. */
export class SourceProblem extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

interface ProblemBody {
  code?: string;
  title?: string;
  detail?: string;
  missing?: string;
  retryAfter?: number;
}

/** The last line of a complete answer. */
interface Summary {
  complete: true;
  records: number;
  duplicates: number;
}

type Line = UsageRecord | { issue: Issue } | { problem: ProblemBody } | Summary;

export async function listSources(edge: string, token: string): Promise<Source[]> {
  const response = await get(`${edge}/v1/sources`, token, "application/json", null);
  return ((await response.json()) as { sources: { name: string; provider: Provider }[] }).sources;
}

export async function fetchUsage({ reply, edge, token, source, query }: UsageToFetch, signal: AbortSignal, tell: (message: FromWorker) => void): Promise<Read> {
  const asked = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ""));
  // A proxy may cut an answer off after any line and close the connection without an error. Only the summary shows that an answer is complete.
  asked.set("summary", "true");
  const response = await get(`${edge}/v1/usage/${encodeURIComponent(source)}?${asked}`, token, "application/x-ndjson", signal);
  const records: UsageRecord[] = [];
  const issues: Issue[] = [];
  let bytes = 0;
  let told = 0;
  let summary: Summary | null = null;
  try {
    for await (const { line, size } of linesOf(response)) {
      signal.throwIfAborted();
      bytes += size;
      const said = JSON.parse(line) as Line;
      if ("problem" in said) {
        throw problemOf(said.problem, "the answer broke off");
      }
      if ("complete" in said) {
        summary = said;
      } else if ("issue" in said) {
        issues.push(said.issue);
      } else {
        records.push(said);
      }
      if (performance.now() - told > MILLISECONDS_BETWEEN_REPORTS) {
        told = performance.now();
        tell({ progress: { reply, done: records.length, of: 0 } });
      }
    }
  } catch (error) {
    signal.throwIfAborted();
    // The connection failed, or the last line is incomplete and so not JSON.
    throw error instanceof SourceProblem
      ? error
      : new SourceProblem("broken-off", `The answer of the edge worker at ${new URL(edge).host} broke off after ${records.length} records`);
  }
  if (summary?.records !== records.length) {
    throw new SourceProblem(
      "broken-off",
      `The answer of the edge worker at ${new URL(edge).host} ended before it was complete, after ${records.length} records`,
    );
  }
  const holding = new RecordsHolding(records);
  return { holding, read: { ...describe(holding), encoding: null, duplicates: summary.duplicates, bytes, issues, pages: [] } };
}

async function get(url: string, token: string, accept: string, signal: AbortSignal | null): Promise<Response> {
  const headers = { Accept: accept, ...(token === "" ? {} : { Authorization: `Bearer ${token}` }) };
  let response: Response;
  try {
    response = await fetch(url, { headers, signal, credentials: "omit", referrerPolicy: "no-referrer" });
  } catch {
    signal?.throwIfAborted();
    throw new SourceProblem("unreachable", `The edge worker at ${new URL(url).host} could not be reached`);
  }
  if (response.ok && response.headers.get("content-type")?.startsWith("text/html") !== true) {
    return response;
  }
  const isProblem = response.headers.get("content-type")?.startsWith("application/problem+json") === true;
  throw problemOf(
    isProblem ? ((await response.json()) as ProblemBody) : {},
    `What is at ${new URL(url).host} answered with status ${response.status}, and not as an edge worker does`,
  );
}

function problemOf({ code, title, detail, missing, retryAfter }: ProblemBody, otherwise: string): SourceProblem {
  const sentences = [
    detail ?? title ?? otherwise,
    missing === undefined ? "" : `Missing: ${missing}`,
    retryAfter === undefined ? "" : `Try again in ${Math.ceil(retryAfter)} s`,
  ];
  return new SourceProblem(code ?? "no-edge-worker", sentences.filter((sentence) => sentence !== "").join(". "));
}

/** Lines as they arrive, each with its size in bytes. */
async function* linesOf(response: Response): AsyncGenerator<{ line: string; size: number }> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let piece = await reader?.read(); piece !== undefined && !piece.done; piece = await reader?.read()) {
    const lines = (rest + piece.value).split("\n");
    rest = lines.pop() as string;
    for (const line of lines) {
      if (line !== "") {
        yield { line, size: line.length + 1 };
      }
    }
  }
  if (rest !== "") {
    yield { line: rest, size: rest.length };
  }
}
