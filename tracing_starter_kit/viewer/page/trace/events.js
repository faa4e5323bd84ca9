// What happened during a span: its events, exceptions with a readable stack, and the
// log records that were written inside it.

import { html } from "../preact.js";
import { Attributes, asText } from "./attributes.js";
import { Copy } from "../ui/copy.js";
import { count, duration } from "../format.js";

/** @param {{events: import("../types.js").SpanDetails["events"]}} props */
export const Events = ({ events }) => html`<ol class="events">
  ${events.map((event) => html`<li>
    <span class="when">${duration(event.offsetUs)}</span>
    ${event.name === "exception" ? html`<${Exception} event=${event} />` : html`<b>${event.name}</b>`}
    <${Attributes} items=${event.attributes.filter(({ key }) => !EXCEPTION.includes(key))} searchable=${false} />
  </li>`)}
</ol>`;

const EXCEPTION = ["exception.type", "exception.message", "exception.stacktrace"];

function Exception({ event }) {
  const [type, message, stack] = EXCEPTION.map((name) =>
    asText(event.attributes.find(({ key }) => key === name)?.value ?? ""),
  );
  return html`<div class="exception">
    <p><b>${type || "exception"}</b> ${message}</p>
    ${stack && html`<details>
      <summary>Stack <${Copy} text=${stack} label="Copy the stack" /></summary>
      <pre>${stackLines(stack).map(({ text, foreign }) => html`<span class=${foreign ? "foreign" : ""}>${text}${"\n"}</span>`)}</pre>
    </details>`}
  </div>`;
}

/** The lines of a Python stack; frames of libraries, which recede, are foreign. */
function stackLines(stack) {
  let foreign = false;
  return stack.trimEnd().split("\n").map((text) => {
    if (/^\s*File "/.test(text)) foreign = /site-packages|lib\/python3|<frozen/.test(text);
    else if (/^\S/.test(text)) foreign = false;
    return { text, foreign };
  });
}

/** @param {{logs: import("../types.js").SpanDetails["logs"], traceStartUs: number}} props */
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
