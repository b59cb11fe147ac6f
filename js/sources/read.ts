import { type Issue, Listing, type ListingOptions, type ListingOutput, type ListingPage, type PageOutcome, type ReadOptions, type UsageTable } from "meterglot";
import type { Call } from "./call.js";
import { fetchBegun, type Reply } from "./http.js";
import type { Outgoing } from "./outgoing.js";
import { type AskedPeriod, type Period, spanIn } from "./period.js";

/** One page of a listing: its body, and the options with which the engine reads it. */
export interface Page {
  reply: Reply;
  about: Pick<ListingPage, "request">;
  /** The slice of the requested period that it belongs to; by default the whole period. */
  part?: Period;
  /** The number of rows at its beginning that repeat the end of the page before. */
  again?: number;
  /** The number of rows on it, if it is known before it is read. */
  fresh?: number;
}

/** The result of a page, and of all pages so far. Faulty rows that are reported and skipped count as rows. */
export interface PageRead extends PageOutcome {
  /** Rows of this page that were on no earlier page. */
  fresh: number;
  /** Records of this page that were on no earlier page and are in the period. */
  gained: number;
  /** Records of this page that were dropped, because they were read before. */
  repeated: number;
  /** Distinct rows on all pages of the page's slice. */
  all: number;
  /** Rows of the slice by the provider's count; null if it has not stated one. */
  total: number | null;
}

/** A provider's pages. The next one is requested after the one before it was read. */
export type Pages = AsyncGenerator<Page, void, PageRead>;

/** Pages that are known beforehand and may be large. Each body passes through `look`, if there is one. */
export async function* pagesFor(
  call: Call,
  asked: Iterable<Omit<Page, "reply"> & { request: Outgoing }>,
  look = (_: Call, body: Reply["pieces"]) => body,
): Pages {
  for (const { request, ...page } of asked) {
    const { contentType, pieces } = await fetchBegun(call, request);
    yield { reply: { contentType, pieces: look(call, pieces) }, ...page };
  }
}

/** How to read a provider's listing. */
export interface Plan {
  /** The period of the records; null if the provider alone decides. */
  between: AskedPeriod | null;
  reading: Pick<ReadOptions, "account" | "currency" | "limits" | "format">;
  /** Whether the provider restates rows and says when: a table then uses the newer one. */
  restates?: boolean;
  pages(call: Call): Pages;
}

/** Records are many times longer than their rows: so many bytes of a body give some hundred kilobytes of output. */
const BYTES_A_PIECE = 16 * 1024;

/** Faults of one row, after which reading continues. */
const ROW_FAULTS = new Set<Issue["code"]>([
  "unexpected-shape",
  "missing-field",
  "invalid-number",
  "number-out-of-range",
  "invalid-timestamp",
  "length-mismatch",
  "conflicting-record",
]);

/** Reads a listing. Returns records as soon as they are complete, and the rest at the end; or a table of all. */
export async function* read<To extends ListingOptions["to"]>(
  call: Call,
  plan: Plan,
  to: To,
): AsyncGenerator<ListingOutput<To>, To extends "table" ? UsageTable : ListingOutput<To>, void> {
  const { settings, progress } = call;
  const onIssue = (issue: Issue) => {
    if (!ROW_FAULTS.has(issue.code)) {
      throw call.error(issue.code, issue.message, issue);
    }
    call.tellIssue(issue);
  };
  const listing = new Listing({
    to,
    provider: settings.provider,
    distinct: true,
    limits: settings.limits,
    ...plan.reading,
    ...betweenIn(plan, plan.between),
    ...(call.collects ? { onError: "collect", onIssue } : {}),
  });
  call.held = listing;
  const pages = plan.pages(call);
  let counted = new RowCount(call, plan.between);
  const count = () => {
    progress.records = listing.records;
    progress.duplicates = listing.duplicates;
  };
  try {
    for (let page = await pages.next(undefined as never); !page.done; ) {
      call.throwIfEnded();
      if (progress.pages === settings.maxPages) {
        const message = `expected at most ${settings.maxPages} pages (\`maxPages\`), found more`;
        throw call.error("too-many-pages", message, { missing: `what follows after ${counted.before + counted.rows} rows` });
      }
      const { reply, about, part = plan.between, again = 0, fresh: known } = page.value;
      if (part !== counted.part) {
        counted.checkWhole();
        counted = new RowCount(call, part, counted);
      }
      const { duplicates, records } = listing;
      listing.begin({ ...about, ...betweenIn(plan, part), ...(reply.contentType === undefined ? {} : { contentType: reply.contentType }) });
      for await (const piece of bounded(call, reply.pieces)) {
        call.throwIfEnded();
        for (const output of listing.pushPieces(piece)) {
          count();
          yield* given(call, output as ListingOutput<To>);
        }
        count();
      }
      const rest = listing.endPieces();
      let left = rest.next();
      for (; !left.done; left = rest.next()) {
        count();
        yield* given(call, left.value as ListingOutput<To>);
      }
      const outcome = left.value;
      const { rows } = outcome;
      // Rows outside the period are not stored.
      const repeated = listing.duplicates - duplicates;
      const fresh = known ?? Math.max(0, rows - Math.max(again, repeated));
      count();
      counted.add(fresh, outcome);
      call.count({ pages: 1 });
      page = await pages.next({ ...outcome, fresh, gained: listing.records - records, repeated, all: counted.rows, total: counted.total });
    }
    counted.checkWhole();
    return listing.finish();
  } finally {
    listing.free();
    await pages.return();
  }
}

