/** The records, however many: which of them are listed, and in which order. */
import type { Provider } from "meterglot";
import type { SortColumn } from "../engine/protocol.js";
import { count } from "../format/number.js";
import { adviceFor, sentence, SORTED_BY } from "../format/words.js";
import { providerName } from "../formats.js";
import { making, metric, metrics, orderName, provider, providers, records, refused, show, sort } from "../list.js";
import { look, measures, view } from "../state.js";
import type { View } from "../url.js";
import { COLUMNS } from "./columns.js";
import { Grid } from "./grid.js";

export function Records() {
  const list = records.value;
  const why = refused.value;
  if (list === null && why === null) {
    return null;
  }
  return (
    <section id="records" aria-labelledby="records-title">
      <div class="section-head">
        <h2 id="records-title" tabIndex={-1}>
          Records
        </h2>
        {list === null ? null : (
          <p class="hint">
            {list.behind !== null ? (
              <>
                the {count(list.length)} behind <strong>{list.title}</strong>
              </>
            ) : filtered() ? (
              count(list.length)
            ) : (
              `all ${count(list.length)}`
            )}
          </p>
        )}
        {list?.behind == null && !filtered() ? null : (
          <button type="button" onClick={() => show(null, "")}>
            Show all
          </button>
        )}
      </div>
      {why === null ? null : (
        <p class="refusal" role="alert">
          {sentence(why.message)} {adviceFor(why.code)}
        </p>
      )}
      {list === null ? null : (
        <>
          <Filters />
          {list.length === 0 ? <p class="hint">There are no records here.</p> : <Grid selection={list.selection} length={list.length} {...shape()} />}
          <p class="hint list-foot">{making.value !== null && making.value.of > 0 ? <Sorting {...making.value} /> : orderName(list)}</p>
        </>
      )}
    </section>
  );
}

const filtered = () => provider.value !== "" || metric.value !== "";

/** Columns that have something to say here. */
function shape() {
  const costs = measures.value.filter(({ what }) => what === "cost").length;
  return {
    columns: costs > 0 ? COLUMNS : COLUMNS.filter(({ sort }) => sort !== "cost"),
    // A narrow list has space for one number: the one that there is, or that it is sorted by.
    look: `grid${costs > 0 ? " with-cost" : ""}${costs > 0 && (costs === measures.value.length || sort.value?.column === "cost") ? " cost-first" : ""}`,
  };
}

function Filters() {
  return (
    <div class="filters">
      {providers.value.length < 2 ? null : (
        <label class="field">
          <span>Provider</span>
          <select data-filter="provider" value={provider.value} onChange={({ currentTarget }) => look({ provider: currentTarget.value as Provider | "" })}>
            <option value="">all</option>
            {providers.value.map((name) => (
              <option value={name}>{providerName(name)}</option>
            ))}
          </select>
        </label>
      )}
      <label class="field">
        <span>Metric</span>
        <select data-filter="metric" value={metric.value} onChange={({ currentTarget }) => look({ metric: currentTarget.value })}>
          <option value="">all</option>
          {metrics.value.map((name) => (
            <option value={name}>{name}</option>
          ))}
        </select>
      </label>
      <label class="field narrow">
        <span>Sorted by</span>
        <select data-filter="sort" value={view.value.sort} onChange={({ currentTarget }) => look({ sort: currentTarget.value as View["sort"] })}>
          <option value="">the order read</option>
          {(Object.keys(SORTED_BY) as SortColumn[]).flatMap((column) => [
            <option value={column}>{SORTED_BY[column]}, ascending</option>,
            <option value={`-${column}`}>{SORTED_BY[column]}, descending</option>,
          ])}
        </select>
      </label>
    </div>
  );
}

function Sorting({ done, of }: { done: number; of: number }) {
  return (
    <>
      <progress aria-label="Sorting" value={done} max={of} /> Sorting, {count(done)} of {count(of)} records looked at
    </>
  );
}
