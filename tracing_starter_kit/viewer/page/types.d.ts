// The answers of the API, for tsc and for editors; nothing here runs.
// Generated from viewer/api/explore/shapes.py: python -m scripts.page_types

export type Kind = "UNSPECIFIED" | "INTERNAL" | "SERVER" | "CLIENT" | "PRODUCER" | "CONSUMER";

export type StatusCode = "UNSET" | "OK" | "ERROR";

export type Made = "auto" | "hand";

export type Group = "business" | "kit" | "standard";

export type Scalar = string | number | boolean | null;

/**
 * The viewer's contents, and the addresses where it receives traces.
 */
export interface Status {
  version: string;
  spans: number;
  bytes: number;
  maxBytes: number;
  removedSpans: number; // removed oldest first to stay under maxBytes
  pendingSpans: number; // accepted and durable, not readable yet
  otlpHttp: string; // "http://127.0.0.1:4318"
  otlpGrpc: string; // "127.0.0.1:4317"
  services: Array<string>;
}

/**
 * The number of a trace's spans in one service, and how many of them failed.
 */
export interface ServiceCount {
  name: string;
  spanCount: number;
  errorCount: number;
}

/**
 * One trace in the list.
 */
export interface Summary {
  traceId: string;
  rootService: string; // of the root span; of the earliest span while the root is missing
  rootName: string;
  startUs: number;
  durationUs: number;
  spanCount: number;
  errorCount: number;
  services: Array<ServiceCount>; // by name
  fields: Record<string, string>; // up to six business attributes of the entry span
  complete: boolean; // has a root, and no span's parent is missing
}

/**
 * Traces that match; also the data of one `event: traces` of the live stream.
 *
 * A trace that comes again in the stream replaces its earlier summary.
 */
export interface Traces {
  traces: Array<Summary>;
}

/**
 * The newest traces that match, and where the next page of them begins.
 */
export interface TracePage extends Traces {
  olderUs: number | null; // `end` of the next page's request; null: there is no next page
}

/**
 * One row of the waterfall, in depth-first order, children by start time.
 */
export interface SpanRow {
  id: string;
  parent: string | null; // as the span says, also when that span is missing
  depth: number;
  service: number; // index into Trace.services
  name: string;
  kind: Kind;
  offsetUs: number;
  durationUs: number;
  error: boolean;
  made: Made;
  orphan: boolean; // has a parent, but that span is missing (so far)
  code: string | null; // "billing/pricing.py:42"
  children: number; // direct children
}

/**
 * One trace, lean enough for 10,000 spans; details come span by span.
 */
export interface Trace {
  traceId: string;
  startUs: number;
  durationUs: number;
  services: Array<string>; // in order of appearance
  spans: Array<SpanRow>;
  warnings: Array<string>; // sentences about the data, e.g. missing spans
}

/**
 * One attribute.
 *
 * `group` says whose it is: the business's own field, a helper's of the kit, or the
 * conventions' (`viewer/model/namespaces.py` has the rule).
 */
export interface Attribute {
  key: string;
  type: "string" | "bool" | "int" | "double" | "bytes" | "array" | "map" | "empty";
  value: Scalar | Array<unknown> | Record<string, unknown>; // an int beyond 2^53 is a string
  group: Group;
}

/**
 * Something that happened during the span.
 */
export interface SpanEvent {
  name: string;
  offsetUs: number; // from the start of the trace
  attributes: Array<Attribute>;
}

/**
 * A related span, of another trace or of this one.
 */
export interface SpanLink {
  traceId: string;
  spanId: string;
  attributes: Array<Attribute>;
}

/**
 * A log record that was written inside the span.
 */
export interface LogRecord {
  timeUs: number; // Unix time
  severity: string; // "INFO"; "" when the sender left it out
  body: Scalar | Array<unknown> | Record<string, unknown>;
  attributes: Array<Attribute>;
}

/**
 * The span's outcome.
 */
export interface SpanStatus {
  code: StatusCode;
  message: string;
}

/**
 * The instrumentation that made the span.
 */
export interface Scope {
  name: string;
  version: string;
}

/**
 * The line of code that the span names; for a client span the calling line.
 */
export interface Code {
  path: string | null;
  line: number | null;
  function: string | null;
}

/**
 * All of one span.
 */
export interface SpanDetails {
  id: string;
  parent: string | null;
  name: string;
  kind: Kind;
  service: string;
  startUs: number; // Unix time
  durationUs: number;
  status: SpanStatus;
  attributes: Array<Attribute>;
  events: Array<SpanEvent>;
  links: Array<SpanLink>;
  resource: Array<Attribute>;
  scope: Scope;
  made: Made;
  code: Code | null; // null: the span names no code at all
  logs: Array<LogRecord>;
}

/**
 * One line of a file, with Pygments' short classes (`<span class="k">`).
 */
export interface SourceLine {
  number: number;
  html: string; // without a line end; safe to insert
}

/**
 * The whole file that a span names; without one, 404 or 403 with the reason.
 *
 * `functionStart` (its first decorator) and `functionEnd` are null unless the file
 * is Python and the line lies in a function.
 */
export interface Source {
  path: string;
  function: string | null;
  line: number | null; // the line to mark; null: the span names only a function or a file
  revision: string | null; // recorded with the trace
  shown: "recorded" | "working-tree";
  note: string | null; // one sentence when the text shown needs one
  functionStart: number | null;
  functionEnd: number | null;
  lines: Array<SourceLine>;
}

/**
 * Values that start with the prefix first, then those that contain it.
 *
 * Parameters: field (service, operation, attribute-key, attribute-value), prefix,
 * service (narrows operation), key (required for attribute-value).
 */
export interface Suggestions {
  values: Array<string>;
}

/**
 * The failure in one sentence: the problem, the value, and the next step.
 */
export interface FailureBody {
  httpCode: number;
  message: string;
}

/**
 * Every answer of `/api/x` and `/api/v3` that is not a success.
 */
export interface Failure {
  error: FailureBody;
}
