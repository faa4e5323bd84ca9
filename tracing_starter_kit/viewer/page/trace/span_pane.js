// The right-hand pane: the selected span's head, its code, and everything it carries.

import { html } from "../preact.js";
import { getSpan, messageOf } from "../api.js";
import { duration } from "../format.js";
import { useLoaded } from "../loading.js";
import { Copy } from "../ui/copy.js";
import { icon } from "../ui/icons.js";
import { Service } from "../ui/service.js";
import { SourcePane } from "./source_pane.js";
import { SpanDetails } from "./span_details.js";

/** @import { SpanDetails as Span, SpanRow, Trace } from "../types.js" */
/** @import { TraceView } from "./trace_state.js" */

/** @param {{traceId: string, view: TraceView, trace: Trace}} props */
export function SpanPane({ traceId, view, trace }) {
  /** @type {SpanRow | undefined} */
  const row = view.spans.value[view.at.value];
  // A growing trace may bring logs to the selected span: load it again.
  const key = row ? `${row.id} ${view.spans.value.length}` : null;
  const loaded = useLoaded(key, (options) => getSpan(traceId, row?.id ?? "", options));
  if (!row) return null;
  const span = loaded.value;
  return html`<aside class="span-pane" id="span-pane" tabindex="-1" aria-label="Selected span"
    aria-busy=${loaded.key !== key}>
    <${Head} row=${row} service=${trace.services[row.service]} span=${span?.id === row.id ? span : null} />
    ${loaded.error && html`<p class="problem" role="alert">${messageOf(loaded.error)}</p>`}
    ${span && html`
      <${SourcePane} traceId=${traceId} span=${span} />
      <${SpanDetails} span=${span} traceStartUs=${trace.startUs} />
    `}
  </aside>`;
}

/**
 * The row is here before the span's details, so the head changes at once.
 * @param {{row: SpanRow, service: string, span: Span | null}} props
 */
const Head = ({ row, service, span }) => html`<header class="span-head">
  <h2>${row.name} <${Copy} text=${row.id} label="Copy the span id" /></h2>
  <p>
    <${Service} name=${service} />
    <span>${row.kind.toLowerCase()}</span>
    <span><b>${duration(row.durationUs)}</b> from ${duration(row.offsetUs)}</span>
    <span>${icon(row.made)} ${row.made === "auto" ? "automatic" : "by hand"}</span>
    ${row.error && html`<span class="bad">${icon("error")} ${span ? whyFailed(span) : "failed"}</span>`}
  </p>
</header>`;

/** The span's own message, else its error.type: "failed (402)". @param {Span} span */
function whyFailed({ status, attributes }) {
  const type = attributes.find(({ key }) => key === "error.type")?.value;
  return status.message || (type ? `failed (${type})` : "failed");
}
