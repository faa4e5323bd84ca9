// The search bar of the list: every field is a filter in the address, so a search can
// be shared and the back button undoes it. Each field works without the others.

import { html, useEffect, useRef, useState } from "../preact.js";
import { suggest } from "../api.js";
import { go, listHref } from "../router.js";
import { icon } from "../ui/icons.js";
import { status } from "../ui/status_line.js";
import { RANGES, activeFilters, readDuration, withFilter } from "./filters.js";

/** @typedef {InputEvent & {currentTarget: HTMLInputElement}} TextEvent */
/** @typedef {Event & {currentTarget: HTMLInputElement | HTMLSelectElement}} ChangeEvent */
/** @typedef {{replace?: boolean}} Step  in place of the current step of the history */
/** @typedef {(name: string, value: string, step?: Step) => void} SetFilter */
/** @typedef {{query: URLSearchParams, set: SetFilter}} FilterProps */

/** The pause after the last key before a search starts by itself. */
const TYPING_MS = 250;

/** @param {{query: URLSearchParams}} props */
export function SearchBar({ query }) {
  /** @type {SetFilter} */
  const set = (name, value, step) => go(listHref(withFilter(query, name, value)), step);
  /** @param {Event & {currentTarget: HTMLInputElement}} event */
  const onErrors = (event) => set("errors", event.currentTarget.checked ? "1" : "");
  return html`<search>
    <form class="search" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
      <${TextFilter} query=${query} set=${set} />
      <${ServiceFilter} query=${query} set=${set} />
      <${OperationFilter} query=${query} set=${set} />
      <fieldset class="durations">
        <legend class="sr">Duration</legend>
        <${DurationFilter} name="minDuration" label="Shortest duration" hint="min 10ms" query=${query} set=${set} />
        <span aria-hidden="true">–</span>
        <${DurationFilter} name="maxDuration" label="Longest duration" hint="max 2s" query=${query} set=${set} />
      </fieldset>
      <${TimeFilter} query=${query} set=${set} />
      <label class="check">
        <input type="checkbox" checked=${query.has("errors")} onChange=${onErrors} />
        Only errors
      </label>
    </form>
    <${Chips} query=${query} />
  </search>`;
}

/**
 * A text field that searches by itself, and makes one step of history per visit.
 * @param {string} value
 * @param {(text: string, step: Step) => void} send
 */
function useTextField(value, send) {
  const [text, setText] = useState(value);
  const timer = useRef(0);
  const hasSent = useRef(false);
  useEffect(() => setText(value), [value]);
  /** @param {string} next @param {number} delayMs */
  const schedule = (next, delayMs) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      if (next === value) return;
      send(next, { replace: hasSent.current });
      hasSent.current = true;
    }, delayMs);
  };
  return {
    value: text,
    /** @param {TextEvent} event */
    onInput: (event) => {
      setText(event.currentTarget.value);
      schedule(event.currentTarget.value.trim(), TYPING_MS);
    },
    /** @param {ChangeEvent} event */
    onChange: (event) => schedule(event.currentTarget.value.trim(), 0),
    onBlur: () => {
      hasSent.current = false;
    },
  };
}

/** @param {FilterProps} props */
function TextFilter({ query, set }) {
  const [options, setOptions] = useState(/** @type {string[]} */ ([]));
  const field = useTextField(query.get("q") ?? "", (text, step) => set("q", text, step));
  /** @param {TextEvent} event */
  async function onInput(event) {
    field.onInput(event);
    setOptions(await completions(event.currentTarget.value));
  }
  return html`<label class="text">
    <span class="sr">Search traces</span>${icon("search")}
    <input id="search" type="search" list="completions" autocomplete="off" spellcheck=${false}
      placeholder="Search any text, or key=value" ...${field} onInput=${onInput} />
    <kbd aria-hidden="true">/</kbd>
    <datalist id="completions">${options.map((option) => html`<option value=${option} />`)}</datalist>
  </label>`;
}

