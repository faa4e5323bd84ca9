// Find inside the trace, walk through matches and errors, fold everything. The
// browser's own find sees only the rows that are drawn, so the page brings its own.

import { html } from "../preact.js";
import { count, number } from "../format.js";
import { icon } from "../ui/icons.js";
import { loadSpanTexts } from "./span_texts.js";

/** @import { TraceView } from "./trace_state.js" */

/** @param {{view: TraceView}} props */
export function TraceTools({ view }) {
  const { find, matches, errors, folded } = view;
  /** @param {InputEvent & {currentTarget: HTMLInputElement}} event */
  const onInput = (event) => startFinding(view, event.currentTarget.value);
  return html`<div class="trace-tools" role="toolbar" aria-label="Trace">
    <search class="find">
      ${icon("search")}
      <input id="find" type="search" placeholder="Find: name, file, key=value" aria-label="Find spans by name, service, file or attribute"
        autocomplete="off" spellcheck=${false} value=${find.value}
        onInput=${onInput}
        onKeyDown=${(/** @type {FindKeyEvent} */ event) => onFindKey(view, event)} />
      <${MatchCount} view=${view} />
    </search>
    ${find.value && html`<${Walk} numbers=${matches.value} view=${view} noun="match" keys="n, N" label="match" />`}
    ${errors.value.length > 0 && html`<${Walk} numbers=${errors.value} view=${view} noun="error" keys="e, E"
      label=${count(errors.value.length, "error")} />`}
    <span class="made-legend">${icon("auto")} automatic ${icon("hand")} by hand</span>
    <button class="quiet" onClick=${() => view.foldAll(folded.value.size === 0)}>
      ${folded.value.size ? "Expand all" : "Collapse all"}
    </button>
  </div>`;
}

/** "3 of 17", "17", or "no match". @param {{view: TraceView}} props */
function MatchCount({ view }) {
  if (!view.find.value) return html`<kbd aria-hidden="true">/</kbd>`;
  const matches = view.matches.value;
  const at = matches.indexOf(view.at.value) + 1;
  const total = matches.length ? number(matches.length) : "no match";
  return html`<output class=${matches.length ? "" : "bad"} aria-live="polite">${at ? `${at} of ${total}` : total}</output>`;
}

/**
 * @param {{numbers: number[], view: TraceView, noun: string, keys: string, label: string}} props
 */
function Walk({ numbers, view, noun, keys, label }) {
  /** @param {number} step */
  const walk = (step) => () => view.jump(numbers, step);
  return html`<span class="walk walk-${noun}">
    <button class="quiet icon" title="Previous ${noun} (${keys.at(-1)})" aria-label="Previous ${noun}" onClick=${walk(-1)}>
      ${icon("chevron")}</button>
    <span>${label}</span>
    <button class="quiet icon" title="Next ${noun} (${keys[0]})" aria-label="Next ${noun}" onClick=${walk(1)}>
      ${icon("chevron")}</button>
  </span>`;
}

/**
 * Goes to the first match from here on, and again when the spans' texts have arrived.
 * @param {TraceView} view
 * @param {string} text
 */
export async function startFinding(view, text) {
  view.find.value = text;
  goToMatch(view);
  const trace = view.trace.value;
  if (!text || !trace || view.texts.value.size === trace.spans.length) return;
  view.texts.value = await loadSpanTexts(trace.traceId).catch(() => new Map());
  goToMatch(view);
}

/** @param {TraceView} view */
function goToMatch(view) {
  const matches = view.matches.value;
  if (matches.length && !matches.includes(view.at.value)) view.jump(matches, 1);
}

/** @typedef {KeyboardEvent & {currentTarget: HTMLInputElement}} FindKeyEvent */

/** @param {TraceView} view @param {FindKeyEvent} event */
function onFindKey(view, event) {
  if (event.key === "Enter") view.jump(view.matches.value, event.shiftKey ? -1 : 1);
  if (event.key !== "Escape") return;
  if (view.find.value) event.stopPropagation();
  view.find.value = "";
  event.currentTarget.blur();
}
