import { Amount, type Quantity, shown } from "../format/number.js";
import { spanName } from "../format/time.js";
import { show } from "../list.js";
import { figures, measures } from "../state.js";
import { tilesOf } from "./tiles.js";

export function Totals() {
  const tiles = tilesOf(measures.value, figures.value.answer?.twice);
  const span = figures.value.answer?.span ?? null;
  return (
    <section id="totals" aria-labelledby="totals-title">
      <div class="section-head">
        <h2 id="totals-title">Totals</h2>
        {span === null ? null : <p class="hint">{spanName(span.start, span.end, { zone: "UTC", shift: 0 })}, UTC</p>}
      </div>
      {tiles.length === 0 ? <p class="hint">There is no cost, storage, transfer or call here. The breakdown lists what there is.</p> : null}
      <dl class="tiles">
        {tiles.map(({ label, of, how, last, who, isOfKinds, from }) => (
          <div class="tile">
            <dt>{label}</dt>
            <dd>
              <Amount
                of={of}
                about={label}
                onOpen={() => show({ measures: from, by: "", key: null, start: null, end: null, outside: from.some(({ partOf }) => partOf !== null) }, label)}
              />
              <p class="how">{how}</p>
              {last === null ? null : (
                <p class="how">
                  last <Exact of={last} />
                </p>
              )}
              <p class={isOfKinds ? "how whole" : "how"}>{who}</p>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** A number beside the main one. */
function Exact({ of }: { of: Quantity }) {
  const { number, unit, exact } = shown(of);
  return (
    <data value={of.value} title={`exactly ${exact}`}>
      {number} {unit}
    </data>
  );
}
