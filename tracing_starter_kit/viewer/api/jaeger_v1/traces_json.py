"""Traces in Jaeger's old JSON, for its page and for Grafana.

The mapping from OTLP is the Collector's (its Jaeger translator): fields that the old
model lacks become tags; OTLP's flags are dropped. Times are whole microseconds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from tracing_starter_kit.viewer.api.ids import short_trace_hex, span_hex
from tracing_starter_kit.viewer.api.values_json import value_json
from tracing_starter_kit.viewer.query.records import (
    ERROR,
    Attribute,
    Attributes,
    Event,
    Link,
    Resource,
    Scope,
    Span,
    SpanSet,
    kind_name,
    status_name,
)
from tracing_starter_kit.viewer.query.times import time_warning

MICROSECOND = 1000
TYPES = {"b": "bool", "i": "int64", "d": "float64", "y": "binary"}


def envelope(
    data: object, *, total: int = 0, errors: object = None
) -> dict[str, object]:
    """Wrap data as every answer of the old API does."""
    return {"data": data, "total": total, "limit": 0, "offset": 0, "errors": errors}


def traces_json(span_set: SpanSet) -> list[dict[str, Any]]:
    """Return the traces in the order of their first spans."""
    by_trace: dict[UUID, list[Span]] = {}
    for span in span_set.spans:
        by_trace.setdefault(span.trace_id, []).append(span)
    return [_trace(span_set, trace_id, group) for trace_id, group in by_trace.items()]


def _trace(span_set: SpanSet, trace_id: UUID, group: Sequence[Span]) -> dict[str, Any]:
    processes = list(dict.fromkeys((s.service, s.resource_id) for s in group))
    names = {process: f"p{number}" for number, process in enumerate(processes, 1)}
    starts = {span.span_id: span.start_ns for span in group}
    return {
        "traceID": short_trace_hex(trace_id),
        "spans": [
            _span(span, span_set.scopes.get(span.scope_id, Scope()))
            | {
                "processID": names[span.service, span.resource_id],
                "warnings": _warnings(span, starts),
            }
            for span in group
        ],
        "processes": {
            name: _process(service, span_set.resources.get(resource_id, Resource()))
            for (service, resource_id), name in names.items()
        },
        "warnings": None,
    }


def _warnings(span: Span, starts: Mapping[int, int]) -> list[str] | None:
    parent_start = starts.get(span.parent_span_id or 0)
    problem = time_warning(span.start_ns, span.end_ns, parent_start)
    return [f"This span {problem}."] if problem else None


def _process(service: str, resource: Resource) -> dict[str, Any]:
    others = [item for item in resource.attributes if item.key != "service.name"]
    return {"serviceName": service, "tags": _tags(others)}


def _span(span: Span, scope: Scope) -> dict[str, Any]:
    start = span.start_ns // MICROSECOND
    return {
        "traceID": short_trace_hex(span.trace_id),
        "spanID": span_hex(span.span_id),
        "operationName": span.name,
        "references": list(_references(span)),
        "startTime": start,
        "duration": max(0, span.end_ns - span.start_ns) // MICROSECOND,
        "tags": [
            *_scope_tags(scope),
            *_tags(span.attributes),
            *_tags(_outcome(span)),
        ],
        "logs": [_log(event) for event in span.events],
    }


def _references(span: Span) -> Iterator[dict[str, str]]:
    if span.parent_span_id is not None:
        yield _reference("CHILD_OF", span.trace_id, span.parent_span_id)
    for link in span.links:
        yield _reference(_reference_type(link), link.trace_id, link.span_id)


def _reference(kind: str, trace_id: UUID, span_id: int) -> dict[str, str]:
    trace = short_trace_hex(trace_id)
    return {"refType": kind, "traceID": trace, "spanID": span_hex(span_id)}


def _reference_type(link: Link) -> str:
    """Return the type of a link; OpenTracing marks a parent with an attribute."""
    child_of = ("opentracing.ref_type", "child_of")
    is_parent = any((item.key, item.text) == child_of for item in link.attributes)
    return "CHILD_OF" if is_parent else "FOLLOWS_FROM"


def _scope_tags(scope: Scope) -> list[dict[str, Any]]:
    texts = {"otel.scope.name": scope.name, "otel.scope.version": scope.version}
    return _tags(Attribute(key, "s", text) for key, text in texts.items() if text)


def _outcome(span: Span) -> Iterator[Attribute]:
    """Yield kind, status and trace state as attributes."""
    if span.kind:
        yield Attribute("span.kind", "s", kind_name(span.kind).lower())
    if span.status_code:
        yield Attribute("otel.status_code", "s", status_name(span.status_code))
    if span.status_code == ERROR:
        yield Attribute("error", "b", "true")
    if span.status_message:
        yield Attribute("otel.status_description", "s", span.status_message)
    if span.trace_state:
        yield Attribute("w3c.tracestate", "s", span.trace_state)


def _log(event: Event) -> dict[str, Any]:
    has_name = any(item.key == "event" for item in event.attributes)
    name = [] if has_name or not event.name else [Attribute("event", "s", event.name)]
    return {
        "timestamp": event.time_ns // MICROSECOND,
        "fields": _tags([*name, *event.attributes]),
    }


def _tags(attributes: Attributes | Iterable[Attribute]) -> list[dict[str, Any]]:
    return [
        {
            "key": item.key,
            "type": TYPES.get(item.letter, "string"),
            "value": _value(item),
        }
        for item in attributes
    ]


def _value(attribute: Attribute) -> object:
    """Return bools and numbers as they are, and everything else as text."""
    value = value_json(attribute)
    if isinstance(value, list | dict):
        return json.dumps(
            value, ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )
    return "" if value is None else value
