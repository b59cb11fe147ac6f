import type { MeasureTotal } from "../engine/protocol.js";
import { add } from "../format/decimal.js";
import { Amount, count, type Quantity, shown } from "../format/number.js";
import { spanName } from "../format/time.js";
import { isZero } from "../format/unit.js";
import { PROVIDERS } from "../format/words.js";
import { show } from "../list.js";
import { figures, measures } from "../state.js";

/** One thing to know first. */
interface Tile {
  label: string;
  of: Quantity;
  /** How it was made, in a few words. */
  how: string;
  from: MeasureTotal[];
}

export function Totals() {
  const tiles = tilesOf(measures.value);
  const span = figures.value.answer?.span ?? null;
  return (
    <section id="totals" aria-labelledby="totals-title">
      <div class="section-head">
        <h2 id="totals-title">Totals</h2>
        {span === null ? null : <p class="hint">{spanName(span.start, span.end, { zone: "UTC", shift: 0 })}, UTC</p>}
      </div>
      <dl class="tiles">
        {tiles.map(({ label, of, how, from }) => (
          <div class="tile">
            <dt>{label}</dt>
            <dd>
              <Amount of={of} about={label} onOpen={() => show({ measures: from, by: "", key: null, start: null, end: null }, label)} />
              <p class="how">{how}</p>
              <p class="how">{[...new Set(from.flatMap(({ providers }) => providers))].map((provider) => PROVIDERS[provider]).join(", ")}</p>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** What is inside another measure is not told again; discounts, and totals after them, are not costs to add. */
const counts = ({ partOf, metric }: MeasureTotal) => partOf === null && !metric.startsWith("discount.") && metric !== "cost.total_with_discount";

const LABELS: Record<string, string> = {
  "storage.stored": "Stored",
  "transfer.upload": "Uploaded",
  "transfer.download": "Downloaded",
  "api.calls": "API calls",
};

function tilesOf(all: MeasureTotal[]): Tile[] {
  const top = all.filter(counts);
  const costs = new Map<string | null, MeasureTotal[]>();
  for (const measure of top.filter(({ what }) => what === "cost")) {
    costs.set(measure.currency, [...(costs.get(measure.currency) ?? []), measure]);
  }
  const money = [...costs].map(([currency, from]): Tile => ({
    label: currency === null ? "Cost, currency not told" : `Cost in ${currency}`,
    of: { value: from.map(({ total }) => total).reduce(add), what: "cost", unit: null, currency },
    how: from.length === 1 ? `of ${from[0]?.metric}` : `of ${count(from.length)} measures`,
    from,
  }));
  const used = top.filter(({ what, metric }) => what === "quantity" && (metric in LABELS || metric.startsWith("burst.")));
  const order = Object.keys(LABELS);
  const place = ({ metric }: MeasureTotal) => (metric in LABELS ? order.indexOf(metric) : order.length);
  return [...money, ...used.sort((a, b) => place(a) - place(b)).map(tileOf)];
}

function tileOf(measure: MeasureTotal): Tile {
  const { metric, kind, total, last, unit, currency, resources } = measure;
  const quantity = (value: string): Quantity => ({ value, what: "quantity", unit, currency });
  const label = LABELS[metric] ?? metric.replace(/^burst\./, "Burst, ");
  const of = `${count(resources)} ${resources === 1 ? "resource" : "resources"}`;
  if (kind === "gauge") {
    return { label: `${label}, mean`, of: quantity(total), how: last !== null && !isZero(last) && last !== total ? `last ${lastOf(quantity(last))}` : `level of ${of}`, from: [measure] };
  }
  return { label, of: quantity(total), how: kind === "integral" ? "level × time" : `of ${of}`, from: [measure] };
}


function lastOf(quantity: Quantity): string {
  const { number, unit } = shown(quantity);
  return `${number} ${unit}`;
}
