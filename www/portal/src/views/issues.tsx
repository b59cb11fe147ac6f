import { useEffect, useState } from "preact/hooks";
import type { Issue } from "meterglot";
import { ask } from "../engine/client.js";
import type { Excerpt } from "../engine/protocol.js";
import { count } from "../format/number.js";
import { adviceFor, sentence } from "../format/words.js";
import type { Reply } from "../reply.js";
import { replies } from "../state.js";
import { ExcerptView } from "./excerpt.js";

const ISSUES_AT_FIRST = 20;

export function Issues() {
  const [most, setMost] = useState(ISSUES_AT_FIRST);
  const all = replies.value.flatMap((reply) => (reply.state.is === "read" ? reply.state.read.issues.map((issue) => ({ reply, issue })) : []));
  return (
    <section id="issues" aria-labelledby="issues-title">
      <div class="section-head">
        <h2 id="issues-title">Issues</h2>
        <p class="hint">{all.length === 0 ? "" : count(all.length)}</p>
      </div>
      {all.length === 0 ? (
        <p class="hint">None: every row of every reply was read.</p>
      ) : (
        <ul class="findings">
          {all.slice(0, most).map(({ reply, issue }) => (
            <One reply={reply} issue={issue} />
          ))}
        </ul>
      )}
      {all.length <= most ? null : (
        <p>
          <button type="button" onClick={() => setMost(most * 5)}>
            Show more
          </button>{" "}
          <span class="hint">
            {count(most)} of {count(all.length)} are listed.
          </span>
        </p>
      )}
    </section>
  );
}

function One({ reply, issue }: { reply: Reply; issue: Issue }) {
  const { code, message, page, pointer, line, column, offset } = issue;
  const [excerpt, setExcerpt] = useState<Excerpt | null>(null);
  useEffect(() => {
    let current = true;
    if (offset !== null && line !== null && column !== null && reply.origin.from !== "source") {
      ask("excerpt", { reply: reply.id, page, place: { offset, line, column } })
        .catch(() => null)
        .then((found) => {
          if (current) {
            setExcerpt(found);
          }
        });
    }
    return () => {
      current = false;
    };
  }, [reply.id, page, offset]);
  return (
    <li class="finding bad">
      <p class="verdict">
        <code>{code}</code> {sentence(message)}
      </p>
      <p class="place">
        <span>{reply.bodies[page]?.name ?? reply.name}</span>
        {line === null ? null : (
          <span class="hint">
            {" "}
            line {count(line)}, column {count(column ?? 1)}, byte {count(offset ?? 0)}
          </span>
        )}
        {pointer === null || pointer === "" ? null : (
          <>
            {" "}
            <code>{pointer}</code>
          </>
        )}
      </p>
      {excerpt === null ? null : <ExcerptView excerpt={excerpt} kind="fault" />}
      <p class="hint">{adviceFor(code)}</p>
    </li>
  );
}