/** Completes the last word: an attribute's key, then its values. @param {string} text */
async function completions(text) {
  const word = text.slice(text.search(/\S*$/));
  const head = text.slice(0, text.length - word.length);
  if (!word) return [];
  const [key, prefix] = word.split("=", 2);
  if (prefix === undefined) {
    const keys = await suggestions({ field: "attribute-key", prefix: word });
    return keys.map((value) => `${head}${value}=`);
  }
  const values = await suggestions({ field: "attribute-value", key, prefix });
  return values.map((value) => `${head}${key}=${quoted(value)}`);
}

/** No suggestions is a good answer to a failure, too. @param {Record<string, string>} query */
const suggestions = (query) => suggest(query).catch(() => []);

/** The value as the search box reads it back. @param {string} value */
const quoted = (value) => (/[\s"]/.test(value) ? `"${value.replace(/["\\]/g, "\\$&")}"` : value);

/** @param {FilterProps} props */
function ServiceFilter({ query, set }) {
  const value = query.get("service") ?? "";
  const names = new Set(status.value?.services ?? []);
  if (value) names.add(value);
  const onChange = (/** @type {ChangeEvent} */ event) => set("service", event.currentTarget.value);
  return html`<label>
    <span class="sr">Service</span>
    <select value=${value} onChange=${onChange}>
      <option value="">Any service</option>
      ${[...names].sort().map((name) => html`<option value=${name}>${name}</option>`)}
    </select>
  </label>`;
}

/** @param {FilterProps} props */
function OperationFilter({ query, set }) {
  const [names, setNames] = useState(/** @type {string[]} */ ([]));
  const field = useTextField(query.get("operation") ?? "", (text, step) => set("operation", text, step));
  async function load() {
    const service = query.get("service") ?? "";
    setNames(await suggestions({ field: "operation", service }));
  }
  return html`<label>
    <span class="sr">Operation</span>
    <input class="operation" list="operations" placeholder="Any operation" autocomplete="off"
      spellcheck=${false} onFocus=${load} ...${field} />
    <datalist id="operations">${names.map((name) => html`<option value=${name} />`)}</datalist>
  </label>`;
}

/** @param {FilterProps & {name: string, label: string, hint: string}} props */
function DurationFilter({ name, label, hint, query, set }) {
  const [isInvalid, setInvalid] = useState(false);
  const field = useTextField(query.get(name) ?? "", (text, step) => {
    const value = text && readDuration(text);
    setInvalid(value === null);
    if (value !== null) set(name, value, step);
  });
  const problem = "Write a duration such as 10ms, 1.5s or 2m";
  return html`<input class="duration" aria-label=${label} placeholder=${hint} autocomplete="off"
    aria-invalid=${isInvalid} title=${isInvalid ? problem : label} ...${field} />`;
}

/** @param {FilterProps} props */
function TimeFilter({ query, set }) {
  const isLinked = query.has("start") || query.has("end");
  const onChange = (/** @type {ChangeEvent} */ event) => set("range", event.currentTarget.value);
  return html`<label>
    <span class="sr">Time</span>
    <select value=${isLinked ? "between" : query.get("range") ?? ""} onChange=${onChange}>
      <option value="">Any time</option>
      ${RANGES.map(({ name, label }) => html`<option value=${name}>${label}</option>`)}
      ${isLinked && html`<option value="between">As linked</option>`}
    </select>
  </label>`;
}

/**
 * The active filters, each with a cross, and a link to clear them all.
 * @param {{query: URLSearchParams}} props
 */
function Chips({ query }) {
  const active = activeFilters(query);
  if (!active.length) return null;
  return html`<div class="chips" aria-label="Filters that are set">
    ${active.map(({ label, without }) => html`<a class="chip" href=${listHref(without)} title="Remove this filter">
      ${label}${icon("close")}
    </a>`)}
    ${active.length > 1 && html`<a class="clear" href="/">Clear all</a>`}
  </div>`;
}
