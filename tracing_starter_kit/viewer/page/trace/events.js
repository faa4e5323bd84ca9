// The events of a span, exceptions with a readable stack, and the log records that were
// written inside it.

import { html } from "../preact.js";
import { count, duration } from "../format.js";
import { Copy } from "../ui/copy.js";
import { Attributes, asText } from "./attributes.js";

/** @import { LogRecord, SpanEvent } from "../types.js" */

/** @param {{events: SpanEvent[]}} props */
export const Events = ({ events }) => html`<ol class="events">
  ${events.map((event) => html`<li>
    <span class="when">${duration(event.offsetUs)}</span>
    ${event.name === "exception" ? html`<${Exception} event=${event} />` : html`<b>${event.name}</b>`}
    <${Attributes} items=${event.attributes.filter(({ key }) => !EXCEPTION.includes(key))} searchable=${false} />
  </li>`)}
</ol>`;

const EXCEPTION = ["exception.type", "exception.message", "exception.stacktrace"];

/** @param {{event: SpanEvent}} props */
function Exception({ event }) {
  const [type, message, stack] = EXCEPTION.map((name) =>
    asText(event.attributes.find(({ key }) => key === name)?.value ?? ""),
  );
  return html`<div class="exception">
    <p><b>${type || "exception"}</b> ${message}</p>
    ${stack && html`<details>
      <summary>Stack <${Copy} text=${stack} label="Copy the stack" /></summary>
      <pre>${stackLines(stack).map(({ text, isForeign }) => html`<span class=${isForeign ? "foreign" : ""}>${text}${"\n"}</span>`)}</pre>
    </details>`}
  </div>`;
}

/**
 * The lines of a Python stack; frames of libraries, which recede, are foreign.
 * @param {string} stack
 */
function stackLines(stack) {
  let isForeign = false;
  return stack.trimEnd().split("\n").map((text) => {
    if (/^\s*File "/.test(text)) isForeign = /site-packages|lib\/python3|<frozen/.test(text);
    else if (/^\S/.test(text)) isForeign = false;
    return { text, isForeign };
  });
}

/** @param {{logs: LogRecord[], traceStartUs: number}} props */
export const Logs = ({ logs, traceStartUs }) => html`<ol class="events logs">
  ${logs.map((log) => html`<li>
    <span class="when">${duration(log.timeUs - traceStartUs)}</span>
    <span class="severity severity-${log.severity.toLowerCase().replace(/\W|\d/g, "")}">${log.severity || "log"}</span>
    <span class="body">${asText(log.body)}</span>
    ${log.attributes.length > 0 && html`<details>
      <summary>${count(log.attributes.length, "attribute")}</summary>
      <${Attributes} items=${log.attributes} searchable=${false} />
    </details>`}
  </li>`)}
</ol>`;
