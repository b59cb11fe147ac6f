/** What a row of the list of records shows, a cell a column. */
import type { ComponentChildren } from "preact";
import type { UsageRecord } from "meterglot";
import { resourceName } from "../engine/details.js";
import type { ShownRecord, SortColumn } from "../engine/protocol.js";
import { Amount } from "../format/number.js";
import { spanName } from "../format/time.js";
import { find } from "../state.js";

export interface Column {
  name: string;
  class: string;
  /** What its head sorts by; where a record stands is the order read. */
  sort: SortColumn | null;
  cell(shown: ShownRecord): ComponentChildren;
}

export const COLUMNS: Column[] = [
  { name: "Metric", class: "col-metric", sort: "metric", cell: ({ record }) => text(record.metric) },
  {
    name: "Quantity",
    class: "col-quantity num",
    sort: "quantity",
    cell: ({ record }) =>
      record.quantity === null ? unknown("quantity") : <Amount of={{ value: record.quantity, what: "quantity", unit: record.unit, currency: null }} />,
  },
  {
    name: "Cost",
    class: "col-cost num",
    sort: "cost",
    cell: ({ record }) =>
      record.cost === null ? unknown("cost") : <Amount of={{ value: record.cost, what: "cost", unit: null, currency: record.currency }} />,
  },
  { name: "When, UTC", class: "col-when", sort: "start", cell: ({ record }) => when(record) },
  { name: "Resource", class: "col-resource", sort: "resource", cell: ({ record }) => text(resourceName(record)) },
  { name: "Region", class: "col-region", sort: "region", cell: ({ record }) => text(record.region) },
  { name: "Account", class: "col-account", sort: "account", cell: ({ record }) => text(record.account) },
  {
    name: "Where",
    class: "col-where",
    sort: null,
    cell: ({ reply, record }) => (
      <span title={`${find(reply)?.name ?? ""} ${record.pointer}`}>
        <code>{record.pointer}</code>
      </span>
    ),
  },
];

/** Nothing told is no zero, and is said to those who listen too. */
const unknown = (what: string) => (
  <span title={`no ${what}`}>
    <span aria-hidden="true">–</span>
    <span class="for-readers">no {what}</span>
  </span>
);

const text = (value: string | null) => (value === null ? "–" : <span title={value}>{value}</span>);

function when({ start, end }: UsageRecord) {
  if (start === null) {
    return "no time";
  }
  const name = spanName(Date.parse(start), Date.parse(end ?? start), { zone: "UTC", shift: 0 });
  return <span title={end === null ? `an instant, ${start}` : `${start} to ${end}`}>{name}</span>;
}
