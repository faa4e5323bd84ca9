// Keys and values. A value is shown as text whatever it holds, can be copied, and
// links to all traces that have it.

import { html } from "../preact.js";
import { attributeHref } from "../router.js";
import { Copy } from "../ui/copy.js";
import { icon } from "../ui/icons.js";

/** @import { Attribute } from "../types.js" */
/** @typedef {Pick<Attribute, "key" | "type" | "value">} Item */

/** @param {{items: Item[], searchable?: boolean}} props */
export const Attributes = ({ items, searchable = true }) => html`<dl class="attributes">
  ${items.map((item) => html`<${Row} key=${item.key} item=${item} searchable=${searchable} />`)}
</dl>`;

/** @param {{item: Item, searchable: boolean}} props */
function Row({ item: { key, type, value }, searchable }) {
  const text = asText(value);
  const isLink = searchable && !["array", "map", "empty"].includes(type);
  return html`<div>
    <dt>${key}</dt>
    <dd class="type-${type}">
      ${isLink
        ? html`<a href=${attributeHref(key, text)} title="Find traces with ${key}=${text}">${text}</a>`
        : html`<span>${text}</span>`}
      <span class="tools">
        <${Copy} text=${text} label="Copy the value" />
        ${isLink && html`<a class="quiet icon" href=${attributeHref(key, text)} title="Find traces with this value"
          aria-label="Find traces with this value">${icon("filter")}</a>`}
      </span>
    </dd>
  </div>`;
}

/** Text stays as it is, all else becomes JSON. @param {unknown} value */
export const asText = (value) => (typeof value === "string" ? value : JSON.stringify(value, null, 1));
