/** Fields of the records that are not in the columns of a holding. They are read in one pass and cached as long as the holding exists. */
import type { Provider, UsageRecord } from "meterglot";
import type { Holding } from "./holding.js";

export interface Details {
  /** By index of the record: numbers and times that a double cannot represent exactly. */
  exact: Record<"quantity" | "cost" | "start", Map<number, string>>;
  /** Names of the resources, as they are shown. */
  resources: string[];
  resource: Int32Array;
  providers: Provider[];
  provider: Uint8Array;
}

const RECORDS_A_SLICE = 1024;
/** Length of an RFC 3339 time in UTC to the millisecond, which a double represents exactly. */
const MILLISECONDS_WRITTEN = "2011-01-01T05:00:00.123Z".length;

const kept = new WeakMap<Holding, Details>();

export const isKnown = (holding: Holding): boolean => kept.has(holding);

/** Calls `step` before each slice, with the number of records that are done. */
export async function detailsOf(holding: Holding, step: (done: number) => Promise<void>): Promise<Details> {
  const found = kept.get(holding) ?? (await gather(holding, step));
  kept.set(holding, found);
  return found;
}

export function resourceName({ resourceName, resourceId }: UsageRecord): string | null {
  return resourceName === null ? resourceId : `${resourceName}${resourceId === null ? "" : ` (${resourceId})`}`;
}

async function gather(holding: Holding, step: (done: number) => Promise<void>): Promise<Details> {
  const { length } = holding;
  const exact: Details["exact"] = { quantity: new Map(), cost: new Map(), start: new Map() };
  const resources = new Dictionary<string>();
  const providers = new Dictionary<Provider>();
  const resource = new Int32Array(length);
  const provider = new Uint8Array(length);
  for (let start = 0; start < length; start += RECORDS_A_SLICE) {
    await step(start);
    holding.records(start, Math.min(start + RECORDS_A_SLICE, length)).forEach((record, index) => {
      const at = start + index;
      const { quantity, cost } = record;
      if (quantity !== null && quantity !== String(Number(quantity))) {
        exact.quantity.set(at, quantity);
      }
      if (cost !== null && cost !== String(Number(cost))) {
        exact.cost.set(at, cost);
      }
      if (record.start !== null && record.start.length > MILLISECONDS_WRITTEN) {
        exact.start.set(at, record.start);
      }
      resource[at] = resources.code(resourceName(record));
      provider[at] = providers.code(record.provider);
    });
  }
  return { exact, resources: resources.values, resource, providers: providers.values, provider };
}

class Dictionary<Text extends string> {
  readonly values: Text[] = [];
  readonly #codes = new Map<Text, number>();

  code(value: Text | null): number {
    if (value === null) {
      return -1;
    }
    let code = this.#codes.get(value);
    if (code === undefined) {
      code = this.values.push(value) - 1;
      this.#codes.set(value, code);
    }
    return code;
  }
}
