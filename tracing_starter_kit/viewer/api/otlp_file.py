"""Spans from an OTLP/JSON document, as if they had been stored.

    spans = read_otlp_json(b'{"resourceSpans": [...]}')

OTLP/JSON is protobuf's JSON except for the ids, which are hex instead of base64; so the
ids are rewritten and protobuf does the rest. Raises ValueError, with the reason.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from google.protobuf.json_format import ParseDict, ParseError
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1 import trace_pb2

from tracing_starter_kit.viewer.model.attributes import encode
from tracing_starter_kit.viewer.model.json_keys import drop_wrong_keys
from tracing_starter_kit.viewer.query.records import (
    Attribute,
    Attributes,
    Event,
    Link,
    Resource,
    Scope,
    Span,
    SpanSet,
)

HEX_IDS = {"traceId": 32, "spanId": 16, "parentSpanId": 16}


def read_otlp_json(body: bytes) -> SpanSet:
    """Return the spans of a document with their resources and scopes."""
    data = trace_pb2.TracesData()
    try:
        document = json.loads(body, object_hook=_with_base64_ids)
        if not isinstance(document, dict):
            raise TypeError("it is not an object")
        ParseDict(document, data, ignore_unknown_fields=True)
    except (ParseError, RecursionError, AttributeError, TypeError) as error:
        raise ValueError(str(error) or type(error).__name__) from error
    return _span_set(data)


def _with_base64_ids(fields: dict[str, Any]) -> dict[str, Any]:
    """Replace the ids; no attribute's key is a field's name, so only ids change."""
    fields = drop_wrong_keys(fields)
    for name, digits in HEX_IDS.items():
        text = fields.get(name)
        if not text:
            continue
        if not isinstance(text, str) or len(text) != digits:
            raise ValueError(f"{name} {text!r} does not have {digits} hex digits")
        fields[name] = base64.b64encode(bytes.fromhex(text)).decode()
    return fields


def _span_set(data: trace_pb2.TracesData) -> SpanSet:
    spans: list[Span] = []
    resources: dict[int, Resource] = {}
    scopes: dict[int, Scope] = {}
    for group in data.resource_spans:
        resource = _resource(group)
        resource_id = len(resources)
        resources[resource_id] = resource
        for scope_spans in group.scope_spans:
            scope_id = len(scopes)
            scopes[scope_id] = _scope(scope_spans)
            origin = resource_id, scope_id
            spans += [_span(s, _service(resource), origin) for s in scope_spans.spans]
    return SpanSet(spans, resources, scopes)


def _resource(group: trace_pb2.ResourceSpans) -> Resource:
    dropped = group.resource.dropped_attributes_count
    return Resource(_attributes(group.resource.attributes), group.schema_url, dropped)


def _scope(group: trace_pb2.ScopeSpans) -> Scope:
    return Scope(
        group.scope.name,
        group.scope.version,
        _attributes(group.scope.attributes),
        group.schema_url,
        group.scope.dropped_attributes_count,
    )


def _service(resource: Resource) -> str:
    names = (item.text for item in resource.attributes if item.key == "service.name")
    return next(names, "unknown_service")


def _span(span: trace_pb2.Span, service: str, origin: tuple[int, int]) -> Span:
    if not span.trace_id or not span.span_id:
        raise ValueError(f"the span {span.name!r} has no ids")
    return Span(
        UUID(bytes=span.trace_id),
        int.from_bytes(span.span_id),
        int.from_bytes(span.parent_span_id) or None,
        service,
        span.name,
        span.kind,
        span.start_time_unix_nano,
        span.end_time_unix_nano,
        span.status.code,
        span.status.message,
        _attributes(span.attributes),
        tuple(map(_event, span.events)),
        tuple(map(_link, span.links)),
        span.trace_state,
        span.flags,
        span.dropped_attributes_count,
        span.dropped_events_count,
        span.dropped_links_count,
        *origin,
    )


def _event(event: trace_pb2.Span.Event) -> Event:
    attributes = _attributes(event.attributes)
    dropped = event.dropped_attributes_count
    return Event(event.time_unix_nano, event.name, attributes, dropped)


def _link(link: trace_pb2.Span.Link) -> Link:
    return Link(
        UUID(int=int.from_bytes(link.trace_id)),
        int.from_bytes(link.span_id),
        link.trace_state,
        link.flags,
        _attributes(link.attributes),
        link.dropped_attributes_count,
    )


def _attributes(pairs: Iterable[KeyValue]) -> Attributes:
    return tuple(Attribute(pair.key, *encode(pair.value)) for pair in pairs)
