// The viewer's API as functions. A failure is an ApiError whose message is a sentence
// for the person in front of the page; status 0 means that nothing answered at all.

/** @import { Source, SpanDetails, Status, Summary, Trace } from "./types.js" */

export class ApiError extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** @returns {Promise<Status>} */
export const getStatus = () => getJson("/api/x/status");

/** @param {URLSearchParams} query @returns {Promise<{traces: Summary[]}>} */
export const findTraces = (query, options = {}) =>
  getJson(`/api/x/traces?${query}`, options);

/** @param {string} traceId @returns {Promise<Trace>} */
export const getTrace = (traceId, options = {}) =>
  getJson(`/api/x/traces/${traceId}`, options);

/** @param {string} traceId @param {string} spanId @returns {Promise<SpanDetails>} */
export const getSpan = (traceId, spanId, options = {}) =>
  getJson(`/api/x/traces/${traceId}/spans/${spanId}`, options);

/** @param {string} traceId @param {string} spanId @returns {Promise<Source>} */
export const getSource = (traceId, spanId, options = {}) =>
  getJson(`/api/x/traces/${traceId}/spans/${spanId}/source`, options);

/** @param {Record<string, string>} query @returns {Promise<string[]>} */
export const suggest = async (query) =>
  (await getJson(`/api/x/suggest?${new URLSearchParams(query)}`)).values;

/** True for the rejection of a request that the page itself gave up. */
export const isAborted = (error) => error?.name === "AbortError";

async function getJson(path, options = {}) {
  const response = await reach(path, options);
  const body = await response.json().catch(() => null);
  if (response.ok && body) return body;
  const said = body?.error?.message;
  throw new ApiError(
    response.status,
    said ?? `The viewer answered ${response.status} to ${path}; its log says why.`,
  );
}

async function reach(path, options) {
  try {
    return await fetch(path, options);
  } catch (error) {
    if (isAborted(error)) throw error;
    throw new ApiError(0, "The viewer does not answer. Start it again with: kit viewer");
  }
}
