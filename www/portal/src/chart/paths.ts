/** The shapes of the chart: levels as steps, flows as stacked bars, and the gaps without figures. */
import type uPlot from "uplot";
import type { Series } from "../engine/protocol.js";

/** Stacks bars on top of each other; negative values are stacked downwards. */
export function stacked(values: (number | null)[][]): { tops: (number | null)[][]; bases: number[][] } {
  const length = values[0]?.length ?? 0;
  const [up, down] = [new Float64Array(length), new Float64Array(length)];
  const bases: number[][] = [];
  const tops = values.map((group) => {
    const base: number[] = [];
    bases.push(base);
    return group.map((value, at) => {
      const heap = (value ?? 0) < 0 ? down : up;
      base[at] = heap[at] as number;
      heap[at] = (heap[at] as number) + (value ?? 0);
      return value === null ? null : (heap[at] as number);
    });
  });
  return { tops, bases };
}

export function barsOf(starts: Float64Array, ends: Float64Array, tops: (number | null)[], bases: number[]): uPlot.Series.PathBuilder {
  return (plot, _, from, to) => {
    const path = new Path2D();
    for (let at = from; at <= to; at++) {
      const top = tops[at];
      if (top == null) {
        continue;
      }
      const left = plot.valToPos(starts[at] as number, "x", true);
      const right = plot.valToPos(ends[at] as number, "x", true);
      const gap = Math.min((right - left) * 0.15, 2 * devicePixelRatio);
      const [y, floor] = [plot.valToPos(top, "y", true), plot.valToPos(bases[at] ?? 0, "y", true)];
      path.rect(left + gap / 2, Math.min(y, floor), Math.max(right - left - gap, 1), Math.abs(floor - y));
    }
    return { stroke: path, fill: path, flags: 3 };
  };
}

/** A horizontal line over each window, joined to that of the next window unless there is a gap between the two. */
export function stepsOf(starts: Float64Array, ends: Float64Array, values: (number | null)[], filled: boolean): uPlot.Series.PathBuilder {
  return (plot, _, from, to) => {
    const [line, area] = [new Path2D(), new Path2D()];
    const floor = plot.valToPos(0, "y", true);
    for (let at = from; at <= to; at++) {
      const value = values[at];
      if (value == null) {
        continue;
      }
      const left = plot.valToPos(starts[at] as number, "x", true);
      const right = Math.max(plot.valToPos(ends[at] as number, "x", true), left + 2);
      const y = plot.valToPos(value, "y", true);
      const joined = at > from && values[at - 1] != null && ends[at - 1] === starts[at];
      if (joined) {
        line.lineTo(left, y);
      } else {
        line.moveTo(left, y);
      }
      line.lineTo(right, y);
      area.rect(left, y, right - left, floor - y);
    }
    return { stroke: line, ...(filled ? { fill: area } : { fill: null }), flags: 3 } as uPlot.Series.Paths;
  };
}

/** A period, and the share of it that has no figures. */
export interface Gap {
  from: number;
  to: number;
  share: number;
}

/** Returns the periods between windows that no record covers, and the windows that records cover only in part. */
export function gapsOf({ starts, ends, covered, gaps }: Pick<Series, "starts" | "ends" | "covered" | "gaps">): Gap[] {
  const found: Gap[] = [];
  starts.forEach((start, at) => {
    const all = (covered[at] as number) + (gaps[at] as number);
    if (at > 0 && start > (ends[at - 1] as number)) {
      found.push({ from: ends[at - 1] as number, to: start, share: 1 });
    }
    if ((gaps[at] as number) > 0) {
      found.push({ from: start, to: ends[at] as number, share: (gaps[at] as number) / all });
    }
  });
  return found;
}
