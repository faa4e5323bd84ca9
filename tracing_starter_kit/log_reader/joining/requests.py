"""A line that is a whole request, as servers' access logs have it: one span by itself.

    if is_whole_request(record):
        trace = request_trace(record)

Its time is when it ended. Without a duration in the line the span has no length, and
says so.
"""

from __future__ import annotations

from tracing_starter_kit.log_reader.joining.durations import duration
from tracing_starter_kit.log_reader.joining.names import request_name
from tracing_starter_kit.log_reader.joining.seeds import span_id, trace_id
from tracing_starter_kit.log_reader.joining.vocabulary import Event
from tracing_starter_kit.log_reader.model import SERVER, Record, Span, Trace


def is_whole_request(record: Record) -> bool:
    """Tell whether a line has both a request and its answer."""
    fields = record.fields
    return "http.response.status_code" in fields and "http.request.method" in fields


def request_event(record: Record) -> Event | None:
    """Return what a whole request says for others of its id: it ended."""
    if not is_whole_request(record):
        return None
    return Event.FAILED if _is_failure(record) else Event.ENDED


def request_trace(record: Record) -> Trace:
    """Return the trace of one line."""
    took = duration(record.message, record.fields, ended=True)
    seed = f"{record.line}|{record.text}"
    attributes = dict(record.fields)
    if took is None:
        attributes["log_reader.duration_unknown"] = True
    failed = _is_failure(record)
    if failed:
        attributes["error.type"] = str(record.fields["http.response.status_code"])
    parent, record.span_id = record.span_id, record.span_id or span_id(seed)
    record.trace_id = record.trace_id or trace_id(seed)
    if parent:  # its span came by another way
        return Trace([], [record])
    span = Span(
        trace_id=record.trace_id,
        span_id=record.span_id,
        parent_span_id="",
        service=record.service,
        name=request_name(record.fields),
        kind=SERVER,
        start_ns=max(0, record.time_ns - (took or 0)),
        end_ns=record.time_ns,
        attributes=attributes,
        failed=failed,
    )
    return Trace([span], [record], title=span.name, joined_by=("a line each",))


def _is_failure(record: Record) -> bool:
    """Tell whether the server failed: 5xx, as the conventions have it."""
    status = record.fields["http.response.status_code"]
    return isinstance(status, int) and status >= 500
