"""Spans and records as OTLP protobuf: the bodies of export requests.

    body = spans_protobuf(spans)

Needs: opentelemetry-proto.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
)
from opentelemetry.proto.common.v1.common_pb2 import (
    AnyValue,
    InstrumentationScope,
    KeyValue,
)
from opentelemetry.proto.logs.v1 import logs_pb2
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1 import trace_pb2

from log_reader.model import Record, Span, Value
from log_reader.sending.attributes import SCOPE, by_service, record_attributes

WRITERS: Final[dict[type, Callable[[Any], AnyValue]]] = {
    str: lambda value: AnyValue(string_value=value),
    bool: lambda value: AnyValue(bool_value=value),
    int: lambda value: AnyValue(int_value=value),
    float: lambda value: AnyValue(double_value=value),
    bytes: lambda value: AnyValue(bytes_value=value),
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
    return Resource(attributes=_attributes([("service.name", service)]))


def _span(span: Span) -> trace_pb2.Span:
    failed = trace_pb2.Status(code=trace_pb2.Status.STATUS_CODE_ERROR)
    failed.message = span.status_message
    return trace_pb2.Span(
        trace_id=bytes.fromhex(span.trace_id),
        span_id=bytes.fromhex(span.span_id),
        parent_span_id=bytes.fromhex(span.parent_span_id),
        name=span.name,
        kind=span.kind,  # type: ignore[arg-type] # an enum is its number
        start_time_unix_nano=span.start_ns,
        end_time_unix_nano=span.end_ns,
        attributes=_attributes(span.attributes.items()),
        status=failed if span.failed else None,
    )


def _record(record: Record, observed_ns: int) -> logs_pb2.LogRecord:
    return logs_pb2.LogRecord(
        time_unix_nano=record.time_ns,
        observed_time_unix_nano=observed_ns,
        severity_number=record.severity,  # type: ignore[arg-type]
        severity_text=record.level,
        body=AnyValue(string_value=record.message),
        attributes=_attributes(record_attributes(record)),
        trace_id=bytes.fromhex(record.trace_id),
        span_id=bytes.fromhex(record.span_id),
    )


def _attributes(pairs: Iterable[tuple[str, Value | bytes]]) -> list[KeyValue]:
    return [KeyValue(key=k, value=WRITERS[type(value)](value)) for k, value in pairs]
