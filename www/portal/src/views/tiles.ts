/** The tiles at the top of the page: cost by currency, then storage, transfer and calls. */
import type { Format } from "meterglot";
import type { MeasureTotal, ToldTwice } from "../engine/protocol.js";
import { add } from "../format/decimal.js";
import { count, type Quantity } from "../format/number.js";
import { isZero } from "../format/unit.js";
import { formatName, providerName } from "../formats.js";
import { isAdded, ownOf } from "./tree.js";

export interface Tile {
  label: string;
  of: Quantity;
  /** A short description of how it was computed. */
  how: string;
  /** Of a level that changes: its last value. */
  last: Quantity | null;
  /** The providers; or the kinds of reply, if another tile has the same label or another kind reports the same usage. */
  who: string;
  /** Whether `who` has the kinds of reply. */
  isOfKinds: boolean;
  from: MeasureTotal[];
}

const LABELS: Record<string, string> = {
  "storage.stored": "Stored",
  "transfer.upload": "Uploaded",
  "transfer.download": "Downloaded",
  "api.calls": "API calls",
};
const CALLS = "api.calls.";

const providerOf = (format: Format) => providerName(format.slice(0, format.indexOf(".")));
const listed = (names: string[]) => [...new Set(names)].join(", ");

export function tilesOf(all: MeasureTotal[], twice: ToldTwice[] = []): Tile[] {
  // Measures that another measure contains get no tile.
  const own = all.filter((measure) => ownOf(measure) !== null && isAdded(measure));
  const costs = new Map<string | null, MeasureTotal[]>();
  for (const measure of own.filter(({ what }) => what === "cost")) {
    costs.set(measure.currency, [...(costs.get(measure.currency) ?? []), measure]);
  }
  const money = [...costs].map(
    ([currency, from]): Tile => ({
      label: currency === null ? "Cost, currency unknown" : `Cost in ${currency}`,
      of: { value: from.map((measure) => ownOf(measure) as string).reduce(add), what: "cost", unit: null, currency },
      how: from.length === 1 ? `of ${from[0]?.metric}` : `of ${count(from.length)} measures`,
      last: null,
      who: listed(from.flatMap(({ formats }) => formats.map(providerOf))),
      isOfKinds: false,
      from,
    }),
  );
  const used = own.filter(({ what, metric }) => what === "quantity" && (metric in LABELS || metric.startsWith("burst.") || metric.startsWith(CALLS)));
  const order = Object.keys(LABELS);
  const place = ({ metric }: MeasureTotal) => (metric in LABELS ? order.indexOf(metric) : order.length);
  return toldApart([...money, ...used.sort((a, b) => place(a) - place(b)).map(tileOf)], new Set(twice.flatMap(({ formats }) => formats)));
}

function tileOf(measure: MeasureTotal): Tile {
  const { metric, kind, total, last, unit, currency, resources, formats } = measure;
  const quantity = (value: string): Quantity => ({ value, what: "quantity", unit, currency });
  const label = LABELS[metric] ?? (metric.startsWith(CALLS) ? `API calls, ${metric.slice(CALLS.length)}` : metric.replace(/^burst\./, "Burst, "));
  const of = `${count(resources)} ${resources === 1 ? "resource" : "resources"}`;
  const common = { of: quantity(ownOf(measure) as string), last: null, who: listed(formats.map(providerOf)), isOfKinds: false, from: [measure] };
  if (kind === "gauge") {
    const ended = last !== null && !isZero(last) && last !== total;
    return { ...common, label: `${label}, mean`, how: resources > 1 ? `level of ${of} together` : `level of ${of}`, last: ended ? quantity(last) : null };
  }
  return { ...common, label, how: kind === "integral" ? "level × time" : `of ${of}` };
}

/**
 * Distinguishes tiles with the same label by their kinds of reply. Usage that is reported in two units, or with and without a time, is not
 * added: an invoice may report the usage of its days again. A tile also names its kinds of reply if another kind reports the same usage.
 */
function toldApart(tiles: Tile[], twice: Set<Format>): Tile[] {
  return tiles.map((tile) => {
    const formats = tile.from.flatMap((measure) => measure.formats);
    const isTwin = tiles.filter(({ label }) => label === tile.label).length > 1;
    if (!isTwin && !formats.some((format) => twice.has(format))) {
      return tile;
    }
    const kinds = listed(formats.map((format) => `${providerOf(format)} · ${formatName(format)}`));
    return { ...tile, who: isTwin && tile.from[0]?.start === null ? `${kinds}, no time given` : kinds, isOfKinds: true };
  });
}
