import { useState } from "preact/hooks";
import type { Check } from "meterglot";
import { ask } from "../engine/client.js";
import type { Excerpt } from "../engine/protocol.js";
import { compare } from "../format/decimal.js";
import { count, decimal, everyDigit } from "../format/number.js";
import { listings, replies } from "../state.js";
import { ExcerptView } from "./excerpt.js";
import { JoinButton } from "./replies.js";

/** What each check compares, and the meaning of a difference. */
const MEANING: Record<string, { says: string; fails: string }> = {
  rows: { says: "Rows of the whole listing", fails: "" },
  total: { says: "Sum of the counts", fails: "The counts and their total disagree: ask the provider for this period again." },
  "cost.total": {
    says: "Total cost, against virtual machines and user resources",
    fails: "The parts do not add up to the total: ask the provider which is right.",
  },
};

export function Checks() {
  const checked = replies.value.flatMap(({ id, name, state }) => (state.is === "read" ? state.read.checks.map((check) => ({ id, name, check })) : []));
  const failing = checked.filter(({ check }) => !check.ok).length;
  return (
    <section id="checks" aria-labelledby="checks-title">
      <div class="section-head">
        <h2 id="checks-title">Checks</h2>
        <p class="hint">
          {checked.length === 0
            ? ""
            : failing === 0
              ? checked.length === 1
                ? "it passed"
                : checked.length === 2
                  ? "both passed"
                  : `all ${count(checked.length)} passed`
              : `${count(failing)} of ${count(checked.length)} failed`}
        </p>
      </div>
      {checked.length === 0 ? (
        <p class="hint">These replies state no totals that could be compared with what was read.</p>
      ) : (
        <ul class="findings">
          {checked.map(({ id, name, check }) => (
            <One reply={id} name={name} check={check} />
          ))}
        </ul>
      )}
    </section>
  );
}

function One({ reply, name, check }: { reply: number; name: string; check: Check }) {
  const [excerpt, setExcerpt] = useState<Excerpt | null>(null);
  const meaning = MEANING[check.name];
  const { pointer } = check;
  // What is shown in short may look the same where it is not.
  const digits = check.ok ? decimal : everyDigit;
  const look = async () => {
    const pages = replies.peek().find(({ id }) => id === reply)?.bodies.length ?? 1;
    setExcerpt(excerpt !== null || pointer === null ? null : await ask("excerpt", { reply, page: pages - 1, place: { pointer, occurrence: 1 } }));
  };
  return (
    <li class={check.ok ? "finding good" : "finding bad"}>
      <p class="verdict">
        <span class="mark" aria-hidden="true">
          {check.ok ? "✓" : "✕"}
        </span>{" "}
        <strong>{meaning?.says ?? check.name}</strong> {check.ok ? "passed" : "failed"}
      </p>
      <p>
        The reply says{" "}
        <data value={check.expected} title={check.expected}>
          {digits(check.expected)}
        </data>
        ; what was read makes{" "}
        <data value={check.actual} title={check.actual}>
          {digits(check.actual)}
        </data>
        .{check.ok ? null : ` ${meaning?.fails ?? ""}`}
      </p>
      {check.ok || check.name !== "rows" ? null : <Pages reply={reply} check={check} />}
      <p class="place">
        <span>{name}</span>
        {pointer === null ? null : (
          <>
            {" "}
            <code>{pointer}</code>{" "}
            <button type="button" class="link" aria-expanded={excerpt !== null} onClick={() => void look()}>
              {excerpt === null ? "show it" : "hide it"}
            </button>
          </>
        )}
      </p>
      {excerpt === null ? null : <ExcerptView excerpt={excerpt} kind="value" />}
    </li>
  );
}

/** What to do where a listing is not whole. */
function Pages({ reply, check: { expected, actual } }: { reply: number; check: Check }) {
  if (compare(actual, expected) > 0) {
    return <p>There are more rows than the listing says it has: fetch it again, as it may have changed while it was read.</p>;
  }
  const listing = listings.value.find(({ ids }) => ids.includes(reply));
  if (listing === undefined) {
    return <p>Pages are missing: bring the others too, and they can be read as one listing.</p>;
  }
  return (
    <p>
      Pages are missing. {listing.ids.length === 2 ? "Another reply looks" : `${count(listing.ids.length - 1)} other replies look`} like pages of the same
      listing. <JoinButton ids={listing.ids} />
    </p>
  );
}
