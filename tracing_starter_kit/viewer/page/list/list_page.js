// The list of recent traces: search above, rows below, new ones by themselves.

import { html, useEffect, useRef, useState } from "../preact.js";
import { count } from "../format.js";
import { recall } from "../memory.js";
import { route } from "../router.js";
import { useKeys } from "../ui/keyboard.js";
import { Top } from "../ui/top.js";
import { NoMatch, NothingYet } from "./empty_states.js";
import { activeFilters } from "./filters.js";
import {
  connection, follow, held, loadOlder, mayHaveOlder, olderProblem, paused, pausedBy,
  phase, problem, release, traces,
} from "./list_state.js";
import { SearchBar } from "./search.js";
import { TraceRow } from "./trace_row.js";

/** @typedef {{current: HTMLElement | null}} List  the box that scrolls */

export function TraceList() {
  const { query } = route.value;
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => follow(query), [String(query)]);
  usePauses(list);
  useListKeys(list);
  const longestUs = Math.max(1, ...traces.value.map((trace) => trace.durationUs));
  return html`<${Top} /><main class="list-page">
    <h1 class="sr">Traces</h1>
    <${SearchBar} query=${query} />
    <${Headline} />
    <div class="rows" ref=${list} tabindex="-1">
      <${NewTraces} list=${list} />
      <ol aria-label="Traces, newest first">
        ${traces.value.map((trace) => html`<${TraceRow} key=${trace.traceId} trace=${trace} longestUs=${longestUs} />`)}
      </ol>
      <${Ending} query=${query} />
    </div>
  </main>`;
}

/** The number of traces, and whether new ones appear by themselves. */
function Headline() {
  const toggle = () => {
    pausedBy.value = { hand: !paused.value, scroll: false, focus: false };
    if (!paused.value) release();
  };
  const [state, label] = connectionState();
  return html`<div class="headline">
    <p aria-live="polite">${phase.value === "ready" && traces.value.length > 0 && `${count(traces.value.length, "trace")}, newest first`}</p>
    <button class="pill ${state}" onClick=${toggle} aria-pressed=${paused.value}
      title=${paused.value ? "Go on showing new traces" : "Pause: hold new traces back"}>
      <i aria-hidden="true"></i>${label}
    </button>
  </div>`;
}

/** The state as a class and as words; a lost connection outweighs a pause. */
function connectionState() {
  if (connection.value === "reconnecting") return ["reconnecting", "Reconnecting…"];
  if (connection.value === "connecting") return ["connecting", "Connecting…"];
  return paused.value ? ["paused", "Paused"] : ["live", "Live"];
}

const blurActive = () => /** @type {HTMLElement | null} */ (document.activeElement)?.blur();

/** @param {{list: List}} props */
function NewTraces({ list }) {
  if (!held.value.size) return null;
  const show = () => {
    pausedBy.value = { hand: false, scroll: false, focus: false };
    blurActive();
    release();
    if (list.current) list.current.scrollTop = 0;
  };
  return html`<button class="new-traces" onClick=${show}>Show ${count(held.value.size, "new trace")}</button>`;
}

/** @param {{query: URLSearchParams}} props */
function Ending({ query }) {
  const [isLoading, setLoading] = useState(false);
  if (phase.value === "failed") return html`<p class="problem" role="alert">${problem.value}</p>`;
  if (phase.value === "loading") return html`<p class="hint loading">Loading…</p>`;
  if (!traces.value.length) {
    return activeFilters(query).length ? html`<${NoMatch} query=${query} />` : html`<${NothingYet} />`;
  }
  if (!mayHaveOlder.value) return null;
  const load = () => {
    setLoading(true);
    loadOlder().finally(() => setLoading(false));
  };
  return html`
    ${olderProblem.value && html`<p class="problem" role="alert">${olderProblem.value}</p>`}
    <button class="older" onClick=${load} disabled=${isLoading}>Older traces</button>`;
}

/** A reader who scrolled down or stands on a row must not lose the place. @param {List} list */
function usePauses(list) {
  useEffect(() => {
    const box = list.current;
    if (!box) return;
    const update = () => {
      const { scroll, focus, hand } = pausedBy.value;
      const next = { hand, scroll: box.scrollTop > 8, focus: !!box.querySelector("li :focus") };
      if (next.scroll === scroll && next.focus === focus) return;
      pausedBy.value = next;
      if (!paused.value) release();
    };
    const afterFocus = () => requestAnimationFrame(update);
    box.addEventListener("scroll", update, { passive: true });
    box.addEventListener("focusin", update);
    box.addEventListener("focusout", afterFocus);
    pausedBy.value = { hand: false, scroll: false, focus: false };
  }, []);
}

/** @param {List} list */
function useListKeys(list) {
  /** @param {number} step */
  const move = (step) => {
    /** @type {NodeListOf<HTMLAnchorElement> | undefined} */
    const links = list.current?.querySelectorAll("li a.entry");
    const rows = [...(links ?? [])];
    const at = rows.findIndex((row) => row === document.activeElement);
    const last = rows.findIndex((row) => row.href.includes(recall("last-trace") ?? "none"));
    const next = at >= 0 ? at + step : Math.max(0, last);
    rows[Math.min(rows.length - 1, Math.max(0, next))]?.focus();
  };
  const down = () => move(1);
  const up = () => move(-1);
  useKeys({
    j: down, ArrowDown: down, k: up, ArrowUp: up,
    "/": () => /** @type {HTMLInputElement} */ (document.getElementById("search")).select(),
    Escape: blurActive,
  });
}
