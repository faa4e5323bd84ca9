// The overlay that lists every key.

import { html, signal, useEffect, useRef } from "../preact.js";

export const helpIsOpen = signal(false);

/** @type {[title: string, keys: [names: string[], effect: string][]][]} */
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

/** A <dialog> keeps the focus inside and closes on Esc. */
export function Help() {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    if (helpIsOpen.value) dialog.current?.showModal();
    else dialog.current?.close();
  }, [helpIsOpen.value]);
  const close = () => (helpIsOpen.value = false);
  /** @param {MouseEvent} event */
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
          ${keys.map(([names, effect]) => html`<div>
            <dt>${names.map((name) => html`<kbd>${name}</kbd> `)}</dt>
            <dd>${effect}</dd>
          </div>`)}
        </dl>
      </section>`)}
    </div>
  </dialog>`;
}
