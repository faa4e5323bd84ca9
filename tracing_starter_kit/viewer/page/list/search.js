// The search bar of the list: every field is a filter in the address, so a search can
// be shared and the back button undoes it. No field has to be filled before another.

import { html, useEffect, useRef, useState } from "../preact.js";
import { suggest } from "../api.js";
import { RANGES, activeFilters, listHref, readDuration, withFilter } from "./filters.js";
import { icon } from "../ui/icons.js";
import { go } from "../router.js";
import { status } from "../ui/status_line.js";

/** How long after the last key a search starts by itself. */
const TYPING_MS = 250;

/** @param {{query: URLSearchParams}} props */
export function SearchBar({ query }) {
  const set = (name, value, options) => go(listHref(withFilter(query, name, value)), options);
  return html`<search>
    <form class="search" onSubmit=${(event) => event.preventDefault()}>
      <${TextFilter} query=${query} set=${set} />
      <${ServiceFilter} value=${query.get("service") ?? ""} set=${set} />
      <${OperationFilter} query=${query} set=${set} />
      <fieldset class="durations">
        <legend class="sr">Duration</legend>
        <${DurationFilter} name="minDuration" label="Shortest duration" hint="min 10ms" query=${query} set=${set} />
        <span aria-hidden="true">–</span>
        <${DurationFilter} name="maxDuration" label="Longest duration" hint="max 2s" query=${query} set=${set} />
      </fieldset>
      <${TimeFilter} query=${query} set=${set} />
      <label class="check">
        <input type="checkbox" checked=${query.has("errors")}
          onChange=${(event) => set("errors", event.target.checked ? "1" : "")} />
        Only errors
      </label>
    </form>
    <${Chips} query=${query} />
  </search>`;
}

/** A text field that searches by itself, and makes one step of history per visit. */
function useTyped(value, send) {
  const [text, setText] = useState(value);
  const timer = useRef(0);
  const started = useRef(false);
  useEffect(() => setText(value), [value]);
  const later = (next, wait) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      if (next === value) return;
      send(next, { replace: started.current });
      started.current = true;
    }, wait);
  };
  return {
    value: text,
    onInput: (event) => {
      setText(event.target.value);
      later(event.target.value.trim(), TYPING_MS);
    },
    onChange: (event) => later(event.target.value.trim(), 0),
    onBlur: () => (started.current = false),
  };
}

function TextFilter({ query, set }) {
  const [options, setOptions] = useState([]);
  const typed = useTyped(query.get("q") ?? "", (text, how) => set("q", text, how));
  async function onInput(event) {
    typed.onInput(event);
    setOptions(await completions(event.target.value));
  }
  return html`<label class="text">
    <span class="sr">Search traces</span>${icon("search")}
    <input id="search" type="search" list="completions" autocomplete="off" spellcheck=${false}
      placeholder="Search any text, or key=value" ...${typed} onInput=${onInput} />
    <kbd aria-hidden="true">/</kbd>
    <datalist id="completions">${options.map((option) => html`<option value=${option} />`)}</datalist>
  </label>`;
}

/** Completes the last word: an attribute's key, then its values. */
async function completions(text) {
  const [head, word] = text.match(/^(.*?)(\S*)$/).slice(1);
  if (!word) return [];
  const [key, prefix] = word.split("=", 2);
  const asked =
    prefix === undefined
      ? { field: "attribute-key", prefix: word }
      : { field: "attribute-value", key, prefix };
  const values = await suggest(asked).catch(() => []);
  return values.map((value) =>
    prefix === undefined ? `${head}${value}=` : `${head}${key}=${quoted(value)}`,
  );
}

const quoted = (value) => (/\s/.test(value) ? `"${value}"` : value);

function ServiceFilter({ value, set }) {
  const names = new Set(status.value?.services ?? []);
  if (value) names.add(value);
  return html`<label>
    <span class="sr">Service</span>
    <select value=${value} onChange=${(event) => set("service", event.target.value)}>
      <option value="">Any service</option>
      ${[...names].sort().map((name) => html`<option value=${name}>${name}</option>`)}
    </select>
  </label>`;
}

function OperationFilter({ query, set }) {
  const [names, setNames] = useState([]);
  const typed = useTyped(query.get("operation") ?? "", (text, how) => set("operation", text, how));
  async function load() {
    const service = query.get("service") ?? "";
    setNames(await suggest({ field: "operation", service }).catch(() => []));
  }
  return html`<label>
    <span class="sr">Operation</span>
    <input class="operation" list="operations" placeholder="Any operation" autocomplete="off"
      spellcheck=${false} onFocus=${load} ...${typed} />
    <datalist id="operations">${names.map((name) => html`<option value=${name} />`)}</datalist>
  </label>`;
}

function DurationFilter({ name, label, hint, query, set }) {
  const [bad, setBad] = useState(false);
  const typed = useTyped(query.get(name) ?? "", (text, how) => {
    const read = text && readDuration(text);
    setBad(read === null);
    if (read !== null) set(name, read, how);
  });
  const problem = "Write a duration such as 10ms, 1.5s or 2m";
  return html`<input class="duration" aria-label=${label} placeholder=${hint} autocomplete="off"
    aria-invalid=${bad} title=${bad ? problem : label} ...${typed} />`;
}

function TimeFilter({ query, set }) {
  const between = query.has("start") || query.has("end");
  const choose = (event) => set("range", event.target.value);
  return html`<label>
    <span class="sr">Time</span>
    <select value=${between ? "between" : query.get("range") ?? ""} onChange=${choose}>
      <option value="">Any time</option>
      ${RANGES.map(([value, label]) => html`<option value=${value}>${label}</option>`)}
      ${between && html`<option value="between">As linked</option>`}
    </select>
  </label>`;
}

/** What is set, each with a cross: the attributes, and a way to clear everything. */
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
