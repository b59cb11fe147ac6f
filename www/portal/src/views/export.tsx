import { signal } from "@preact/signals";
import { coloursOf } from "../chart/plot.js";
import { pictureOf } from "../chart/picture.js";
import { ask } from "../engine/client.js";
import type { Download } from "../engine/protocol.js";
import { type Refused, refusedBy } from "../engine/refused.js";
import { count } from "../format/number.js";
import { adviceFor, exactMeasureId, groupName, keyName, reducerName, sentence, WINDOWS } from "../format/words.js";
import { announcement, countedReplies, measure, measures, preference, replies, request, series } from "../state.js";
import { save } from "../save.js";
import { plot } from "./over-time.js";

const busy = signal(false);
const refused = signal<Refused | null>(null);

export function Export() {
  const shown = measure.value;
  const records = replies.value.reduce((sum, { included, state }) => sum + (included && state.is === "read" ? state.read.records : 0), 0);
  const file = (what: Download, everyMeasure: boolean, label: string, name: string) => (
    <button type="button" disabled={busy.value} data-download={`${name}`} onClick={() => void take(what, everyMeasure, name)}>
      {label}
    </button>
  );
  return (
    <section id="export" aria-labelledby="export-title" aria-busy={busy}>
      <div class="section-head">
        <h2 id="export-title">Export</h2>
      </div>
      <dl class="take">
        <div>
          <dt>{records === 1 ? "The record" : `All ${count(records)} records`}, exact</dt>
          <dd>
            {file("records.csv", false, "CSV", "usage.csv")}
            {file("records.ndjson", false, "NDJSON", "usage.ndjson")}
          </dd>
        </div>
        <div>
          <dt>{shown?.metric} by the window and group chosen</dt>
          <dd>
            {file("aggregate.csv", false, "CSV", "aggregate.csv")}
            {file("aggregate.json", false, "JSON", "aggregate.json")}
          </dd>
        </div>
        <div>
          <dt>Every measure by the window and group chosen</dt>
          <dd>
            {file("aggregate.csv", true, "CSV", "aggregate-all.csv")}
            {file("aggregate.json", true, "JSON", "aggregate-all.json")}
          </dd>
        </div>
        <div>
          <dt>The chart</dt>
          <dd>
            <button type="button" data-download="chart.png" disabled={plot.value === null} onClick={() => void takePicture()}>
              PNG
            </button>
          </dd>
        </div>
        <div>
          <dt>This view, as an address</dt>
          <dd>
            <button type="button" onClick={() => void copyAddress()}>
              Copy
            </button>
          </dd>
        </div>
      </dl>
      <p class="hint">
        The address has the view and the names of samples, of those not counted too. It never has data: what you added yourself is not in it, nor whether it is
        counted, nor which of its records are listed. CSV cells that a spreadsheet would run are made harmless.
      </p>
      {refused.value === null ? null : (
        <p class="refusal" role="alert">
          {sentence(refused.value.message)} {adviceFor(refused.value.code)}
        </p>
      )}
    </section>
  );
}

async function take(what: Download, everyMeasure: boolean, name: string): Promise<void> {
  busy.value = true;
  refused.value = null;
  try {
    save(await ask("download", { replies: countedReplies(), preference: preference.peek(), what, request: request.value, everyMeasure }), name);
    announcement.value = `${name} is ready.`;
  } catch (error) {
    refused.value = refusedBy(error);
  }
  busy.value = false;
}

async function takePicture(): Promise<void> {
  const drawn = series.value.answer;
  const chart = plot.value;
  if (drawn === null || chart === null) {
    return;
  }
  const { measure: one, by, reducer, zone } = drawn.request;
  const shown = measures.peek().find((candidate) => exactMeasureId(candidate) === exactMeasureId(one));
  const host = document.querySelector(".plot") as Element;
  const legend = drawn.groups.map((group, index) =>
    drawn.rest > 0 && index === drawn.groups.length - 1 ? `${drawn.rest} others` : groupName(group.key, group.label, by),
  );
  const unit = document.querySelector(".chart-unit")?.textContent ?? "";
  const details = [
    unit,
    one.what === "cost" || shown === undefined ? "cost" : reducerName(shown, reducer, by),
    WINDOWS[drawn.window].toLowerCase(),
    by === "" ? "" : `by ${keyName(by).toLowerCase()}`,
    zone,
  ]
    .filter((part) => part !== "" && part !== undefined)
    .join(", ");
  save(await pictureOf(chart.canvas, { title: one.metric, details, legend }, coloursOf(host, drawn.groups.length, drawn.rest > 0)), "chart.png");
  announcement.value = "chart.png is ready.";
}

async function copyAddress(): Promise<void> {
  try {
    await navigator.clipboard.writeText(location.href);
    announcement.value = "The address is copied.";
  } catch {
    announcement.value = "The browser did not allow copying: take the address from its bar.";
  }
}
