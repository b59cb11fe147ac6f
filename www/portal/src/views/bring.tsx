import { signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { bringFiles, bringOneOfEach, bringSamples, bringText } from "../bring.js";
import { PROVIDERS } from "../format/words.js";
import { ONE_OF_EACH, SAMPLES } from "../samples/index.js";
import { replies } from "../state.js";
import { FromSource } from "./source.js";

type Way = "paste" | "samples" | "source";

const open = signal<Way | null>(null);

export function Bring() {
  const files = useRef<HTMLInputElement>(null);
  const shown = open.value ?? (replies.value.length === 0 ? "samples" : null);
  const way = (name: Way, label: string) => (
    <button
      type="button"
      aria-expanded={shown === name}
      aria-controls={`bring-${name}`}
      onClick={() => (open.value = shown === name && open.value !== null ? null : name)}
    >
      {label}
    </button>
  );
  return (
    <div class="bring">
      <div class="drop">
        <p>Drop files anywhere, or paste. They are read here, in your browser: nothing leaves this machine.</p>
        <div class="ways">
          <button type="button" class="primary" onClick={() => files.current?.click()}>
            Choose files…
          </button>
          {way("paste", "Paste text")}
          {way("samples", "Samples")}
          {way("source", "From a source")}
        </div>
        <input
          ref={files}
          type="file"
          multiple
          hidden
          aria-label="Files with usage replies"
          onChange={({ currentTarget }) => {
            bringFiles(currentTarget.files ?? []);
            currentTarget.value = "";
          }}
        />
      </div>
      {shown === "paste" ? <Paste /> : null}
      {shown === "samples" ? <Samples /> : null}
      {shown === "source" ? <FromSource onDone={() => (open.value = null)} /> : null}
    </div>
  );
}

function Paste() {
  const text = useRef<HTMLTextAreaElement>(null);
  return (
    <form
      id="bring-paste"
      class="panel"
      onSubmit={(event) => {
        event.preventDefault();
        bringText(text.current?.value ?? "");
        open.value = null;
      }}
    >
      <label>
        <span>One reply, JSON or XML, or a descriptor of a format</span>
        <textarea ref={text} rows={6} spellcheck={false} required />
      </label>
      <button type="submit" class="primary">
        Read it
      </button>
    </form>
  );
}

function Samples() {
  const here = new Set(replies.value.flatMap(({ origin }) => (origin.from === "sample" ? [origin.sample] : [])));
  const choose = (ids: string[]) => {
    bringSamples(ids);
    open.value = null;
  };
  return (
    <div id="bring-samples" class="panel">
      <p class="hint">Replies as the providers’ own pages print them.</p>
      <div class="ways">
        <button
          type="button"
          disabled={ONE_OF_EACH.every((id) => here.has(id))}
          onClick={() => {
            bringOneOfEach();
            open.value = null;
          }}
        >
          One of each provider
        </button>
        <button type="button" disabled={here.has("made-year")} onClick={() => choose(["made-year"])}>
          A year, made up
        </button>
      </div>
      <ul class="samples">
        {SAMPLES.map(({ id, provider, title, odd }) => (
          <li>
            <button type="button" class="row" disabled={here.has(id)} data-sample={id} onClick={() => choose([id])}>
              <span class="who">{PROVIDERS[provider]}</span>
              <span>
                {title}
                {odd === undefined ? null : <span class="odd"> · {odd}</span>}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
