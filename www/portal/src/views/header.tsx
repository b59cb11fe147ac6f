import { count } from "../format/number.js";
import { figures, replies } from "../state.js";
import { theme, toggleTheme } from "../theme.js";

export function Header() {
  const other = theme.value === "dark" ? "light" : "dark";
  return (
    <header class="top">
      <a class="brand" href="./">
        Meterglot
      </a>
      {figures.value.answer === null ? null : <Sections />}
      <button type="button" class="plain" onClick={toggleTheme}>
        {other === "dark" ? "Dark" : "Light"}
        <span class="for-readers"> theme</span>
      </button>
    </header>
  );
}

function Sections() {
  const read = replies.value.flatMap(({ state }) => (state.is === "read" ? [state.read] : []));
  const issues = read.reduce((sum, { issues }) => sum + issues.length, 0);
  const failing = read.flatMap(({ checks }) => checks).filter(({ ok }) => !ok).length;
  const hasFigures = (figures.value.answer?.measures.length ?? 0) > 0;
  return (
    <nav aria-label="Sections">
      {hasFigures ? (
        <>
          <a href="#totals">Totals</a>
          <a href="#over-time">Over time</a>
          <a href="#breakdown">Breakdown</a>
          <a href="#records">Records</a>
        </>
      ) : null}
      <a href="#checks">
        Checks
        {failing === 0 ? null : (
          <span class="badge bad">
            {" "}
            {count(failing)}
            <span class="for-readers"> that failed</span>
          </span>
        )}
      </a>
      <a href="#issues">Issues{issues === 0 ? null : <span class="badge bad"> {count(issues)}</span>}</a>
      {hasFigures ? <a href="#export">Export</a> : null}
    </nav>
  );
}
