"""Mend protobuf of which a text is not UTF-8.

    mended = mend_protobuf(message_type, body)

protobuf refuses a whole request for one such text. So the request is parsed a second
time with each text declared as `bytes`, which is the same on the wire.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.logs.v1 import logs_pb2
from opentelemetry.proto.metrics.v1 import metrics_pb2
from opentelemetry.proto.resource.v1 import resource_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

from tracing_starter_kit.viewer.model.message_pools import build_pool
from tracing_starter_kit.viewer.otlp.mending import (
    MARK,
    MARKED,
    Mended,
    replacement,
)

MODULES = (
    common_pb2,
    resource_pb2,
    trace_pb2,
    logs_pb2,
    metrics_pb2,
    trace_service_pb2,
    logs_service_pb2,
    metrics_service_pb2,
)


def mend_protobuf(message_type: Any, body: bytes) -> Mended:
    """Return the body as a message; raise DecodeError if more than texts is wrong."""
    name = message_type.DESCRIPTOR.full_name
    raw = GetMessageClass(_pool().FindMessageTypeByName(name)).FromString(body)
    # Changed also without a replaced text: one that a later field of the same oneof
    # hides is not in the parsed message.
    mended = Mended(request=message_type(), is_changed=True)
    _mend(raw, message_type.DESCRIPTOR, "", mended, mended.replaced)
    mended.request.ParseFromString(raw.SerializeToString())
    return mended


def _mend(
    raw: Any, kind: Descriptor, place: str, mended: Mended, replaced: list[str]
) -> None:
    """Replace the wrong texts of one message and of those inside it."""
    if kind.name in MARKED:
        place, replaced = "", []
    for raw_field, value in raw.ListFields():
        field = kind.fields_by_number[raw_field.number]
        at = place if kind.name == "AnyValue" else f"{place}.{field.name}".lstrip(".")
        if field.message_type is not None:
            for item in value if field.is_repeated else [value]:
                inner = _place(item, field.message_type, at)
                _mend(item, field.message_type, inner, mended, replaced)
        elif field.type == FieldDescriptor.TYPE_STRING and not field.is_repeated:
            _mend_text(raw, field.name, at, replaced)
    if kind.name in MARKED and replaced:
        mended.replaced += replaced
        _mark(raw, replaced)


def _mend_text(raw: Any, name: str, place: str, replaced: list[str]) -> None:
    value = getattr(raw, name)
    text = value.decode(errors="replace").encode()
    if text != value:
        setattr(raw, name, text)
        replaced.append(replacement(place, value))


def _mark(raw: Any, replaced: list[str]) -> None:
    mark = raw.attributes.add(key=MARK.encode())
    for sentence in replaced:
        mark.value.array_value.values.add(string_value=sentence.encode())


def _place(raw: Any, kind: Descriptor, place: str) -> str:
    """Return the place of an element: an attribute has its key in it."""
    if kind.name == "AnyValue":
        return place.removesuffix(".value")
    if kind.name == "KeyValue":
        return f"{place}.{raw.key.decode(errors='replace')}"
    return place


def _declare_texts_as_bytes(message: DescriptorProto) -> None:
    for field in message.field:
        if field.type == FieldDescriptorProto.TYPE_STRING:
            field.type = FieldDescriptorProto.TYPE_BYTES


@cache  # built for the first wrong request: most viewers never get one
def _pool() -> DescriptorPool:
    return build_pool(MODULES, _declare_texts_as_bytes)
