// The time axis above the waterfall. Dragging over it zooms into that time; a double
// click, Escape or 0 shows the whole again.

import { html, useRef, useState } from "../preact.js";
import { duration } from "../format.js";

/** Where the axis is labelled; the last label stands left of the end. */
const STEPS = [0, 0.25, 0.5, 1];
/** A drag shorter than this, in parts of the width, was a click. */
const SHORTEST = 0.01;

/** @param {{view: import("./trace_state.js").TraceView}} props */
export function Ruler({ view }) {
  const axis = useRef(null);
  const [drag, setDrag] = useState(null);
  const [from, to] = view.shown.value;
  const at = (event) => {
    const box = axis.current.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  };
  const onPointerUp = () => {
    if (drag && Math.abs(drag[1] - drag[0]) > SHORTEST) {
      const [a, b] = [...drag].sort((x, y) => x - y);
      view.zoom.value = [from + a * (to - from), from + b * (to - from)];
    }
    setDrag(null);
  };
  return html`<div class="ruler" role="presentation">
    <div class="ruler-name">Span
      ${view.zoom.value && html`<button class="quiet" onClick=${() => (view.zoom.value = null)}>Show all the time (0)</button>`}
    </div>
    <div class="ruler-axis" ref=${axis} title="Drag to zoom"
      onPointerDown=${(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag([at(event), at(event)]);
      }}
      onPointerMove=${(event) => drag && setDrag([drag[0], at(event)])}
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
