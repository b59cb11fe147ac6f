import { type Issue, type ListingOutput, MeterglotError, type UsageRecord, type UsageTable } from "meterglot";
import { releasable } from "../release.js";
import { issueOf, Trailer } from "../trailer.js";
import { type Check, objectOf, oneOf, refuse, flag } from "../validate.js";
import { Call } from "./call.js";
import type { Settings } from "./config.js";
import { errorFromEngine, SourceError } from "./errors.js";
import { given, type Plan, read } from "./read.js";
import type { FetchOptions, Source, StreamOptions, UsageQuery } from "./source.js";

/** Errors that may not occur again when the listing is read a second time. */
const PASSING = new Set<unknown>(["listing-changed", "incomplete", "conflicting-record"]);

/** Makes a source from its settings and the provider's way to answer a query. */
export function sourceOf(settings: Settings, planOf: (query: UsageQuery) => Plan): Source {
  const { provider, origin } = settings;
  return { provider, origin, ...callsOf(settings, planOf) };
}

/** The calls of a source, each with its query. */
interface Calls<Query> {
  records(query: Query, options?: FetchOptions): AsyncIterable<UsageRecord>;
  table(query: Query, options?: FetchOptions): Promise<UsageTable>;
  stream(query: Query, to: "ndjson" | "csv", options?: StreamOptions): ReadableStream<Uint8Array>;
}

/** The calls of a source with these settings; `planOf` says how to answer a query. */
export function callsOf<Query>(settings: Settings, planOf: (query: Query) => Plan): Calls<Query> {
  const { provider } = settings;
  const open = (options: FetchOptions) => new Call(settings, options);
  const prepare = (query: Query, options: FetchOptions = {}) => checked(provider, () => ({ plan: planOf(query), options: checkOptions(options, "") }));
  return {
    records(query, given) {
      const { plan, options } = prepare(query, given);
      let call: Call | undefined;
      return one(
        outputs(() => (call = open(options)), plan, "records"),
        (records) => {
          if (call?.signal.aborted) {
            throw call.failure(call.ended(), `what follows after ${records} records`);
          }
        },
      );
    },

    async table(query, given) {
      const { plan, options } = prepare(query, given);
      return tableOf(open(options), plan);
    },

    stream(query, to, asked) {
      const { trailer, ...given } = asked ?? {};
      const format = checked(provider, () => oneOf("ndjson", "csv")(to, "to"));
      const ending = checked(provider, () => trailerOf(format, trailer));
      const { plan, options } = prepare(query, ending === undefined ? given : counting(ending, given));
      let call: Call | undefined;
      const pieces = outputs(() => (call = open(options)), plan, format);
      const source: UnderlyingDefaultSource<Uint8Array> = {
        async pull(controller) {
          try {
            const { done, value } = await pieces.next();
            if (done !== true) {
              ending?.pass(value);
              controller.enqueue(value);
              return;
            }
            if (ending !== undefined) {
              controller.enqueue(ending.line());
            }
          } catch (error) {
            if (ending === undefined) {
              throw error;
            }
            controller.enqueue(ending.line(problemOf(error)));
          }
          controller.close();
        },
        async cancel(reason) {
          call?.abort(reason);
          await pieces.return();
        },
      };
      // Nothing is read before the reader asks for it.
      return releasable(new ReadableStream(source, { highWaterMark: 0 }), () => call?.release());
    },
  };
}

/** The trailer of a text, if it has one. */
function trailerOf(to: "ndjson" | "csv", trailer: unknown): Trailer | undefined {
  if (trailer === undefined || flag(trailer, "trailer") === false) {
    return undefined;
  }
  return to === "ndjson" ? new Trailer() : refuse("trailer", "true only of NDJSON", trailer);
}

/** The same options, with a count of the faults that are reported. */
function counting(trailer: Trailer, options: FetchOptions): FetchOptions {
  const { onIssue } = options;
  if (typeof onIssue !== "function") {
    return options;
  }
  const tell = (issue: Issue) => {
    trailer.tell();
    onIssue(issue);
  };
  return { ...options, onIssue: tell };
}

/** The parts of an error that the reader of a text may see. */
function problemOf(error: unknown): object {
  if (!(error instanceof SourceError)) {
    return issueOf(error);
  }
  const { code, message, missing, page, pointer, line, column, offset } = error;
  return { code, message, missing, page, pointer, line, column, offset };
}

/** Calls a check of the caller's input. Its errors are converted to those of this module. */
export function checked<Result>(provider: Source["provider"] | null, check: () => Result): Result {
  try {
    return check();
  } catch (error) {
    throw error instanceof MeterglotError ? errorFromEngine(error, provider) : error;
  }
}

const callable: Check<() => void> = (value, path) => (typeof value === "function" ? (value as () => void) : refuse(path, "a function", value));

const checkOptions: Check<FetchOptions> = objectOf<{ [Name in keyof FetchOptions]-?: NonNullable<FetchOptions[Name]> }>({
  signal: (value, path) => (typeof value === "object" && value !== null && "aborted" in value ? (value as AbortSignal) : refuse(path, "an AbortSignal", value)),
  onProgress: callable,
  onIssue: callable,
});

async function* outputs<To extends "records" | "ndjson" | "csv">(open: () => Call, plan: Plan, to: To): AsyncGenerator<ListingOutput<To>, void, void> {
  const call = open();
  try {
    yield* given(call, (yield* read(call, plan, to)) as ListingOutput<To>);
  } catch (error) {
    throw call.failure(error, missingAfter(call, plan, error));
  } finally {
    call.close();
  }
}

/** What is missing after a part was returned. */
function missingAfter({ progress: { records } }: Call, { restates }: Plan, error: unknown): string | null {
  const isRestated = restates === true && error instanceof MeterglotError && error.code === "conflicting-record";
  const newer = isRestated ? ["the newer of two rows, which `table()` gives"] : [];
  const rest = records === 0 ? [] : [`what follows after ${records} records`];
  return [...newer, ...rest].join("; ") || null;
}

/** Returns records one by one. `check` is called before each with the number of records before it, and may throw. */
async function* one(batches: AsyncIterable<UsageRecord[]>, check: (given: number) => void): AsyncGenerator<UsageRecord, void, void> {
  let given = 0;
  for await (const records of batches) {
    for (const record of records) {
      check(given);
      yield record;
      given += 1;
    }
  }
}

/** Reads the whole listing into a table. Nothing was returned yet, so it can be read a second time. */
async function tableOf(call: Call, plan: Plan): Promise<UsageTable> {
  const table = async () => (await read(call, plan, "table").next()).value as UsageTable;
  try {
    try {
      return await table();
    } catch (error) {
      const code = error instanceof SourceError || error instanceof MeterglotError ? error.code : undefined;
      if (!PASSING.has(code)) {
        throw error;
      }
      call.countAnew();
      return await table();
    }
  } catch (error) {
    throw call.failure(error, null);
  } finally {
    call.close();
  }
}
