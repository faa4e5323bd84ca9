// The waterfall: a tree of spans beside their time. Only the rows in sight are in the
// document, so 10,000 spans open and scroll like ten. The keyboard focus stays on the
// grid as a whole and `aria-activedescendant` names the selected row, because a row
// that scrolls out of sight does not exist any more.

import { html, useEffect, useLayoutEffect, useRef, useState } from "../preact.js";
import { Ruler } from "./ruler.js";
import { SpanRow, rowId } from "./span_row.js";

/** @import { Trace } from "../types.js" */
/** @import { TraceView } from "./trace_state.js" */
/** @typedef {{current: HTMLElement | null}} Grid */

/** The height of a row in CSS pixels; css/waterfall.css has the same numbers. */
const ROW_HEIGHT = 28;
/** The ruler, which stays at the top and covers the rows under it. */
const RULER_HEIGHT = 27;
const OVERSCAN = 8;

/** @param {{view: TraceView, trace: Trace}} props */
export function Waterfall({ view, trace }) {
  const grid = useRef(/** @type {HTMLElement | null} */ (null));
  const { first, last, slots } = useWindow(grid, view);
  useAnchor(grid, view);
  useSelectedInSight(grid, view);
  useFirstPaintMark();
  const rows = view.rows.value;
  const { spans, at, matchSet } = view;
  const inSight = rows.slice(first, last);
  const active = inSight.includes(at.value) ? rowId(spans.value[at.value]) : null;
  return html`<section class="waterfall" aria-label="Waterfall">
    <div class="grid" ref=${grid} role="treegrid" tabindex="0" aria-label="Spans"
      aria-rowcount=${rows.length} aria-activedescendant=${active}>
      <${Ruler} view=${view} />
      <div class="grid-space" role="presentation" style=${{ height: `${rows.length * ROW_HEIGHT}px` }}>
        ${inSight.map((number, i) => html`<${SpanRow} key=${(first + i) % slots} view=${view}
          service=${trace.services[spans.value[number].service]}
          span=${spans.value[number]} number=${number} row=${first + i} top=${(first + i) * ROW_HEIGHT}
          isSelected=${number === at.value} isMatch=${matchSet.value.has(number)} />`)}
      </div>
    </div>
  </section>`;
}

/** The element behind a reference; effects run when it is there. @param {Grid} grid */
const element = (grid) => /** @type {HTMLElement} */ (grid.current);

/**
 * The rows in sight; changes only when a row enters or leaves.
 * @param {Grid} grid
 * @param {TraceView} view
 */
function useWindow(grid, view) {
  const [range, setRange] = useState({ top: 0, rows: 40 });
  useEffect(() => {
    const box = element(grid);
    const update = () => {
      const top = Math.floor(box.scrollTop / ROW_HEIGHT);
      const rows = Math.ceil(box.clientHeight / ROW_HEIGHT) + 1;
      setRange((old) => (old.top === top && old.rows === rows ? old : { top, rows }));
    };
    const observer = new ResizeObserver(update);
    observer.observe(box);
    box.addEventListener("scroll", update, { passive: true });
    return () => observer.disconnect();
  }, []);
  const rowCount = view.rows.value.length;
  const top = Math.min(range.top, Math.max(0, rowCount - range.rows));
  return {
    first: Math.max(0, top - OVERSCAN),
    last: Math.min(rowCount, top + range.rows + OVERSCAN),
    // A row that leaves gives its elements to the one that enters: cheaper than new ones.
    slots: range.rows + 2 * OVERSCAN,
  };
}

/**
 * When spans arrive above, the row at the top of the window stays there.
 * @param {Grid} grid
 * @param {TraceView} view
 */
function useAnchor(grid, view) {
  const anchor = useRef(/** @type {{id: string, offset: number} | null} */ (null));
  useLayoutEffect(() => {
    if (!anchor.current) return;
    const { id, offset } = anchor.current;
    const row = view.rows.value.indexOf(view.numberOf(id) ?? -1);
    if (row >= 0 && offset + row > 0) element(grid).scrollTop = row * ROW_HEIGHT + offset;
  }, [view.trace.value]);
  useEffect(() => {
    const box = element(grid);
    const update = () => {
      const row = Math.floor(box.scrollTop / ROW_HEIGHT);
      const span = view.spans.value[view.rows.value[row]];
      anchor.current = row > 0 && span ? { id: span.id, offset: box.scrollTop % ROW_HEIGHT } : null;
    };
    box.addEventListener("scroll", update, { passive: true });
  }, []);
}

/**
 * A newly selected span is scrolled into sight, with some rows of context.
 * @param {Grid} grid
 * @param {TraceView} view
 */
function useSelectedInSight(grid, view) {
  useLayoutEffect(() => {
    const box = element(grid);
    const top = view.rows.value.indexOf(view.at.value) * ROW_HEIGHT;
    const margin = Math.min(3 * ROW_HEIGHT, box.clientHeight / 3);
    /** @param {number} pixels */
    const toWholeRows = (pixels) => Math.ceil(pixels / ROW_HEIGHT) * ROW_HEIGHT;
    const lowest = toWholeRows(top - margin);
    const highest = toWholeRows(top + RULER_HEIGHT + ROW_HEIGHT + margin - box.clientHeight);
    if (box.scrollTop > lowest) box.scrollTop = Math.max(0, lowest);
    else if (box.scrollTop < highest) box.scrollTop = highest;
  }, [view.selected.value]);
}

/** Marks the moment when the rows are painted, for the browser's profiler and the tests. */
function useFirstPaintMark() {
  useEffect(() => {
    requestAnimationFrame(() => setTimeout(() => performance.mark("waterfall-painted")));
  }, []);
}
