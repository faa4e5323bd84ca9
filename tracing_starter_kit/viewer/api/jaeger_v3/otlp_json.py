"""Spans as OTLP/JSON, in the form of the Collector and of Jaeger's v3 API.

Ids are lower-case hex, 64-bit integers are strings, enums are numbers. Zeros and empty
fields are omitted, but `resource`, `scope` and `status` are always there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tracing_starter_kit.viewer.api.ids import span_hex
from tracing_starter_kit.viewer.model.attributes import to_otlp_json
from tracing_starter_kit.viewer.query.records import (
    Attributes,
    Event,
    Link,
    Resource,
    Scope,
    Span,
    SpanSet,
)


def resource_spans(span_set: SpanSet) -> list[dict[str, Any]]:
    """Group spans by trace, resource and scope, in their order."""
    groups: dict[tuple[Any, int], dict[int, list[Span]]] = {}
    for span in span_set.spans:
        scopes = groups.setdefault((span.trace_id, span.resource_id), {})
        scopes.setdefault(span.scope_id, []).append(span)
    return [
        _resource_group(span_set, resource_id, scopes)
        for (_, resource_id), scopes in groups.items()
    ]


def _resource_group(
    span_set: SpanSet, resource_id: int, scopes: Mapping[int, list[Span]]
) -> dict[str, Any]:
    resource = span_set.resources.get(resource_id, Resource())
    group = {
        "resource": _without_empty(
            attributes=_attributes(resource.attributes),
            droppedAttributesCount=resource.dropped_attributes,
        ),
        "scopeSpans": [
            _scope_group(span_set.scopes.get(scope_id, Scope()), group)
            for scope_id, group in scopes.items()
        ],
    }
    return group | _without_empty(schemaUrl=resource.schema_url)


def _scope_group(scope: Scope, spans: Iterable[Span]) -> dict[str, Any]:
    group = {
        "scope": _without_empty(
            name=scope.name,
            version=scope.version,
            attributes=_attributes(scope.attributes),
            droppedAttributesCount=scope.dropped_attributes,
        ),
        "spans": [_span(span) for span in spans],
    }
    return group | _without_empty(schemaUrl=scope.schema_url)


def _span(span: Span) -> dict[str, Any]:
    parent = span.parent_span_id
    return _without_empty(
        traceId=span.trace_id.hex,
        spanId=span_hex(span.span_id),
        traceState=span.trace_state,
        parentSpanId="" if parent is None else span_hex(parent),
        flags=span.flags,
        name=span.name,
        kind=span.kind,
        startTimeUnixNano=_int64(span.start_ns),
        endTimeUnixNano=_int64(span.end_ns),
        attributes=_attributes(span.attributes),
        droppedAttributesCount=span.dropped_attributes,
        events=[_event(event) for event in span.events],
        droppedEventsCount=span.dropped_events,
        links=[_link(link) for link in span.links],
        droppedLinksCount=span.dropped_links,
    ) | {"status": _without_empty(message=span.status_message, code=span.status_code)}


def _event(event: Event) -> dict[str, Any]:
    return _without_empty(
        timeUnixNano=_int64(event.time_ns),
        name=event.name,
        attributes=_attributes(event.attributes),
        droppedAttributesCount=event.dropped_attributes,
    )


def _link(link: Link) -> dict[str, Any]:
    return _without_empty(
        traceId=link.trace_id.hex,
        spanId=span_hex(link.span_id),
        traceState=link.trace_state,
        attributes=_attributes(link.attributes),
        droppedAttributesCount=link.dropped_attributes,
        flags=link.flags,
    )


def _attributes(attributes: Attributes) -> list[dict[str, Any]]:
    return [
        {"key": key, "value": to_otlp_json(letter, text)}
        for key, letter, text in attributes
    ]


def _int64(number: int) -> str:
    return str(number) if number else ""


def _without_empty(**fields: object) -> dict[str, Any]:
    """Omit zeros, empty texts and empty lists, as protobuf does."""
    return {name: value for name, value in fields.items() if value}
