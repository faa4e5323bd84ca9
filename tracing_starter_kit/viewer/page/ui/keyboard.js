// Keys. A page says which keys it takes with useKeys; the newest mounted map wins.
// Nothing is taken while somebody types, holds a modifier, or a dialog is open.

import { html, signal, useEffect, useLayoutEffect, useRef } from "../preact.js";

/** @type {{current: Record<string, (event: KeyboardEvent) => void>}[]} */
const maps = [];

/** @param {Record<string, (event: KeyboardEvent) => void>} keys  by KeyboardEvent.key */
export function useKeys(keys) {
  const latest = useRef(keys);
  latest.current = keys;
  // Before the page is painted: who sees it may press a key at once.
  useLayoutEffect(() => {
    maps.push(latest);
    return () => maps.splice(maps.indexOf(latest), 1);
  }, []);
}

/** Is somebody typing? Then a letter is a letter. */
const typing = (target) =>
  target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (document.querySelector("dialog[open]")) return;
  if (typing(target)) {
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

/** Whether the help is open. */
export const helpOpen = signal(false);

const HELP = [
  ["Everywhere", [
    [["/"], "search"],
    [["?"], "this help"],
    [["g"], "the list of traces"],
    [["Esc"], "leave a field, close, go back"],
  ]],
  ["In the list", [
    [["j", "↓"], "next trace"],
    [["k", "↑"], "previous trace"],
    [["Enter"], "open the trace"],
  ]],
  ["In a trace", [
    [["j", "↓"], "next span"],
    [["k", "↑"], "previous span"],
    [["h", "←"], "collapse, or go to the parent"],
    [["l", "→"], "expand, or go to the first child"],
    [["n", "N"], "next, previous match"],
    [["e", "E"], "next, previous error"],
    [["0"], "show the whole time again"],
  ]],
];

const Keys = ({ keys }) => keys.map((key) => html`<kbd>${key}</kbd> `);

/** The overlay that lists every key. A <dialog> keeps the focus and closes on Esc. */
export function Help() {
  const dialog = useRef(null);
  useEffect(() => {
    if (helpOpen.value) dialog.current.showModal();
    else dialog.current.close();
  }, [helpOpen.value]);
  const close = () => (helpOpen.value = false);
  const onClick = (event) => event.target === dialog.current && close();
  return html`<dialog class="help" ref=${dialog} onClose=${close} onClick=${onClick} aria-labelledby="help-title">
    <header>
      <h2 id="help-title">Keyboard</h2>
      <button class="quiet" onClick=${close}>Close</button>
    </header>
    <div class="help-columns">
      ${HELP.map(([title, keys]) => html`<section>
        <h3>${title}</h3>
        <dl>
          ${keys.map(([names, does]) => html`<div>
            <dt><${Keys} keys=${names} /></dt>
            <dd>${does}</dd>
          </div>`)}
        </dl>
      </section>`)}
    </div>
  </dialog>`;
}
