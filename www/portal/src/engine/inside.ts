/** Finds records whose amount another record of the same row already contains, so that nothing is added twice and nothing is left out. */
import type { Columns, Holding } from "./holding.js";
import { probesOf } from "./probes.js";
import type { Held } from "./store.js";

/** A metric that contains another one, if a row reports both. Lists of containers begin with the nearest. */
interface Container {
  metric: string;
  /** Whether it is reported of the user who owns the machine, rather than of the same resource. */
  ofUser: boolean;
}

export interface Inside {
  /** By index of the record: 0 if no other record contains it, else the number, from 1, of the container of its metric that does. */
  within: Uint8Array;
  containersOf(metric: string): Container[];
}

/** Metrics whose container is fixed, even if no record names it in `partOf`. */
const ABOVE = new Map([
  ["cost.vm", "cost.total"],
  ["cost.user_resources", "cost.total"],
]);
/** The costs of a virtual machine have a total of their own, which the costs of its user (the account) contain. */
const MACHINE = "cost.vm.";
const MACHINE_TOTAL = "cost.vm.total";

/** Returns one for each reply in `held`, in the same order as `columns`; null if no metric of the reply can be part of another. */
export function insideOf(held: Held[], columns: Columns[]): (Inside | null)[] {
  const probes = held.flatMap(({ holding }) => probesOf(holding));
  const above = new Map(ABOVE);
  for (const { metric, partOf } of probes) {
    // A record that is part of its own metric is a breakdown by region, not another quantity.
    if (partOf !== null && partOf !== metric) {
      above.set(metric, partOf);
    }
  }
  const containers = new Map(probes.map(({ metric }) => [metric, chainOf(metric, above)]));
  const containersOf = (metric: string) => containers.get(metric) ?? [];
  const told = new Map(
    [...containers.values()]
      .flat()
      .filter(({ metric }) => containers.has(metric))
      .map(({ metric }) => [metric, new Set<number>()]),
  );
  if (told.size === 0) {
    return held.map(() => null);
  }
  const rows = new Rows();
  held.forEach(({ holding }, index) => {
    const each = columns[index] as Columns;
    rows.go(
      holding,
      each,
      index,
      (metric) => told.get(metric) ?? null,
      (into, row, at) => into.add(rows.of(row, each.resourceId, at)),
    );
  });
  const chains = (metric: string) => {
    const chain = containersOf(metric).map(({ metric, ofUser }) => ({ rows: told.get(metric), ofUser }));
    return chain.some(({ rows }) => rows !== undefined) ? chain : null;
  };
  return held.map(({ holding }, index) => {
    const each = columns[index] as Columns;
    const within = new Uint8Array(holding.length);
    rows.go(holding, each, index, chains, (chain, row, at) => {
      within[at] = chain.findIndex(({ rows: tell, ofUser }) => tell?.has(rows.of(row, ofUser ? each.account : each.resourceId, at)) === true) + 1;
    });
    return { within, containersOf };
  });
}

function chainOf(metric: string, above: Map<string, string>): Container[] {
  const chain: Container[] = [];
  const ofUser = metric.startsWith(MACHINE);
  for (let at = above.get(metric); at !== undefined && !chain.some((container) => container.metric === at); at = above.get(at)) {
    chain.push({ metric: at, ofUser });
  }
  if (ofUser && metric !== MACHINE_TOTAL) {
    chain.splice(1, 0, { metric: MACHINE_TOTAL, ofUser: false });
  }
  return chain;
}

type Dictionary = Columns["account"];

/**
 * Numbers the rows of all replies. Records with the same provider, account, region, currency and period are in the same row. Dimensions
 * distinguish the parts of a row, not rows.
 */
class Rows {
  readonly #texts = new Map<string, number>();
  readonly #codes = new WeakMap<Dictionary, Int32Array>();
  readonly #pairs = [new Pairs(), new Pairs(), new Pairs(), new Pairs(), new Pairs()] as const;
  readonly #owned = new Pairs();

  /** Calls `each` for the records that have a number and for whose metric `workOf` returns something. */
  go<Work>(
    { providers }: Holding,
    columns: Columns,
    index: number,
    workOf: (metric: string) => Work | null,
    each: (work: Work, row: number, at: number) => void,
  ): void {
    const { metric, account, region, currency, start, end, cost, quantity } = columns;
    const works = metric.values.map(workOf);
    const provider = this.#text(`provider ${providers.join(" ")}`);
    const [accounts, regions, currencies] = [this.#numbers(account), this.#numbers(region), this.#numbers(currency)];
    const [whose, where, money, from, to] = this.#pairs;
    let [row, last] = [-1, -1];
    for (let at = 0; at < metric.codes.length; at++) {
      const work = works[metric.codes[at] as number] ?? null;
      if (work === null || (Number.isNaN(cost[at]) && Number.isNaN(quantity[at]))) {
        continue;
      }
      // Records of a row follow one another, so the number of the last row is reused.
      const again =
        last >= 0 &&
        account.codes[at] === account.codes[last] &&
        region.codes[at] === region.codes[last] &&
        currency.codes[at] === currency.codes[last] &&
        Object.is(start[at], start[last]) &&
        Object.is(end[at], end[last]);
      if (!again) {
        const of = (numbers: Int32Array, { codes }: Dictionary) => numbers[(codes[at] as number) + 1] as number;
        const timeless = Number.isNaN(start[at]);
        row = money.of(where.of(whose.of(provider, of(accounts, account)), of(regions, region)), of(currencies, currency));
        // Two replies without times may be about different periods, so they share no row.
        row = to.of(from.of(row, timeless ? -1 - index : (start[at] as number)), timeless ? -1 : (end[at] as number));
        last = at;
      }
      each(work, row, at);
    }
  }

  /** Returns the number of a row for one owner: a resource, or an account. */
  of(row: number, owner: Dictionary, at: number): number {
    return this.#owned.of(row, this.#numbers(owner)[(owner.codes[at] as number) + 1] as number);
  }

  #text(text: string): number {
    const number = this.#texts.get(text) ?? this.#texts.size;
    this.#texts.set(text, number);
    return number;
  }

  /** Maps the codes of a column to numbers shared by all replies. The index is the code + 1; index 0 is for missing values. */
  #numbers(column: Dictionary): Int32Array {
    const numbers = this.#codes.get(column) ?? Int32Array.from([-1, ...column.values.map((value) => this.#text(value))]);
    this.#codes.set(column, numbers);
    return numbers;
  }
}

/** A number for each pair of numbers. */
class Pairs {
  readonly #of = new Map<number, Map<number, number>>();
  #count = 0;

  of(one: number, other: number): number {
    let others = this.#of.get(one);
    if (others === undefined) {
      this.#of.set(one, (others = new Map()));
    }
    let number = others.get(other);
    if (number === undefined) {
      others.set(other, (number = this.#count++));
    }
    return number;
  }
}
