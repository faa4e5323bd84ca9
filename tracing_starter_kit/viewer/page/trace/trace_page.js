// One trace: header and tools above, the waterfall, and beside it the selected span
// with its code. While the trace still grows it is fetched again; the selection, the
// folding and the scroll position stay.

import { html, signal, useEffect, useMemo } from "../preact.js";
import { ApiError, getTrace, isAborted, messageOf } from "../api.js";
import { liveTraces } from "../live.js";
import { remember } from "../memory.js";
import { go, rewrite, route, traceHref } from "../router.js";
import { useKeys } from "../ui/keyboard.js";
import { Splitter } from "../ui/splitter.js";
import { Top } from "../ui/top.js";
import { SpanPane } from "./span_pane.js";
import { TraceFacts, TraceTitle } from "./trace_header.js";
import { createTraceView } from "./trace_state.js";
import { startFinding, TraceTools } from "./trace_tools.js";
import { NotATraceId, Waiting } from "./waiting.js";
import { Waterfall } from "./waterfall.js";

/** @import { Signal } from "../preact.js" */
/** @import { Trace } from "../types.js" */
/** @import { TraceView } from "./trace_state.js" */

/** Spans of a trace come in bursts: wait this long for the end of a burst. */
const BURST_MS = 150;

/** @param {{traceId: string}} props */
export function TracePage({ traceId }) {
  const view = useMemo(createTraceView, [traceId]);
  const problem = useMemo(() => signal(/** @type {string | null} */ (null)), [traceId]);
  const isValid = /^[0-9a-f]{32}$/.test(traceId);
  useEffect(() => (isValid ? followTrace(traceId, view, problem) : undefined), [traceId]);
  useAddress(traceId, view);
  useTraceKeys(view);
  const trace = view.trace.value;
  const isReady = isValid && !problem.value && trace?.spans.length;
  if (!isReady) return html`<${NotYet} traceId=${traceId} trace=${trace} isValid=${isValid} problem=${problem.value} />`;
  return html`<${Top}><${TraceTitle} trace=${trace} selected=${view.selected.value} /><//>
  <main class="trace-page">
    <${TraceFacts} trace=${trace} errors=${view.errors.value.length} />
    <${TraceTools} view=${view} />
    <div class="split" id="split">
      <${Waterfall} view=${view} trace=${trace} />
      <${Splitter} name="pane" of="split" label="Width of the waterfall" />
      <${SpanPane} traceId=${traceId} view=${view} trace=${trace} />
    </div>
  </main>`;
}

/**
 * No spans to show: a bad id, a failure, no answer yet, or a trace that is still coming.
 * @param {{traceId: string, trace: Trace | null, isValid: boolean, problem: string | null}} props
 */
function NotYet({ traceId, trace, isValid, problem }) {
  return html`<${Top} /><main>
    ${!isValid && html`<${NotATraceId} text=${traceId} />`}
    ${problem && html`<section class="empty"><p class="problem" role="alert">${problem}</p></section>`}
    ${isValid && !problem && trace && html`<${Waiting} traceId=${traceId} />`}
  </main>`;
}

/**
 * Loads the trace, and again whenever spans of it arrive.
 * @param {string} traceId
 * @param {TraceView} view
 * @param {Signal<string | null>} problem
 */
function followTrace(traceId, view, problem) {
  const controller = new AbortController();
  let timer = 0;
  const load = async () => {
    try {
      receive(view, await getTraceOrNone(traceId, controller.signal));
      problem.value = null;
    } catch (error) {
      if (!isAborted(error) && !view.spans.value.length) problem.value = messageOf(error);
    }
  };
  const loadSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(load, BURST_MS);
  };
  const live = liveTraces("", {
    open: loadSoon,
    traces: (changed) => changed.some((trace) => trace.traceId === traceId) && loadSoon(),
  });
  load();
  remember("last-trace", traceId);
  return () => {
    clearTimeout(timer);
    controller.abort();
    live.close();
  };
}

/**
 * A trace that has not arrived yet is a trace without spans.
 * @param {string} traceId
 * @param {AbortSignal} signal
 * @returns {Promise<Trace>}
 */
async function getTraceOrNone(traceId, signal) {
  try {
    return await getTrace(traceId, { signal });
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    return { traceId, startUs: 0, durationUs: 0, services: [], spans: [], warnings: [] };
  }
}

/** @param {TraceView} view @param {Trace} trace */
function receive(view, trace) {
  // A trace only grows: fewer spans are from an answer that was overtaken.
  if (trace.spans.length < view.spans.value.length) return;
  view.trace.value = trace;
  document.title = trace.spans.length ? `${trace.spans[0].name} · trace` : "Waiting for a trace";
  if (view.at.value >= 0) return;
  const { query } = route.value;
  view.select(view.numberOf(view.selected.value ?? query.get("span")) ?? 0);
  // A link from elsewhere that names a line of code but no span: /trace/{id}?find=…
  const find = query.get("find");
  if (find) startFinding(view, find);
}

/**
 * The selected span is in the address; going to an address with a span selects it.
 * @param {string} traceId
 * @param {TraceView} view
 */
function useAddress(traceId, view) {
  const selected = view.selected.value;
  useEffect(() => {
    view.select(view.numberOf(route.value.query.get("span")));
  }, [route.value]);
  useEffect(() => {
    if (view.at.value > 0 || location.search) rewrite(traceHref(traceId, selected));
  }, [selected]);
}

/** @param {TraceView} view */
function useTraceKeys(view) {
  const showAll = () => {
    view.zoom.value = null;
  };
  useKeys({
    j: () => view.move(1), ArrowDown: () => view.move(1),
    k: () => view.move(-1), ArrowUp: () => view.move(-1),
    h: view.left, ArrowLeft: view.left,
    l: view.right, ArrowRight: view.right,
    n: () => view.jump(view.matches.value, 1), N: () => view.jump(view.matches.value, -1),
    e: () => view.jump(view.errors.value, 1), E: () => view.jump(view.errors.value, -1),
    PageDown: () => view.move(20), PageUp: () => view.move(-20),
    Home: () => view.select(0), End: () => view.select(view.rows.value.at(-1)),
    Enter: () => document.getElementById("span-pane")?.focus(),
    0: showAll,
    "/": () => /** @type {HTMLInputElement} */ (document.getElementById("find")).select(),
    Escape: () => (view.zoom.value ? showAll() : go("/")),
  });
}
