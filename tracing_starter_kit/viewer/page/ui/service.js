// One colour per service, the same on every page and tomorrow: handed out in order of
// first appearance and remembered by the browser. Hashing the name would give two of
// five services the same of ten colours more often than not.

import { html } from "../preact.js";
import { recall, remember } from "../memory.js";

const COLOURS = 10;
const KEPT = 200;
const seen = new Map(JSON.parse(recall("services") ?? "[]"));

/** The colour's CSS value, e.g. "var(--service-3)". @param {string} name */
export function serviceColour(name) {
  if (!seen.has(name)) {
    seen.set(name, seen.size % COLOURS);
    remember("services", JSON.stringify([...seen].slice(-KEPT)));
  }
  return `var(--service-${seen.get(name)})`;
}

/** The name of a service behind a dot of its colour. */
export const Service = ({ name, children }) =>
  html`<span class="service" style=${{ "--service": serviceColour(name) }}>
    ${name}${children}
  </span>`;
