// The viewer's API as functions. A failure is an ApiError whose message is a sentence
// for the person in front of the page; status 0 means that nothing answered at all.
//
// Questions whose answer may well be "there is none" are asked with quiet=1: then the
// failure comes with the status 200, because a browser writes all others on its console.

/** @import { Source, SpanDetails, Status, Trace, TracePage } from "./types.js" */

export class ApiError extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** @returns {Promise<Status>} */
export const getStatus = () => getJson("/api/x/status");

/** @param {URLSearchParams} query @returns {Promise<TracePage>} */
export const findTraces = (query, options = {}) =>
  getJson(`/api/x/traces?${query}&quiet=1`, options);

/** @param {string} traceId @returns {Promise<Trace>} */
export const getTrace = (traceId, options = {}) =>
  getJson(`/api/x/traces/${traceId}?quiet=1`, options);

/** All that the spans of a trace carry, in the form of Jaeger's older API. */
export const getWholeTrace = async (traceId) =>
  (await getJson(`/api/traces/${traceId}`)).data[0].spans;

/** @param {string} traceId @param {string} spanId @returns {Promise<SpanDetails>} */
export const getSpan = (traceId, spanId, options = {}) =>
  getJson(`/api/x/traces/${traceId}/spans/${spanId}`, options);

/** @param {string} traceId @param {string} spanId @returns {Promise<Source>} */
export const getSource = (traceId, spanId, options = {}) =>
  getJson(`/api/x/traces/${traceId}/spans/${spanId}/source?quiet=1`, options);

/** @param {Record<string, string>} query @returns {Promise<string[]>} */
export const suggest = async (query) =>
  (await getJson(`/api/x/suggest?${new URLSearchParams(query)}`)).values;

/** True for the rejection of a request that the page itself gave up. */
export const isAborted = (error) => error?.name === "AbortError";

async function getJson(path, options = {}) {
  const response = await reach(path, options);
  const body = await response.json().catch(() => null);
  if (response.ok && body && !body.error) return body;
  throw new ApiError(
    body?.error?.httpCode ?? response.status,
    body?.error?.message ?? `The viewer answered ${response.status}; its log says why.`,
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
