// The bar at the top of every page: home on the left, theme and help on the right, the
// view's own part between them.

import { html } from "../preact.js";
import { helpIsOpen } from "./help.js";
import { icon } from "./icons.js";
import { ThemeToggle } from "./theme.js";

/** @import { ComponentChildren } from "../preact.js" */

/** @param {{children?: ComponentChildren}} props */
export const Top = ({ children }) => html`<header class="top">
  <a class="home" href="/" title="All traces (g)">
    <img src="/static/favicon.svg" alt="" width="22" height="22" />Traces
  </a>
  ${children}
  <nav aria-label="Page">
    <${ThemeToggle} />
    <button class="quiet icon" onClick=${() => (helpIsOpen.value = true)}
      title="Keyboard (?)" aria-label="Keyboard help">${icon("help")}</button>
  </nav>
</header>`;
