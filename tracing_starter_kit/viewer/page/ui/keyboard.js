// Keys. A view declares its keys with useKeys; the newest mounted map wins. A key does
// nothing while somebody types, holds a modifier, or a dialog is open.

import { useLayoutEffect, useRef } from "../preact.js";

/** @typedef {Record<string, (event: KeyboardEvent) => void>} KeyMap  by KeyboardEvent.key */

/** @type {{current: KeyMap}[]} */
const maps = [];

/** @param {KeyMap} keys */
export function useKeys(keys) {
  const latest = useRef(keys);
  latest.current = keys;
  // Before the paint: a key pressed right after it must already work.
  useLayoutEffect(() => {
    maps.push(latest);
    return () => {
      maps.splice(maps.indexOf(latest), 1);
    };
  }, []);
}

const FIELDS = "input:not([type=checkbox]), textarea, select, [contenteditable]";

document.addEventListener("keydown", (event) => {
  const { key } = event;
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (document.querySelector("dialog[open]")) return;
  if (target.closest?.(FIELDS)) {
    if (key === "Escape") target.blur();
    return;
  }
  // Enter and the space bar belong to the button or link that has the focus.
  if ((key === "Enter" || key === " ") && target.closest?.("button, a, summary")) return;
  const map = maps.findLast((map) => key in map.current);
  if (!map) return;
  event.preventDefault();
  map.current[key](event);
});
