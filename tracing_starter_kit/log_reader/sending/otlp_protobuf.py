"""Encode spans and records as OTLP protobuf: the bodies of export requests.

    body = spans_protobuf(spans)

Needs: opentelemetry-proto.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
)
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.logs.v1 import logs_pb2
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1 import trace_pb2

from tracing_starter_kit.log_reader.model import Record, Span, Value
from tracing_starter_kit.log_reader.sending.attributes import (
    SCOPE,
    by_service,
    record_attributes,
)

FIELDS = {
    str: "string_value",
    bool: "bool_value",
    int: "int_value",
    float: "double_value",
    bytes: "bytes_value",
}


def spans_protobuf(spans: Sequence[Span]) -> bytes:
    """Return the body of an ExportTraceServiceRequest."""
    scope = InstrumentationScope(name=SCOPE)
    groups = [
        trace_pb2.ResourceSpans(
            resource=_resource(service),
            scope_spans=[trace_pb2.ScopeSpans(scope=scope, spans=map(_span, group))],
        )
        for service, group in by_service(spans)
    ]
    return ExportTraceServiceRequest(resource_spans=groups).SerializeToString()


def records_protobuf(records: Sequence[Record], observed_ns: int) -> bytes:
    """Return the body of an ExportLogsServiceRequest."""
    scope = InstrumentationScope(name=SCOPE)
    groups = [
        logs_pb2.ResourceLogs(
            resource=_resource(service),
            scope_logs=[
                logs_pb2.ScopeLogs(
                    scope=scope,
                    log_records=[_record(record, observed_ns) for record in group],
                )
            ],
        )
        for service, group in by_service(records)
    ]
    return ExportLogsServiceRequest(resource_logs=groups).SerializeToString()


def _resource(service: str) -> Resource:
    resource = Resource()
    _fill(resource.attributes, [("service.name", service)])
    return resource


def _span(span: Span) -> trace_pb2.Span:
    message = trace_pb2.Span(
        trace_id=bytes.fromhex(span.trace_id),
        span_id=bytes.fromhex(span.span_id),
        parent_span_id=bytes.fromhex(span.parent_span_id),
        name=span.name,
        kind=span.kind,  # type: ignore[arg-type] # an enum is its number
        start_time_unix_nano=span.start_ns,
        end_time_unix_nano=span.end_ns,
    )
    if span.has_failed:
        message.status.code = trace_pb2.Status.STATUS_CODE_ERROR
        message.status.message = span.status_message
    _fill(message.attributes, span.attributes.items())
    return message


def _record(record: Record, observed_ns: int) -> logs_pb2.LogRecord:
    message = logs_pb2.LogRecord(
        time_unix_nano=record.time_ns,
        observed_time_unix_nano=observed_ns,
        severity_number=record.severity,  # type: ignore[arg-type]
        severity_text=record.level,
        trace_id=bytes.fromhex(record.trace_id),
        span_id=bytes.fromhex(record.span_id),
    )
    message.body.string_value = record.message
    _fill(message.attributes, record_attributes(record))
    return message


def _fill(attributes: Any, pairs: Iterable[tuple[str, Value | bytes]]) -> None:
    """Add attributes in place, in a third of the time of creating each message."""
    add = attributes.add
    for key, value in pairs:
        setattr(add(key=key).value, FIELDS[type(value)], value)
