/** What can be said of a reply without making its records. */
import type { Note } from "meterglot";
import type { Holding } from "./holding.js";
import type { ReplyRead, Span } from "./protocol.js";
import { probesOf } from "./probes.js";

type Described = Pick<ReplyRead, "formats" | "providers" | "records" | "checks" | "span" | "unsettled" | "notes">;

export function describe(holding: Holding): Described {
  const { start, end, account, currency, cost } = holding.columns();
  const probes = probesOf(holding);
  const unsettled = { account: 0, currency: 0, time: 0, instants: 0 };
  for (let at = 0; at < holding.length; at++) {
    unsettled.account += account.codes[at] === -1 ? 1 : 0;
    unsettled.currency += !Number.isNaN(cost[at]) && currency.codes[at] === -1 ? 1 : 0;
    unsettled.time += Number.isNaN(start[at]) ? 1 : 0;
    unsettled.instants += !Number.isNaN(start[at]) && Number.isNaN(end[at]) ? 1 : 0;
  }
  return {
    formats: holding.formats,
    providers: holding.providers,
    records: holding.length,
    checks: holding.checks(),
    span: spanOf(start, end),
    unsettled,
    notes: [...new Set(probes.flatMap((probe): Note[] => probe.notes))],
  };
}

export function spanOf(start: Float64Array, end: Float64Array): Span | null {
  let first = Infinity;
  let last = -Infinity;
  for (let at = 0; at < start.length; at++) {
    const begins = start[at] as number;
    const ends = end[at] as number;
    first = begins < first ? begins : first;
    last = begins > last ? begins : last;
    last = ends > last ? ends : last;
  }
  return first === Infinity ? null : { start: first, end: last };
}
