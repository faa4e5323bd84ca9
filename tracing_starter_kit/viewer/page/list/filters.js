// The filters of the list. They live in the page's address under the API's own names,
// plus `range`: the last 15 minutes stay the last 15 minutes when a link is shared.

import { duration } from "../format.js";

/** What the time field offers: the address's value, its name, its length in µs. */
export const RANGES = [
  ["5m", "Last 5 minutes", 5 * 60e6],
  ["15m", "Last 15 minutes", 15 * 60e6],
  ["1h", "Last hour", 3600e6],
  ["24h", "Last 24 hours", 86_400e6],
];

const LABELS = {
  q: (value) => `the text “${value}”`,
  service: (value) => `the service ${value}`,
  operation: (value) => `the operation ${value}`,
  attribute: (value) => value,
  minDuration: (value) => `at least ${value}`,
  maxDuration: (value) => `at most ${value}`,
  errors: () => "only errors",
  range: (value) => (RANGES.find(([name]) => name === value)?.[1] ?? value).toLowerCase(),
  start: (value) => `from ${new Date(value / 1000).toLocaleString()}`,
  end: (value) => `until ${new Date(value / 1000).toLocaleString()}`,
};

/** The address's query as the API takes it. @param {URLSearchParams} query */
export function apiQuery(query) {
  const asked = new URLSearchParams();
  for (const [name, value] of query) {
    if (name in LABELS && name !== "range" && value) asked.append(name, value);
  }
  const range = RANGES.find(([name]) => name === query.get("range"));
  if (range) asked.set("start", String(Math.round(Date.now() * 1000 - range[2])));
  return asked;
}

/** Every filter that is set, with the query that is left without it. */
export function activeFilters(query) {
  return [...query]
    .filter(([name, value]) => name in LABELS && value)
    .map(([name, value]) => ({
      name,
      value,
      label: LABELS[name](value),
      without: without(query, name, value),
    }));
}

function without(query, name, value) {
  const rest = [...query].filter(([n, v]) => n !== name || v !== value);
  return new URLSearchParams(rest);
}

/** The query with one filter set, or unset by an empty value. */
export function withFilter(query, name, value) {
  const next = new URLSearchParams(query);
  if (value) next.set(name, value);
  else next.delete(name);
  return next;
}

/** The list's address for a query. @param {URLSearchParams} query */
export const listHref = (query) => (query.size ? `/?${query}` : "/");

/** The list of all traces with this attribute. */
export const attributeHref = (key, value) =>
  listHref(new URLSearchParams({ attribute: `${key}=${value}` }));

/** "250" → "250ms", "1.5 s" → "1.5s"; null when it is no duration. */
export function readDuration(text) {
  const said = text.trim().match(/^(\d+(?:\.\d+)?)\s*(ns|us|µs|ms|s|m|h)?$/i);
  return said ? said[1] + (said[2] ?? "ms").toLowerCase() : null;
}

/** "customer" for shop.customer.id: short enough for a row, its key is in the title. */
export const fieldLabel = (key) => key.replace(/^(shop|kit)\./, "").replace(/\.(id|name)$/, "");

/** @param {import("../types.js").Summary} trace  one sentence for its duration */
export const durationTitle = (trace) =>
  `${duration(trace.durationUs)} from the first span's start to the last one's end`;
