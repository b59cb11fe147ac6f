import { useState } from "preact/hooks";
import type { Group, Series } from "../engine/protocol.js";
import { Amount, count, percent, type Quantity } from "../format/number.js";
import { type Clock, windowName } from "../format/time.js";
import type { Scale } from "../format/unit.js";
import { groupName } from "../format/words.js";

const ROWS_AT_FIRST = 100;

interface Props {
  series: Series;
  scale: Scale;
  clock: Clock;
  quantity(value: string): Quantity;
  onOpen(group: Group, window: number): void;
}

/** The chart's figures to read: a row a window, a column a group. */
export function WindowTable({ series, scale, clock, quantity, onOpen }: Props) {
  const [rows, setRows] = useState(ROWS_AT_FIRST);
  const {
    groups,
    rest,
    starts,
    ends,
    covered,
    gaps,
    window,
    request: { by: key },
  } = series;
  const isRest = (index: number) => rest > 0 && index === groups.length - 1;
  const shown = Math.min(rows, starts.length);
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Figures by window">
      <table>
        <thead>
          <tr>
            <th scope="col">Window</th>
            {groups.map((group, index) => (
              <th scope="col" class="num">
                {isRest(index) ? `${count(rest)} others` : groupName(group.key, group.label, key)}
              </th>
            ))}
            <th scope="col" class="num">
              Without figures
            </th>
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: shown }, (_, at) => (
            <tr>
              <th scope="row">{windowName(starts[at] as number, ends[at] as number, window, clock)}</th>
              {groups.map((group, index) => {
                const value = group.values[at] ?? null;
                return (
                  <td class="num">
                    {value === null ? "–" : <Amount of={quantity(value)} scale={scale} onOpen={isRest(index) ? undefined : () => onOpen(group, at)} />}
                  </td>
                );
              })}
              <td class="num">{(gaps[at] as number) === 0 ? "" : percent((gaps[at] as number) / ((gaps[at] as number) + (covered[at] as number)))}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {shown < starts.length ? (
        <p class="hint">
          <button type="button" onClick={() => setRows(rows * 5)}>
            Show more
          </button>{" "}
          {count(shown)} of {count(starts.length)} windows are listed; all of them can be exported below.
        </p>
      ) : null}
    </div>
  );
}
