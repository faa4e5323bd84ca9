"""Encode spans and records as OTLP/JSON: one request, for one line of a file.

    line = json.dumps(spans_json(spans), ensure_ascii=False)

In OTLP's JSON, ids are hexadecimal, 64-bit numbers are text, enums are numbers.
https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tracing_starter_kit.log_reader.model import Record, Span, Value
from tracing_starter_kit.log_reader.sending.attributes import (
    SCOPE,
    by_service,
    record_attributes,
)

Json = dict[str, Any]
KEYS = {
    str: "stringValue",
    bool: "boolValue",
    int: "intValue",
    float: "doubleValue",
}


def spans_json(spans: Sequence[Span]) -> Json:
    """Return an ExportTraceServiceRequest."""
    return {
        "resourceSpans": [
            {
                "resource": _resource(service),
                "scopeSpans": [
                    {"scope": {"name": SCOPE}, "spans": [*map(_span, group)]}
                ],
            }
            for service, group in by_service(spans)
        ]
    }


def records_json(records: Sequence[Record], observed_ns: int) -> Json:
    """Return an ExportLogsServiceRequest."""
    return {
        "resourceLogs": [
            {
                "resource": _resource(service),
                "scopeLogs": [
                    {
                        "scope": {"name": SCOPE},
                        "logRecords": [
                            _record(record, observed_ns) for record in group
                        ],
                    }
                ],
            }
            for service, group in by_service(records)
        ]
    }


def _resource(service: str) -> Json:
    return {"attributes": _attributes([("service.name", service)])}


def _span(span: Span) -> Json:
    return {
        "traceId": span.trace_id,
        "spanId": span.span_id,
        "parentSpanId": span.parent_span_id,
        "name": span.name,
        "kind": span.kind,
        "startTimeUnixNano": str(span.start_ns),
        "endTimeUnixNano": str(span.end_ns),
        "attributes": _attributes(span.attributes.items()),
        "status": (
            {"code": 2, "message": span.status_message} if span.has_failed else {}
        ),
    }


def _record(record: Record, observed_ns: int) -> Json:
    return {
        "timeUnixNano": str(record.time_ns),
        "observedTimeUnixNano": str(observed_ns),
        "severityNumber": record.severity,
        "severityText": record.level,
        "body": {"stringValue": record.message},
        "attributes": _attributes(record_attributes(record)),
        "traceId": record.trace_id,
        "spanId": record.span_id,
    }


def _attributes(pairs: Iterable[tuple[str, Value | bytes]]) -> list[Mapping[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in pairs]


def _value(value: Value | bytes) -> Json:
    if isinstance(value, bytes):
        return {"bytesValue": base64.b64encode(value).decode()}
    return {KEYS[type(value)]: str(value) if type(value) is int else value}
