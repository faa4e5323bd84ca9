// The answers of the API, so that an editor knows them; nothing here runs.
// The description with every field's meaning is viewer/api/shapes.py.

/** @typedef {{name: string, spanCount: number, errorCount: number}} ServiceCount */

/**
 * One trace in the list.
 * @typedef {object} Summary
 * @property {string} traceId
 * @property {string} rootService
 * @property {string} rootName
 * @property {number} startUs
 * @property {number} durationUs
 * @property {number} spanCount
 * @property {number} errorCount
 * @property {ServiceCount[]} services
 * @property {Record<string, string>} fields
 * @property {boolean} complete
 */

/**
 * Traces that match, and where the next page of them begins.
 * @typedef {object} TracePage
 * @property {Summary[]} traces
 * @property {number | null} olderUs  what to ask for as `end`; null: these are all
 */

/**
 * One row of the waterfall.
 * @typedef {object} SpanRow
 * @property {string} id
 * @property {string | null} parent
 * @property {number} depth
 * @property {number} service  index into Trace.services
 * @property {string} name
 * @property {string} kind
 * @property {number} offsetUs
 * @property {number} durationUs
 * @property {boolean} error
 * @property {"auto" | "hand"} made
 * @property {boolean} orphan
 * @property {string | null} code
 * @property {number} children
 */

/**
 * @typedef {object} Trace
 * @property {string} traceId
 * @property {number} startUs
 * @property {number} durationUs
 * @property {string[]} services
 * @property {SpanRow[]} spans  depth first, children by start time
 * @property {string[]} warnings
 */

/** @typedef {{key: string, type: string, value: any}} Attribute */

/**
 * @typedef {object} SpanDetails
 * @property {string} id
 * @property {string | null} parent
 * @property {string} name
 * @property {string} kind
 * @property {string} service
 * @property {number} startUs
 * @property {number} durationUs
 * @property {{code: string, message: string}} status
 * @property {Attribute[]} attributes
 * @property {{name: string, offsetUs: number, attributes: Attribute[]}[]} events
 * @property {{traceId: string, spanId: string, attributes: Attribute[]}[]} links
 * @property {Attribute[]} resource
 * @property {{name: string, version: string}} scope
 * @property {"auto" | "hand"} made
 * @property {{path: string?, line: number?, function: string?} | null} code
 * @property {{timeUs: number, severity: string, body: any, attributes: Attribute[]}[]} logs
 */

/**
 * @typedef {object} Source
 * @property {string} path
 * @property {string | null} function
 * @property {number | null} line
 * @property {string | null} revision
 * @property {"recorded" | "working-tree"} shown
 * @property {string | null} note
 * @property {number | null} functionStart
 * @property {number | null} functionEnd
 * @property {{number: number, html: string}[]} lines
 */

/**
 * @typedef {object} Status
 * @property {string} version
 * @property {number} spans
 * @property {number} bytes
 * @property {number} maxBytes
 * @property {number} removedSpans
 * @property {number} pendingSpans
 * @property {string} otlpHttp
 * @property {string} otlpGrpc
 * @property {string[]} services
 */

export {};
