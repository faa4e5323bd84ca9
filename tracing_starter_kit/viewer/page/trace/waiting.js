// A trace without spans: usually it is still on its way, because exporters send every
// few seconds and a link is clicked sooner than that.

import { html, useEffect, useState } from "../preact.js";
import { count } from "../format.js";
import { status } from "../ui/status_line.js";

/** @param {{traceId: string}} props */
export function Waiting({ traceId }) {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((previous) => previous + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return html`<section class="empty waiting" aria-busy="true">
    <h1>Waiting for this trace</h1>
    <p><code>${traceId}</code></p>
    <p class="progress"><i aria-hidden="true"></i> No span of it has arrived yet${seconds > 2 && `, after ${seconds} s`}. The page fills by itself.</p>
    <h2>If it does not come</h2>
    <ul>
      <li>Exporters send in batches, every five seconds by default; a process that was killed sends nothing.</li>
      <li>
        Does the service send here? It should have${" "}
        <code>OTEL_EXPORTER_OTLP_ENDPOINT=${status.value?.otlpHttp ?? "http://127.0.0.1:4318"}</code>
      </li>
      <li>A sampler may have dropped it: <code>OTEL_TRACES_SAMPLER</code> should be unset or <code>parentbased_always_on</code>.</li>
      <li>${removals()}</li>
    </ul>
    <p><a href="/">All traces</a></p>
  </section>`;
}

function removals() {
  const removed = status.value?.removedSpans ?? 0;
  return removed
    ? `It may have been removed: ${count(removed, "span")} had to go to keep the store under its cap.`
    : "It was not removed: nothing has been removed from this store so far.";
}

/** @param {{text: string}} props */
export const NotATraceId = ({ text }) => html`<section class="empty">
  <h1>That is not a trace id</h1>
  <p><code>${text}</code> has ${text.length} characters; a trace id is 32 hexadecimal digits.</p>
  <p><a href="/">All traces</a></p>
</section>`;
