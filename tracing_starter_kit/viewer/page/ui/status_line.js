// The line at the foot of the page: the stored spans, the cap, the removed spans.

import { computed, html, signal, useEffect } from "../preact.js";
import { getStatus } from "../api.js";
import { bytes, count, number } from "../format.js";

/** @import { Status } from "../types.js" */

const INTERVAL_MS = 5000;

export const status = signal(/** @type {Status | null} */ (null));
const hasFailed = signal(false);

async function refreshStatus() {
  try {
    status.value = await getStatus();
    hasFailed.value = false;
  } catch {
    hasFailed.value = true;
  }
}

const usedPercent = computed(() =>
  status.value ? Math.min(100, (100 * status.value.bytes) / status.value.maxBytes) : 0,
);

export function StatusLine() {
  useEffect(() => {
    refreshStatus();
    const timer = setInterval(() => document.hidden || refreshStatus(), INTERVAL_MS);
    return () => clearInterval(timer);
  }, []);
  return html`<footer class="status" role="status" aria-live="off">
    ${hasFailed.value ? html`<span class="bad">The viewer does not answer</span>` : null}
    ${status.value ? html`<${Stored} ...${status.value} />` : null}
  </footer>`;
}

/** @param {Status} status */
const Stored = (status) => html`
  <span>${count(status.spans, "span")}</span>
  <span class="stored">
    <span class="gauge" aria-hidden="true"><i style=${{ width: `${usedPercent.value}%` }}></i></span>
    ${bytes(status.bytes)} of ${bytes(status.maxBytes)}
  </span>
  <span title="The oldest spans go first when the cap is reached">
    ${number(status.removedSpans)} removed
  </span>
  ${status.pendingSpans > 0 && html`<span>${number(status.pendingSpans)} being written</span>`}
  <span class="where">OTLP ${status.otlpHttp} · gRPC ${status.otlpGrpc}</span>
  ${status.version !== "0" && html`<span class="version">viewer ${status.version}</span>`}
`;
