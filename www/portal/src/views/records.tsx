/** The records, however many: only the rows in view exist, and only these are asked of the worker. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { UsageRecord } from "meterglot";
import { ask } from "../engine/client.js";
import type { ShownRecord } from "../engine/protocol.js";
import { Amount, count } from "../format/number.js";
import { spanName } from "../format/time.js";
import { find, measures, records, show } from "../state.js";
import { opened } from "./record.js";

const ROW = 34;
const HEAD = 34;
const ROWS_IN_VIEW = 14;
const BLOCK = 100;
const BLOCKS_KEPT = 60;
/** Browsers end an element at some 17 million pixels: beyond that the rows go by faster than the bar. */
const TALLEST = 15_000_000;

export function Records() {
  const list = records.value;
  if (list === null) {
    return null;
  }
  const { behind, title, length } = list;
  return (
    <section id="records" aria-labelledby="records-title">
      <div class="section-head">
        <h2 id="records-title" tabIndex={-1}>Records</h2>
        <p class="hint">
          {behind === null ? `all ${count(length)}` : <>the {count(length)} behind <strong>{title}</strong></>}
        </p>
        {behind === null ? null : <button type="button" onClick={() => void show(null, "")}>Show all</button>}
      </div>
      <Grid key={list.selection} selection={list.selection} length={length} />
    </section>
  );
}

