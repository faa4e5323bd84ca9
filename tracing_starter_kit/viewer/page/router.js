// The address alone decides which page is shown, so every view can be shared and the
// back button works: `/?errors=1` is the list, `/trace/{id}?span=…` one trace.

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

/**
 * Goes to an address of this page, as a new step of the history or in its place.
 * @param {string} href
 */
export function go(href, { replace = false } = {}) {
  history[replace ? "replaceState" : "pushState"](null, "", href);
  route.value = readAddress();
}

/** Corrects the address for the view on screen: no step of the history. @param {string} href */
export const rewrite = (href) => history.replaceState(null, "", href);

/** The list's address for a query. @param {URLSearchParams} query */
export const listHref = (query) => (query.size ? `/?${query}` : "/");

/** The list of all traces with this attribute. @param {string} key @param {string} value */
export const attributeHref = (key, value) =>
  listHref(new URLSearchParams({ attribute: `${key}=${value}` }));

/** @param {string} traceId @param {string | null} [spanId] */
export const traceHref = (traceId, spanId) =>
  `/trace/${traceId}${spanId ? `?span=${spanId}` : ""}`;

addEventListener("popstate", () => (route.value = readAddress()));

// Links are real links: a middle click or Ctrl opens a tab as everywhere else.
document.addEventListener("click", (event) => {
  const link = /** @type {Element} */ (event.target).closest?.("a[href^='/']");
  const isPlain = !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  if (!link || !isPlain || event.button !== 0 || event.defaultPrevented) return;
  event.preventDefault();
  go(link.getAttribute("href") ?? "/");
});
