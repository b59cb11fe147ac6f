/** The list of records: all, or those that a number was made of; filtered by provider or metric; in the order read, or sorted. */
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
/** Progress of the list that is being made; null: none is. */
export const making = signal<{ done: number; of: number } | null>(null);
export const refused = signal<Refused | null>(null);

export const providers = computed<Provider[]>(() => [
  ...new Set(replies.value.flatMap(({ included, state }) => (included && state.is === "read" ? state.read.providers : []))),
]);
export const metrics = computed<string[]>(() => [...new Set(measures.value.map(({ metric }) => metric))]);

/** A provider or a metric in the address that no record has is ignored. */
export const provider = computed<Provider | "">(() => providers.value.find((name) => name === view.value.provider) ?? "");
export const metric = computed(() => (metrics.value.includes(view.value.metric) ? view.value.metric : ""));
/** The number whose records are listed; null if the view names none, or a measure that the data does not have. */
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

/** The title of the number where it was clicked. A number from the address has no such title. */
let named: { of: View["behind"]; title: string } = { of: null, title: "" };
/** Whether the user has just opened these records, so that the page must scroll to them and focus them. */
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

/** Lists the records that a number was made of; null: all records. */
export function show(number: Behind | null, title: string): void {
  const behind = number === null ? null : { ...number, measures: number.measures.map(exactMeasureId) };
  named = { of: behind, title };
  leads = behind !== null;
  // Resets the filters, which would hide some of the records that the number was made of.
  look({ provider: "", metric: "", behind });
}

/** Sorts by a column: ascending, then descending, then not at all. */
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

/** Starts the effects that update the list. */
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
    // While replies are read the same list only grows, so the current request may finish. If the user asks for another list, it is abandoned.
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

/** Describes how a list is sorted. */
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
