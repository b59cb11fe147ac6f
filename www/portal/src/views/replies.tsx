/** The replies that were added: their detected kind, what they lack, and what the user can correct. */
import { computed } from "@preact/signals";
import type { ComponentChildren, VNode } from "preact";
import type { ReplyRead } from "../engine/protocol.js";
import { Amount, count } from "../format/number.js";
import { spanName } from "../format/time.js";
import { adviceFor, NOTES, openQuestions, sentence } from "../format/words.js";
import { formatName, providerName } from "../formats.js";
import type { Reply } from "../reply.js";
import { figures, find, include, join, listings, read, remove, removeAll, replies, view } from "../state.js";
import { ReplySettings } from "./reply-settings.js";

export function Replies() {
  const all = replies.value;
  if (all.length === 0) {
    return null;
  }
  return (
    <>
      <Listings />
      <ul class="replies">{all.map(cardOf)}</ul>
      {all.length < 2 ? null : (
        <button type="button" class="plain" onClick={removeAll}>
          Remove all
        </button>
      )}
    </>
  );
}

/** The cards by reply, so that only the card of a changed reply is rendered again. */
const cards = new WeakMap<Reply, VNode>();

function cardOf(reply: Reply): VNode {
  const card = cards.get(reply) ?? <Card key={reply.id} reply={reply} />;
  cards.set(reply, card);
  return card;
}

/** Replies that do not count, because others report the same usage. As text, so that cards are rendered again only if the list has changed. */
const asideIds = computed(() =>
  (view.value.overlap === "keep" ? [] : (figures.value.answer?.twice ?? [])).flatMap(({ by, replies }) => (by === "reply" ? replies.slice(-1) : [])).join(),
);
const aside = computed(() => new Set(asideIds.value.split(",").map(Number)));

function Aside({ id }: { id: number }) {
  return aside.value.has(id) ? (
    <p class="facts">
      <a class="bad" href="#told-twice">
        not counted: usage reported twice
      </a>
    </p>
  ) : null;
}

const alone = computed(() => replies.value.length === 1);

function Card({ reply }: { reply: Reply }) {
  const { id, name, included, state, origin } = reply;
  return (
    <li class="reply" data-state={state.is}>
      <div class="reply-head">
        <label class="counted">
          <input type="checkbox" checked={included} disabled={state.is !== "read"} onChange={({ currentTarget }) => include(id, currentTarget.checked)} />
          <span class="name" title={name}>
            {name}
          </span>
        </label>
        <button type="button" class="plain" onClick={() => remove(id)}>
          {state.is === "reading" ? "Cancel" : "Remove"}
          <span class="for-readers"> {name}</span>
        </button>
      </div>
      {state.is === "reading" ? <Progress reply={reply} /> : null}
      {state.is === "refused" ? (
        <p class="refusal" role="alert">
          {sentence(state.message)} {adviceFor(state.code)}
        </p>
      ) : null}
      {state.is === "read" ? <Told read={state.read} /> : null}
      <Aside id={id} />
      {reply.bodies.length === 0 ? null : <ReplySettings reply={reply} />}
      {state.is === "refused" && origin.from !== "source" ? (
        <button type="button" onClick={() => void read(reply)}>
          Read again
        </button>
      ) : null}
    </li>
  );
}

function Progress({ reply: { name, state, origin } }: { reply: Reply }) {
  const progress = state.is === "reading" ? state.progress : null;
  const label = `Reading ${name}`;
  if (progress === null || progress.of === 0) {
    return (
      <p class="hint">
        <progress aria-label={label} />
        {origin.from === "source" ? `${count(progress?.done ?? 0)} records` : "Reading"}
      </p>
    );
  }
  return (
    <p class="hint">
      <progress aria-label={label} value={progress.done} max={progress.of} />
      <Size bytes={progress.done} /> of <Size bytes={progress.of} />
    </p>
  );
}

function Told({ read }: { read: ReplyRead }) {
  const { providers, formats, encoding, records, duplicates, issues, checks, bytes, span, unsettled, notes, pages } = read;
  const what = formats.length === 0 ? "Unknown format" : `${providers.map(providerName).join(", ")} · ${formats.map(formatName).join(", ")}`;
  const failing = checks.filter(({ ok }) => !ok).length;
  const open = openQuestions(unsettled, records);
  const next = pages.at(-1)?.next;
  const toKnow = open.length + notes.length + (next == null ? 0 : 1);
  const facts: ComponentChildren[] = [
    `${count(records)} ${records === 1 ? "record" : "records"}`,
    pages.length > 1 ? `${count(pages.length)} pages` : null,
    duplicates > 0 ? `${count(duplicates)} read before, dropped` : null,
    <Size bytes={bytes} />,
    encoding?.toUpperCase(),
  ];
  return (
    <>
      <p class="detected">{what}</p>
      <p class="facts">
        {facts
          .filter((fact) => fact != null)
          .map((fact, at) => (
            <>
              {at === 0 ? "" : " · "}
              {fact}
            </>
          ))}
      </p>
      {span === null ? null : <p class="facts">{spanName(span.start, span.end, { zone: "UTC", shift: 0 })}</p>}
      <p class="facts">
        {issues.length > 0 ? (
          <a class="bad" href="#issues">
            {count(issues.length)} {issues.length === 1 ? "issue" : "issues"}
          </a>
        ) : null}
        {issues.length > 0 && checks.length > 0 ? " · " : null}
        {checks.length === 0 ? null : failing > 0 ? (
          <a class="bad" href="#checks">
            {checks.length === 1 ? "the check failed" : `${count(failing)} of ${count(checks.length)} checks failed`}
          </a>
        ) : (
          <a class="good" href="#checks">
            {checks.length === 1 ? "the check passed" : `${checks.length === 2 ? "both" : `all ${count(checks.length)}`} checks passed`}
          </a>
        )}
      </p>
      {toKnow === 0 ? null : (
        <details class="open" open={alone.value}>
          <summary>{toKnow === 1 ? "One thing to know" : `${toKnow} things to know`}</summary>
          <ul>
            {next == null ? null : (
              <li>
                The listing goes on at <code class="address">{next.url}</code> Bring that page too, and they can be read as one listing.
              </li>
            )}
            {open.map((sentence) => (
              <li>{sentence}</li>
            ))}
            {notes.map((note) => (
              <li>{NOTES[note]}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

/** Notices of replies that may be pages of one listing, with a button to join them. */
function Listings() {
  return (
    <>
      {listings.value.map((listing) => (
        <div class="caution">
          <p>
            {namesOf(listing.ids)} seem to be pages of one listing of {formatName(listing.format)}, none of them the whole of it.
          </p>
          <JoinButton ids={listing.ids} />
        </div>
      ))}
    </>
  );
}

export function JoinButton({ ids }: { ids: number[] }) {
  return (
    <button type="button" data-join={ids.join(" ")} onClick={() => void join(ids)}>
      Read {ids.length === 2 ? "both" : `these ${count(ids.length)}`} as one listing
    </button>
  );
}

function namesOf(ids: number[]) {
  const [first, second] = ids.map((id) => <strong>{find(id)?.name}</strong>);
  return ids.length === 2 ? (
    <>
      {first} and {second}
    </>
  ) : (
    <>
      {first} and {count(ids.length - 1)} more replies
    </>
  );
}

function Size({ bytes }: { bytes: number }) {
  return <Amount of={{ value: String(bytes), what: "quantity", unit: "By", currency: null }} />;
}
