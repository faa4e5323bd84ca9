"""All of one span, in the shape of the page's own API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from tracing_starter_kit.viewer.api.explore import shapes
from tracing_starter_kit.viewer.api.explore.attributes_json import attributes_json
from tracing_starter_kit.viewer.api.explore.trace_json import made, parent_hex
from tracing_starter_kit.viewer.api.ids import span_hex
from tracing_starter_kit.viewer.api.values_json import value_json
from tracing_starter_kit.viewer.query.code import code_of
from tracing_starter_kit.viewer.query.records import (
    Attributes,
    Event,
    Link,
    Log,
    Resource,
    Scope,
    Span,
    SpanSet,
    kind_name,
    status_name,
)


def span_json(
    span_set: SpanSet, logs: Sequence[Log], *, trace_start_ns: int
) -> shapes.SpanDetails:
    """Return all of one span."""
    span = span_set.spans[0]
    scope = span_set.scopes.get(span.scope_id, Scope())
    resource = span_set.resources.get(span.resource_id, Resource())
    return {
        "id": span_hex(span.span_id),
        "parent": parent_hex(span.parent_span_id),
        "name": span.name,
        "kind": cast("shapes.Kind", kind_name(span.kind)),
        "service": span.service,
        "startUs": span.start_ns / 1000,
        "durationUs": (span.end_ns - span.start_ns) / 1000,
        "status": _status_json(span),
        "attributes": attributes_json(span.attributes),
        "events": [_event_json(event, trace_start_ns) for event in span.events],
        "links": [_link_json(link) for link in span.links],
        "resource": attributes_json(resource.attributes),
        "scope": {"name": scope.name, "version": scope.version},
        "made": made(scope.name),
        "code": code_json(span.attributes),
        "logs": [_log_json(log) for log in logs],
    }


def code_json(attributes: Attributes) -> shapes.Code | None:
    """Return the place in the code that the attributes name."""
    code = code_of({attribute.key: attribute.text for attribute in attributes})
    if code is None:
        return None
    return {"path": code.path, "line": code.line, "function": code.function}


def _status_json(span: Span) -> shapes.SpanStatus:
    code = cast("shapes.StatusCode", status_name(span.status_code))
    return {"code": code, "message": span.status_message}


def _event_json(event: Event, trace_start_ns: int) -> shapes.SpanEvent:
    return {
        "name": event.name,
        "offsetUs": (event.time_ns - trace_start_ns) / 1000,
        "attributes": attributes_json(event.attributes),
    }


def _link_json(link: Link) -> shapes.SpanLink:
    return {
        "traceId": link.trace_id.hex,
        "spanId": span_hex(link.span_id),
        "attributes": attributes_json(link.attributes),
    }


def _log_json(log: Log) -> shapes.LogRecord:
    return {
        "timeUs": log.time_ns / 1000,
        "severity": log.severity,
        "body": value_json(log.body),
        "attributes": attributes_json(log.attributes),
    }
