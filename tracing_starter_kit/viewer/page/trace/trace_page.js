// One trace: header and tools above, the waterfall, and beside it the selected span
// with its code. While the trace still grows it is fetched again; what is selected,
// folded and scrolled to stays.

import { html, signal, useEffect, useMemo } from "../preact.js";
import { getTrace, isAborted } from "../api.js";
import { useKeys } from "../ui/keyboard.js";
import { liveTraces } from "../live.js";
import { remember } from "../memory.js";
import { go, rewrite, route, traceHref } from "../router.js";
import { SpanPane } from "./span_pane.js";
import { Splitter } from "../ui/splitter.js";
import { Top } from "../ui/top.js";
import { TraceFacts, TraceTitle } from "./trace_header.js";
import { createTraceView } from "./trace_state.js";
import { startFinding, TraceTools } from "./trace_tools.js";
import { NotATraceId, Waiting } from "./waiting.js";
import { Waterfall } from "./waterfall.js";

/** Spans of one trace come in bursts: wait this long for the rest of a burst. */
const BURST_MS = 150;

/** @param {{traceId: string}} props */
export function TracePage({ traceId }) {
  const view = useMemo(createTraceView, [traceId]);
  const problem = useMemo(() => signal(null), [traceId]);
  const valid = /^[0-9a-f]{32}$/.test(traceId);
  useEffect(() => (valid ? followTrace(traceId, view, problem) : undefined), [traceId]);
  useAddress(traceId, view);
  useTraceKeys(view);
  const ready = valid && !problem.value && view.spans.value.length > 0;
  if (!ready) return html`<${NotYet} traceId=${traceId} view=${view} valid=${valid} problem=${problem.value} />`;
  return html`<${Top}><${TraceTitle} trace=${view.trace.value} selected=${view.selected.value} /><//>
  <main class="trace-page">
    <${TraceFacts} trace=${view.trace.value} errors=${view.errors.value.length} />
    <${TraceTools} view=${view} />
    <div class="split" id="split">
      <${Waterfall} view=${view} />
      <${Splitter} name="pane" of="split" label="Width of the waterfall" />
      <${SpanPane} traceId=${traceId} view=${view} />
    </div>
  </main>`;
}

/** No spans to show: a bad id, a failure, the first answer still out, or not there yet. */
function NotYet({ traceId, view, valid, problem }) {
  return html`<${Top} /><main>
    ${!valid && html`<${NotATraceId} text=${traceId} />`}
    ${problem && html`<section class="empty"><p class="problem" role="alert">${problem}</p></section>`}
    ${valid && !problem && view.trace.value && html`<${Waiting} traceId=${traceId} />`}
  </main>`;
}

/** Loads the trace, and again whenever spans of it arrive. */
function followTrace(traceId, view, problem) {
  const given = new AbortController();
  let timer = 0;
  const load = async () => {
    try {
      receive(view, await getTraceOrNone(traceId, given.signal));
      problem.value = null;
    } catch (error) {
      if (!isAborted(error) && !view.spans.value.length) problem.value = error.message;
    }
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(load, BURST_MS);
  };
  const mine = (traces) => traces.some((trace) => trace.traceId === traceId);
  const live = liveTraces("", { open: soon, traces: (came) => mine(came) && soon() });
  load();
  remember("last-trace", traceId);
  return () => {
    clearTimeout(timer);
    given.abort();
    live.close();
  };
}

/** A trace that is not there yet is one without spans. */
async function getTraceOrNone(traceId, signal) {
  try {
    return await getTrace(traceId, { signal });
  } catch (error) {
    if (error.status !== 404) throw error;
    return { traceId, startUs: 0, durationUs: 0, services: [], spans: [], warnings: [] };
  }
}

function receive(view, trace) {
  // A trace only grows: one with fewer spans is from an answer that was overtaken.
  if (trace.spans.length < view.spans.value.length) return;
  view.trace.value = trace;
  document.title = trace.spans.length ? `${trace.spans[0].name} · trace` : "Waiting for a trace";
  const asked = view.index.value.byId.get(view.selected.value ?? route.value.query.get("span"));
  if (view.at.value >= 0) return;
  view.select(asked ?? 0);
  // A link from elsewhere, that knows a line of code but no span: /trace/{id}?find=…
  const find = route.value.query.get("find");
  if (find) startFinding(view, find);
}

/** The selected span is in the address; going to an address with a span selects it. */
function useAddress(traceId, view) {
  const selected = view.selected.value;
  useEffect(() => {
    view.select(view.index.value.byId.get(route.value.query.get("span")));
  }, [route.value]);
  useEffect(() => {
    if (view.at.value > 0 || location.search) rewrite(traceHref(traceId, selected));
  }, [selected]);
}

function useTraceKeys(view) {
  const match = (step) => view.jump(view.matches.value, step);
  const error = (step) => view.jump(view.errors.value, step);
  const back = () => (view.zoom.value ? (view.zoom.value = null) : go("/"));
  useKeys({
    j: () => view.move(1), ArrowDown: () => view.move(1),
    k: () => view.move(-1), ArrowUp: () => view.move(-1),
    h: view.left, ArrowLeft: view.left,
    l: view.right, ArrowRight: view.right,
    n: () => match(1), N: () => match(-1),
    e: () => error(1), E: () => error(-1),
    PageDown: () => view.move(20), PageUp: () => view.move(-20),
    Home: () => view.select(0), End: () => view.select(view.rows.value.at(-1)),
    Enter: () => document.getElementById("span-pane")?.focus(),
    0: () => (view.zoom.value = null),
    "/": () => document.getElementById("find").select(),
    Escape: back,
  });
}
