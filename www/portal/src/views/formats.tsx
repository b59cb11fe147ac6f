/** The formats of descriptors that were added, and the problems of those that are none. */
import type { DescriptorProblem } from "meterglot";
import { count } from "../format/number.js";
import { sentence } from "../format/words.js";
import { type AddedFormat, formats } from "../formats.js";
import { removeFormat } from "../state.js";

export function Formats() {
  const all = formats.value;
  if (all.length === 0) {
    return null;
  }
  return (
    <section class="formats" aria-labelledby="formats-title">
      <h2 id="formats-title">Formats of your own</h2>
      <ul>
        {all.map((format) => (
          <One key={format.id} format={format} />
        ))}
      </ul>
    </section>
  );
}

function One({ format }: { format: AddedFormat }) {
  const { name, defined, problems } = format;
  return (
    <li class="format" data-format={defined?.format}>
      <div class="reply-head">
        <strong title={name}>{defined?.title ?? name}</strong>
        <button type="button" class="plain" onClick={() => removeFormat(format)}>
          Remove<span class="for-readers"> {defined?.title ?? name}</span>
        </button>
      </div>
      {defined === null ? (
        <Problems problems={problems} />
      ) : (
        <p class="facts">
          <code>{defined.format}</code> · {name}
        </p>
      )}
    </li>
  );
}

function Problems({ problems }: { problems: DescriptorProblem[] }) {
  return (
    <>
      <p class="refusal" role="alert">
        This descriptor has {problems.length === 1 ? "a problem" : `${count(problems.length)} problems`}. Correct it, and bring it again.
      </p>
      <ul class="findings">
        {problems.map(({ pointer, message, line, column }) => (
          <li class="finding bad">
            <p class="verdict">{sentence(message)}</p>
            <p class="place">
              {line === null ? null : (
                <span class="hint">
                  line {count(line)}, column {count(column ?? 1)}{" "}
                </span>
              )}
              {pointer === "" ? null : <code>{pointer}</code>}
            </p>
          </li>
        ))}
      </ul>
    </>
  );
}
