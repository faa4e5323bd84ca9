// The attributes and events of each span as one text, for finding in a trace. The
// waterfall's rows are lean on purpose, so this is loaded when somebody begins to find;
// the first matches, by name, do not wait for it.

import { getWholeTrace } from "../api.js";

/** @import { JaegerSpan } from "../api.js" */

/** @param {string} traceId @returns {Promise<Map<string, string>>} by span id */
export async function loadSpanTexts(traceId) {
  const spans = await getWholeTrace(traceId);
  return new Map(spans.map((span) => [span.spanID, textOf(span)]));
}

/** @param {JaegerSpan} span */
function textOf({ tags, logs }) {
  const pairs = [...tags, ...logs.flatMap((log) => log.fields)];
  return pairs.map(({ key, value }) => `${key}=${value}`).join("\n").toLowerCase();
}
