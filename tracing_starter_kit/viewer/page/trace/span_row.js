// One row of the waterfall: tree, service, name, how it was made, place in the code,
// and the bar on the time axis.

import { html } from "../preact.js";
import { duration, number as thousands } from "../format.js";
import { icon } from "../ui/icons.js";
import { serviceColour } from "../ui/service.js";

/** @import { SpanRow as Span } from "../types.js" */
/** @import { TraceView } from "./trace_state.js" */

const MADE = { auto: "made automatically", hand: "made by hand" };
const INDENT = 14;
/** Deeper levels are not indented further, but show their number: the name must stay readable. */
const MAX_INDENTS = 18;

/** @param {Span} span */
export const rowId = (span) => `span-${span.id}`;

/**
 * @param {object} props
 * @param {TraceView} props.view
 * @param {string} props.service
 * @param {Span} props.span
 * @param {number} props.number  of the span in the trace
 * @param {number} props.row  among the visible rows
 * @param {number} props.top  in CSS pixels
 * @param {boolean} props.isSelected
 * @param {boolean} props.isMatch  of the text in the find field
 */
export function SpanRow({ view, service, span, number, row, top, isSelected, isMatch }) {
  const isFolded = view.folded.value.has(span.id);
  const state = `${isSelected ? " selected" : ""}${isMatch ? " match" : ""}${span.error ? " failed" : ""}`;
  return html`<div class="span-row${state}" id=${rowId(span)} role="row"
    aria-level=${span.depth + 1} aria-rowindex=${row + 1} aria-selected=${isSelected}
    aria-expanded=${span.children ? !isFolded : null}
    style=${{ transform: `translateY(${top}px)`, "--service": serviceColour(service) }}
    onClick=${() => view.select(number)}>
    <${NameCell} view=${view} number=${number} span=${span} service=${service} isFolded=${isFolded} />
    <${TimeCell} view=${view} span=${span} />
  </div>`;
}

/**
 * @param {{view: TraceView, number: number, span: Span, service: string, isFolded: boolean}} props
 */
function NameCell({ view, number, span, service, isFolded }) {
  const { parents, ends } = view.index.value;
  const parent = view.spans.value[parents[number]];
  const hiddenCount = isFolded ? ends[number] - number - 1 : 0;
  return html`<div class="name-cell" role="gridcell">
    <span class="indent" style=${{ width: `${Math.min(span.depth, MAX_INDENTS) * INDENT}px` }}></span>
    ${span.depth > MAX_INDENTS && html`<span class="level" title="Level ${thousands(span.depth)} of the tree">${thousands(span.depth)}</span>`}
    <${Fold} view=${view} number=${number} span=${span} isFolded=${isFolded} />
    <i class="tick" aria-hidden="true"></i>
    ${parent?.service !== span.service && html`<span class="of">${service}</span>`}
    <span class="name" title="${service}: ${span.name}">${span.name}</span>
    ${hiddenCount > 0 && html`<span class="hidden-count">+${thousands(hiddenCount)}</span>`}
    ${span.error && icon("error", "failed")}
    ${span.orphan && html`<span class="orphan" title="Its parent span has not arrived">no parent</span>`}
    <span class="code-place" title=${span.code}>${span.code?.split("/").at(-1)}</span>
    ${icon(span.made, MADE[span.made])}
  </div>`;
}

/** @param {{view: TraceView, number: number, span: Span, isFolded: boolean}} props */
function Fold({ view, number, span, isFolded }) {
  if (!span.children) return html`<span class="fold"></span>`;
  /** @param {Event} event */
  const toggle = (event) => {
    event.stopPropagation();
    view.fold(number, !isFolded);
  };
  return html`<button class="fold ${isFolded ? "" : "open"}" tabindex="-1" onClick=${toggle}
    aria-label=${isFolded ? "Expand" : "Collapse"}>${icon("chevron")}</button>`;
}

/** @param {{view: TraceView, span: Span}} props */
function TimeCell({ view, span }) {
  const [from, to] = view.shown.value;
  /** @param {number} us */
  const percent = (us) => Math.min(101, Math.max(-1, (100 * (us - from)) / (to - from)));
  const left = percent(span.offsetUs);
  const right = percent(span.offsetUs + span.durationUs);
  const side = right < 82 ? "after" : left > 18 ? "before" : "inside";
  const place = { after: { left: `${right}%` }, before: { right: `${100 - left}%` }, inside: { right: `${Math.max(0, 100 - right)}%` } };
  return html`<div class="time-cell" role="gridcell">
    <i class="bar" style=${{ left: `${left}%`, width: `${right - left}%` }}></i>
    <span class="took-label ${side}" style=${place[side]}>${duration(span.durationUs)}</span>
  </div>`;
}
