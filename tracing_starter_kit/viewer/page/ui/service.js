// A service's name and colour, the same on every page and on every visit. Colours are
// assigned in order of first appearance and remembered by the browser: hashing the name
// would give two of five services the same of ten colours more often than not.

import { html } from "../preact.js";
import { recall, remember } from "../memory.js";

/** @import { ComponentChildren } from "../preact.js" */

const COLOURS = 10;
const MAX_REMEMBERED = 200;
/** @type {Map<string, number>} the number of each service's colour */
const colours = new Map(JSON.parse(recall("services") ?? "[]"));

/** The colour's CSS value, e.g. "var(--service-3)". @param {string} name */
export function serviceColour(name) {
  if (!colours.has(name)) {
    colours.set(name, colours.size % COLOURS);
    remember("services", JSON.stringify([...colours].slice(-MAX_REMEMBERED)));
  }
  return `var(--service-${colours.get(name)})`;
}

/**
 * The name of a service behind a dot of its colour.
 * @param {{name: string, children?: ComponentChildren}} props
 */
export const Service = ({ name, children }) =>
  html`<span class="service" style=${{ "--service": serviceColour(name) }}>
    ${name}${children}
  </span>`;
