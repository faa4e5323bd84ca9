// The list when it is empty: always with the next step.

import { html, useEffect, useState } from "../preact.js";
import { findTraces } from "../api.js";
import { listHref } from "../router.js";
import { Copy } from "../ui/copy.js";
import { status } from "../ui/status_line.js";
import { activeFilters, apiQuery } from "./filters.js";

/** The API's default limit: as many matches may mean more. */
const LIMIT = 50;

/** @param {{text: string}} props */
const Command = ({ text }) => html`<span class="command">
  <code>${text}</code><${Copy} text=${text} label="Copy" />
</span>`;

/** No trace was ever stored. */
export function NothingYet() {
  const endpoint = status.value?.otlpHttp ?? "http://127.0.0.1:4318";
  return html`<section class="empty">
    <h2>No traces yet</h2>
    <p>This page fills by itself when the first one arrives. Two ways to get there:</p>
    <ol>
      <li>Send an order through the demo services: <${Command} text="kit order" /></li>
      <li>
        Point a service of your own here, then send it a request:
        <${Command} text="OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint}" />
        <small>That is OTLP over HTTP; gRPC is at ${status.value?.otlpGrpc ?? "127.0.0.1:4317"}.</small>
      </li>
    </ol>
  </section>`;
}

/**
 * Filters are set and nothing matches: the page tries out which filter to remove.
 * @param {{query: URLSearchParams}} props
 */
export function NoMatch({ query }) {
  const filters = activeFilters(query);
  const [counts, setCounts] = useState(/** @type {Record<string, number>} */ ({}));
  useEffect(() => {
    const controller = new AbortController();
    for (const { label, without } of filters) {
      findTraces(apiQuery(without), { signal: controller.signal })
        .then(({ traces }) => setCounts((all) => ({ ...all, [label]: traces.length })))
        .catch(() => {});
    }
    return () => controller.abort();
  }, [String(query)]);
  const title = filters.length === 1 ? "No trace matches this filter" : `No trace matches all ${filters.length} filters`;
  return html`<section class="empty">
    <h2>${title}</h2>
    <p>A trace that matches appears here by itself. To see more now:</p>
    <ul>
      ${filters.map(({ label, without }) => html`<li>
        <a href=${listHref(without)}>Without ${label}</a>
        <small>${matches(counts[label])}</small>
      </li>`)}
      ${filters.length > 1 && html`<li><a href="/">Without any filter</a></li>`}
    </ul>
  </section>`;
}

/** @param {number | undefined} count  undefined: no answer yet */
function matches(count) {
  if (count === undefined) return "";
  if (count === 0) return "still nothing";
  return count >= LIMIT ? `${LIMIT} traces or more` : count === 1 ? "1 trace" : `${count} traces`;
}
