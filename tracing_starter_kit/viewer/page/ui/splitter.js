// A bar between two panes: dragged, or moved with the arrow keys. It sets one CSS
// variable, in per cent, on the element around both, and the browser remembers it.

import { html, useEffect, useState } from "../preact.js";
import { recall, remember } from "../memory.js";

const LEAST = 20;
const MOST = 80;

/** @param {{name: string, of: string, label: string, start?: number}} props */
export function Splitter({ name, of, label, start = 57 }) {
  const [percent, setPercent] = useState(Number(recall(`split-${name}`)) || start);
  useEffect(() => {
    document.getElementById(of).style.setProperty(`--${name}`, `${percent}%`);
  }, [percent]);
  const set = (value) => {
    const next = Math.min(MOST, Math.max(LEAST, value));
    setPercent(next);
    remember(`split-${name}`, String(Math.round(next)));
  };
  const onPointerMove = (event) => {
    if (!event.target.hasPointerCapture(event.pointerId)) return;
    const box = document.getElementById(of).getBoundingClientRect();
    set((100 * (event.clientX - box.left)) / box.width);
  };
  const onKeyDown = (event) => {
    const step = { ArrowLeft: -2, ArrowRight: 2 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    set(percent + step);
  };
  return html`<div class="splitter" role="separator" tabindex="0" aria-orientation="vertical"
    aria-label=${label} aria-valuenow=${Math.round(percent)} aria-valuemin=${LEAST} aria-valuemax=${MOST}
    onPointerDown=${(event) => event.target.setPointerCapture(event.pointerId)}
    onPointerMove=${onPointerMove} onKeyDown=${onKeyDown} onDblClick=${() => set(start)}></div>`;
}
