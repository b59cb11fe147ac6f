import { useEffect, useState } from "preact/hooks";
import { bringDropped, bringText } from "../bring.js";
import { adviceFor, sentence } from "../format/words.js";
import { announcement, figures, readAllAgain, replies } from "../state.js";
import { Breakdown } from "./breakdown.js";
import { Bring } from "./bring.js";
import { Checks } from "./checks.js";
import { Header } from "./header.js";
import { Issues } from "./issues.js";
import { OverTime } from "./over-time.js";
import { RecordDialog } from "./record.js";
import { Records } from "./records.js";
import { Replies } from "./replies.js";
import { Export } from "./export.js";
import { Formats } from "./formats.js";
import { Totals } from "./totals.js";
import { TwiceNotices } from "./twice.js";

export function App() {
  const over = useDropAnywhere();
  const empty = replies.value.length === 0;
  return (
    <>
      <a class="skip" href="#shown">
        Skip to the figures
      </a>
      <Header />
      <main class={empty ? "page empty" : "page"} data-dropping={over ? "" : undefined}>
        <section class="brought" aria-labelledby="brought-title">
          {empty ? (
            <Welcome />
          ) : (
            <>
              <h1 class="for-readers">What was used, and what it cost</h1>
              <h2 id="brought-title">Replies</h2>
            </>
          )}
          <Bring />
          <Formats />
          <Replies />
        </section>
        {empty ? null : (
          <div id="shown" class="shown" tabIndex={-1} aria-busy={figures.value.busy}>
            <Shown />
          </div>
        )}
      </main>
      <footer>
        <p>
          Nothing you bring leaves this machine: replies are read here, in your browser. Only if you fetch from a source is an edge worker asked, and then with
          what you typed.
        </p>
      </footer>
      <RecordDialog />
      <p class="for-readers" role="status" aria-live="polite">
        {announcement}
      </p>
    </>
  );
}

function Welcome() {
  return (
    <header class="welcome">
      <h1 id="brought-title">What was used, and what did it cost?</h1>
      <p>
        Bring usage replies of Barracuda, deviceWISE, CloudSigma, Wasabi or OnApp, one or many, in any mix. They become one exact table, and every number leads
        back to the place it came from. For replies of another provider, bring a descriptor of their format, too.
      </p>
    </header>
  );
}

function Shown() {
  const { answer, refused } = figures.value;
  if (refused !== null) {
    return (
      <>
        <p class="refusal" role="alert">
          {sentence(refused.message)} {adviceFor(refused.code)}
        </p>
        <p>
          <button type="button" onClick={readAllAgain}>
            Read everything again
          </button>
        </p>
      </>
    );
  }
  if (answer === null) {
    return <Waiting />;
  }
  return (
    <>
      <TwiceNotices />
      {answer.measures.length === 0 ? (
        answer.twice.length > 0 ? (
          <Records />
        ) : (
          <p class="hint">These replies have no usage. What was found is listed below.</p>
        )
      ) : (
        <>
          <Totals />
          <OverTime />
          <Breakdown />
          <Records />
        </>
      )}
      <Checks />
      <Issues />
      {answer.measures.length === 0 ? null : <Export />}
    </>
  );
}

/** Why there are no figures. */
function Waiting() {
  const all = replies.value;
  if (all.some(({ state }) => state.is === "reading")) {
    return <p class="hint">Reading. The figures follow as soon as a reply has been read.</p>;
  }
  const reason = all.some(({ state }) => state.is === "read")
    ? "No reply is counted. Tick one on the list to see its figures."
    : "Nothing could be read. The reason is shown with each reply; correct it under Settings, or add another reply.";
  return <p class="hint">{reason}</p>;
}

const isField = (target: EventTarget | null) => target instanceof HTMLElement && target.closest("input, textarea, select") !== null;

/** Text goes where it is dropped; a file never goes into a field. */
const isForField = ({ target, dataTransfer }: DragEvent) => isField(target) && dataTransfer?.types.includes("Files") !== true;

/** Files may be dropped, and text pasted, anywhere on the page. */
function useDropAnywhere(): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const drag = (event: DragEvent) => {
      if (isForField(event)) {
        return;
      }
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) {
        setOver(false);
      }
    };
    const drop = (event: DragEvent) => {
      setOver(false);
      if (isForField(event)) {
        return;
      }
      event.preventDefault();
      if (event.dataTransfer !== null) {
        bringDropped(event.dataTransfer);
      }
    };
    const paste = (event: ClipboardEvent) => {
      if (!isField(event.target) && event.clipboardData !== null) {
        event.preventDefault();
        if (event.clipboardData.files.length > 0) {
          bringDropped(event.clipboardData);
        } else {
          bringText(event.clipboardData.getData("text/plain"));
        }
      }
    };
    document.addEventListener("dragover", drag);
    document.addEventListener("dragleave", leave);
    document.addEventListener("drop", drop);
    document.addEventListener("paste", paste);
    return () => {
      document.removeEventListener("dragover", drag);
      document.removeEventListener("dragleave", leave);
      document.removeEventListener("drop", drop);
      document.removeEventListener("paste", paste);
    };
  }, []);
  return over;
}
