"""OTLP's trace and log requests, parsed except for the attributes, which stay bytes.

    request = TraceRequest.FromString(body)   # span.attributes: a sequence of bytes

These are the official messages with one change: the attributes of spans, events, links
and log records are declared as `bytes`, which is the same on the wire as a message.
Most attributes repeat (`http.request.method = GET`), so the store decodes each of them
once and then looks it up: 3 µs for the 12 attributes of a span instead of 12.
"""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto
from google.protobuf.message_factory import GetMessageClass
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.logs.v1 import logs_pb2
from opentelemetry.proto.resource.v1 import resource_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

from tracing_starter_kit.viewer.model.message_pools import build_pool

MODULES = (
    common_pb2,
    resource_pb2,
    trace_pb2,
    logs_pb2,
    trace_service_pb2,
    logs_service_pb2,
)
RAW_ATTRIBUTES = {"Span", "Event", "Link", "LogRecord"}


def _keep_attributes_raw(message: DescriptorProto) -> None:
    for field in message.field:
        if field.name == "attributes" and message.name in RAW_ATTRIBUTES:
            field.type = FieldDescriptorProto.TYPE_BYTES
            field.ClearField("type_name")


_POOL = build_pool(MODULES, _keep_attributes_raw)


def _message(name: str) -> Any:
    full_name = f"opentelemetry.proto.collector.{name}"
    return GetMessageClass(_POOL.FindMessageTypeByName(full_name))


TraceRequest = _message("trace.v1.ExportTraceServiceRequest")
LogsRequest = _message("logs.v1.ExportLogsServiceRequest")
