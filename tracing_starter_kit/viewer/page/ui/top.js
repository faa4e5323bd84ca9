// The bar at the top of every page: home on the left, theme and help on the right, and
// between them what the page has to say.

import { html } from "../preact.js";
import { icon } from "./icons.js";
import { helpOpen } from "./keyboard.js";
import { ThemeToggle } from "./theme.js";

export const Top = ({ children }) => html`<header class="top">
  <a class="home" href="/" title="All traces (g)">
    <img src="/static/favicon.svg" alt="" width="22" height="22" />Traces
  </a>
  ${children}
  <nav aria-label="Page">
    <${ThemeToggle} />
    <button class="quiet icon" onClick=${() => (helpOpen.value = true)}
      title="Keyboard (?)" aria-label="Keyboard help">${icon("help")}</button>
  </nav>
</header>`;
