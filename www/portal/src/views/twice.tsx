/** Notices of usage that is reported twice: what counts, and what the user can choose instead. */
import type { ToldTwice } from "../engine/protocol.js";
import { count } from "../format/number.js";
import { sentence } from "../format/words.js";
import { formatName, providerName } from "../formats.js";
import { figures, find, include, join, look, view } from "../state.js";

/** The number of notices shown; many replies may report the same usage. */
const SHOWN = 3;

export function TwiceNotices() {
  const all = (figures.value.answer?.twice ?? []).filter(({ replies }) => replies.every((id) => find(id) !== undefined));
  if (all.length === 0) {
    return null;
  }
  const keeps = view.value.overlap === "keep";
  return (
    <section id="told-twice" class="twice" aria-label="Usage reported twice">
      {all.slice(0, SHOWN).map((one) => (one.by === "format" ? <ByFormat one={one} keeps={keeps} /> : <ByReply one={one} keeps={keeps} />))}
      {all.length <= SHOWN ? null : <p class="hint">{count(all.length - SHOWN)} more replies report usage that another reply reports.</p>}
      {keeps ? (
        <button type="button" data-overlap="error" onClick={() => look({ overlap: "error" })}>
          Count each usage once
        </button>
      ) : (
        <button type="button" data-overlap="keep" onClick={() => look({ overlap: "keep" })}>
          Add everything, twice or not
        </button>
      )}
    </section>
  );
}

interface Props {
  one: ToldTwice;
  /** Whether all of it is added. */
  keeps: boolean;
}

const records = (number: number) => (number === 1 ? "1 record" : `${count(number)} records`);

function ByFormat({
  one: {
    formats: [counts, other],
    metrics,
    records: number,
  },
  keeps,
}: Props) {
  if (counts === undefined || other === undefined) {
    return null;
  }
  const provider = counts.slice(0, counts.indexOf("."));
  const [first, second, ...more] = metrics;
  const what = second === undefined ? first : more.length === 0 ? `${first} and ${second}` : `${first}, ${second} and ${count(more.length)} more`;
  const { prefer } = view.value;
  return (
    <div class="caution">
      <p>
        The same usage is reported twice: <strong>{formatName(counts)}</strong> and <strong>{formatName(other)}</strong> of {providerName(provider)} both report{" "}
        {what} of the same account at the same time.{" "}
        {keeps ? "Both are added." : `The figures count ${formatName(counts)}; ${records(number)} of ${formatName(other)} are left out of them.`}
      </p>
      {keeps ? null : (
        <button type="button" data-prefer={other} onClick={() => look({ prefer: [other, ...prefer.filter((format) => format !== other)] })}>
          Count {formatName(other)} instead
        </button>
      )}
    </div>
  );
}

function ByReply({ one: { replies, formats, records: number, message, joins }, keeps }: Props) {
  const [first, second] = replies as [number, number?];
  const kind = formats.map(formatName).join(", ");
  const name = (id: number) => <strong>{find(id)?.name}</strong>;
  if (second === undefined) {
    return (
      <div class="caution">
        <p>
          {name(first)} reports the same usage twice by itself. {keeps ? "All of it is added." : `Its ${records(number)} are left out of the figures.`}
        </p>
        <p class="hint">{sentence(message)}</p>
      </div>
    );
  }
  const canJoin = joins && find(first)?.origin.from !== "source" && find(second)?.origin.from !== "source";
  return (
    <div class="caution">
      <p>
        The same usage is reported twice: {name(first)} and {name(second)} both report {kind} of the same time.{" "}
        {keeps ? (
          "Both are added."
        ) : (
          <>
            The figures count the first; the {records(number)} of {name(second)} are left out of them.
          </>
        )}
      </p>
      {keeps ? null : (
        <p>
          {canJoin ? (
            <>
              <button type="button" data-join={`${first} ${second}`} onClick={() => void join([first, second])}>
                Read them as one listing
              </button>{" "}
            </>
          ) : null}
          <button type="button" data-instead={second} onClick={() => include(first, false)}>
            Count the second instead
          </button>
        </p>
      )}
    </div>
  );
}
