// A button that copies a text and says that it did.

import { html, useState } from "../preact.js";
import { icon } from "./icons.js";

/** How long "copied" stays. */
const SAID_MS = 1500;

/** @param {{text: string, label: string, children?: any, class?: string}} props */
export function Copy({ text, label, children, class: extra = "icon" }) {
  const [copied, setCopied] = useState(false);
  async function copy() {
    await writeClipboard(text);
    setCopied(true);
    setTimeout(() => setCopied(false), SAID_MS);
  }
  const said = copied ? "Copied" : label;
  return html`<button
    type="button"
    class="quiet copy ${extra}"
    onClick=${copy}
    title=${said}
    aria-label=${said}
  >
    ${icon(copied ? "check" : "copy")}${children}
  </button>`;
}

/** The clipboard API exists on https and localhost only; this works anywhere. */
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