function Grid({ selection, length }: { selection: number; length: number }) {
  const scroller = useRef<HTMLDivElement>(null);
  const [offset, setOffset] = useState(0);
  const [active, setActive] = useState(0);
  const rows = useRows(selection, length);
  const costs = measures.value.filter(({ what }) => what === "cost").length;
  const columns = costs > 0 ? COLUMNS : COLUMNS.filter(({ name }) => name !== "Cost");
  const look = `grid${costs > 0 ? " with-cost" : ""}${costs > 0 && costs === measures.value.length ? " costs-only" : ""}`;
  const body = Math.min(ROWS_IN_VIEW, Math.max(length, 1)) * ROW;
  const tall = Math.min(length * ROW, TALLEST);
  const scrollable = Math.max(tall - body, 0);
  const hidden = Math.max(length * ROW - body, 0);
  const first = Math.min(Math.floor(offset / ROW), Math.max(length - 1, 0));
  const last = Math.min(first + Math.ceil(body / ROW) + 1, length);
  rows.want(first, last);

  // The rows stand still in the frame and change with the offset, so that fast scrolling never shows an empty frame.
  const toOffset = (top: number) => (scrollable === 0 ? 0 : (Math.min(top, scrollable) / scrollable) * hidden);
  const reveal = (row: number) => {
    const element = scroller.current;
    if (element === null) {
      return;
    }
    const wanted = row * ROW < offset ? row * ROW : (row + 1) * ROW > offset + body ? (row + 1) * ROW - body : offset;
    if (wanted !== offset) {
      element.scrollTop = hidden === 0 ? 0 : (wanted / hidden) * scrollable;
      setOffset(wanted);
      settling.current = wanted;
    }
  };
  // A whole pixel of the bar may be many rows: the offset that was set is kept rather than read back from the bar.
  const settling = useRef<number | null>(null);

  const move = (row: number) => {
    const to = Math.max(0, Math.min(length - 1, row));
    setActive(to);
    reveal(to);
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
  if (length === 0) {
    return <p class="hint">There are no records here.</p>;
  }
  return (
    <div
      ref={scroller} class={look} role="grid" tabIndex={0} aria-label="Records" aria-rowcount={length + 1} aria-colcount={columns.length}
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
            {columns.map(({ name, class: place }, column) => <div role="columnheader" aria-colindex={column + 1} class={place}>{name}</div>)}
          </div>
          <div class="grid-body" role="rowgroup" style={{ height: `${body}px` }}>
            {Array.from({ length: last - first }, (_, at) => {
              const row = first + at;
              const shown = rows.at(row);
              return (
                <div
                  key={row} id={`row-${row}`} role="row" aria-rowindex={row + 2} aria-selected={row === active}
                  class={row % 2 === 1 ? "grid-row second" : "grid-row"} style={{ transform: `translateY(${row * ROW - offset}px)` }}
                  onClick={() => { setActive(row); open(shown); }}
                >
                  {shown === undefined
                    ? <div role="gridcell" class="waiting">…</div>
                    : columns.map(({ class: place, cell }, column) => <div role="gridcell" aria-colindex={column + 1} class={place}>{cell(shown)}</div>)}
                </div>
              );
            })}
          </div>
        </div>
      </div>
    </div>
  );
}

function open(shown: ShownRecord | undefined): void {
  if (shown !== undefined) {
    opened.value = shown;
  }
}

function when({ start, end }: UsageRecord) {
  if (start === null) {
    return "no time";
  }
  const name = spanName(Date.parse(start), Date.parse(end ?? start), { zone: "UTC", shift: 0 });
  return <span title={end === null ? `an instant, ${start}` : `${start} to ${end}`}>{name}</span>;
}

const text = (value: string | null) => (value === null ? "–" : <span title={value}>{value}</span>);

const resourceOf = ({ resourceName, resourceId }: UsageRecord) => (resourceName === null ? resourceId : `${resourceName}${resourceId === null ? "" : ` (${resourceId})`}`);

const COLUMNS: { name: string; class: string; cell(shown: ShownRecord): preact.ComponentChildren }[] = [
  { name: "Metric", class: "col-metric", cell: ({ record }) => text(record.metric) },
  { name: "Quantity", class: "col-quantity num", cell: ({ record }) => (record.quantity === null ? "–" : <Amount of={{ value: record.quantity, what: "quantity", unit: record.unit, currency: null }} />) },
  { name: "Cost", class: "col-cost num", cell: ({ record }) => (record.cost === null ? "–" : <Amount of={{ value: record.cost, what: "cost", unit: null, currency: record.currency }} />) },
  { name: "When, UTC", class: "col-when", cell: ({ record }) => when(record) },
  { name: "Resource", class: "col-resource", cell: ({ record }) => text(resourceOf(record)) },
  { name: "Region", class: "col-region", cell: ({ record }) => text(record.region) },
  { name: "Account", class: "col-account", cell: ({ record }) => text(record.account) },
  { name: "Where", class: "col-where", cell: ({ reply, record }) => <span title={`${find(reply)?.name ?? ""} ${record.pointer}`}><code>{record.pointer}</code></span> },
];

interface Rows {
  at(row: number): ShownRecord | undefined;
  /** Sees to it that these rows come. */
  want(first: number, last: number): void;
}

/** Rows by blocks, the latest used kept. One question at a time: while it is answered a person may have scrolled on. */
function useRows(selection: number, length: number): Rows {
  const blocks = useRef(new Map<number, ShownRecord[]>());
  const wanted = useRef<[number, number]>([0, 0]);
  const asking = useRef(false);
  const alive = useRef(true);
  const [, redraw] = useState(0);
  useEffect(() => () => { alive.current = false; }, []);

  const askNext = async () => {
    const [first, last] = wanted.current;
    const missing = Array.from({ length: Math.floor(Math.max(last - 1, 0) / BLOCK) - Math.floor(first / BLOCK) + 1 }, (_, at) => Math.floor(first / BLOCK) + at).find((block) => !blocks.current.has(block));
    if (asking.current || missing === undefined || length === 0) {
      return;
    }
    asking.current = true;
    try {
      const rows = await ask("records", { selection, start: missing * BLOCK, end: Math.min((missing + 1) * BLOCK, length) });
      blocks.current.set(missing, rows);
      if (blocks.current.size > BLOCKS_KEPT) {
        blocks.current.delete(blocks.current.keys().next().value as number);
      }
    } catch {
      // The reply was removed meanwhile: another list takes the place of this one.
      alive.current = false;
    }
    asking.current = false;
    if (alive.current) {
      redraw((turn) => turn + 1);
      void askNext();
    }
  };
  useLayoutEffect(() => void askNext());
  return {
    at: (row) => blocks.current.get(Math.floor(row / BLOCK))?.[row % BLOCK],
    want: (first, last) => { wanted.current = [first, last]; },
  };
}

