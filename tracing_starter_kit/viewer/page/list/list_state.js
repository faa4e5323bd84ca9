// The traces that the list shows, and how they change: a first answer, then whatever
// the live stream brings. While the list is paused, new traces wait in `held`, so that
// no row moves under the reader's eyes; rows that are shown still update in place.

import { batch, computed, signal } from "../preact.js";
import { ApiError, findTraces, isAborted } from "../api.js";
import { apiQuery } from "./filters.js";
import { liveTraces } from "../live.js";

/** @typedef {import("../types.js").Summary} Summary */

/** More rows than anybody reads. */
const MOST_ROWS = 500;

/** @type {{value: Summary[]}} newest first */
export const traces = signal([]);
/** @type {{value: Map<string, Summary>}} */
export const held = signal(new Map());
/** "loading" until the first answer, then "ready", or "failed" with `problem`. */
export const phase = signal("loading");
export const problem = signal("");
/** Where older traces are searched, in µs, while there may be some. */
const olderFrom = signal(null);
export const mayHaveOlder = computed(
  () => olderFrom.value !== null && traces.value.length < MOST_ROWS,
);
/** Why the last question for older traces was not answered. */
export const olderProblem = signal("");
/** Any of the reasons to hold new traces back: by hand, scrolled, a row has the focus. */
export const pausedBy = signal({ hand: false, scroll: false, focus: false });
export const paused = computed(() => Object.values(pausedBy.value).some(Boolean));
/** The live connection's state, for the pill. */
export const connection = signal("connecting");

let shownFor = "";
/** What the list was asked for: "the last 5 minutes" began when it was opened. */
let followed = new URLSearchParams();

/** Shows the list for a query until the returned function is called. */
export function follow(query) {
  const asked = apiQuery(query);
  const controller = new AbortController();
  followed = asked;
  if (shownFor !== String(query)) startOver(String(query));
  const load = () => loadNewest(asked, controller.signal);
  let stop = () => {};
  // What was stored between this first answer and the stream's start, the stream's
  // opening asks for again.
  load().then((understood) => {
    if (!understood || controller.signal.aborted) return;
    const live = liveTraces(asked, { open: load, traces: (came) => merge(came) });
    const unsubscribe = live.state.subscribe((state) => (connection.value = state));
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

function startOver(query) {
  shownFor = query;
  batch(() => {
    traces.value = [];
    held.value = new Map();
    olderFrom.value = null;
    olderProblem.value = "";
    phase.value = "loading";
  });
}

/** False when the viewer refused the question itself: asking again is no use. */
async function loadNewest(asked, signal) {
  try {
    const answer = await findTraces(asked, { signal });
    batch(() => {
      olderFrom.value = answer.olderUs;
      if (phase.value !== "ready") traces.value = [];
      merge(answer.traces, { first: phase.value !== "ready" });
      phase.value = "ready";
    });
  } catch (error) {
    if (isAborted(error)) return true;
    problem.value = error.message;
    phase.value = "failed";
    return !(error instanceof ApiError && error.status === 400);
  }
  return true;
}

/**
 * Takes in what came: known traces are replaced, new ones shown or held. A trace only
 * grows, so one with fewer spans is from an answer that the live stream overtook.
 */
export function merge(came, { first = false } = {}) {
  const shown = new Map(traces.value.map((trace) => [trace.traceId, trace]));
  const waiting = new Map(held.value);
  for (const trace of came) {
    const target = first || shown.has(trace.traceId) || !paused.value ? shown : waiting;
    const known = target.get(trace.traceId);
    if (!(known?.spanCount > trace.spanCount)) target.set(trace.traceId, trace);
  }
  batch(() => {
    traces.value = newestFirst([...shown.values()]);
    held.value = waiting;
  });
}

const newestFirst = (list) =>
  list.sort((a, b) => b.startUs - a.startUs).slice(0, MOST_ROWS);

/** Shows what was held back. */
export function release() {
  batch(() => {
    traces.value = newestFirst([...held.value.values(), ...traces.value]);
    held.value = new Map();
  });
}

/** Adds the next page of older traces, or says why it cannot. */
export async function loadOlder() {
  const query = shownFor;
  olderProblem.value = "";
  try {
    while (mayHaveOlder.value && !(await loadPage(query)));
  } catch (error) {
    if (query === shownFor) olderProblem.value = error.message;
  }
}

/**
 * True when the page had a trace that was not shown yet, or is not wanted any more: a
 * long trace is found again on every page that it has a match in.
 */
async function loadPage(query) {
  const from = olderFrom.value;
  const asked = new URLSearchParams(followed);
  asked.set("end", String(from));
  const answer = await findTraces(asked);
  if (query !== shownFor) return true;
  const known = new Set(traces.value.map((trace) => trace.traceId));
  const older = answer.traces.filter((trace) => !known.has(trace.traceId));
  batch(() => {
    // It stays where it is when a whole page of traces began in one microsecond.
    olderFrom.value = answer.olderUs === from ? from - 1 : answer.olderUs;
    merge(older, { first: true });
  });
  return older.length > 0;
}
