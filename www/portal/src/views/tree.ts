/** What is added to what: which part of a measure counts for itself, and where it stands among the others. */
import type { MeasureTotal } from "../engine/protocol.js";

/** Discounts, and totals after them, are not costs to add. */
export const isAdded = ({ metric }: MeasureTotal) => !metric.startsWith("discount.") && metric !== "cost.total_with_discount";

/** What of a total is in no other measure; null where all of it is. */
export const ownOf = ({ partOf, outside, total }: MeasureTotal): string | null => (partOf === null ? total : (outside?.total ?? null));

export interface Node {
  measure: MeasureTotal;
  depth: number;
  /** What of it is in the one that contains it, as a part of that; or what is in none, of all costs of its currency. */
  share: number | null;
}

/** Each measure below the one that contains it. */
export function treeOf(all: MeasureTotal[]): Node[] {
  const sameKind = (a: MeasureTotal, b: MeasureTotal) => a.kind === b.kind && a.unit === b.unit && a.currency === b.currency && a.what === b.what;
  const parentOf = (child: MeasureTotal) => all.find((candidate) => candidate !== child && candidate.metric === child.partOf && sameKind(candidate, child));
  const ratio = (part: number, whole: number) => (whole === 0 ? null : part / whole);
  const own = (measure: MeasureTotal) => Number(ownOf(measure) ?? 0);
  const spent = (currency: string | null) => all.filter((other) => other.currency === currency && isAdded(other)).reduce((sum, other) => sum + own(other), 0);
  const shareOf = (child: MeasureTotal, parent: MeasureTotal | undefined) =>
    parent !== undefined
      ? ratio(Number(child.total) - Number(child.outside?.total ?? 0), Number(parent.total))
      : child.what === "cost" && isAdded(child)
        ? ratio(own(child), spent(child.currency))
        : null;
  const below = (parent: MeasureTotal | undefined, depth: number): Node[] =>
    all
      .filter((child) => parentOf(child) === parent)
      .flatMap((child): Node[] => [{ measure: child, depth, share: shareOf(child, parent) }, ...below(child, depth + 1)]);
  return below(undefined, 0);
}
