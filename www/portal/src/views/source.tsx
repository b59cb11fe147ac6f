/** Usage from a source of the edge worker. This is the only part of the page that asks anything of the network. */
import { signal } from "@preact/signals";
import { ask } from "../engine/client.js";
import type { Source } from "../engine/protocol.js";
import { type Refused, refusedBy } from "../engine/refused.js";
import { adviceFor, PROVIDERS, sentence } from "../format/words.js";
import { bringFrom } from "../state.js";
import { typedInto } from "./form.js";

/** Without a slash at its end. The page's own origin where the page was built for no other. */
export const edge = (__EDGE__ === "" ? new URL(".", location.href).href : __EDGE__).replace(/\/$/, "");

// Kept in memory only: gone when the page is.
const token = signal("");
const sources = signal<Source[] | null>(null);
const busy = signal(false);
const refused = signal<Refused | null>(null);

async function list(): Promise<void> {
  busy.value = true;
  refused.value = null;
  try {
    sources.value = await ask("sources", { edge, token: token.value });
  } catch (error) {
    refused.value = refusedBy(error);
  }
  busy.value = false;
}

/** The query of /v1/usage, from the form's fields of the same names. */
const QUERY = ["from", "to", "resolution", "account", "bucket", "user", "level", "invoice"];

export function FromSource({ onDone }: { onDone: () => void }) {
  return (
    <div id="bring-source" class="panel">
      <p class="hint">
        Asks the edge worker at <strong>{new URL(edge).host}</strong>. It reads the provider with its own credentials; your token goes to it alone and is kept
        in memory only.
      </p>
      <form
        class="fields"
        onSubmit={(event) => {
          event.preventDefault();
          void list();
        }}
      >
        <label class="wide">
          <span>Token</span>
          <input type="password" autocomplete="off" required value={token} onInput={({ currentTarget }) => (token.value = currentTarget.value.trim())} />
        </label>
        <button type="submit" class={sources.value === null ? "primary" : ""} disabled={busy.value}>
          {sources.value === null ? "List its sources" : "List again"}
        </button>
      </form>
      {refused.value === null ? null : (
        <p class="refusal" role="alert">
          {sentence(refused.value.message)} {adviceFor(refused.value.code)}
        </p>
      )}
      {sources.value === null ? null : sources.value.length === 0 ? (
        <p class="hint">This token may read no source. Ask the edge worker’s operator for one that may.</p>
      ) : (
        <Query sources={sources.value} onDone={onDone} />
      )}
    </div>
  );
}

function Query({ sources, onDone }: { sources: Source[]; onDone: () => void }) {
  return (
    <form
      class="fields"
      onSubmit={(event) => {
        event.preventDefault();
        const text = typedInto(event.currentTarget);
        void bringFrom(edge, token.value, text("source"), Object.fromEntries(QUERY.map((name) => [name, text(name)])));
        onDone();
      }}
    >
      <label class="wide">
        <span>Source</span>
        <select name="source">
          {sources.map(({ name, provider }) => (
            <option value={name}>
              {name} · {PROVIDERS[provider]}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>From</span>
        <input type="date" name="from" />
      </label>
      <label>
        <span>To, exclusive</span>
        <input type="date" name="to" />
      </label>
      <details class="wide">
        <summary>More, where the provider has it</summary>
        <div class="fields">
          <label>
            <span>Resolution</span>
            <select name="resolution">
              <option value="">its own</option>
              {["hour", "day", "week", "month", "total"].map((name) => (
                <option>{name}</option>
              ))}
            </select>
          </label>
          <label>
            <span>Account</span>
            <input name="account" />
          </label>
          <label>
            <span>Bucket (Wasabi)</span>
            <input name="bucket" />
          </label>
          <label>
            <span>User (OnApp)</span>
            <input name="user" />
          </label>
          <label>
            <span>Level (Wasabi)</span>
            <select name="level">
              <option value="">its own</option>
              <option>bucket</option>
              <option>account</option>
            </select>
          </label>
          <label>
            <span>Invoice (Wasabi)</span>
            <input name="invoice" inputMode="numeric" />
          </label>
        </div>
      </details>
      <button type="submit" class="primary">
        Fetch
      </button>
    </form>
  );
}
