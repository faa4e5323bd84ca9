// The viewer's API as functions. A failure is an ApiError whose message is a sentence
// for the person in front of the page; status 0 means that nothing answered.
//
// Requests that often find nothing carry quiet=1: then a failure has the status 200,
// because a browser writes every other status on its console.

/** @import { Source, SpanDetails, Status, Suggestions, Trace, TracePage } from "./types.js" */

/**
 * One span in the form of Jaeger's older API; only the parts that the page reads.
 * @typedef {{key: string, value: unknown}} Tag
 * @typedef {{spanID: string, tags: Tag[], logs: {fields: Tag[]}[]}} JaegerSpan
 */

export class ApiError extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** @returns {Promise<Status>} */
export const getStatus = () => getJson("/api/x/status");

/** @param {URLSearchParams} query @param {RequestInit} options @returns {Promise<TracePage>} */
export const findTraces = (query, options = {}) =>
  getJson(`/api/x/traces?${query}&quiet=1`, options);

/** @param {string} traceId @param {RequestInit} options @returns {Promise<Trace>} */
export const getTrace = (traceId, options = {}) =>
  getJson(`/api/x/traces/${traceId}?quiet=1`, options);

/**
 * All attributes of all spans of a trace, in the form of Jaeger's older API.
 * @param {string} traceId
 * @returns {Promise<JaegerSpan[]>}
 */
export const getWholeTrace = async (traceId) =>
  (await getJson(`/api/traces/${traceId}`)).data[0].spans;

/**
 * @param {string} traceId
 * @param {string} spanId
 * @param {RequestInit} options
 * @returns {Promise<SpanDetails>}
 */
export const getSpan = (traceId, spanId, options = {}) =>
  getJson(`/api/x/traces/${traceId}/spans/${spanId}`, options);

/**
 * @param {string} traceId
 * @param {string} spanId
 * @param {RequestInit} options
 * @returns {Promise<Source>}
 */
export const getSource = (traceId, spanId, options = {}) =>
  getJson(`/api/x/traces/${traceId}/spans/${spanId}/source?quiet=1`, options);

/** @param {Record<string, string>} query @returns {Promise<Suggestions["values"]>} */
export const suggest = async (query) =>
  (await getJson(`/api/x/suggest?${new URLSearchParams(query)}`)).values;

/** Is this the rejection of a request that the page itself aborted? @param {unknown} error */
export const isAborted = (error) => error instanceof Error && error.name === "AbortError";

/** @param {unknown} error  anything that was thrown */
export const messageOf = (error) => (error instanceof Error ? error.message : String(error));

/** @param {string} path @param {RequestInit} options @returns {Promise<any>} */
async function getJson(path, options = {}) {
  const response = await request(path, options);
  const body = await response.json().catch(() => null);
  if (response.ok && body && !body.error) return body;
  throw new ApiError(
    body?.error?.httpCode ?? response.status,
    body?.error?.message ?? `The viewer answered ${response.status}; its log says why.`,
  );
}

/** @param {string} path @param {RequestInit} options */
async function request(path, options) {
  try {
    return await fetch(path, options);
  } catch (error) {
    if (isAborted(error)) throw error;
    throw new ApiError(0, "The viewer does not answer. Start it again with: kit viewer");
  }
}
