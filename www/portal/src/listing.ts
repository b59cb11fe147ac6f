/** Finds replies that may be pages of the same listing and are not joined yet. */
import type { Format } from "meterglot";
import type { ReplyRead } from "./engine/protocol.js";
import type { Reply } from "./reply.js";

export interface OpenListing {
  /** The replies, in the order of their pages. */
  ids: number[];
  format: Format;
}

interface Page {
  id: number;
  format: Format;
  place: number;
  rows: number;
  /** The number of rows of the whole listing; null if the provider does not report it. */
  total: number | null;
  goesOn: boolean;
}

/**
 * Returns listings of two or more replies. They have the same format and, if it is reported, the same total number of rows, which their
 * rows together do not exceed.
 */
export function openListings(replies: Reply[]): OpenListing[] {
  const groups = new Map<string, Page[]>();
  for (const page of replies.flatMap(pageOf)) {
    const group = `${page.format} ${page.total ?? ""}`;
    groups.set(group, [...(groups.get(group) ?? []), page]);
  }
  return [...groups.values()].flatMap((pages) => {
    const [first] = pages as [Page];
    const rows = pages.reduce((sum, page) => sum + page.rows, 0);
    const fits = first.total === null ? pages.some(({ goesOn }) => goesOn) : rows <= first.total;
    return pages.length < 2 || !fits ? [] : [{ format: first.format, ids: pages.sort((a, b) => a.place - b.place).map(({ id }) => id) }];
  });
}

function pageOf({ id, origin, state }: Reply): Page[] {
  if (state.is !== "read" || origin.from === "source") {
    return [];
  }
  const {
    formats: [format],
    pages,
    checks,
  } = state.read;
  const last = pages.at(-1);
  if (format === undefined || last === undefined || (checks.some(({ name }) => name === "rows") && isWhole(state.read))) {
    return [];
  }
  const rows = pages.reduce((sum, page) => sum + page.rows, 0);
  const first = pages[0]?.page;
  return [
    {
      id,
      format,
      place: first?.number ?? first?.offset ?? 0,
      rows,
      total: last.page?.totalRows ?? null,
      goesOn: last.page?.hasNext === true || last.next !== null,
    },
  ];
}

export const isWhole = ({ checks }: Pick<ReplyRead, "checks">) => checks.every(({ name, ok }) => name !== "rows" || ok);
