// Every entry point, by a strict reader of its types.
import { Aggregator, MeterglotError, normalize, type UsageTable } from "meterglot";
import { normalize as inline } from "meterglot/inline";
import { SourceError, type SourceErrorCode, wasabiSource } from "meterglot/sources";
import worker, { createWorker } from "meterglot/worker";

const tables: UsageTable[] = [normalize("[]", { provider: "wasabi" }), inline("[]")];
tables.forEach((table) => table[Symbol.dispose]());
new Aggregator()[Symbol.dispose]();

export async function read(): Promise<SourceErrorCode | undefined> {
  try {
    await wasabiSource({ apiKey: "a key" }).table({ from: "2026-01-01", to: "2026-02-01" });
  } catch (error) {
    if (error instanceof SourceError) {
      const { code, message, status, pointer }: { code: SourceErrorCode; message: string; status: number | null; pointer: string | null } = error;
      console.log(message, status, pointer);
      return code;
    }
    if (error instanceof MeterglotError && error.code === "internal") {
      throw error;
    }
  }
  return undefined;
}

export const app = createWorker();
export const answer: Response | Promise<Response> = worker.fetch(new Request("https://example.com"));

// @ts-expect-error it is one of a closed list of codes
export const code: "no-such-code" = new SourceError("").code;
