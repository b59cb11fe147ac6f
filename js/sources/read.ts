import { type Issue, Listing, type ListingOptions, type ListingOutput, type ListingPage, type PageOutcome, type ReadOptions, type UsageTable } from "meterglot";
import type { Call } from "./call.js";
import { fetchBegun, type Reply } from "./http.js";
import type { Outgoing } from "./outgoing.js";
import { type AskedPeriod, type Period, spanIn } from "./period.js";

/** One page of a listing: its body, and what the engine receives of it. */
export interface Page {
  reply: Reply;
  about: Pick<ListingPage, "request">;
  /** The part of the period that was asked for; where none is named, all of it. */
  part?: Period;
  /** Rows at its beginning that the page before ended with. */
  again?: number;
  /** Rows that the provider counts on it, where that is known before it is read. */
  fresh?: number;
}

/** What came out of a page, and of all so far. Faulty rows, where they are reported and left out, are counted as rows. */
export interface PageRead extends PageOutcome {
  /** Rows on this page that no page before held. */
  fresh: number;
  /** Records that this page gave: those that no page before gave, and that lie in the period. */
  gained: number;
  /** Rows on all pages of the page's part, each counted once. */
  all: number;
  /** Rows in the page's part as the provider counts them; null where it has not said. */
  total: number | null;
}

/** A provider's pages, each given once the page before it has been read. */
export type Pages = AsyncGenerator<Page, void, PageRead>;

/** Pages that are known beforehand, and may be large; each body goes through `look` where there is something to look for. */
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

/** How a provider's listing is read. */
export interface Plan {
  /** What the records must lie in; null where the provider alone decides. */
  between: AskedPeriod | null;
  reading: Pick<ReadOptions, "account" | "currency" | "limits">;
  /** Whether the provider gives a row again where it has calculated it anew, and says when: a table then has the newer. */
  restates?: boolean;
  pages(call: Call): Pages;
}

/** A record is many times as long as what it was made of: from so many bytes of a body come some hundred kilobytes. */
const BYTES_A_PIECE = 16 * 1024;

/** Faults of one row: the rows after it can be read all the same. */
const ROW_FAULTS = new Set<Issue["code"]>([
  "unexpected-shape",
  "missing-field",
  "invalid-number",
  "number-out-of-range",
  "invalid-timestamp",
  "length-mismatch",
  "conflicting-record",
]);

/** Reads a listing: gives what is complete as it comes, at the end what is left, or the table of everything. */
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
      // Rows beyond the period are not remembered.
      const fresh = known ?? Math.max(0, rows - Math.max(again, listing.duplicates - duplicates));
      count();
      counted.add(fresh, outcome);
      call.count({ pages: 1 });
      page = await pages.next({ ...outcome, fresh, gained: listing.records - records, all: counted.rows, total: counted.total });
    }
    counted.checkWhole();
    return listing.finish();
  } finally {
    listing.free();
    await pages.return();
  }
}

/** What the records of a part must lie in, as the engine takes it. */
function betweenIn({ between }: Plan, part: Period | null): Pick<ListingPage, "between"> {
  return between === null || part === null ? {} : { between: spanIn(part, between) };
}

/** Gives what there is, if anything. While its reader takes the time to come again, the call's clock stands. */
export function* given<To extends ListingOptions["to"]>(call: Call, output: ListingOutput<To>): Generator<ListingOutput<To>, void, void> {
  if (output !== undefined && output.length > 0) {
    call.pause();
    yield output;
    call.resume();
  }
}

/** The rows of one part of a listing, compared with what the provider counts. */
class RowCount {
  rows = 0;
  /** What the provider counts, which must be the same on every page that says it. */
  total: number | null = null;
  /** Rows of the parts before. */
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
    // Wasabi counts on the first page, and says 0 on every other.
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
