// The trace in brief: its root in the top bar; then duration, start, services, errors.

import { html } from "../preact.js";
import { count, dateAndClock, duration } from "../format.js";
import { traceHref } from "../router.js";
import { Copy } from "../ui/copy.js";
import { icon } from "../ui/icons.js";
import { Service } from "../ui/service.js";

/** @import { Trace } from "../types.js" */

/** @param {{trace: Trace, selected: string | null}} props */
export function TraceTitle({ trace, selected }) {
  const root = trace.spans[0];
  return html`
    <h1><${Service} name=${trace.services[root.service]} /> ${root.name}</h1>
    <span class="actions">
      <${Copy} text=${location.origin + traceHref(trace.traceId, selected)} label="Copy the link to this view" class="wide">Copy link<//>
      <${Copy} text=${trace.traceId} label="Copy the trace id" class="wide">Copy trace id<//>
    </span>
  `;
}

/** @param {{trace: Trace, errors: number}} props */
export const TraceFacts = ({ trace, errors }) => html`<header class="trace-header">
  <dl class="facts">
    <div><dt>Took</dt><dd><b>${duration(trace.durationUs)}</b></dd></div>
    <div><dt>Started</dt><dd>${dateAndClock(trace.startUs)}</dd></div>
    <div><dt>Spans</dt><dd>${count(trace.spans.length, "span")}</dd></div>
    <div><dt>Errors</dt><dd class=${errors ? "bad" : ""}>
      ${errors ? html`${icon("error")}${count(errors, "error")}` : "no errors"}
    </dd></div>
    <div class="legend"><dt>Services</dt><dd>
      ${trace.services.map((name) => html`<${Service} name=${name} /> `)}
    </dd></div>
    <div class="trace-id"><dt>Trace id</dt><dd><code>${trace.traceId}</code></dd></div>
  </dl>
  ${trace.warnings.map((warning) => html`<p class="warning">${warning}</p>`)}
</header>`;
