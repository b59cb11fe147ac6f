/** One measure over time: the settings, the chart, and the same figures as text. */
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { GroupKey, Reducer, Window } from "meterglot";
import { Plot, type Pointed } from "../chart/plot.js";
import type { Group, MeasureTotal, Series } from "../engine/protocol.js";
import { Amount, count, percent, type Quantity, shown } from "../format/number.js";
import { type Clock, windowName } from "../format/time.js";
import { isLevel, type Scale, scaleFor } from "../format/unit.js";
import {
  addedOfEach,
  addsUp,
  adviceFor,
  exactMeasureId,
  groupName,
  keyName,
  kindName,
  measureId,
  REDUCERS,
  reducerName,
  sentence,
  WINDOWS,
} from "../format/words.js";
import { show } from "../list.js";
import { by, figures, look, measure, measures, series, view } from "../state.js";
import { theme } from "../theme.js";
import { WindowTable } from "./window-table.js";

/** The plot on the page, used to export it as an image. */
export const plot = signal<Plot | null>(null);

export function OverTime() {
  const { answer, busy, refused } = series.value;
  return (
    <section id="over-time" aria-labelledby="over-time-title" aria-busy={busy}>
      <div class="section-head">
        <h2 id="over-time-title">Over time</h2>
      </div>
      <Controls />
      {refused === null ? null : (
        <p class="refusal" role="alert">
          {sentence(refused.message)} {refused.code === "internal" ? "" : adviceFor(refused.code)}
        </p>
      )}
      {answer === null || measureOf(answer) === null ? null : answer.starts.length === 0 ? (
        <p class="hint">These records carry no time, so there is nothing to draw. The request or a period, given under the reply’s Settings, tells it.</p>
      ) : (
        <Shown series={answer} />
      )}
    </section>
  );
}

function Controls() {
  const shown = measure.value;
  if (shown === null) {
    return null;
  }
  const { window, zone, reducer, weekStart } = view.value;
  const reducers = REDUCERS[shown.kind];
  return (
    <div class="controls">
      <Field label="Measure" wide>
        <select value={measureId(shown)} onChange={({ currentTarget }) => look({ measure: currentTarget.value, reducer: "" })}>
          {measures.value.map((one) => (
            <option value={measureId(one)}>
              {one.metric} · {kindName(one)}
              {one.what === "cost" ? ` · ${one.currency ?? "currency unknown"}` : one.unit === null ? "" : ` · ${one.unit}`}
            </option>
          ))}
        </select>
      </Field>
      <Field label="Group by">
        <select value={by.value} onChange={({ currentTarget }) => look({ by: currentTarget.value as GroupKey | "" })}>
          <option value="">nothing</option>
          {(figures.value.answer?.keys ?? []).map((key) => (
            <option value={key}>{keyName(key)}</option>
          ))}
        </select>
      </Field>
      <Field label="Window">
        <select value={window} onChange={({ currentTarget }) => look({ window: currentTarget.value as Window | "" })}>
          <option value="">{window === "" && series.value.answer !== null ? `${WINDOWS[series.value.answer.window]} (auto)` : "Automatic"}</option>
          {(Object.keys(WINDOWS) as Window[]).map((name) => (
            <option value={name}>{WINDOWS[name]}</option>
          ))}
        </select>
      </Field>
      {window === "week" ? (
        <Field label="Week begins">
          <select value={weekStart} onChange={({ currentTarget }) => look({ weekStart: currentTarget.value as "monday" | "sunday" })}>
            <option value="monday">Monday</option>
            <option value="sunday">Sunday</option>
          </select>
        </Field>
      ) : null}
      <Field label="Time zone">
        <ZoneSelect value={zone} />
      </Field>
      {shown.what === "cost" ? null : (
        <Field label="Aggregation">
          <select
            value={reducer === "" ? shown.reducer : reducer}
            onChange={({ currentTarget }) => look({ reducer: currentTarget.value === shown.reducer ? "" : (currentTarget.value as Reducer) })}
          >
            {(Object.keys(reducers) as Reducer[]).map((name) => (
              <option value={name}>{reducerName(shown, name, by.value)}</option>
            ))}
          </select>
        </Field>
      )}
    </div>
  );
}

function Field({ label, wide, children }: { label: string; wide?: boolean; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: its control is among the children.
    <label class={wide === true ? "field wide" : "field"}>
      <span>{label}</span>
      {children}
    </label>
  );
}

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const ZONES = Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC");

function ZoneSelect({ value }: { value: string }) {
  // Browsers accept more zone names than they list, such as US/Eastern.
  const listed = ["UTC", "source", HERE, ...ZONES].includes(value);
  return (
    <select value={value} onChange={({ currentTarget }) => look({ zone: currentTarget.value })}>
      <option value="UTC">UTC</option>
      <option value="source">as each provider wrote it</option>
      {HERE === "UTC" ? null : <option value={HERE}>{HERE}, here</option>}
      {listed ? null : <option value={value}>{value}</option>}
      <optgroup label="All zones">
        {ZONES.filter((zone) => zone !== HERE).map((zone) => (
          <option value={zone}>{zone}</option>
        ))}
      </optgroup>
    </select>
  );
}

