import type { MeasureTotal } from "../engine/protocol.js";
import { Amount, count, percent } from "../format/number.js";
import { isZero } from "../format/unit.js";
import { groupName, keyName, kindName, measureId, reducerName } from "../format/words.js";
import { show } from "../list.js";
import { look, measure, measures, series } from "../state.js";
import { treeOf } from "./tree.js";

export function Breakdown() {
  const all = measures.value;
  const costs = all.filter(({ what }) => what === "cost");
  const quantities = all.filter(({ what }) => what === "quantity");
  return (
    <section id="breakdown" aria-labelledby="breakdown-title">
      <div class="section-head">
        <h2 id="breakdown-title">Breakdown</h2>
      </div>
      {costs.length === 0 ? null : <Tree caption="Costs" of={costs} />}
      {quantities.length === 0 ? null : <Tree caption="Quantities" of={quantities} />}
      <ByGroup />
    </section>
  );
}

function Tree({ caption, of }: { caption: string; of: MeasureTotal[] }) {
  const nodes = treeOf(of);
  const shares = nodes.some(({ share }) => share !== null && share < 1);
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
      <table class="tree">
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Measure</th>
            <th scope="col" class="num">
              Total
            </th>
            {shares ? (
              <th scope="col" class="num share-head">
                Share
              </th>
            ) : null}
            <th scope="col" class="side">
              Made by
            </th>
            <th scope="col" class="num side">
              Records
            </th>
            <th scope="col" class="num side">
              Without figures
            </th>
          </tr>
        </thead>
        <tbody>
          {nodes.map(({ measure: one, depth, share }) => (
            <tr class={isZero(one.total) ? "nothing" : ""}>
              <th scope="row" class={`depth-${Math.min(depth, 4)}`}>
                <button
                  type="button"
                  class="link"
                  aria-pressed={measure.value !== null && measureId(measure.value) === measureId(one)}
                  title="Show it over time"
                  onClick={() => chart(one)}
                >
                  {one.metric}
                </button>
              </th>
              <td class="num">
                <Amount
                  of={{ value: one.total, what: one.what, unit: one.unit, currency: one.currency }}
                  about={one.metric}
                  onOpen={() => show({ measures: [one], by: "", key: null, start: null, end: null }, one.metric)}
                />
                {one.outside === null ? null : (
                  <div class="hint">
                    <Amount
                      of={{ value: one.outside.total, what: one.what, unit: one.unit, currency: one.currency }}
                      about={`${one.metric} in no ${one.partOf}`}
                      onOpen={() => show({ measures: [one], by: "", key: null, start: null, end: null, outside: true }, `${one.metric} in no ${one.partOf}`)}
                    />{" "}
                    in no {one.partOf}
                  </div>
                )}
              </td>
              {shares ? <Share of={share} /> : null}
              <td class="side">
                {kindName(one)}, {reducerName(one, one.reducer, "")}
              </td>
              <td class="num side">{count(one.records)}</td>
              <td class="num side">{one.gapSeconds === 0 ? "" : percent(one.gapSeconds / (one.gapSeconds + one.coveredSeconds))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function chart(one: MeasureTotal): void {
  look({ measure: measureId(one), reducer: "" });
  document.getElementById("over-time")?.scrollIntoView({ block: "start" });
}

/** The measure in view, by the group in view. */
function ByGroup() {
  const { answer } = series.value;
  if (answer === null || answer.request.by === "" || answer.groups.length < 2) {
    return null;
  }
  const { measure: one, by } = answer.request;
  const whole = Number(answer.total ?? 0);
  // Means of groups that cover other times are no shares of the mean of all.
  const adds = Math.abs(answer.groups.reduce((sum, { total }) => sum + Number(total ?? 0), 0) - whole) <= 1e-9 * Math.abs(whole);
  const caption = `${one.metric} by ${keyName(by).toLowerCase()}`;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
      <table class="tree">
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{keyName(by)}</th>
            <th scope="col" class="num">
              Total
            </th>
            {adds ? (
              <th scope="col" class="num share-head">
                Share
              </th>
            ) : null}
            <th scope="col" class="num side">
              Records
            </th>
          </tr>
        </thead>
        <tbody>
          {answer.groups.map((group, index) => {
            const isRest = answer.rest > 0 && index === answer.groups.length - 1;
            const name = isRest ? `${count(answer.rest)} others` : groupName(group.key, group.label, by);
            const share = group.total === null || whole === 0 ? null : Number(group.total) / whole;
            return (
              <tr>
                <th scope="row">{name}</th>
                <td class="num">
                  {group.total === null ? (
                    "–"
                  ) : (
                    <Amount
                      of={{ value: group.total, what: one.what, unit: answer.unit, currency: one.currency }}
                      about={name}
                      onOpen={isRest ? undefined : () => show({ measures: [one], by, key: group.key, start: null, end: null }, `${one.metric}, ${name}`)}
                    />
                  )}
                </td>
                {adds ? <Share of={share} /> : null}
                <td class="num side">{count(group.records)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** A share of a whole: a bar and a percentage; an empty cell where it is not known. */
function Share({ of: share }: { of: number | null }) {
  return (
    <td class="num share">
      {share === null ? null : (
        <>
          <span class="bar">
            <span style={{ width: `${Math.max(0, Math.min(1, share)) * 100}%` }} />
          </span>
          <span class="percent">{percent(share)}</span>
        </>
      )}
    </td>
  );
}
