// The icons, drawn on a 16×16 grid with one stroke, in the colour of the text.

import { html } from "../preact.js";

const PATHS = {
  back: "M10 3 5 8l5 5",
  check: "m3 8.5 3.2 3.2L13 5",
  chevron: "m6 4 4 4-4 4",
  close: "m4 4 8 8m0-8-8 8",
  copy: "M5.5 5.5h7v8h-7zM10.5 5.5v-3h-7v8h2",
  dark: "M13 9.6A5.5 5.5 0 1 1 6.4 3 4.5 4.5 0 0 0 13 9.6Z",
  error: "M8 4.2v4.6m0 2.4v.6M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Z",
  filter: "M2.5 3.5h11L9.5 8.4v4.1l-3 1.5V8.4z",
  help: "M6 6.1a2 2 0 1 1 2.8 1.8c-.5.3-.8.7-.8 1.3m0 2v.5M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Z",
  light: "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1",
  link: "M6.5 9.5 9.5 6.5M7 4.5l1.7-1.7a2.9 2.9 0 0 1 4.1 4.1L11.1 8.6M9 11.5l-1.7 1.7a2.9 2.9 0 0 1-4.1-4.1L4.9 7.4",
  search: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.3 10.3 14 14",
  system: "M2 3h12v8H2zM6 14h4M8 11v3",
  // How a span was made: by a library (a cog) or by a person (a pen).
  auto: "M8 5.7a2.3 2.3 0 1 0 0 4.6 2.3 2.3 0 0 0 0-4.6ZM8 1.8v2M8 12.2v2M1.8 8h2M12.2 8h2M3.6 3.6 5 5M11 11l1.4 1.4M3.6 12.4 5 11M11 5l1.4-1.4",
  hand: "m3 13 .6-2.8L11 2.8l2.2 2.2L5.8 12.4zM9.5 4.3l2.2 2.2",
};

/** @typedef {keyof typeof PATHS} IconName */

/** @param {IconName} name @param {string} [title]  for screen readers */
export const icon = (name, title) => html`<svg
  class="icon icon-${name}"
  viewBox="0 0 16 16"
  role=${title ? "img" : null}
  aria-label=${title}
  aria-hidden=${title ? null : "true"}
>
  ${title && html`<title>${title}</title>`}
  <path d=${PATHS[name]} />
</svg>`;