/** Returns the measure of a chart. It differs from the one in view until the new chart has arrived. */
const measureOf = ({ request: { measure } }: Series): MeasureTotal | null =>
  measures.value.find((one) => exactMeasureId(one) === exactMeasureId(measure)) ?? null;

function Shown({ series }: { series: Series }) {
  const { reducer, zone, by } = series.request;
  const measure = measureOf(series) as MeasureTotal;
  const [hovered, setHovered] = useState<Spot | null>(null);
  const [kept, setKept] = useState<Spot | null>(null);
  const largest = series.groups
    .flatMap(({ values }) => values)
    .reduce<string>((max, value) => (value !== null && Math.abs(Number(value)) > Math.abs(Number(max)) ? value : max), "0");
  const scale: Scale = measure.what === "cost" ? { numerator: 1n, denominator: 1n, name: measure.currency ?? "" } : scaleFor(largest, series.unit);
  const clock: Clock = { zone, shift: series.shift };
  const steps = isLevel(measure, reducer);
  const quantity = (value: string): Quantity => ({ value, what: measure.what, unit: series.unit, currency: measure.currency });
  const { table } = view.value;
  const windowOf = (spot: Spot | null) => (spot === null ? null : placeOf(spot, series));
  const at = windowOf(hovered) ?? windowOf(kept);
  const spotOf = (window: number): Spot => ({ start: series.starts[window] as number, end: series.ends[window] as number });
  const onHover = (window: number | null) => setHovered(window === null ? null : spotOf(window));
  const onPick = (window: number) => setKept((before) => (before !== null && placeOf(before, series) === window ? null : spotOf(window)));
  const letGo = () => {
    setHovered(null);
    setKept(null);
  };
  const how = measure.what === "cost" || addsUp(reducer) ? null : reducerName(measure, reducer, by);
  return (
    <>
      <figure class="chart">
        <figcaption class="chart-head">
          <span>
            <span class="chart-unit">{scale.name === "" ? (reducer === "count" ? "records" : "") : scale.name}</span>
            {how === null ? null : <span class="hint">, {how}</span>}
          </span>
          {table && at === null ? null : (
            <span>
              <Reading series={series} at={at} clock={clock} told={(group) => told(group, at, scale, quantity)} />
              {windowOf(kept) === null ? null : (
                <>
                  {" "}
                  <button type="button" class="link" data-let-go onClick={letGo}>
                    Whole time
                  </button>
                </>
              )}
            </span>
          )}
        </figcaption>
        {table ? null : (
          <Drawn series={series} scale={scale} clock={clock} steps={steps} at={at} onHover={onHover} onPick={onPick} onLetGo={letGo} name={measure.metric} />
        )}
        {table ? (
          <WindowTable
            series={series}
            scale={scale}
            clock={clock}
            quantity={quantity}
            onOpen={(group, window) => open(measure, group, series, window, clock)}
          />
        ) : null}
        <Legend series={series} at={at} scale={scale} quantity={quantity} onOpen={(group) => open(measure, group, series, at, clock)} />
        {how === null || at !== null || series.starts.length < 2 || addedOfEach(measure, reducer, by).length === 0 ? null : (
          <p class="hint">Over the whole time, {how}: no single window need show as much.</p>
        )}
      </figure>
      <p class="chart-foot">
        <button type="button" aria-pressed={table} onClick={() => look({ table: !table })}>
          {table ? "Show as chart" : "Show as table"}
        </button>
        {series.untimed === 0 ? null : <span class="hint">{count(series.untimed)} records carry no time: they are in the totals, and in no window.</span>}
      </p>
    </>
  );
}

function open(measure: MeasureTotal, group: Group, series: Series, at: number | null, clock: Clock): void {
  const { by: key } = series.request;
  const window = at === null ? "" : `, ${windowName(series.starts[at] as number, series.ends[at] as number, series.window, clock)}`;
  const who = key === "" ? "" : `, ${groupName(group.key, group.label, key)}`;
  const edges = at === null ? { start: null, end: null } : { start: (series.starts[at] as number) * 1000, end: (series.ends[at] as number) * 1000 };
  show({ measures: [measure], by: key, key: group.key, ...edges }, `${measure.metric}${who}${window}`);
}

/** A window, identified by its edges, so that it can be found again after the chart is redrawn. */
interface Spot {
  start: number;
  end: number;
}

function placeOf({ start, end }: Spot, { starts, ends }: Series): number | null {
  const at = starts.indexOf(start);
  return at !== -1 && ends[at] === end ? at : null;
}

/** Returns the value of a group in a window, as text. */
function told(group: Group, at: number | null, scale: Scale, quantity: (value: string) => Quantity): string {
  const value = at === null ? null : (group.values[at] ?? null);
  const { number, unit } = value === null ? { number: "no figure", unit: "" } : shown(quantity(value), scale);
  return `${number} ${unit}`.trim();
}

