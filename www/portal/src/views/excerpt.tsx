import type { Excerpt } from "../engine/protocol.js";

/** Text of a body, with what is meant marked in it. */
export function ExcerptView({ excerpt: { before, value, after, cutBefore, cutAfter, line }, kind }: { excerpt: Excerpt; kind: "value" | "fault" }) {
  const firstLine = line - (before.split("\n").length - 1);
  return (
    <pre class="excerpt" role="region" tabIndex={0} aria-label={`Text from line ${firstLine}`}>
      {cutBefore ? <span class="cut">… </span> : null}
      {before}
      {value === "" || value === "\n" ? <mark class={kind}>{"\u23CE"}</mark> : <mark class={kind}>{value}</mark>}
      {value === "\n" ? "\n" : null}
      {after}
      {cutAfter ? <span class="cut"> …</span> : null}
    </pre>
  );
}
