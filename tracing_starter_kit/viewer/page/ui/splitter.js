// A bar between two panes: dragged, or moved with the arrow keys. It sets one CSS
// variable, in per cent, on the element around both, and the browser remembers it.

import { html, useEffect, useState } from "../preact.js";
import { recall, remember } from "../memory.js";

const MIN_PERCENT = 20;
const MAX_PERCENT = 80;
/** @type {Record<string, number>} */
const STEPS = { ArrowLeft: -2, ArrowRight: 2 };

/**
 * @param {object} props
 * @param {string} props.name  of the CSS variable, without its dashes
 * @param {string} props.of  id of the element around both panes
 * @param {string} props.label
 * @param {number} [props.start]  per cent
 */
export function Splitter({ name, of, label, start = 57 }) {
  const [percent, setPercent] = useState(Number(recall(`split-${name}`)) || start);
  const container = () => /** @type {HTMLElement} */ (document.getElementById(of));
  useEffect(() => {
    container().style.setProperty(`--${name}`, `${percent}%`);
  }, [percent]);
  /** @param {number} value */
  const set = (value) => {
    const next = Math.min(MAX_PERCENT, Math.max(MIN_PERCENT, value));
    setPercent(next);
    remember(`split-${name}`, String(Math.round(next)));
  };
  /** @param {PointerEvent & {currentTarget: HTMLElement}} event */
  const onPointerMove = (event) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const box = container().getBoundingClientRect();
    set((100 * (event.clientX - box.left)) / box.width);
  };
  /** @param {KeyboardEvent} event */
  const onKeyDown = (event) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    set(percent + step);
  };
  /** @param {PointerEvent & {currentTarget: HTMLElement}} event */
  const onPointerDown = (event) => event.currentTarget.setPointerCapture(event.pointerId);
  return html`<div class="splitter" role="separator" tabindex="0" aria-orientation="vertical"
    aria-label=${label} aria-valuenow=${Math.round(percent)} aria-valuemin=${MIN_PERCENT} aria-valuemax=${MAX_PERCENT}
    onPointerDown=${onPointerDown} onPointerMove=${onPointerMove}
    onKeyDown=${onKeyDown} onDblClick=${() => set(start)}></div>`;
}