/** Shows the selected window and the share of it without figures. For screen readers it also has the values, which the legend shows. */
function Reading({ series, at, clock, told }: { series: Series; at: number | null; clock: Clock; told(group: Group): string }) {
  const any = series.gaps.some((gap) => gap > 0) || series.starts.some((start, index) => index > 0 && start > (series.ends[index - 1] as number));
  if (at === null) {
    const { length } = series.starts;
    return (
      <span class="hint" aria-live="polite">
        {any ? (
          <>
            <span class="swatch gap" /> no figures · a click keeps a window
          </>
        ) : (
          `${count(length)} ${length === 1 ? "window" : "windows"} · a click keeps one`
        )}
      </span>
    );
  }
  const gap = series.gaps[at] as number;
  const all = gap + (series.covered[at] as number);
  const {
    groups,
    request: { by: key },
  } = series;
  return (
    <span class="reading" aria-live="polite" aria-atomic="true">
      {windowName(series.starts[at] as number, series.ends[at] as number, series.window, clock)}
      <span class="for-readers">
        : {groups.map((group, index) => (groups.length === 1 ? told(group) : `${legendName(series, index, key)} ${told(group)}`)).join(", ")}
      </span>
      {gap === 0 ? null : <span class="hint"> · {percent(gap / all)} of it without figures</span>}
    </span>
  );
}

function legendName({ groups, rest }: Series, index: number, key: GroupKey | ""): string {
  const group = groups[index] as Group;
  return rest > 0 && index === groups.length - 1 ? `${count(rest)} others` : groupName(group.key, group.label, key);
}

interface DrawnProps extends Pointed {
  series: Series;
  scale: Scale;
  clock: Clock;
  steps: boolean;
  at: number | null;
  name: string;
  onLetGo(): void;
}

function Drawn({ series, scale, clock, steps, at, name, onHover, onPick, onLetGo }: DrawnProps) {
  const host = useRef<HTMLDivElement>(null);
  const drawn = useRef<Plot | null>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    observer.observe(host.current as Element);
    return () => observer.disconnect();
  }, []);
  const colours = theme.value;
  useEffect(() => {
    if (width === 0) {
      return;
    }
    const made = new Plot(
      host.current as HTMLElement,
      { series, scale, shape: steps ? "steps" : "bars", clock },
      { width, height: width < 480 ? 220 : 300 },
      { onHover, onPick },
    );
    drawn.current = made;
    plot.value = made;
    return () => {
      drawn.current = null;
      plot.value = null;
      made.destroy();
    };
  }, [series, width, colours, scale.name, clock.zone, steps]);
  useEffect(() => drawn.current?.mark(at), [at, width, series]);
  const last = series.starts.length - 1;
  return (
    <div
      ref={host}
      class="plot"
      tabIndex={0}
      role="application"
      aria-roledescription="chart"
      aria-label={`${name} over time, ${series.starts.length} windows. Left and right arrows read it, Enter keeps a window; the same figures are shown as a table by the button below.`}
      onKeyDown={(event) => {
        const moved = { ArrowRight: at === null ? 0 : Math.min(at + 1, last), ArrowLeft: at === null ? last : Math.max(at - 1, 0), Home: 0, End: last }[
          event.key
        ];
        if (moved !== undefined) {
          event.preventDefault();
          onHover(moved);
        } else if (event.key === "Enter" && at !== null) {
          onPick(at);
        } else if (event.key === "Escape") {
          onLetGo();
        }
      }}
    />
  );
}

interface LegendProps {
  series: Series;
  at: number | null;
  scale: Scale;
  quantity(value: string): Quantity;
  onOpen(group: Group): void;
}

/** The groups, with their values in the selected window, or over the whole time. */
function Legend({ series, at, scale, quantity, onOpen }: LegendProps) {
  const {
    groups,
    rest,
    request: { by: key },
  } = series;
  const valueIn = (group: Group) => (at === null ? group.total : (group.values[at] ?? null));
  const together = at === null ? series.total : (series.totals[at] ?? null);
  return (
    <ul class={groups.length === 1 ? "legend single" : "legend"}>
      {groups.map((group, index) => {
        const value = valueIn(group);
        const isRest = rest > 0 && index === groups.length - 1;
        return (
          <li>
            <span class={`swatch ${groups.length === 1 ? "only" : isRest ? "rest" : `series-${index + 1}`}`} />
            <span class="legend-name">{legendName(series, index, key)}</span>
            {value === null ? (
              <span class="hint">no figure</span>
            ) : (
              <Amount
                of={quantity(value)}
                scale={at === null ? undefined : scale}
                about={legendName(series, index, key)}
                onOpen={isRest ? undefined : () => onOpen(group)}
              />
            )}
          </li>
        );
      })}
      {groups.length < 2 || together === null ? null : (
        <li class="sum">
          <span class="legend-name">together</span>
          <Amount of={quantity(together)} scale={at === null ? undefined : scale} />
        </li>
      )}
    </ul>
  );
}
