/**
 * A list of any length that renders only the rows in view.
 *
 * No library is used, for two measured reasons. A virtualizer computes the position of each row whenever the list is changed, sorted or
 * filtered: @tanstack/virtual-core 3.19.11, with rows of one size, takes 50 to 130 ms of the main thread for a million rows and 190 ms
 * (Chromium) to 545 ms (Firefox) for five million. With rows of one height a division is enough. It also scrolls an element as tall as all
 * rows, but the tallest element is 17.9 million pixels in Firefox, half a million of these rows, and 33.5 million in Chromium. So the
 * scroll bar has to be mapped to the rows in any case, which is what most of this file does.
 */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ShownRecord } from "../engine/protocol.js";
import { making, sort, sortBy } from "../list.js";
import type { Column } from "./columns.js";
import { opened } from "./record.js";
import { useRows } from "./rows.js";

const ROW = 34;
const HEAD = 34;
const ROWS_IN_VIEW = 14;
/** The tallest element, in pixels, that every browser supports. If the rows are taller, the scroll bar is scaled. */
const TALLEST = 15_000_000;

interface Props {
  selection: number;
  length: number;
  columns: Column[];
  look: string;
}

export function Grid({ selection, length, columns, look }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [offset, setOffset] = useState(0);
  const [active, setActive] = useState(0);
  const rows = useRows(selection, length);
  const body = Math.min(ROWS_IN_VIEW, Math.max(length, 1)) * ROW;
  const tall = Math.min(length * ROW, TALLEST);
  const scrollable = Math.max(tall - body, 0);
  const hidden = Math.max(length * ROW - body, 0);
  const first = Math.min(Math.floor(offset / ROW), Math.max(length - 1, 0));
  const last = Math.min(first + Math.ceil(body / ROW) + 1, length);
  rows.want(first, last);

  // The row elements do not move in the frame; their content changes with the offset, so fast scrolling never shows an empty frame.
  const toOffset = (top: number) => (scrollable === 0 ? 0 : (Math.min(top, scrollable) / scrollable) * hidden);
  // One pixel of the scroll bar may be many rows, so the exact offset is stored and not read back from the bar.
  const settling = useRef<number | null>(null);
  const scrollTo = (wanted: number) => {
    const element = scroller.current as HTMLDivElement;
    const top = hidden === 0 ? 0 : (wanted / hidden) * scrollable;
    const from = element.scrollTop;
    element.scrollTop = top;
    // If the scroll bar did not move there will be no scroll event to wait for.
    settling.current = element.scrollTop === from ? null : wanted;
    setOffset(wanted);
  };
  // A new list, or a new order, is shown from its first row.
  useLayoutEffect(() => {
    setActive(0);
    scrollTo(0);
  }, [selection]);

  const move = (row: number) => {
    const to = Math.max(0, Math.min(length - 1, row));
    setActive(to);
    if (to * ROW < offset) {
      scrollTo(to * ROW);
    } else if ((to + 1) * ROW > offset + body) {
      scrollTo((to + 1) * ROW - body);
    }
  };
  const keys: Record<string, () => void> = {
    ArrowDown: () => move(active + 1),
    ArrowUp: () => move(active - 1),
    PageDown: () => move(active + ROWS_IN_VIEW - 1),
    PageUp: () => move(active - ROWS_IN_VIEW + 1),
    Home: () => move(0),
    End: () => move(length - 1),
    Enter: () => open(rows.at(active)),
    " ": () => open(rows.at(active)),
  };
  return (
    <div
      ref={scroller}
      class={look}
      role="grid"
      tabIndex={0}
      aria-label="Records"
      aria-rowcount={length + 1}
      aria-colcount={columns.length}
      aria-busy={making.value !== null}
      aria-activedescendant={active >= first && active < last ? `row-${active}` : undefined}
      style={{ height: `${body + HEAD + 2}px` }}
      onKeyDown={(event) => {
        const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
        if (act !== undefined && event.target === event.currentTarget) {
          event.preventDefault();
          act();
        }
      }}
      onScroll={({ currentTarget }) => {
        const from = settling.current;
        settling.current = null;
        if (from === null) {
          setOffset(toOffset(currentTarget.scrollTop));
        }
      }}
    >
      <div class="grid-tall" role="presentation" style={{ height: `${tall + HEAD}px` }}>
        <div class="grid-frame" role="presentation">
          <div class="grid-row grid-head" role="row" aria-rowindex={1}>
            {columns.map((column, index) => (
              <Head column={column} index={index} />
            ))}
          </div>
          <div class="grid-body" role="rowgroup" style={{ height: `${body}px` }}>
            {Array.from({ length: last - first }, (_, at) => {
              const row = first + at;
              const shown = rows.at(row);
              return (
                <div
                  key={row}
                  id={`row-${row}`}
                  role="row"
                  aria-rowindex={row + 2}
                  aria-selected={row === active}
                  class={row % 2 === 1 ? "grid-row second" : "grid-row"}
                  style={{ transform: `translateY(${row * ROW - offset}px)` }}
                  onClick={() => {
                    setActive(row);
                    open(shown);
                  }}
                >
                  {shown === undefined ? (
                    <div role="gridcell" class="waiting">
                      …
                    </div>
                  ) : (
                    columns.map(({ class: place, cell }, column) => (
                      <div role="gridcell" aria-colindex={column + 1} class={place}>
                        {cell(shown)}
                      </div>
                    ))
                  )}
                </div>
              );
            })}
          </div>
        </div>
      </div>
    </div>
  );
}

/** A column header. The first click sorts ascending, the second descending, the third restores the order read. */
function Head({ column: { name, class: place, sort: by }, index }: { column: Column; index: number }) {
  const now = by !== null && sort.value?.column === by ? (sort.value.descending ? "descending" : "ascending") : "none";
  const next = { none: "ascending", ascending: "descending", descending: "the order read" }[now];
  return (
    <div role="columnheader" aria-colindex={index + 1} class={place} {...(by === null ? {} : { "aria-sort": now })}>
      {by === null ? (
        name
      ) : (
        <button type="button" class="head" data-sort={by} title={`Sort by ${name.toLowerCase()}: ${next}`} onClick={() => sortBy(by)}>
          <span>{name}</span>
          <span class="arrow" aria-hidden="true">
            {{ none: "", ascending: "↑", descending: "↓" }[now]}
          </span>
        </button>
      )}
    </div>
  );
}

function open(shown: ShownRecord | undefined): void {
  if (shown !== undefined) {
    opened.value = shown;
  }
}
