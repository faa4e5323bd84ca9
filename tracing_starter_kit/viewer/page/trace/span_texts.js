// What the spans of a trace carry, as one text each, for finding in it. The waterfall's
// rows are lean on purpose, so this is loaded when somebody begins to find, and the
// first matches, by name, do not wait for it.

import { getWholeTrace } from "../api.js";

/** @returns {Promise<Map<string, string>>} span id to its attributes and events */
export async function loadSpanTexts(traceId) {
  const spans = await getWholeTrace(traceId);
  return new Map(spans.map((span) => [span.spanID, textOf(span)]));
}

function textOf({ tags, logs }) {
  const carried = [...tags, ...logs.flatMap((log) => log.fields)];
  return carried.map(({ key, value }) => `${key}=${value}`).join("\n").toLowerCase();
}
