// Everything that a span carries: the business's own fields first, then events, logs,
// attributes, links, and its origin.

import { html } from "../preact.js";
import { dateAndClock } from "../format.js";
import { traceHref } from "../router.js";
import { Attributes } from "./attributes.js";
import { Events, Logs } from "./events.js";

/** @import { ComponentChildren } from "../preact.js" */
/** @import { Group, SpanDetails as Span, SpanLink } from "../types.js" */
/** @import { Item } from "./attributes.js" */

/** @param {{span: Span, traceStartUs: number}} props */
export function SpanDetails({ span, traceStartUs }) {
  const attributes = span.attributes.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  /** @param {Group} group */
  const inGroup = (group) => attributes.filter((attribute) => attribute.group === group);
  return html`<div class="details">
    <${AttributeSection} title="Business fields" items=${inGroup("business")} />
    <${Section} title="Events" items=${span.events}><${Events} events=${span.events} /><//>
    <${Section} title="Logs" items=${span.logs}><${Logs} logs=${span.logs} traceStartUs=${traceStartUs} /><//>
    <${AttributeSection} title="Added by the helpers" items=${inGroup("kit")} />
    <${AttributeSection} title="Attributes" items=${inGroup("standard")} />
    <${Section} title="Links" items=${span.links}><${Links} links=${span.links} /><//>
    <${Section} title="Resource" items=${span.resource} closed><${Attributes} items=${span.resource} searchable=${false} /><//>
    <${Section} title="Span" items=${[1]} uncounted closed><${Attributes} items=${identity(span)} searchable=${false} /><//>
  </div>`;
}

/** @param {{title: string, items: Item[]}} props */
const AttributeSection = ({ title, items }) => html`<${Section} title=${title} items=${items}>
  <${Attributes} items=${items} />
<//>`;

/**
 * A part that can be folded; nothing at all when it has no items.
 * @param {object} props
 * @param {string} props.title
 * @param {unknown[]} props.items
 * @param {boolean} [props.closed]
 * @param {boolean} [props.uncounted]
 * @param {ComponentChildren} props.children
 */
function Section({ title, items, closed, uncounted, children }) {
  if (!items.length) return null;
  return html`<details class="section" open=${!closed}>
    <summary>${title}${!uncounted && html` <small>${items.length}</small>`}</summary>
    ${children}
  </details>`;
}

/**
 * The span's ids, start, status and scope, as rows like the attributes.
 * @param {Span} span
 * @returns {Item[]}
 */
function identity(span) {
  const rows = {
    "span id": span.id,
    "parent id": span.parent ?? "none: it is a root",
    "started": dateAndClock(span.startUs),
    "status": [span.status.code.toLowerCase(), span.status.message].filter(Boolean).join(": "),
    "scope": `${span.scope.name} ${span.scope.version}`.trim() || "unknown",
  };
  return Object.entries(rows).map(([key, value]) => ({ key, value, type: "string" }));
}

/** @param {{links: SpanLink[]}} props */
const Links = ({ links }) => html`<ul class="links">
  ${links.map(({ traceId, spanId, attributes }) => html`<li>
    <a href=${traceHref(traceId, spanId)}>trace <code>${traceId.slice(0, 8)}…</code> span <code>${spanId}</code></a>
    ${attributes.length > 0 && html`<${Attributes} items=${attributes} searchable=${false} />`}
  </li>`)}
</ul>`;
