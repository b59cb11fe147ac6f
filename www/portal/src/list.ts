/** The records listed: all, or those behind a number; of a provider or metric; in the order read, or sorted. */
import { computed, effect, signal } from "@preact/signals";
import type { Provider } from "meterglot";
import { asking } from "./asking.js";
import { ask, onSorting } from "./engine/client.js";
import type { Behind, List, Listed, Preference, Sort, SortColumn } from "./engine/protocol.js";
import type { Refused } from "./engine/refused.js";
import { count } from "./format/number.js";
import { spanName } from "./format/time.js";
import { exactMeasureId, groupName, SORTED_BY } from "./format/words.js";
import { announcement, counted, look, measures, preference, replies, someAreBeingRead, view } from "./state.js";
import type { View } from "./url.js";

export interface Shown extends Listed {
  behind: Behind | null;
  title: string;
  sort: Sort | null;
}

export const records = signal<Shown | null>(null);
/** A list that is being made, with how many records were gone through for it where that takes a while. */
export const making = signal<{ done: number; of: number } | null>(null);
export const refused = signal<Refused | null>(null);

export const providers = computed<Provider[]>(() => [
  ...new Set(replies.value.flatMap(({ included, state }) => (included && state.is === "read" ? state.read.providers : []))),
]);
export const metrics = computed<string[]>(() => [...new Set(measures.value.map(({ metric }) => metric))]);

/** What the address asks for and nothing has is no filter. */
export const provider = computed<Provider | "">(() => providers.value.find((name) => name === view.value.provider) ?? "");
export const metric = computed(() => (metrics.value.includes(view.value.metric) ? view.value.metric : ""));
/** The number that the view is of the records of. What nothing is measured of is no number. */
const chosen = computed<{ behind: Behind; title: string } | null>(() => {
  const asked = view.value.behind;
  if (asked === null) {
    return null;
  }
  const found = asked.measures.flatMap((id) => measures.value.find((one) => exactMeasureId(one) === id) ?? []);
  if (found.length < asked.measures.length) {
    return null;
  }
  const behind: Behind = { ...asked, measures: found.map(({ metric, kind, unit, currency, what }) => ({ metric, kind, unit, currency, what })) };
  return { behind, title: named.of === asked ? named.title : titleOf(behind) };
});

/** How the number was called where it was chosen; one out of the address has no such name. */
let named: { of: View["behind"]; title: string } = { of: null, title: "" };
/** Whether the person has just asked for these records, and is to be led to them. */
let leads = false;

function titleOf({ measures, by, key, start, end }: Behind): string {
  const who = by === "" ? "" : `, ${groupName(key, key ?? "", by)}`;
  const when = start === null || end === null ? "" : `, ${spanName(start, end, { zone: view.peek().zone, shift: 0 })}`;
  return `${measures.map(({ metric }) => metric).join(", ")}${who}${when}`;
}

const sortWord = computed(() => view.value.sort);
export const sort = computed<Sort | null>(() => {
  const word = sortWord.value;
  return word === "" ? null : { column: word.replace("-", "") as SortColumn, descending: word.startsWith("-") };
});

/** Lists the records behind a number, or all of them. */
export function show(number: Behind | null, title: string): void {
  const behind = number === null ? null : { ...number, measures: number.measures.map(exactMeasureId) };
  named = { of: behind, title };
  leads = behind !== null;
  // What is filtered out would be missing among those that a number came from.
  look({ provider: "", metric: "", behind });
}

/** Sorts by a column: up, then down, then not. */
export function sortBy(column: SortColumn): void {
  const now = sort.peek();
  const next = now?.column !== column ? column : now.descending ? "" : (`-${column}` as const);
  look({ sort: next });
}

interface Asked {
  replies: number[];
  preference: Preference;
  list: List;
  title: string;
}

/** Follows from now on. */
export function start(): void {
  let latest: Asked | null = null;
  const put = async (asked: Asked) => ({ asked, listed: await ask("select", { replies: asked.replies, preference: asked.preference, list: asked.list }) });
  const lists = asking(
    put,
    ({ answer, refused: why }, overtaken) => {
      if (answer !== null) {
        const {
          asked: {
            list: { behind, sort },
            title,
          },
          listed,
        } = answer;
        arrive({ ...listed, behind, title, sort });
      } else if (!overtaken) {
        [records.value, refused.value] = [null, why];
      }
      making.value = overtaken ? making.peek() : null;
    },
    someAreBeingRead,
  );
  effect(() => {
    const { ids } = counted.value;
    const { behind, title } = chosen.value ?? { behind: null, title: "" };
    const list = { behind, provider: provider.value, metric: metric.value, sort: sort.value };
    if (ids.length === 0) {
      lists.drop();
      [records.value, making.value, refused.value] = [null, null, null];
      return;
    }
    making.value = { done: 0, of: 0 };
    // A list that only grows as replies are read is waited for; a person who asks for another one is not to wait.
    const grows = someAreBeingRead() && JSON.stringify(list) === JSON.stringify(latest?.list);
    latest = { replies: ids, preference: preference.value, list, title };
    lists.ask(latest, !grows);
  });
}

function arrive(list: Shown): void {
  const before = records.peek();
  [records.value, refused.value] = [list, null];
  if (list.behind !== null && leads) {
    leads = false;
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
  const last =
    unknown === 0
      ? ""
      : ` ${unknown === 1 ? "One record has" : `${count(unknown)} records have`} no ${SORTED_BY[column]} and ${unknown === 1 ? "stands" : "stand"} last.`;
  return `Sorted by ${SORTED_BY[column]}, ${descending ? "descending" : "ascending"}${apart}.${last}`;
}

onSorting((progress) => {
  if (making.peek() !== null) {
    making.value = progress;
  }
});
