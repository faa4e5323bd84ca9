// Light, dark, or the system's choice. The colours are `light-dark()` pairs in
// css/base.css; only the root's data-theme changes here.

import { html, signal } from "../preact.js";
import { recall, remember } from "../memory.js";
import { icon } from "./icons.js";

/** @typedef {"system" | "light" | "dark"} Theme */

/** @type {Record<Theme, Theme>} */
const NEXT = { system: "light", light: "dark", dark: "system" };
const theme = signal(/** @type {Theme} */ (recall("theme") ?? "system"));

function turn() {
  theme.value = NEXT[theme.value];
  const chosen = theme.value === "system" ? null : theme.value;
  remember("theme", chosen);
  if (chosen) document.documentElement.dataset.theme = chosen;
  else delete document.documentElement.dataset.theme;
}

export function ThemeToggle() {
  const label = `Colours: ${theme.value}. Change to ${NEXT[theme.value]}`;
  return html`<button class="quiet icon" onClick=${turn} title=${label} aria-label=${label}>
    ${icon(theme.value)}
  </button>`;
}
