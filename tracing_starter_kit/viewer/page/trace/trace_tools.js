// Find inside the trace, walk through matches and errors, fold everything. The
// browser's own find sees only the rows that are drawn, so the page brings its own.

import { html } from "../preact.js";
import { icon } from "../ui/icons.js";
import { loadSpanTexts } from "./span_texts.js";
import { number } from "../format.js";

/** @param {{view: import("./trace_state.js").TraceView}} props */
export function TraceTools({ view }) {
  const { find, matches, errors, folded } = view;
  return html`<div class="trace-tools" role="toolbar" aria-label="Trace">
    <search class="find">
      ${icon("search")}
      <input id="find" type="search" placeholder="Find: name, file, key=value" aria-label="Find spans by name, service, file or attribute"
        autocomplete="off" spellcheck=${false} value=${find.value}
        onInput=${(event) => startFinding(view, event.target.value)}
        onKeyDown=${(event) => onFindKey(view, event)} />
      <${Found} view=${view} />
    </search>
    <${Walk} numbers=${matches.value} view=${view} noun="match" keys="n, N" hidden=${!find.value} />
    <${Walk} numbers=${errors.value} view=${view} noun="error" keys="e, E" hidden=${!errors.value.length} />
    <span class="made-legend">${icon("auto")} automatic ${icon("hand")} by hand</span>
    <button class="quiet" onClick=${() => view.foldAll(folded.value.size === 0)}>
      ${folded.value.size ? "Expand all" : "Collapse all"}
    </button>
  </div>`;
}

/** "3 of 17", or that there is none. */
function Found({ view }) {
  if (!view.find.value) return html`<kbd aria-hidden="true">/</kbd>`;
  const matches = view.matches.value;
  const at = matches.indexOf(view.at.value) + 1;
  const said = !matches.length ? "no match" : at ? `${at} of ${number(matches.length)}` : number(matches.length);
  return html`<output class=${matches.length ? "" : "bad"} aria-live="polite">${said}</output>`;
}

function Walk({ numbers, view, noun, keys, hidden }) {
  if (hidden) return null;
  const walk = (step) => () => view.jump(numbers, step);
  return html`<span class="walk walk-${noun}">
    <button class="quiet icon" title="Previous ${noun} (${keys.at(-1)})" aria-label="Previous ${noun}" onClick=${walk(-1)}>
      ${icon("chevron")}</button>
    <span>${noun === "error" ? `${number(numbers.length)} ${numbers.length === 1 ? "error" : "errors"}` : "match"}</span>
    <button class="quiet icon" title="Next ${noun} (${keys[0]})" aria-label="Next ${noun}" onClick=${walk(1)}>
      ${icon("chevron")}</button>
  </span>`;
}

/** Goes to the first match from here on; again once all that spans carry is known. */
export async function startFinding(view, text) {
  view.find.value = text;
  goToMatch(view);
  if (!text || view.texts.value.size === view.spans.value.length) return;
  const texts = await loadSpanTexts(view.trace.value.traceId).catch(() => new Map());
  view.texts.value = texts;
  goToMatch(view);
}

function goToMatch(view) {
  const matches = view.matches.value;
  if (matches.length && !matches.includes(view.at.value)) view.jump(matches, 1);
}

function onFindKey(view, event) {
  if (event.key === "Enter") view.jump(view.matches.value, event.shiftKey ? -1 : 1);
  if (event.key !== "Escape") return;
  if (view.find.value) event.stopPropagation();
  view.find.value = "";
  event.target.blur();
}
