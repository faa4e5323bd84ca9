"""Spans in few words, as the OTLP messages that a service would send."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
)
from opentelemetry.proto.common.v1.common_pb2 import (
    AnyValue,
    ArrayValue,
    InstrumentationScope,
    KeyValue,
    KeyValueList,
)
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status

# A minute ago, in whole microseconds: inside every default search, and exact as a float.
T0 = time.time_ns() // 1000 * 1000 - 60 * 10**9
MS = 1_000_000
INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER = range(1, 6)
OK, ERROR = 1, 2


def trace_hex(number: int) -> str:
    return f"{number:032x}"


def span_hex(number: int) -> str:
    return f"{number:016x}"


def value(found: Any) -> AnyValue:
    match found:
        case bool():
            return AnyValue(bool_value=found)
        case int():
            return AnyValue(int_value=found)
        case float():
            return AnyValue(double_value=found)
        case bytes():
            return AnyValue(bytes_value=found)
        case list():
            return AnyValue(array_value=ArrayValue(values=[value(x) for x in found]))
        case dict():
            return AnyValue(kvlist_value=KeyValueList(values=pairs(found)))
        case None:
            return AnyValue()
        case _:
            return AnyValue(string_value=found)


def pairs(attributes: Mapping[str, Any]) -> list[KeyValue]:
    return [KeyValue(key=key, value=value(v)) for key, v in attributes.items()]


def event(name: str, at_ms: float = 0, **attributes: Any) -> Span.Event:
    return Span.Event(
        name=name, time_unix_nano=T0 + int(at_ms * MS), attributes=pairs(attributes)
    )


def link(trace: int, span: int, **attributes: Any) -> Span.Link:
    return Span.Link(
        trace_id=trace.to_bytes(16),
        span_id=span.to_bytes(8),
        attributes=pairs(attributes),
    )


def span(
    name: str = "work",
    *,
    trace: int = 1,
    id: int = 1,
    parent: int = 0,
    at_ms: float = 0,
    ms: float = 10,
    kind: int = INTERNAL,
    status: int = 0,
    message: str = "",
    attributes: Mapping[str, Any] = {},
    **fields: Any,
) -> Span:
    start = T0 + int(at_ms * MS)
    return Span(
        trace_id=trace.to_bytes(16),
        span_id=id.to_bytes(8),
        parent_span_id=parent.to_bytes(8) if parent else b"",
        name=name,
        kind=kind,
        start_time_unix_nano=start,
        end_time_unix_nano=start + int(ms * MS),
        status=Status(code=status, message=message),
        attributes=pairs(attributes),
        **fields,
    )


def sent(
    *spans: Span,
    service: str | None = "shop",
    resource: Mapping[str, Any] = {},
    scope: str = "",
    scope_version: str = "",
    scope_attributes: Mapping[str, Any] = {},
) -> ResourceSpans:
    """What one service sends of one instrumentation."""
    named = {} if service is None else {"service.name": service}
    return ResourceSpans(
        resource=Resource(attributes=pairs({**named, **resource})),
        scope_spans=[
            ScopeSpans(
                scope=InstrumentationScope(
                    name=scope,
                    version=scope_version,
                    attributes=pairs(scope_attributes),
                ),
                spans=spans,
            )
        ],
    )


def export(groups: Sequence[ResourceSpans]) -> bytes:
    return ExportTraceServiceRequest(resource_spans=groups).SerializeToString()


def export_log(body: str, *, trace: int, span: int, severity: str = "INFO") -> bytes:
    request = ExportLogsServiceRequest()
    record = request.resource_logs.add().scope_logs.add().log_records.add()
    record.trace_id, record.span_id = trace.to_bytes(16), span.to_bytes(8)
    record.time_unix_nano, record.severity_text = T0 + MS, severity
    record.body.CopyFrom(value(body))
    return request.SerializeToString()


def order(trace: int = 1, at_ms: float = 0) -> list[ResourceSpans]:
    """One order as three services see it; payments fails."""
    where = {"trace": trace}
    return [
        sent(
            span("POST /orders", id=1, kind=SERVER, at_ms=at_ms, ms=100,
                 attributes={"app.customer.id": "c-17", "app.plan": "team"}, **where),
            span("POST", id=2, parent=1, kind=CLIENT, at_ms=at_ms + 5, ms=90, **where),
            service="gateway", scope="otel_starter_kit.flask",
        ),
        sent(
            span("POST /invoices", id=3, parent=2, kind=SERVER, at_ms=at_ms + 10, ms=80,
                 **where),
            span("price", id=4, parent=3, at_ms=at_ms + 15, ms=5, **where),
            service="billing",
        ),
        sent(
            span("POST /charges", id=5, parent=3, kind=SERVER, at_ms=at_ms + 30, ms=40,
                 status=ERROR, message="card declined", **where),
            service="payments",
        ),
    ]  # fmt: skip
