// One trace in the list. The whole row is a link to the trace; the business fields on
// top of it are links that search for their value.

import { html, signal } from "../preact.js";
import { ago, clock, count, dateAndClock, duration, number } from "../format.js";
import { attributeHref, traceHref } from "../router.js";
import { icon } from "../ui/icons.js";
import { Service, serviceColour } from "../ui/service.js";

/** @import { Summary } from "../types.js" */

/** Ticks once a second, so that "12 s ago" stays true. */
const now = signal(Date.now());
setInterval(() => document.hidden || (now.value = Date.now()), 1000);

/** @param {{us: number}} props */
const Ago = ({ us }) => html`<span class="ago">${ago(us, now.value)}</span>`;

/** @param {{trace: Summary, longestUs: number}} props */
export function TraceRow({ trace, longestUs }) {
  return html`<li class=${trace.errorCount ? "row failed" : "row"} data-trace=${trace.traceId}>
    <time title=${dateAndClock(trace.startUs)}>
      <${Ago} us=${trace.startUs} /><span class="clock">${clock(trace.startUs).slice(0, 8)}</span>
    </time>
    <a class="entry" href=${traceHref(trace.traceId)}>
      <${Service} name=${trace.rootService} /> <b>${trace.rootName}</b>
      ${!trace.complete && html`<em title="No root span, or spans whose parent is missing. They may still arrive.">incomplete</em>`}
    </a>
    <${DurationBar} trace=${trace} longestUs=${longestUs} />
    <span class="counts">
      ${count(trace.spanCount, "span")}
      ${trace.errorCount > 0 && html`<span class="bad">${icon("error")}${count(trace.errorCount, "error")}</span>`}
    </span>
    <${Services} services=${trace.services} />
    <${Fields} trace=${trace} />
  </li>`;
}

/**
 * The square root of the duration: beside a trace of minutes, traces of milliseconds
 * still differ.
 * @param {{trace: Summary, longestUs: number}} props
 */
function DurationBar({ trace, longestUs }) {
  const width = `${100 * Math.sqrt(trace.durationUs / longestUs)}%`;
  const title = `${duration(trace.durationUs)} from the first span's start to the last one's end`;
  return html`<span class="took" title=${title}>
    <span class="took-bar" aria-hidden="true">
      <i style=${{ width, "--service": serviceColour(trace.rootService) }}></i>
    </span>
    ${duration(trace.durationUs)}
  </span>`;
}

/** @param {Pick<Summary, "services">} props */
const Services = ({ services }) => html`<span class="services">
  ${services.map(({ name, spanCount, errorCount }) => html`<span
    title="${name}: ${count(spanCount, "span")}${errorCount ? `, ${count(errorCount, "error")}` : ""}">
    <${Service} name=${name}><small>${number(spanCount)}</small><//>
  </span>`)}
</span>`;

/**
 * The business fields, except for those that only repeat the root's name.
 * @param {{trace: Summary}} props
 */
const Fields = ({ trace: { fields, rootName } }) => html`<span class="fields">
  ${Object.entries(fields).filter(([, value]) => value !== rootName).map(([key, value]) => html`<a class="field" href=${attributeHref(key, value)}
    title="Find traces with ${key}=${value}"><span>${fieldLabel(key)}</span> ${value}</a>`)}
</span>`;

/**
 * "customer" for shop.customer.id: the prefix is the same for all of a team's fields, and
 * the whole key is in the title.
 * @param {string} key
 */
function fieldLabel(key) {
  const words = key.split(".");
  if (words.length > 1 && ["id", "name"].includes(words.at(-1) ?? "")) words.pop();
  return words.slice(words.length > 1 ? 1 : 0).join(".");
}
