"""OTLP requests for tests, with defaults for all fields and unique ids."""

from __future__ import annotations

import base64
import gzip
import json
import uuid
import zlib
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
)
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
)
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span

PROTOBUF = "application/x-protobuf"
JSON = "application/json"
START_NS = 1_790_000_000_000_000_000

COMPRESS = {"": lambda body: body, "gzip": gzip.compress, "deflate": zlib.compress}


def new_trace_id() -> bytes:
    return uuid.uuid4().bytes


def new_span(trace_id: bytes | None = None, **fields: Any) -> Span:
    return Span(
        **{
            "trace_id": trace_id or new_trace_id(),
            "span_id": uuid.uuid4().bytes[:8],
            "name": "work",
            "kind": Span.SPAN_KIND_INTERNAL,
            "start_time_unix_nano": START_NS,
            "end_time_unix_nano": START_NS + 1_000_000,
            **fields,
        }
    )


def traces(*spans: Span, service: str = "shop") -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.add(key="service.name").value.string_value = service
    scope = group.scope_spans.add()
    scope.scope.name = "tests"
    scope.spans.extend(spans)
    return request


def logs(*records: LogRecord, service: str = "shop") -> ExportLogsServiceRequest:
    request = ExportLogsServiceRequest()
    group = request.resource_logs.add()
    group.resource.attributes.add(key="service.name").value.string_value = service
    group.scope_logs.add().log_records.extend(records)
    return request


def metrics() -> ExportMetricsServiceRequest:
    request = ExportMetricsServiceRequest()
    group = request.resource_metrics.add()
    metric = group.scope_metrics.add().metrics.add(name="orders")
    metric.sum.data_points.add(as_int=3)
    return request


def a_request(signal: str) -> Message:
    match signal:
        case "traces":
            return traces(new_span())
        case "logs":
            return logs(LogRecord(time_unix_nano=START_NS))
        case _:
            return metrics()


def encode(request: Message, content_type: str) -> bytes:
    if content_type == PROTOBUF:
        return request.SerializeToString()
    return json.dumps(as_otlp_json(request)).encode()


def as_otlp_json(request: Message) -> dict[str, Any]:
    content = MessageToDict(request, use_integers_for_enums=True)
    _ids_to_hex(content)
    return content


def _ids_to_hex(value: Any) -> None:
    if isinstance(value, list):
        for item in value:
            _ids_to_hex(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in {"traceId", "spanId", "parentSpanId"}:
                value[key] = base64.b64decode(item).hex()
            else:
                _ids_to_hex(item)
