// The line at the foot of the page: what is stored, where the cap is, what was removed.

import { computed, html, signal, useEffect } from "../preact.js";
import { getStatus } from "../api.js";
import { bytes, count, number } from "../format.js";

const EVERY_MS = 5000;

/** @type {{value: import("../types.js").Status | null}} */
export const status = signal(null);
const failed = signal(false);

/** Asks again; call it when something is known to have changed. */
export async function refreshStatus() {
  try {
    status.value = await getStatus();
    failed.value = false;
  } catch {
    failed.value = true;
  }
}

const used = computed(() =>
  status.value ? Math.min(100, (100 * status.value.bytes) / status.value.maxBytes) : 0,
);

export function StatusLine() {
  useEffect(() => {
    refreshStatus();
    const timer = setInterval(() => document.hidden || refreshStatus(), EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return html`<footer class="status" role="status" aria-live="off">
    ${failed.value ? html`<span class="bad">The viewer does not answer</span>` : null}
    ${status.value ? html`<${Stored} ...${status.value} />` : null}
  </footer>`;
}

const Stored = (status) => html`
  <span>${count(status.spans, "span")}</span>
  <span class="stored">
    <span class="gauge" aria-hidden="true"><i style=${{ width: `${used.value}%` }}></i></span>
    ${bytes(status.bytes)} of ${bytes(status.maxBytes)}
  </span>
  <span title="The oldest spans go first when the cap is reached">
    ${number(status.removedSpans)} removed
  </span>
  ${status.pendingSpans > 0 && html`<span>${number(status.pendingSpans)} being written</span>`}
  <span class="where">OTLP ${status.otlpHttp} · gRPC ${status.otlpGrpc}</span>
  ${status.version !== "0" && html`<span class="version">viewer ${status.version}</span>`}
`;
