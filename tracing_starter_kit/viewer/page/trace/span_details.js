// Everything that a span carries: what went wrong first, then the business's own
// fields, attributes, events, logs, links, and where it came from.

import { html } from "../preact.js";
import { Attributes } from "./attributes.js";
import { Events, Logs } from "./events.js";
import { traceHref } from "../router.js";
import { dateAndClock } from "../format.js";

/** @param {{span: import("../types.js").SpanDetails, traceStartUs: number}} props */
export function SpanDetails({ span, traceStartUs }) {
  const attributes = span.attributes.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const business = attributes.filter(({ key }) => key.startsWith("shop."));
  const technical = attributes.filter(({ key }) => !key.startsWith("shop."));
  return html`<div class="details">
    <${Section} title="Business fields" items=${business}><${Attributes} items=${business} /><//>
    <${Section} title="Events" items=${span.events}><${Events} events=${span.events} /><//>
    <${Section} title="Logs" items=${span.logs}><${Logs} logs=${span.logs} traceStartUs=${traceStartUs} /><//>
    <${Section} title="Attributes" items=${technical}><${Attributes} items=${technical} /><//>
    <${Section} title="Links" items=${span.links}><${Links} links=${span.links} /><//>
    <${Section} title="Resource" items=${span.resource} closed><${Attributes} items=${span.resource} searchable=${false} /><//>
    <${Section} title="Span" items=${[1]} uncounted closed><${Attributes} items=${identity(span)} searchable=${false} /><//>
  </div>`;
}

/** A part that can be folded; nothing at all when it has no items. */
function Section({ title, items, closed, uncounted, children }) {
  if (!items.length) return null;
  return html`<details class="section" open=${!closed}>
    <summary>${title}${!uncounted && html` <small>${items.length}</small>`}</summary>
    ${children}
  </details>`;
}

/** What the span is, as rows like the attributes. */
function identity(span) {
  const rows = {
    "span id": span.id,
    "parent id": span.parent ?? "none: it is a root",
    "started": dateAndClock(span.startUs),
    "status": [span.status.code.toLowerCase(), span.status.message].filter(Boolean).join(": "),
    "scope": `${span.scope.name} ${span.scope.version}`.trim() || "not said",
  };
  return Object.entries(rows).map(([key, value]) => ({ key, value, type: "string" }));
}

const Links = ({ links }) => html`<ul class="links">
  ${links.map(({ traceId, spanId, attributes }) => html`<li>
    <a href=${traceHref(traceId, spanId)}>trace <code>${traceId.slice(0, 8)}…</code> span <code>${spanId}</code></a>
    ${attributes.length > 0 && html`<${Attributes} items=${attributes} searchable=${false} />`}
  </li>`)}
</ul>`;
