import type { Issue, Listing as Contract, ListingOptions, ListingOutput, ListingPage, PageOutcome, UsageRecord } from "./api.js";
import { wholeBytes } from "./body.js";
import { joined } from "./bytes.js";
import { call } from "./engine.js";
import { invalidOption } from "./errors.js";
import type { Listing as EngineListing } from "./glue.js";
import { Handle, makeDisposable } from "./handle.js";
import { optionsText } from "./options.js";
import { Table } from "./table.js";
import { unpack } from "./unpack.js";

/** A larger chunk is passed in pieces, so that the engine's memory does not grow with the size of the chunks. */
const BYTES_A_PIECE = 64 * 1024;

type To = ListingOptions["to"];

type Piece<Kept extends To> = NonNullable<ListingOutput<Kept>>;

export class Listing<Kept extends To = To> implements Contract<Kept> {
  readonly #handle: Handle<EngineListing>;
  readonly #to: Kept;
  readonly #onIssue: ((issue: Issue) => void) | undefined;
  #page: "none" | "open" | "ended" = "none";
  /** Whether every piece of the last call was taken. */
  #isTaken = true;

  constructor(options: ListingOptions & { to: Kept }) {
    const json = optionsText(options);
    this.#handle = new Handle(
      "Listing",
      call((engine) => new engine.Listing(json)),
    );
    this.#to = options.to;
    this.#onIssue = options.onIssue;
  }

  begin(page?: ListingPage): this {
    if (this.#page === "open") {
      throw invalidOption("begin: the page before has not been ended");
    }
    this.#checkTaken("begin");
    const json = optionsText(page);
    this.#handle.use((listing) => listing.begin(json));
    this.#page = "open";
    return this;
  }

  push(chunk: Uint8Array): ListingOutput<Kept> {
    return this.#joined([...this.pushPieces(chunk)]);
  }

  end(): PageOutcome & { output: ListingOutput<Kept> } {
    const pieces = this.endPieces();
    const outputs: Piece<Kept>[] = [];
    let next = pieces.next();
    for (; !next.done; next = pieces.next()) {
      outputs.push(next.value);
    }
    return { ...next.value, output: this.#joined(outputs) };
  }

  pushPieces(chunk: Uint8Array): Generator<Piece<Kept>, void, void> {
    this.#check("push");
    const bytes = wholeBytes(chunk, "push", "a chunk of Uint8Array");
    this.#isTaken = false;
    return this.#pushed(bytes);
  }

  endPieces(): Generator<Piece<Kept>, PageOutcome, void> {
    this.#check("end");
    this.#page = "ended";
    this.#isTaken = false;
    return this.#ended();
  }

  *#pushed(chunk: Uint8Array): Generator<Piece<Kept>, void, void> {
    for (let start = 0; start < chunk.length; start += BYTES_A_PIECE) {
      const piece = chunk.subarray(start, start + BYTES_A_PIECE);
      yield* this.#pieces((listing) => listing.push(piece));
    }
    this.#isTaken = true;
  }

  *#ended(): Generator<Piece<Kept>, PageOutcome, void> {
    yield* this.#pieces((listing) => listing.end());
    this.#isTaken = true;
    return JSON.parse(this.#handle.use((listing) => listing.outcome())) as PageOutcome;
  }

  finish(): Kept extends "table" ? Table : ListingOutput<Kept> {
    if (this.#page === "open") {
      throw invalidOption("finish: the page before has not been ended");
    }
    this.#checkTaken("finish");
    const done =
      this.#to === "table" ? new Table(this.#handle.release((listing) => listing.finish())) : this.#joined([...this.#pieces((listing) => listing.head())]);
    this.free();
    return done as Kept extends "table" ? Table : ListingOutput<Kept>;
  }

  get records(): number {
    return this.#handle.use((listing) => listing.records);
  }

  get duplicates(): number {
    return this.#handle.use((listing) => listing.duplicates);
  }

  free(): void {
    this.#handle.free();
  }

  declare [Symbol.dispose]: () => void;

  #check(call: string): void {
    if (this.#page !== "open") {
      throw invalidOption(`${call}: no page has been begun`);
    }
    this.#checkTaken(call);
  }

  #checkTaken(call: string): void {
    // A freed handle reports that itself.
    this.#handle.value;
    if (!this.#isTaken) {
      throw invalidOption(`${call}: expected every piece of the call before to have been taken, found some that was not`);
    }
  }

  /** The pieces of complete output: the first one, which `first` returns, and those after it. */
  *#pieces(first: (listing: EngineListing) => Uint8Array | undefined): Generator<Piece<Kept>, void, void> {
    let piece = this.#tell(first);
    while (piece !== undefined) {
      if (piece.length > 0) {
        yield (this.#to === "records" ? unpack(piece) : piece) as Piece<Kept>;
      }
      piece = this.#tell((listing) => listing.take());
    }
  }

  /** Calls the engine and reports the issues that it found. After an error the listing is freed: no more can be read. */
  #tell<Result>(work: (listing: EngineListing) => Result): Result {
    try {
      const result = this.#handle.use(work);
      if (this.#onIssue !== undefined) {
        for (const issue of JSON.parse(this.#handle.use((listing) => listing.takeIssues())) as Issue[]) {
          this.#onIssue(issue);
        }
      }
      return result;
    } catch (error) {
      this.free();
      throw error;
    }
  }

  #joined(pieces: Piece<Kept>[]): ListingOutput<Kept> {
    switch (this.#to) {
      case "table":
        return undefined as ListingOutput<Kept>;
      case "records":
        return (pieces as unknown as UsageRecord[][]).flat() as ListingOutput<Kept>;
      default:
        return joined(pieces as unknown as Uint8Array[]) as ListingOutput<Kept>;
    }
  }
}

makeDisposable(Listing);