/** The period of the records of a slice, for the engine. */
function betweenIn({ between }: Plan, part: Period | null): Pick<ListingPage, "between"> {
  return between === null || part === null ? {} : { between: spanIn(part, between) };
}

/** Yields a piece of output, if there is one. The call's timeout does not run while the reader is busy. */
export function* given<To extends ListingOptions["to"]>(call: Call, output: ListingOutput<To>): Generator<ListingOutput<To>, void, void> {
  if (output !== undefined && output.length > 0) {
    call.pause();
    yield output;
    call.resume();
  }
}

/** Compares the rows of one slice of a listing with the provider's count (docs/SOURCES.md#row-counts). */
class RowCount {
  rows = 0;
  /** The provider's count, which must be the same on each page that states it. */
  total: number | null = null;
  /** Rows of the earlier slices. */
  readonly before: number;
  readonly part: Period | null;
  readonly #totalBefore: number;
  readonly #call: Call;

  constructor(call: Call, part: Period | null, previous?: RowCount) {
    this.#call = call;
    this.part = part;
    this.before = previous === undefined ? 0 : previous.before + previous.rows;
    this.#totalBefore = call.progress.total ?? 0;
  }

  add(fresh: number, { page }: PageOutcome): void {
    const { progress, settings } = this.#call;
    this.rows += fresh;
    const said = page?.totalRows ?? null;
    // Wasabi states the count on the first page, and 0 on every other.
    const total = said === null || (said === 0 && this.rows > 0) ? this.total : said;
    if (this.total !== null && total !== this.total) {
      const message = `${settings.provider} counted ${this.total} rows on one page and ${total} on a later one`;
      throw this.#call.error("listing-changed", message, { missing: "what moved to a page that had been read" });
    }
    this.total = total;
    progress.total = total === null ? progress.total : this.#totalBefore + total;
  }

  checkWhole(): void {
    if (this.total !== null && this.rows < this.total) {
      const missing = `${this.total - this.rows} of ${this.total} rows`;
      const message = `expected ${this.total} rows, as ${this.#call.settings.provider} counts them, found ${this.rows}`;
      throw this.#call.error("incomplete", message, { missing });
    }
  }
}

/** A body in small pieces, and no more of it than `maxBytes`. */
async function* bounded(call: Call, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const most = call.settings.limits.maxBytes ?? Number.POSITIVE_INFINITY;
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > most) {
      const { provider } = call.settings;
      const advice = provider === "wasabi" || provider === "onapp" ? ": ask for fewer days at a time (`daysPerRequest`)" : "";
      throw call.error("limit-exceeded", `expected a body of at most maxBytes (${most}) bytes, found more${advice}`);
    }
    for (let start = 0; start < chunk.length; start += BYTES_A_PIECE) {
      yield chunk.subarray(start, start + BYTES_A_PIECE);
    }
  }
}
