/** The records listed: all, or those behind a number; of a provider or metric; in the order read, or sorted. */
import { batch, computed, effect, signal } from "@preact/signals";
import type { Provider } from "meterglot";
import { ask, onSorting, Refused } from "./engine/client.js";
import type { Behind, Listed, Sort, SortColumn } from "./engine/protocol.js";
import { count } from "./format/number.js";
import { SORTED_BY } from "./format/words.js";
import { announcement, counted, look, measures, replies, view } from "./state.js";

export interface Shown extends Listed {
  behind: Behind | null;
  title: string;
  sort: Sort | null;
}

export const records = signal<Shown | null>(null);
/** A list that is being made, with how many records were gone through for it where that takes a while. */
export const making = signal<{ done: number; of: number } | null>(null);
export const refused = signal<Refused | null>(null);

/** The number that was chosen, and the figures it stood among: others are made of other records. */
const chosen = signal<{ behind: Behind | null; title: string; generation: number }>({ behind: null, title: "", generation: 0 });

export const providers = computed<Provider[]>(() => [...new Set(replies.value.flatMap(({ included, state }) => (included && state.is === "read" ? state.read.providers : [])))]);
export const metrics = computed<string[]>(() => [...new Set(measures.value.map(({ metric }) => metric))]);

/** What the address asks for and nothing has is no filter. */
export const provider = computed<Provider | "">(() => providers.value.find((name) => name === view.value.provider) ?? "");
export const metric = computed(() => (metrics.value.includes(view.value.metric) ? view.value.metric : ""));
const sortWord = computed(() => view.value.sort);
export const sort = computed<Sort | null>(() => {
  const word = sortWord.value;
  return word === "" ? null : { column: word.replace("-", "") as SortColumn, descending: word.startsWith("-") };
});

/** Lists the records behind a number, or all of them. */
export function show(number: Behind | null, title: string): void {
  batch(() => {
    // What is filtered out would be missing among those that a number came from.
    look({ provider: "", metric: "" });
    chosen.value = { behind: number, title, generation: counted.peek().generation };
  });
}

/** Sorts by a column: up, then down, then not. */
export function sortBy(column: SortColumn): void {
  const now = sort.peek();
  const next = now?.column !== column ? column : now.descending ? "" : (`-${column}` as const);
  look({ sort: next });
}

/** Follows from now on. */
export function start(): void {
  let latest = 0;
  effect(() => {
    const { ids, generation } = counted.value;
    const { behind, title } = chosen.value.generation === generation ? chosen.value : { behind: null, title: "" };
    const list = { behind, provider: provider.value, metric: metric.value, sort: sort.value };
    const turn = ++latest;
    if (ids.length === 0) {
      [records.value, making.value, refused.value] = [null, null, null];
      return;
    }
    making.value = { done: 0, of: 0 };
    ask("select", { replies: ids, list }).then(
      (listed) => { if (turn === latest) { arrive({ ...listed, behind, title, sort: list.sort }); } },
      (error: unknown) => { if (turn === latest) { [records.value, making.value, refused.value] = [null, null, error instanceof Refused ? error : new Refused({ code: "internal", message: String(error) })]; } },
    );
  });
}

function arrive(list: Shown): void {
  const before = records.peek();
  [records.value, making.value, refused.value] = [list, null, null];
  if (list.behind !== null && list.behind !== before?.behind) {
    announcement.value = `${count(list.length)} records behind ${list.title}.`;
    document.getElementById("records")?.scrollIntoView({ block: "start" });
    document.getElementById("records-title")?.focus({ preventScroll: true });
  } else if (before !== null && list.sort !== before.sort) {
    announcement.value = orderName(list);
  }
}

/** How a list is sorted, in words. */
export function orderName({ sort, unknown, blocks }: Shown): string {
  if (sort === null) {
    return "In the order read.";
  }
  const { column, descending } = sort;
  const apart = blocks < 2 ? "" : column === "cost" ? ", each currency for itself" : ", each unit for itself";
  const last = unknown === 0 ? "" : ` ${unknown === 1 ? "One record has" : `${count(unknown)} records have`} no ${SORTED_BY[column]} and ${unknown === 1 ? "stands" : "stand"} last.`;
  return `Sorted by ${SORTED_BY[column]}, ${descending ? "descending" : "ascending"}${apart}.${last}`;
}

onSorting((progress) => {
  if (making.peek() !== null) {
    making.value = progress;
  }
});
