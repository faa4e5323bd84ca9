// The traces of the list, and how they change: a first answer, then the live stream.
// While the list is paused, new traces wait in `held`, so that no row moves under the
// reader's eyes; rows on screen still update in place.

import { batch, computed, signal } from "../preact.js";
import { ApiError, findTraces, isAborted, messageOf } from "../api.js";
import { liveTraces } from "../live.js";
import { apiQuery } from "./filters.js";

/** @import { Connection } from "../live.js" */
/** @import { Summary } from "../types.js" */

/** More rows than anybody reads. */
const MAX_ROWS = 500;

/** Newest first. */
export const traces = signal(/** @type {Summary[]} */ ([]));
export const held = signal(/** @type {Map<string, Summary>} */ (new Map()));
/** "loading" until the first answer, then "ready", or "failed" with `problem`. */
export const phase = signal(/** @type {"loading" | "ready" | "failed"} */ ("loading"));
export const problem = signal("");
/** The end of the next page of older traces, in µs; null: there is no next page. */
const olderEnd = signal(/** @type {number | null} */ (null));
export const mayHaveOlder = computed(
  () => olderEnd.value !== null && traces.value.length < MAX_ROWS,
);
/** Why the last request for older traces failed. */
export const olderProblem = signal("");
/** Reasons to hold new traces back: by hand, scrolled, a row has the focus. */
export const pausedBy = signal({ hand: false, scroll: false, focus: false });
export const paused = computed(() => Object.values(pausedBy.value).some(Boolean));
/** The live connection's state, for the pill. */
export const connection = signal(/** @type {Connection} */ ("connecting"));

/** The address's query whose traces are in the list. */
let listQuery = "";
/** The same for the API: "the last 5 minutes" begin when the list is opened. */
let requestQuery = new URLSearchParams();

/**
 * Shows the list for a query until the returned function is called.
 * @param {URLSearchParams} query
 */
export function follow(query) {
  const translated = apiQuery(query);
  const controller = new AbortController();
  requestQuery = translated;
  if (listQuery !== String(query)) startOver(String(query));
  const load = () => loadNewest(translated, controller.signal);
  let stop = () => {};
  // The stream's opening loads once more: for traces stored between this first answer
  // and the stream's start.
  load().then((isAccepted) => {
    if (!isAccepted || controller.signal.aborted) return;
    const live = liveTraces(translated, { open: load, traces: (changed) => merge(changed) });
    const unsubscribe = live.state.subscribe((state) => {
      connection.value = state;
    });
    stop = () => {
      unsubscribe();
      live.close();
    };
  });
  return () => {
    controller.abort();
    stop();
  };
}

/** @param {string} query */
function startOver(query) {
  listQuery = query;
  batch(() => {
    traces.value = [];
    held.value = new Map();
    olderEnd.value = null;
    olderProblem.value = "";
    phase.value = "loading";
  });
}

/**
 * False when the viewer refused the query itself: the same request would fail again.
 * @param {URLSearchParams} query
 * @param {AbortSignal} signal
 */
async function loadNewest(query, signal) {
  try {
    const answer = await findTraces(query, { signal });
    batch(() => {
      olderEnd.value = answer.olderUs;
      if (phase.value !== "ready") traces.value = [];
      merge(answer.traces, { force: phase.value !== "ready" });
      phase.value = "ready";
    });
  } catch (error) {
    if (isAborted(error)) return true;
    problem.value = messageOf(error);
    phase.value = "failed";
    return !(error instanceof ApiError && error.status === 400);
  }
  return true;
}

/**
 * Merges traces into the list: those on screen are replaced, new ones added or held; with
 * `force` all are added. A trace only grows, so a summary with fewer spans is from an
 * answer that the live stream overtook.
 * @param {Summary[]} incoming
 */
export function merge(incoming, { force = false } = {}) {
  const listed = new Map(traces.value.map((trace) => [trace.traceId, trace]));
  const waiting = new Map(held.value);
  for (const trace of incoming) {
    const target = force || listed.has(trace.traceId) || !paused.value ? listed : waiting;
    const spanCount = target.get(trace.traceId)?.spanCount ?? 0;
    if (spanCount <= trace.spanCount) target.set(trace.traceId, trace);
  }
  batch(() => {
    traces.value = newestFirst([...listed.values()]);
    held.value = waiting;
  });
}

/** @param {Summary[]} list */
const newestFirst = (list) =>
  list.sort((a, b) => b.startUs - a.startUs).slice(0, MAX_ROWS);

/** Adds the held traces to the list. */
export function release() {
  batch(() => {
    traces.value = newestFirst([...held.value.values(), ...traces.value]);
    held.value = new Map();
  });
}

/** Adds the next page of older traces, or says why it cannot. */
export async function loadOlder() {
  const query = listQuery;
  olderProblem.value = "";
  try {
    while (mayHaveOlder.value && !(await loadPage(query)));
  } catch (error) {
    if (query === listQuery) olderProblem.value = messageOf(error);
  }
}

/**
 * True when the page had a new trace, or the list shows another query by now. A page may
 * have none: a long trace is on every page that it has a match in.
 * @param {string} query
 */
async function loadPage(query) {
  const end = /** @type {number} */ (olderEnd.value);
  const request = new URLSearchParams(requestQuery);
  request.set("end", String(end));
  const answer = await findTraces(request);
  if (query !== listQuery) return true;
  const listed = new Set(traces.value.map((trace) => trace.traceId));
  const older = answer.traces.filter((trace) => !listed.has(trace.traceId));
  batch(() => {
    // The end does not move when a whole page of traces began in one microsecond.
    olderEnd.value = answer.olderUs === end ? end - 1 : answer.olderUs;
    merge(older, { force: true });
  });
  return older.length > 0;
}
