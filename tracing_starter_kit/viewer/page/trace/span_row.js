// One row of the waterfall: tree, service, name, how it was made, place in the code,
// and the bar on the time axis.

import { html } from "../preact.js";
import { icon } from "../ui/icons.js";
import { serviceColour } from "../ui/service.js";
import { duration, number as thousands } from "../format.js";

const MADE = { auto: "made automatically", hand: "made by hand" };
const INDENT = 14;
/** Deeper levels are not indented further: the name must stay readable. */
const DEEPEST = 18;

/** @param {import("../types.js").SpanRow} span */
export const rowId = (span) => `span-${span.id}`;

export function SpanRow({ view, span, number, row, top, selected, found }) {
  const service = view.trace.value.services[span.service];
  const folded = view.folded.value.has(span.id);
  const state = `${selected ? " selected" : ""}${found ? " found" : ""}${span.error ? " failed" : ""}`;
  return html`<div class="span-row${state}" id=${rowId(span)} role="row"
    aria-level=${span.depth + 1} aria-rowindex=${row + 1} aria-selected=${selected}
    aria-expanded=${span.children ? !folded : null}
    style=${{ transform: `translateY(${top}px)`, "--service": serviceColour(service) }}
    onClick=${() => view.select(number)}>
    <${NameCell} view=${view} number=${number} span=${span} service=${service} folded=${folded} />
    <${TimeCell} view=${view} span=${span} />
  </div>`;
}

function NameCell({ view, number, span, service, folded }) {
  const { parents, ends } = view.index.value;
  const above = view.spans.value[parents[number]];
  const hidden = folded ? ends[number] - number - 1 : 0;
  return html`<div class="name-cell" role="gridcell">
    <span class="indent" style=${{ width: `${Math.min(span.depth, DEEPEST) * INDENT}px` }}></span>
    <${Fold} view=${view} number=${number} span=${span} folded=${folded} />
    <i class="tick" aria-hidden="true"></i>
    ${above?.service !== span.service && html`<span class="of">${service}</span>`}
    <span class="name" title="${service}: ${span.name}">${span.name}</span>
    ${hidden > 0 && html`<span class="hidden-count">+${thousands(hidden)}</span>`}
    ${span.error && icon("error", "failed")}
    ${span.orphan && html`<span class="orphan" title="Its parent span has not arrived">no parent</span>`}
    <span class="code-place" title=${span.code}>${span.code?.split("/").at(-1)}</span>
    ${icon(span.made, MADE[span.made])}
  </div>`;
}

function Fold({ view, number, span, folded }) {
  if (!span.children) return html`<span class="fold"></span>`;
  const toggle = (event) => {
    event.stopPropagation();
    view.fold(number, !folded);
  };
  return html`<button class="fold ${folded ? "" : "open"}" tabindex="-1" onClick=${toggle}
    aria-label=${folded ? "Expand" : "Collapse"}>${icon("chevron")}</button>`;
}

function TimeCell({ view, span }) {
  const [from, to] = view.shown.value;
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
