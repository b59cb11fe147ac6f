/** One measure over time, drawn by uPlot: levels as steps, flows as bars, each exactly as long as its window. */
import uPlot from "uplot";
import type { Series } from "../engine/protocol.js";
import { scaled, type Scale } from "../format/unit.js";
import { decimal } from "../format/number.js";
import { type Clock, tickName } from "../format/time.js";
import { barsOf, gapsOf, stacked, stepsOf } from "./paths.js";

export interface Picture {
  series: Series;
  scale: Scale;
  shape: "steps" | "bars";
  clock: Clock;
}

/** Handlers of pointer events. */
export interface Pointed {
  /** The pointer is over a window; null: over none. */
  onHover(window: number | null): void;
  /** A window is clicked or tapped. */
  onPick(window: number): void;
}

/** Height of the strip that shows where there are no figures. */
const STRIP = 4;
const FONT = "12px system-ui, sans-serif";

export class Plot {
  readonly #uplot: uPlot;
  readonly #picture: Picture;
  readonly #mark: HTMLElement;

  constructor(host: HTMLElement, picture: Picture, size: { width: number; height: number }, { onHover, onPick }: Pointed) {
    this.#picture = picture;
    const {
      series: { starts, ends, groups },
      shape,
      clock,
    } = picture;
    const colours = coloursOf(host, groups.length, picture.series.rest > 0);
    const first = starts[0] as number;
    const last = ends.at(-1) as number;
    const values = groups.map((group) => group.values.map((value) => (value === null ? null : Number(scaled(value, picture.scale)))));
    const { tops, bases } = shape === "bars" ? stacked(values) : { tops: values, bases: [] };
    const highest = Math.max(0, ...tops.map((top) => top.reduce<number>((max, value) => Math.max(max, value ?? 0), 0)));
    const lowest = Math.min(0, ...tops.map((top) => top.reduce<number>((min, value) => Math.min(min, value ?? 0), 0)));
    const axis: uPlot.Axis = { stroke: colours.muted, font: FONT, grid: { stroke: colours.line, width: 1 }, ticks: { show: false } };
    const sourceZone = clock.zone === "source";
    this.#uplot = new uPlot(
      {
        ...size,
        padding: [10, 30, 0, 0],
        legend: { show: false },
        cursor: {
          y: false,
          x: false,
          points: { show: false },
          drag: { x: false, y: false },
          // The pointer selects a window anywhere over its length, not only near its start.
          dataIdx: (_, __, ___, at) => windowAt(starts, ends, at),
        },
        tzDate: (at) => uPlot.tzDate(new Date((at + (sourceZone ? clock.shift : 0)) * 1000), sourceZone || clock.zone === "UTC" ? "Etc/UTC" : clock.zone),
        scales: {
          x: { time: true, range: () => (last > first ? [first, last] : [first - 1800, first + 1800]) },
          y: { range: () => [lowest * 1.06, highest === 0 && lowest === 0 ? 1 : highest * 1.06] },
        },
        axes: [
          { ...axis, grid: { show: false }, space: 70, size: 32, gap: 8, values: (_, ticks, __, ___, apart) => ticks.map((at) => tickName(at, apart, clock)) },
          {
            ...axis,
            space: 36,
            size: (_, labels) => 14 + Math.max(2, ...(labels ?? []).map((label) => label.length)) * 7,
            values: (_, ticks) => ticks.map((at) => decimal(at.toPrecision(12))),
          },
        ],
        series: [
          {},
          ...groups.map((_, index): uPlot.Series => {
            const colour = colours.series[index] as string;
            const bars = barsOf(starts, ends, tops[index] ?? [], bases[index] ?? []);
            const steps = stepsOf(starts, ends, values[index] ?? [], groups.length === 1);
            return {
              stroke: colour,
              fill: shape === "bars" ? colour : colours.wash,
              width: shape === "bars" ? 0 : 1.75,
              points: { show: false },
              paths: shape === "bars" ? bars : steps,
            };
          }),
        ],
        hooks: {
          setCursor: [(plot) => onHover(plot.cursor.idx ?? null)],
          draw: [(plot) => drawGaps(plot, picture.series, colours.gap)],
        },
      },
      [Array.from(starts), ...tops] as uPlot.AlignedData,
      host,
    );
    this.#mark = document.createElement("div");
    this.#mark.className = "window-mark";
    this.#uplot.over.append(this.#mark);
    this.#uplot.over.addEventListener("mouseleave", () => onHover(null));
    this.#uplot.over.addEventListener("click", () => {
      const { idx } = this.#uplot.cursor;
      if (idx != null) {
        onPick(idx);
      }
    });
  }

  /** Marks a window, or none. */
  mark(window: number | null): void {
    const { starts, ends } = this.#picture.series;
    this.#mark.hidden = window === null;
    if (window !== null) {
      const left = this.#uplot.valToPos(starts[window] as number, "x");
      const right = this.#uplot.valToPos(ends[window] as number, "x");
      this.#mark.style.left = `${left}px`;
      this.#mark.style.width = `${Math.max(right - left, 2)}px`;
    }
  }

  get canvas(): HTMLCanvasElement {
    return this.#uplot.ctx.canvas;
  }

  destroy(): void {
    this.#uplot.destroy();
  }
}

function windowAt(starts: Float64Array, ends: Float64Array, at: number): number | null {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] as number) <= at) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  const inside = at >= (starts[low] as number) && (at < (ends[low] as number) || low === starts.length - 1);
  return inside ? low : null;
}

/** Draws a strip below the chart: opaque where there are no figures, paler where figures cover a part of a window. */
function drawGaps(plot: uPlot, series: Series, colour: string): void {
  const { ctx } = plot;
  const { top, height } = plot.bbox;
  const tall = STRIP * devicePixelRatio;
  ctx.save();
  ctx.fillStyle = colour;
  for (const { from, to, share } of gapsOf(series)) {
    ctx.globalAlpha = share === 1 ? 1 : 0.4 + 0.6 * share;
    const left = plot.valToPos(from, "x", true);
    ctx.fillRect(left, top + height + devicePixelRatio, plot.valToPos(to, "x", true) - left, tall);
  }
  ctx.restore();
}

export interface Colours {
  series: string[];
  text: string;
  muted: string;
  line: string;
  gap: string;
  wash: string;
  surface: string;
}

/** Returns the theme's colours, because a canvas cannot use CSS variables. */
export function coloursOf(host: Element, groups: number, rest: boolean): Colours {
  const style = getComputedStyle(host);
  const of = (name: string) => style.getPropertyValue(name).trim();
  const series = Array.from({ length: groups }, (_, index) =>
    of(groups === 1 ? "--accent" : rest && index === groups - 1 ? "--series-rest" : `--series-${index + 1}`),
  );
  return { series, text: of("--text"), muted: of("--muted"), line: of("--line"), gap: of("--gap"), wash: of("--wash"), surface: of("--surface") };
}
