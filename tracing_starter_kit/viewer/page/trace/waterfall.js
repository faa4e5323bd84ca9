// The waterfall: a tree of spans beside their time. Only the rows in sight are in the
// document, so 10,000 spans open and scroll like ten. The keyboard focus stays on the
// grid as a whole and `aria-activedescendant` names the selected row, because a row
// that scrolls out of sight does not exist any more.

import { html, useEffect, useLayoutEffect, useRef, useState } from "../preact.js";
import { Ruler } from "./ruler.js";
import { SpanRow, rowId } from "./span_row.js";

/** The height of a row in CSS pixels; css/waterfall.css has the same numbers. */
const ROW_HEIGHT = 28;
/** The ruler, which stays at the top and covers what is under it. */
const RULER_HEIGHT = 27;
const OVERSCAN = 8;

/** @param {{view: import("./trace_state.js").TraceView}} props */
export function Waterfall({ view }) {
  const box = useRef(null);
  const { first, last, slots } = useWindow(box, view);
  useAnchor(box, view);
  useSelectedInSight(box, view);
  useFirstPaintMark();
  const rows = view.rows.value;
  const { spans, at, found } = view;
  const inSight = rows.slice(first, last);
  const active = inSight.includes(at.value) ? rowId(spans.value[at.value]) : null;
  return html`<section class="waterfall" aria-label="Waterfall">
    <div class="grid" ref=${box} role="treegrid" tabindex="0" aria-label="Spans"
      aria-rowcount=${rows.length} aria-activedescendant=${active}>
      <${Ruler} view=${view} />
      <div class="grid-space" role="presentation" style=${{ height: `${rows.length * ROW_HEIGHT}px` }}>
        ${inSight.map((number, i) => html`<${SpanRow} key=${(first + i) % slots} view=${view}
          span=${spans.value[number]} number=${number} row=${first + i} top=${(first + i) * ROW_HEIGHT}
          selected=${number === at.value} found=${found.value.has(number)} />`)}
      </div>
    </div>
  </section>`;
}

/** Which rows are in sight; changes only when a row enters or leaves. */
function useWindow(box, view) {
  const [range, setRange] = useState({ top: 0, rows: 40 });
  useEffect(() => {
    const grid = box.current;
    const update = () => {
      const top = Math.floor(grid.scrollTop / ROW_HEIGHT);
      const rows = Math.ceil(grid.clientHeight / ROW_HEIGHT) + 1;
      setRange((old) => (old.top === top && old.rows === rows ? old : { top, rows }));
    };
    const observer = new ResizeObserver(update);
    observer.observe(grid);
    grid.addEventListener("scroll", update, { passive: true });
    return () => observer.disconnect();
  }, []);
  const most = view.rows.value.length;
  const top = Math.min(range.top, Math.max(0, most - range.rows));
  return {
    first: Math.max(0, top - OVERSCAN),
    last: Math.min(most, top + range.rows + OVERSCAN),
    // A row that leaves gives its elements to the one that enters: cheaper than new ones.
    slots: range.rows + 2 * OVERSCAN,
  };
}

/** When spans arrive above, the row at the top of the window stays where it is. */
function useAnchor(box, view) {
  const anchor = useRef(null);
  useLayoutEffect(() => {
    const row = view.rows.value.indexOf(view.index.value.byId.get(anchor.current?.id));
    if (row >= 0 && anchor.current.off + row > 0) {
      box.current.scrollTop = row * ROW_HEIGHT + anchor.current.off;
    }
  }, [view.trace.value]);
  useEffect(() => {
    const grid = box.current;
    const note = () => {
      const row = Math.floor(grid.scrollTop / ROW_HEIGHT);
      const span = view.spans.value[view.rows.value[row]];
      anchor.current = row > 0 && span ? { id: span.id, off: grid.scrollTop % ROW_HEIGHT } : null;
    };
    grid.addEventListener("scroll", note, { passive: true });
  }, []);
}

/** A newly selected span is scrolled into sight, with some rows of context. */
function useSelectedInSight(box, view) {
  useLayoutEffect(() => {
    const grid = box.current;
    const top = view.rows.value.indexOf(view.at.value) * ROW_HEIGHT;
    const margin = Math.min(3 * ROW_HEIGHT, grid.clientHeight / 3);
    const rows = (pixels) => Math.ceil(pixels / ROW_HEIGHT) * ROW_HEIGHT;
    const lowest = rows(top - margin);
    const highest = rows(top + RULER_HEIGHT + ROW_HEIGHT + margin - grid.clientHeight);
    if (grid.scrollTop > lowest) grid.scrollTop = Math.max(0, lowest);
    else if (grid.scrollTop < highest) grid.scrollTop = highest;
  }, [view.selected.value]);
}

/** The moment the rows are painted, for the browser's profiler and for the tests. */
function useFirstPaintMark() {
  useEffect(() => {
    requestAnimationFrame(() => setTimeout(() => performance.mark("waterfall-painted")));
  }, []);
}
