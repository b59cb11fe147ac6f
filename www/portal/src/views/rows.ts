import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { ask } from "../engine/client.js";
import type { ShownRecord } from "../engine/protocol.js";

const BLOCK = 100;
const BLOCKS_KEPT = 60;

export interface Rows {
  at(row: number): ShownRecord | undefined;
  /** Sees to it that these rows come. */
  want(first: number, last: number): void;
}

/** Rows of a selection by blocks, the latest asked kept. One question at a time: while it is answered a person may have scrolled on. */
export function useRows(selection: number, length: number): Rows {
  const kept = useRef({ selection, blocks: new Map<number, ShownRecord[]>() });
  const wanted = useRef<[number, number]>([0, 0]);
  const asking = useRef(false);
  const alive = useRef(true);
  const [, redraw] = useState(0);
  useEffect(
    () => () => {
      alive.current = false;
    },
    [],
  );
  if (kept.current.selection !== selection) {
    kept.current = { selection, blocks: new Map() };
  }

  const askNext = async () => {
    const { selection, blocks } = kept.current;
    const [first, last] = wanted.current;
    const missing = Array.from(
      { length: Math.floor(Math.max(last - 1, 0) / BLOCK) - Math.floor(first / BLOCK) + 1 },
      (_, at) => Math.floor(first / BLOCK) + at,
    ).find((block) => !blocks.has(block));
    if (asking.current || missing === undefined || length === 0) {
      return;
    }
    asking.current = true;
    try {
      blocks.set(missing, await ask("records", { selection, start: missing * BLOCK, end: Math.min((missing + 1) * BLOCK, length) }));
      if (blocks.size > BLOCKS_KEPT) {
        blocks.delete(blocks.keys().next().value as number);
      }
    } catch {
      // The reply was removed meanwhile: another list takes the place of this one, and until then there is nothing to ask for.
      blocks.set(missing, []);
    }
    asking.current = false;
    if (alive.current) {
      // The next question is asked when this answer is drawn.
      redraw((turn) => turn + 1);
    }
  };
  useLayoutEffect(() => void askNext());
  return {
    at: (row) => kept.current.blocks.get(Math.floor(row / BLOCK))?.[row % BLOCK],
    want: (first, last) => {
      wanted.current = [first, last];
    },
  };
}
