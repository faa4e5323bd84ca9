"""Turn a line that is a whole request, as in an access log, into a span.

    if is_whole_request(record):
        trace = request_trace(record)

The line's time is the end of the request. Without a duration in the line the span has
no length, and the attribute `log_reader.duration_unknown`.
"""

from __future__ import annotations

from tracing_starter_kit.log_reader.joining.durations import duration
from tracing_starter_kit.log_reader.joining.names import request_name
from tracing_starter_kit.log_reader.joining.seeds import span_id, trace_id
from tracing_starter_kit.log_reader.joining.vocabulary import Event
from tracing_starter_kit.log_reader.model import SERVER, Record, Span, Trace


def is_whole_request(record: Record) -> bool:
    """Tell whether a line has both a request and its status."""
    fields = record.fields
    return "http.response.status_code" in fields and "http.request.method" in fields


def request_event(record: Record) -> Event | None:
    """Return the end that a whole request means for its id; None for other lines."""
    if not is_whole_request(record):
        return None
    return Event.FAILED if _is_failure(record) else Event.ENDED


def request_trace(record: Record) -> Trace:
    """Return the trace of one line."""
    duration_ns = duration(record.message, record.fields, is_end=True)
    seed = f"{record.line}|{record.text}"
    attributes = dict(record.fields)
    if duration_ns is None:
        attributes["log_reader.duration_unknown"] = True
    has_failed = _is_failure(record)
    if has_failed:
        attributes["error.type"] = str(record.fields["http.response.status_code"])
    has_span = bool(record.span_id)
    record.span_id = record.span_id or span_id(seed)
    record.trace_id = record.trace_id or trace_id(seed)
    if has_span:  # which the traced program sent by itself
        return Trace([], [record])
    span = Span(
        trace_id=record.trace_id,
        span_id=record.span_id,
        parent_span_id="",
        service=record.service,
        name=request_name(record.fields),
        kind=SERVER,
        start_ns=max(0, record.time_ns - (duration_ns or 0)),
        end_ns=record.time_ns,
        attributes=attributes,
        has_failed=has_failed,
    )
    return Trace([span], [record], title=span.name, joined_by=("a line each",))


def _is_failure(record: Record) -> bool:
    """Tell whether the server failed, with a status of 5xx as in the conventions."""
    status = record.fields["http.response.status_code"]
    return isinstance(status, int) and status >= 500
