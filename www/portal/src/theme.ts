/** Light or dark: the system's, until a person chooses. */
import { effect, signal } from "@preact/signals";

export type Theme = "light" | "dark";

const KEY = "meterglot-theme";
const system = matchMedia("(prefers-color-scheme: dark)");

/** What is shown. */
export const theme = signal<Theme>(chosen() ?? preferred());

function preferred(): Theme {
  return system.matches ? "dark" : "light";
}

function chosen(): Theme | null {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === "light" || kept === "dark" ? kept : null;
  } catch {
    // Where nothing may be kept, the choice lasts as long as the page.
    return null;
  }
}

export function toggleTheme(): void {
  theme.value = theme.value === "dark" ? "light" : "dark";
  try {
    localStorage.setItem(KEY, theme.value);
  } catch {}
}

system.addEventListener("change", () => {
  if (chosen() === null) {
    theme.value = preferred();
  }
});

effect(() => {
  document.documentElement.dataset.theme = theme.value;
});
