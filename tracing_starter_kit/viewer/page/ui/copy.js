// A button that copies a text and confirms it.

import { html, useState } from "../preact.js";
import { icon } from "./icons.js";

/** @import { ComponentChildren } from "../preact.js" */

/** How long the confirmation stays. */
const CONFIRMED_MS = 1500;

/** @param {{text: string, label: string, children?: ComponentChildren, class?: string}} props */
export function Copy({ text, label, children, class: extra = "icon" }) {
  const [copied, setCopied] = useState(false);
  async function copy() {
    await writeClipboard(text);
    setCopied(true);
    setTimeout(() => setCopied(false), CONFIRMED_MS);
  }
  const title = copied ? "Copied" : label;
  return html`<button
    type="button"
    class="quiet copy ${extra}"
    onClick=${copy}
    title=${title}
    aria-label=${title}
  >
    ${icon(copied ? "check" : "copy")}${children}
  </button>`;
}

/**
 * The clipboard API exists on https and localhost only; this works anywhere.
 * @param {string} text
 */
async function writeClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}
