// The filters of the list. They live in the page's address under the API's own names,
// plus `range`: the last 15 minutes stay the last 15 minutes when a link is shared.

/** The choices of the time field. @type {{name: string, label: string, lengthUs: number}[]} */
export const RANGES = [
  { name: "5m", label: "Last 5 minutes", lengthUs: 5 * 60e6 },
  { name: "15m", label: "Last 15 minutes", lengthUs: 15 * 60e6 },
  { name: "1h", label: "Last hour", lengthUs: 3600e6 },
  { name: "24h", label: "Last 24 hours", lengthUs: 86_400e6 },
];

/** @param {string | null} name */
const rangeNamed = (name) => RANGES.find((range) => range.name === name);
/** @param {string} us */
const localTime = (us) => new Date(Number(us) / 1000).toLocaleString();

/** @type {Record<string, (value: string) => string>} */
const LABELS = {
  q: (value) => `the text “${value}”`,
  service: (value) => `the service ${value}`,
  operation: (value) => `the operation ${value}`,
  attribute: (value) => value,
  minDuration: (value) => `at least ${value}`,
  maxDuration: (value) => `at most ${value}`,
  errors: () => "only errors",
  range: (value) => (rangeNamed(value)?.label ?? value).toLowerCase(),
  start: (value) => `from ${localTime(value)}`,
  end: (value) => `until ${localTime(value)}`,
};

/** The address's query, translated for the API. @param {URLSearchParams} query */
export function apiQuery(query) {
  const translated = new URLSearchParams();
  for (const [name, value] of query) {
    if (name in LABELS && name !== "range" && value) translated.append(name, value);
  }
  const range = rangeNamed(query.get("range"));
  if (range) translated.set("start", String(Math.round(Date.now() * 1000 - range.lengthUs)));
  return translated;
}

/** Every active filter, with the query without it. @param {URLSearchParams} query */
export function activeFilters(query) {
  return [...query]
    .filter(([name, value]) => name in LABELS && value)
    .map(([name, value]) => ({
      label: LABELS[name](value),
      without: withoutFilter(query, name, value),
    }));
}

/** @param {URLSearchParams} query @param {string} name @param {string} value */
function withoutFilter(query, name, value) {
  return new URLSearchParams([...query].filter(([n, v]) => n !== name || v !== value));
}

/**
 * The query with one filter set; "" removes it.
 * @param {URLSearchParams} query
 * @param {string} name
 * @param {string} value
 */
export function withFilter(query, name, value) {
  const next = new URLSearchParams(query);
  if (value) next.set(name, value);
  else next.delete(name);
  return next;
}

/** "250" → "250ms", "1.5 s" → "1.5s"; null when it is not a duration. @param {string} text */
export function readDuration(text) {
  const parts = text.trim().match(/^(\d+(?:\.\d+)?)\s*(ns|us|µs|ms|s|m|h)?$/i);
  return parts ? parts[1] + (parts[2] ?? "ms").toLowerCase() : null;
}
