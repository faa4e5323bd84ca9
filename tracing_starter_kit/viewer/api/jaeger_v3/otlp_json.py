"""Spans as OTLP/JSON, written as the Collector writes it and Jaeger's v3 API answers.

Ids are lower-case hex, 64-bit integers are strings, enums are numbers. What is zero or
empty is left out, but `resource`, `scope` and `status` are always there.
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


def resource_spans(found: SpanSet) -> list[dict[str, Any]]:
    """Return spans grouped by trace, resource and scope, in the order they come in."""
    groups: dict[tuple[Any, int], dict[int, list[Span]]] = {}
    for span in found.spans:
        scopes = groups.setdefault((span.trace_id, span.resource_id), {})
        scopes.setdefault(span.scope_id, []).append(span)
    return [
        _resource_group(found, resource_id, scopes)
        for (_, resource_id), scopes in groups.items()
    ]


def _resource_group(
    found: SpanSet, resource_id: int, scopes: Mapping[int, list[Span]]
) -> dict[str, Any]:
    resource = found.resources.get(resource_id, Resource())
    group = {
        "resource": _filled(
            attributes=_attributes(resource.attributes),
            droppedAttributesCount=resource.dropped_attributes,
        ),
        "scopeSpans": [
            _scope_group(found.scopes.get(scope_id, Scope()), spans)
            for scope_id, spans in scopes.items()
        ],
    }
    return group | _filled(schemaUrl=resource.schema_url)


def _scope_group(scope: Scope, spans: Iterable[Span]) -> dict[str, Any]:
    group = {
        "scope": _filled(
            name=scope.name,
            version=scope.version,
            attributes=_attributes(scope.attributes),
            droppedAttributesCount=scope.dropped_attributes,
        ),
        "spans": [_span(span) for span in spans],
    }
    return group | _filled(schemaUrl=scope.schema_url)


def _span(span: Span) -> dict[str, Any]:
    parent = span.parent_span_id
    return _filled(
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
    ) | {"status": _filled(message=span.status_message, code=span.status_code)}


def _event(event: Event) -> dict[str, Any]:
    return _filled(
        timeUnixNano=_int64(event.time_ns),
        name=event.name,
        attributes=_attributes(event.attributes),
        droppedAttributesCount=event.dropped_attributes,
    )


def _link(link: Link) -> dict[str, Any]:
    return _filled(
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


def _filled(**fields: object) -> dict[str, Any]:
    """Leave out what protobuf leaves out: zeros, empty texts and empty lists."""
    return {name: value for name, value in fields.items() if value}
