import { useState } from "preact/hooks";
import type { Body, Settings } from "../engine/protocol.js";
import { REQUEST_TELLS } from "../format/words.js";
import { allProviders, providerName } from "../formats.js";
import type { Reply } from "../reply.js";
import { correct } from "../state.js";
import { typedInto } from "./form.js";

/** What a person may know about a reply that the reply does not say. Its fields are made when they are first looked at: there may be hundreds of replies. */
export function ReplySettings({ reply }: { reply: Reply }) {
  const [wanted, setWanted] = useState(false);
  return (
    <details class="settings">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a summary can be pressed; so says HTML. */}
      <summary onClick={() => setWanted(true)}>
        Settings<span class="for-readers"> of {reply.name}</span>
      </summary>
      {wanted ? <Fields reply={reply} /> : null}
    </details>
  );
}

function Fields({ reply }: { reply: Reply }) {
  const { settings, bodies, state } = reply;
  const provider = settings.provider !== "" ? settings.provider : state.is === "read" ? state.read.providers[0] : undefined;
  const tells = provider === undefined ? undefined : REQUEST_TELLS[provider];
  return (
    <form
      class="fields"
      onSubmit={(event) => {
        event.preventDefault();
        const text = typedInto(event.currentTarget);
        const corrected: Settings = {
          provider: text("provider") as Settings["provider"],
          account: text("account"),
          currency: text("currency").toUpperCase(),
          periodStart: timeOf(text("period-start")),
          periodEnd: timeOf(text("period-end")),
        };
        void correct(
          reply,
          corrected,
          bodies.map((body, page): Body => ({ ...body, request: text(`request-${page}`), requestBody: text(`request-body-${page}`) })),
        );
      }}
    >
      <label class="wide">
        <span>Provider</span>
        <select name="provider" value={settings.provider}>
          <option value="">{settings.provider === "" && provider !== undefined ? `as detected: ${providerName(provider)}` : "as detected"}</option>
          {allProviders().map((name) => (
            <option value={name}>{providerName(name)}</option>
          ))}
        </select>
      </label>
      {bodies.map((body, page) => (
        <>
          <label class="wide">
            <span>URL of the request{bodies.length > 1 ? `, ${body.name}` : ""}</span>
            <input name={`request-${page}`} type="url" value={body.request} placeholder={tells?.example ?? "https://…"} autocomplete="off" spellcheck={false} />
          </label>
          {tells?.body === true || body.requestBody !== "" ? (
            <label class="wide">
              <span>Body of the request</span>
              <textarea name={`request-body-${page}`} rows={3} spellcheck={false}>
                {body.requestBody}
              </textarea>
            </label>
          ) : null}
        </>
      ))}
      {tells === undefined ? null : (
        <p class="hint wide">
          <Told text={tells.tells} /> It is read, and never fetched.
        </p>
      )}
      <label>
        <span>Account</span>
        <input name="account" value={settings.account} autocomplete="off" />
      </label>
      <label>
        <span>Currency</span>
        <input name="currency" value={settings.currency} maxLength={3} pattern="[A-Za-z]{3}" title="three letters, such as EUR" autocomplete="off" />
      </label>
      <label>
        <span>Period from, UTC</span>
        <input name="period-start" type="datetime-local" value={localOf(settings.periodStart)} />
      </label>
      <label>
        <span>to, exclusive</span>
        <input name="period-end" type="datetime-local" value={localOf(settings.periodEnd)} />
      </label>
      <button type="submit" class="primary">
        Read again
      </button>
    </form>
  );
}

/** Words between backticks are of the provider's language. */
function Told({ text }: { text: string }) {
  return <>{text.split("`").map((part, at) => (at % 2 === 1 ? <code>{part}</code> : part))}</>;
}

/** A date and time field holds no zone; here it is UTC. */
const timeOf = (field: string) => (field === "" ? "" : `${field.length === 16 ? `${field}:00` : field}Z`);
const localOf = (timestamp: string) => timestamp.replace(/(:00)?Z$/, "");
