// Which page is shown is said by the address alone, so that every view can be shared
// and the back button works: `/?errors=1` the list, `/trace/{id}?span=…` one trace.

import { signal } from "./preact.js";

/**
 * @typedef {object} Route
 * @property {"list" | "trace" | "unknown"} page
 * @property {string} traceId
 * @property {URLSearchParams} query
 */

/** @returns {Route} */
function readAddress() {
  const query = new URLSearchParams(location.search);
  const trace = location.pathname.match(/^\/trace\/([^/]+)\/?$/);
  if (trace) {
    return { page: "trace", traceId: decodeURIComponent(trace[1]).toLowerCase(), query };
  }
  return { page: location.pathname === "/" ? "list" : "unknown", traceId: "", query };
}

/** The page to show; follows the address. */
export const route = signal(readAddress());

/** Goes to an address of this page, as a new step of the history or in its place. */
export function go(href, { replace = false } = {}) {
  history[replace ? "replaceState" : "pushState"](null, "", href);
  route.value = readAddress();
}

/** Puts the address right for what is already shown: not a step, and no navigation. */
export const rewrite = (href) => history.replaceState(null, "", href);

/** @param {string} traceId @param {string} [spanId] */
export const traceHref = (traceId, spanId) =>
  `/trace/${traceId}${spanId ? `?span=${spanId}` : ""}`;

addEventListener("popstate", () => (route.value = readAddress()));

// Links are real links: a middle click or Ctrl opens a tab as everywhere else.
document.addEventListener("click", (event) => {
  const link = /** @type {Element} */ (event.target).closest?.("a[href^='/']");
  const plain = !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  if (!link || !plain || event.button !== 0 || event.defaultPrevented) return;
  event.preventDefault();
  go(link.getAttribute("href"));
});
