// What a trace is, in two lines: its root, when, how long, who took part, what failed.

import { html } from "./preact.js";
import { Copy } from "./copy.js";
import { icon } from "./icons.js";
import { traceHref } from "./router.js";
import { Service } from "./services.js";
import { count, dateAndClock, duration } from "./time.js";

/** @param {{trace: import("./types.js").Trace, errors: number, selected: string | null}} props */
export function TraceHeader({ trace, errors, selected }) {
  const root = trace.spans[0];
  const address = location.origin + traceHref(trace.traceId, selected);
  return html`<header class="trace-header">
    <div class="trace-title">
      <a class="quiet back" href="/" title="All traces (g)">${icon("back")}Traces</a>
      <h1><${Service} name=${trace.services[root.service]} /> ${root.name}</h1>
      <div class="actions">
        <${Copy} text=${address} label="Copy the link to this view" class="wide">Copy link<//>
        <${Copy} text=${trace.traceId} label="Copy the trace id" class="wide">Copy id<//>
      </div>
    </div>
    <dl class="facts">
      <div><dt>Started</dt><dd>${dateAndClock(trace.startUs)}</dd></div>
      <div><dt>Took</dt><dd><b>${duration(trace.durationUs)}</b></dd></div>
      <div><dt>Spans</dt><dd>${count(trace.spans.length, "span")}</dd></div>
      <div><dt>Errors</dt><dd class=${errors ? "bad" : ""}>${errors > 0 && icon("error")}${count(errors, "error")}</dd></div>
      <div class="legend"><dt>Services</dt><dd>
        ${trace.services.map((name) => html`<${Service} name=${name} /> `)}
      </dd></div>
      <div class="trace-id"><dt>Trace id</dt><dd><code>${trace.traceId}</code></dd></div>
    </dl>
    ${trace.warnings.map((warning) => html`<p class="warning">${warning}</p>`)}
  </header>`;
}
