import type { Issue, Listing as Contract, ListingOptions, ListingOutput, ListingPage, PageOutcome } from "./api.js";
import { isBytes } from "./body.js";
import { joined } from "./bytes.js";
import { call } from "./engine.js";
import { invalidOption } from "./errors.js";
import type { Listing as EngineListing } from "./glue.js";
import { Handle, makeDisposable } from "./handle.js";
import { listingOptions, pageOptions } from "./options.js";
import { Table } from "./table.js";
import { unpack } from "./unpack.js";
import { shown } from "./validate.js";

/** A larger chunk goes in by pieces, so that what the engine holds does not grow with the chunks. */
const BYTES_A_PIECE = 64 * 1024;

type To = ListingOptions["to"];

export class Listing<Kept extends To = To> implements Contract<Kept> {
  readonly #handle: Handle<EngineListing>;
  readonly #to: Kept;
  readonly #onIssue: ((issue: Issue) => void) | undefined;
  #page: "none" | "open" | "ended" = "none";

  constructor(options: ListingOptions & { to: Kept }) {
    const { reading, to, between, distinct, onIssue } = listingOptions(options);
    this.#to = to as Kept;
    this.#onIssue = onIssue;
    this.#handle = new Handle("Listing", call((engine) => new engine.Listing(reading, to, between?.start, between?.end, distinct)));
  }

  begin(page?: ListingPage): this {
    if (this.#page === "open") {
      throw invalidOption("begin: the page before has not been ended");
    }
    const { reading, between } = pageOptions(page);
    this.#handle.use((listing) => listing.begin(reading, between?.start, between?.end));
    this.#page = "open";
    return this;
  }

  push(chunk: Uint8Array): ListingOutput<Kept> {
    this.#check("push");
    if (!isBytes(chunk)) {
      throw invalidOption(`push: expected a chunk of Uint8Array, found ${shown(chunk)}`);
    }
    const outputs: Uint8Array[] = [];
    for (let start = 0; start < chunk.length; start += BYTES_A_PIECE) {
      const piece = chunk.subarray(start, start + BYTES_A_PIECE);
      outputs.push(this.#tell((listing) => listing.push(piece)));
    }
    return this.#output(outputs);
  }

  end(): PageOutcome & { output: ListingOutput<Kept> } {
    this.#check("end");
    this.#page = "ended";
    const { output, outcome } = this.#tell((listing) => listing.end() as { output: Uint8Array; outcome: string });
    return { ...(JSON.parse(outcome) as PageOutcome), output: this.#output([output]) };
  }

  finish(): Kept extends "table" ? Table : ListingOutput<Kept> {
    if (this.#page === "open") {
      throw invalidOption("finish: the page before has not been ended");
    }
    const done = this.#to === "table" ? new Table(this.#handle.release((listing) => listing.finish())) : this.#output([this.#tell((listing) => listing.head())]);
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
  }

  /** Calls the engine and tells the issues that were met. What fails is freed: nothing more can be read after it. */
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

  #output(outputs: Uint8Array[]): ListingOutput<Kept> {
    switch (this.#to) {
      case "table":
        return undefined as ListingOutput<Kept>;
      case "records":
        return outputs.flatMap((output) => (output.length === 0 ? [] : unpack(output))) as ListingOutput<Kept>;
      default:
        return joined(outputs) as ListingOutput<Kept>;
    }
  }
}

makeDisposable(Listing);
