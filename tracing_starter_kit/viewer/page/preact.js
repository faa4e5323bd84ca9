// The one place that names the vendored libraries and their versions.
// Everything else says: import { html, signal } from "./preact.js";

import htm from "./vendor/htm@3.1.1/htm.mjs";
import { h } from "./vendor/preact@11.2.0/preact.mjs";

export { Fragment, render } from "./vendor/preact@11.2.0/preact.mjs";
export {
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "./vendor/preact@11.2.0/hooks.mjs";
export {
  batch,
  computed,
  effect,
  signal,
  untracked,
} from "./vendor/@preact/signals@2.11.4/signals.mjs";

/** JSX without a build step: html`<p class="hint">${text}</p>`. Values become text. */
export const html = htm.bind(h);
