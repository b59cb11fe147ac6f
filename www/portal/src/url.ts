/** Reads and writes the view in the address, so that it can be bookmarked and shared. The address has no data, only names of samples. */
import type { Format, GroupKey, Provider, Reducer, Window } from "meterglot";
import { GROUP_KEYS, PROVIDERS, REDUCERS, WINDOWS } from "./names.js";
import type { Behind, SortColumn } from "./engine/protocol.js";

export interface View {
  /** As returned by `measureId`; empty: chosen by the data. */
  measure: string;
  by: GroupKey | "";
  /** Empty: chosen by the span. */
  window: Window | "";
  zone: string;
  weekStart: "monday" | "sunday";
  /** Empty: the measure's default. */
  reducer: Reducer | "";
  /** Whether the windows of the chart are shown as a table. */
  table: boolean;
  /** The column that the records are sorted by; with a minus, descending. Empty: the order read. */
  sort: SortColumn | `-${SortColumn}` | "";
  /** The provider and the metric of the records listed; empty: any. */
  provider: Provider | "";
  metric: string;
  /** The number whose records are listed; null: all records. */
  behind: BehindInView | null;
  /** As in `Preference`. */
  prefer: Format[];
  overlap: "error" | "keep";
}

/** As `Behind`, with its measures as returned by `exactMeasureId`. */
export type BehindInView = Omit<Behind, "measures"> & { measures: string[] };

/** The samples on the page, those of them that are not counted, and whether all data are samples. */
export interface SamplesInView {
  samples: string[];
  without: string[];
  only: boolean;
}

const SORTS = (["metric", "quantity", "cost", "start", "resource", "region", "account"] as const).flatMap((column) => [column, `-${column}`] as const);
const KEY = new RegExp(`^(${GROUP_KEYS.join("|")}|dimensions\\..+)$`, "s");

/** Reads the view from the address. Invalid values are ignored. */
export function readView(search: string): View {
  const said = new URLSearchParams(search);
  const of = <Word extends string>(name: string, words: readonly Word[]): Word | "" => words.find((word) => word === said.get(name)) ?? "";
  const by = said.get("by") ?? "";
  return {
    measure: said.get("measure") ?? "",
    by: KEY.test(by) ? (by as GroupKey) : "",
    window: of("window", WINDOWS),
    zone: zoneOf(said.get("zone")),
    weekStart: said.get("week") === "sunday" ? "sunday" : "monday",
    reducer: of("reduce", REDUCERS),
    table: said.has("table"),
    sort: of("sort", SORTS),
    provider: of("provider", PROVIDERS),
    metric: said.get("metric") ?? "",
    behind: behindIn(said),
    prefer: (said.get("prefer") ?? "").split(",").filter((format) => /^[a-z]+\.[a-z-]+$/.test(format)),
    overlap: said.get("overlap") === "keep" ? "keep" : "error",
  };
}

function behindIn(said: URLSearchParams): BehindInView | null {
  const measures = said.getAll("behind");
  const by = said.get("behind-by") ?? "";
  const time = (name: string) => (said.has(name) ? Date.parse(said.get(name) as string) : null);
  const [start, end] = [time("behind-from"), time("behind-to")];
  if (measures.length === 0 || Number.isNaN(start) || Number.isNaN(end)) {
    return null;
  }
  return {
    measures,
    by: KEY.test(by) ? (by as GroupKey) : "",
    key: said.get("behind-key"),
    start,
    end,
    ...(said.has("behind-outside") ? { outside: true } : {}),
  };
}

export function samplesIn(search: string): Pick<SamplesInView, "samples" | "without"> {
  const said = new URLSearchParams(search);
  const listed = (name: string) => (said.get(name) ?? "").split(",").filter((sample) => sample !== "");
  return { samples: listed("samples"), without: listed("without") };
}

/** Writes the view as a query. `behind` may contain names from the data, so it is written only if all data are samples. */
export function writeView(
  { measure, by, window, zone, weekStart, reducer, table, sort, provider, metric, behind, prefer, overlap }: View,
  { samples, without, only }: SamplesInView,
): string {
  const said = new URLSearchParams();
  const entries: [string, string][] = [
    ["samples", samples.join(",")],
    ["without", without.join(",")],
    ["measure", measure],
    ["by", by],
    ["window", window],
    ["zone", zone === "UTC" ? "" : zone],
    ["week", weekStart === "monday" ? "" : weekStart],
    ["reduce", reducer],
    ["table", table ? "1" : ""],
    ["sort", sort],
    ["provider", provider],
    ["metric", metric],
    ["prefer", prefer.join(",")],
    ["overlap", overlap === "keep" ? overlap : ""],
  ];
  for (const [name, value] of entries) {
    if (value !== "") {
      said.set(name, value);
    }
  }
  if (only && behind !== null) {
    const time = (at: number | null) => (at === null ? null : new Date(at).toISOString());
    behind.measures.forEach((one) => said.append("behind", one));
    for (const [name, value] of [
      ["behind-by", behind.by || null],
      ["behind-key", behind.key],
      ["behind-from", time(behind.start)],
      ["behind-to", time(behind.end)],
      ["behind-outside", behind.outside === true ? "1" : null],
    ] as const) {
      if (value !== null) {
        said.set(name, value);
      }
    }
  }
  const text = said.toString().replaceAll("%2C", ",").replaceAll("%7E", "~").replaceAll("%2F", "/");
  return text === "" ? "" : `?${text}`;
}

function zoneOf(name: string | null): string {
  if (name === null || name === "source") {
    return name ?? "UTC";
  }
  try {
    new Intl.DateTimeFormat(undefined, { timeZone: name });
    return /^[A-Za-z]/.test(name) ? name : "UTC";
  } catch {
    return "UTC";
  }
}
