/** One record, whole, with the place in the body it was read from. */
import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import type { UsageRecord } from "meterglot";
import { ask } from "../engine/client.js";
import type { Excerpt, ShownRecord } from "../engine/protocol.js";
import { Amount } from "../format/number.js";
import { moment } from "../format/time.js";
import { NOTES } from "../format/words.js";
import { formatName, providerName } from "../formats.js";
import { find } from "../state.js";
import { ExcerptView } from "./excerpt.js";

export const opened = signal<ShownRecord | null>(null);

export function RecordDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const shown = opened.value;
  useEffect(() => {
    if (shown !== null && dialog.current?.open === false) {
      dialog.current.showModal();
    }
  }, [shown]);
  return (
    <dialog
      ref={dialog}
      class="record"
      aria-labelledby="record-title"
      onClose={() => (opened.value = null)}
      onClick={(event) => {
        if (event.target === event.currentTarget) {
          event.currentTarget.close();
        }
      }}
    >
      {shown === null ? null : <Whole shown={shown} onClose={() => dialog.current?.close()} />}
    </dialog>
  );
}

function Whole({ shown: { reply, record }, onClose }: { shown: ShownRecord; onClose: () => void }) {
  const brought = find(reply);
  return (
    <div class="record-inside">
      <div class="section-head">
        <h2 id="record-title">{record.metric}</h2>
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
      <p class="record-values">
        {record.quantity === null ? null : <Amount of={{ value: record.quantity, what: "quantity", unit: record.unit, currency: null }} />}
        {record.cost === null ? null : <Amount of={{ value: record.cost, what: "cost", unit: null, currency: record.currency }} />}
      </p>
      <Provenance reply={reply} record={record} name={brought?.bodies[record.page]?.name ?? brought?.name ?? ""} fetched={brought?.origin.from === "source"} />
      <dl class="fields-of">
        {fieldsOf(record).map(([name, value]) => (
          <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function Provenance({ reply, record, name, fetched }: { reply: number; record: UsageRecord; name: string; fetched: boolean }) {
  const [excerpt, setExcerpt] = useState<Excerpt | null | "looking">("looking");
  useEffect(() => {
    let current = true;
    setExcerpt("looking");
    const occurrence = Number(record.dimensions.occurrence ?? 1);
    ask("excerpt", { reply, page: record.page, place: { pointer: record.pointer, occurrence: record.notes.includes("duplicate-element") ? occurrence : 1 } })
      .catch(() => null)
      .then((found) => {
        if (current) {
          setExcerpt(found);
        }
      });
    return () => {
      current = false;
    };
  }, [reply, record.id, record.pointer]);
  return (
    <div class="provenance">
      <h3>Where it was read</h3>
      <p class="place">
        <span>{name}</span> <code>{record.pointer}</code>
        {excerpt !== null && excerpt !== "looking" ? (
          <span class="hint">
            {" "}
            line {excerpt.line}, column {excerpt.column}, byte {excerpt.offset}
          </span>
        ) : null}
      </p>
      {fetched ? (
        <p class="hint">The edge worker read this from page {record.page + 1} of the provider’s answer and did not pass the answer on.</p>
      ) : excerpt === "looking" ? (
        <p class="hint">Looking for it in the body.</p>
      ) : excerpt === null ? (
        <p class="hint">The place could not be found again in the body.</p>
      ) : (
        <ExcerptView excerpt={excerpt} kind="value" />
      )}
    </div>
  );
}

const timeOf = (timestamp: string | null) => (timestamp === null ? null : `${moment(timestamp, { zone: "UTC", shift: 0 })} UTC (${timestamp})`);

function fieldsOf(record: UsageRecord): [string, string][] {
  const { provider, format, notes, dimensions } = record;
  const all: [string, string | null][] = [
    ["Exact quantity", record.quantity === null ? null : `${record.quantity} ${record.unit ?? ""}`],
    ["Exact cost", record.cost === null ? null : `${record.cost} ${record.currency ?? "(currency unknown)"}`],
    [
      "Kind",
      {
        delta: "an amount: adds up over time and resources",
        gauge: "a level: adds up over resources, never over time",
        integral: "a level × time: adds up over both",
      }[record.kind],
    ],
    ["Start", timeOf(record.start)],
    ["End", record.end === null && record.start !== null ? "none: an instant" : timeOf(record.end)],
    ["Offset as written", record.utcOffset],
    ["Provider", `${providerName(provider)}, ${formatName(format)}`],
    ["Provider’s field", record.providerField],
    ["Account", record.account],
    ["Resource", record.resourceId === null ? null : `${record.resourceName ?? ""} ${record.resourceId}`.trim()],
    ["Resource type", record.resourceType],
    ["Region", record.region],
    ...Object.entries(dimensions).map(([name, value]): [string, string] => [`Dimension ${name}`, value]),
    ["Contained in", record.partOf],
    ["Inferred", notes.length === 0 ? null : notes.map((note) => NOTES[note]).join(" ")],
    ["Id", record.id],
  ];
  return all.filter((field): field is [string, string] => field[1] !== null);
}
