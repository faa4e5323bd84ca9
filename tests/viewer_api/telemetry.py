"""Short ways to write spans, as the OTLP messages of a service."""

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
from opentelemetry.proto.trace.v1.trace_pb2 import (
    ResourceSpans,
    ScopeSpans,
    Span,
    Status,
)

# A minute ago: inside every default search; whole microseconds, exact as a float.
T0 = time.time_ns() // 1000 * 1000 - 60 * 10**9
MS = 1_000_000
NO_KIND, INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER = Span.SpanKind.values()
UNSET, OK, ERROR = Status.StatusCode.values()
FIELDS = {
    bool: "bool_value",
    int: "int_value",
    float: "double_value",
    bytes: "bytes_value",
    str: "string_value",
}


def trace_hex(number: int) -> str:
    return f"{number:032x}"


def span_hex(number: int) -> str:
    return f"{number:016x}"


def any_value(value: Any) -> AnyValue:
    if isinstance(value, list):
        return AnyValue(array_value=ArrayValue(values=map(any_value, value)))
    if isinstance(value, dict):
        return AnyValue(kvlist_value=KeyValueList(values=pairs(value)))
    return AnyValue() if value is None else AnyValue(**{FIELDS[type(value)]: value})


def pairs(attributes: Mapping[str, Any]) -> list[KeyValue]:
    return [KeyValue(key=key, value=any_value(v)) for key, v in attributes.items()]


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
    number: int = 1,
    parent: int = 0,
    at_ms: float = 0,
    ms: float = 10,
    kind: Span.SpanKind.ValueType = INTERNAL,
    status: Status.StatusCode.ValueType = UNSET,
    message: str = "",
    attributes: Mapping[str, Any] = {},
    **fields: Any,
) -> Span:
    start = T0 + int(at_ms * MS)
    return Span(
        trace_id=trace.to_bytes(16),
        span_id=number.to_bytes(8),
        parent_span_id=parent.to_bytes(8) if parent else b"",
        name=name,
        kind=kind,
        start_time_unix_nano=start,
        end_time_unix_nano=start + int(ms * MS),
        status=Status(code=status, message=message),
        attributes=pairs(attributes),
        **fields,
    )


def batch(
    *spans: Span,
    service: str | None = "shop",
    resource: Mapping[str, Any] = {},
    scope: str = "",
    scope_version: str = "",
    scope_attributes: Mapping[str, Any] = {},
) -> ResourceSpans:
    """Return the spans of one service and one instrumentation."""
    service_name = {} if service is None else {"service.name": service}
    return ResourceSpans(
        resource=Resource(attributes=pairs({**service_name, **resource})),
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
    record.body.CopyFrom(any_value(body))
    return request.SerializeToString()


def order(trace: int = 1, at_ms: float = 0) -> list[ResourceSpans]:
    """Return one order in three services; payments fails."""

    def step(name: str, number: int, after: float, **fields: Any) -> Span:
        return span(name, number=number, trace=trace, at_ms=at_ms + after, **fields)

    business = {"shop.customer.id": "c-17", "shop.plan": "team"}
    failed = {"status": ERROR, "message": "card declined"}
    gateway = (
        step("POST /orders", 1, 0, ms=100, kind=SERVER, attributes=business),
        step("POST", 2, 5, ms=90, kind=CLIENT, parent=1),
    )
    billing = (
        step("POST /invoices", 3, 10, ms=80, kind=SERVER, parent=2),
        step("price", 4, 15, ms=5, parent=3),
    )
    payments = step("POST /charges", 5, 30, ms=40, kind=SERVER, parent=3, **failed)
    return [
        batch(*gateway, service="gateway", scope="tracing_starter_kit.flask"),
        batch(*billing, service="billing"),
        batch(payments, service="payments"),
    ]
