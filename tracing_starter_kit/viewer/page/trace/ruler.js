// The time axis above the waterfall. Dragging over it zooms into that time; a double
// click, Escape or 0 shows the whole again.

import { html, useState } from "../preact.js";
import { duration } from "../format.js";

/** @import { TraceView } from "./trace_state.js" */
/** @typedef {PointerEvent & {currentTarget: HTMLElement}} AxisEvent */

/** Where the axis has labels; the last label stands left of the end. */
const STEPS = [0, 0.25, 0.5, 1];
/** A shorter drag, as a share of the width, is a click. */
const MIN_DRAG = 0.01;

/** @param {{view: TraceView}} props */
export function Ruler({ view }) {
  const [drag, setDrag] = useState(/** @type {[number, number] | null} */ (null));
  const [from, to] = view.shown.value;
  /** @param {AxisEvent} event */
  const at = (event) => {
    const box = event.currentTarget.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  };
  /** @param {AxisEvent} event */
  const onPointerDown = (event) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    setDrag([at(event), at(event)]);
  };
  const onPointerUp = () => {
    if (drag && Math.abs(drag[1] - drag[0]) > MIN_DRAG) {
      const [a, b] = [...drag].sort((x, y) => x - y);
      view.zoom.value = [from + a * (to - from), from + b * (to - from)];
    }
    setDrag(null);
  };
  return html`<div class="ruler" role="presentation">
    <div class="ruler-name">Span
      ${view.zoom.value && html`<button class="quiet" onClick=${() => (view.zoom.value = null)}>Show all the time (0)</button>`}
    </div>
    <div class="ruler-axis" title="Drag to zoom"
      onPointerDown=${onPointerDown}
      onPointerMove=${(/** @type {AxisEvent} */ event) => drag && setDrag([drag[0], at(event)])}
      onPointerUp=${onPointerUp}
      onDblClick=${() => (view.zoom.value = null)}>
      ${STEPS.map((step) => html`<span class="tick-label" style=${{ left: `${step * 100}%` }}>${duration(from + step * (to - from))}</span>`)}
      ${drag && html`<i class="zooming" style=${{
        left: `${100 * Math.min(...drag)}%`,
        width: `${100 * Math.abs(drag[1] - drag[0])}%`,
      }}></i>`}
    </div>
  </div>`;
}
