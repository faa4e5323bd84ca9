// Light, dark, or as the system says. The colours themselves are `light-dark()` pairs
// in css/base.css; all that changes here is the root's data-theme.

import { html, signal } from "../preact.js";
import { icon } from "./icons.js";
import { recall, remember } from "../memory.js";

const NEXT = { system: "light", light: "dark", dark: "system" };
const theme = signal(recall("theme") ?? "system");

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
