"""The answers of `/api/x/*`, field by field: the contract between viewer and page.

Every answer is JSON; names are camelCase. Times are **microseconds** (`…Us`, a float,
Unix time where absolute; `offsetUs` counts from the start of the trace). Ids are
lower-case hex, 32 digits for a trace and 16 for a span. A list is never null.

    GET /api/x/status                                  -> Status
    GET /api/x/traces?FILTERS                          -> TracePage, newest first
    GET /api/x/live?FILTERS                            -> event stream, data is Traces
    GET /api/x/traces/{traceId}                        -> Trace
    GET /api/x/traces/{traceId}/spans/{spanId}         -> SpanDetails
    GET /api/x/traces/{traceId}/spans/{spanId}/source  -> Source
    GET /api/x/suggest?field=…                         -> Suggestions

FILTERS: service, operation, q (words, `key=value` words, "quoted words"), attribute
(KEY=VALUE, repeatable), errors=1, minDuration and maxDuration (10ms, 1.5s), start and
end (Unix µs), limit (1 to 1500, default 50). One span must match all filters. A failure
answers with Failure and the same status code. With quiet=1 in the query the failures
that the page expects (400, 403, 404) have the status 200 instead.

The page's `types.d.ts` is generated from this file: `python -m scripts.page_types`.
"""

from __future__ import annotations

from typing import Literal, TypedDict

Kind = Literal["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"]
StatusCode = Literal["UNSET", "OK", "ERROR"]
Made = Literal["auto", "hand"]
Group = Literal["business", "kit", "standard"]
Scalar = str | int | float | bool | None


class Status(TypedDict):
    """The viewer's contents, and the addresses where it receives traces."""

    version: str
    spans: int
    bytes: int
    maxBytes: int
    removedSpans: int  # removed oldest first to stay under maxBytes
    pendingSpans: int  # accepted and durable, not readable yet
    otlpHttp: str  # "http://127.0.0.1:4318"
    otlpGrpc: str  # "127.0.0.1:4317"
    services: list[str]


class ServiceCount(TypedDict):
    """The number of a trace's spans in one service, and how many of them failed."""

    name: str
    spanCount: int
    errorCount: int


class Summary(TypedDict):
    """One trace in the list."""

    traceId: str
    rootService: str  # of the root span; of the earliest span while the root is missing
    rootName: str
    startUs: float
    durationUs: float
    spanCount: int
    errorCount: int
    services: list[ServiceCount]  # by name
    fields: dict[str, str]  # up to six business attributes of the entry span
    complete: bool  # has a root, and no span's parent is missing


class Traces(TypedDict):
    """Traces that match; also the data of one `event: traces` of the live stream.

    A trace that comes again in the stream replaces its earlier summary.
    """

    traces: list[Summary]


class TracePage(Traces):
    """The newest traces that match, and where the next page of them begins."""

    olderUs: int | None  # `end` of the next page's request; None: there is no next page


class SpanRow(TypedDict):
    """One row of the waterfall, in depth-first order, children by start time."""

    id: str
    parent: str | None  # as the span says, also when that span is missing
    depth: int
    service: int  # index into Trace.services
    name: str
    kind: Kind
    offsetUs: float
    durationUs: float
    error: bool
    made: Made
    orphan: bool  # has a parent, but that span is missing (so far)
    code: str | None  # "billing/pricing.py:42"
    children: int  # direct children


class Trace(TypedDict):
    """One trace, lean enough for 10,000 spans; details come span by span."""

    traceId: str
    startUs: float
    durationUs: float
    services: list[str]  # in order of appearance
    spans: list[SpanRow]
    warnings: list[str]  # sentences about the data, e.g. missing spans


class Attribute(TypedDict):
    """One attribute.

    `group` says whose it is: the business's own field, a helper's of the kit, or the
    conventions' (`viewer/model/namespaces.py` has the rule).
    """

    key: str
    type: Literal["string", "bool", "int", "double", "bytes", "array", "map", "empty"]
    value: Scalar | list[object] | dict[str, object]  # an int beyond 2^53 is a string
    group: Group


class SpanEvent(TypedDict):
    """Something that happened during the span."""

    name: str
    offsetUs: float  # from the start of the trace
    attributes: list[Attribute]


class SpanLink(TypedDict):
    """A related span, of another trace or of this one."""

    traceId: str
    spanId: str
    attributes: list[Attribute]


class LogRecord(TypedDict):
    """A log record that was written inside the span."""

    timeUs: float  # Unix time
    severity: str  # "INFO"; "" when the sender left it out
    body: Scalar | list[object] | dict[str, object]
    attributes: list[Attribute]


class SpanStatus(TypedDict):
    """The span's outcome."""

    code: StatusCode
    message: str


class Scope(TypedDict):
    """The instrumentation that made the span."""

    name: str
    version: str


class Code(TypedDict):
    """The line of code that the span names; for a client span the calling line."""

    path: str | None
    line: int | None
    function: str | None


class SpanDetails(TypedDict):
    """All of one span."""

    id: str
    parent: str | None
    name: str
    kind: Kind
    service: str
    startUs: float  # Unix time
    durationUs: float
    status: SpanStatus
    attributes: list[Attribute]
    events: list[SpanEvent]
    links: list[SpanLink]
    resource: list[Attribute]
    scope: Scope
    made: Made
    code: Code | None  # None: the span names no code at all
    logs: list[LogRecord]


class SourceLine(TypedDict):
    """One line of a file, with Pygments' short classes (`<span class="k">`)."""

    number: int
    html: str  # without a line end; safe to insert


class Source(TypedDict):
    """The whole file that a span names; without one, 404 or 403 with the reason.

    `functionStart` (its first decorator) and `functionEnd` are None unless the file
    is Python and the line lies in a function.
    """

    path: str
    function: str | None
    line: int | None  # the line to mark; None: the span names only a function or a file
    revision: str | None  # recorded with the trace
    shown: Literal["recorded", "working-tree"]
    note: str | None  # one sentence when the text shown needs one
    functionStart: int | None
    functionEnd: int | None
    lines: list[SourceLine]


class Suggestions(TypedDict):
    """Values that start with the prefix first, then those that contain it.

    Parameters: field (service, operation, attribute-key, attribute-value), prefix,
    service (narrows operation), key (required for attribute-value).
    """

    values: list[str]


class FailureBody(TypedDict):
    """The failure in one sentence: the problem, the value, and the next step."""

    httpCode: int
    message: str


class Failure(TypedDict):
    """Every answer of `/api/x` and `/api/v3` that is not a success."""

    error: FailureBody
