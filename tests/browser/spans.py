"""Traces for the page's tests: a readable tree, sent over real OTLP.

    trace_id = send(viewer.otlp, Span("shop", "POST /orders", 0, 180, children=(…)))

Times are milliseconds from the start of the trace.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any
from urllib.request import Request, urlopen

KINDS = {"INTERNAL": 1, "SERVER": 2, "CLIENT": 3, "PRODUCER": 4, "CONSUMER": 5}
BATCH = 2000


@dataclass(frozen=True)
class Span:
    """One span and its children."""

    service: str
    name: str
    start: float
    ms: float
    kind: str = "INTERNAL"
    scope: str = "tracing_starter_kit.traced"
    code: str = ""
    error: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    events: Sequence[tuple[str, dict[str, Any]]] = ()
    links: Sequence[tuple[str, str]] = ()
    children: Sequence[Span] = ()
    id: str = field(default_factory=lambda: secrets.token_hex(8))


def send(
    otlp: str,
    *roots: Span,
    trace_id: str = "",
    parent: str = "",
    resource: dict[str, Any] | None = None,
    at: float = 0.0,
    ago: float = 0.0,
) -> str:
    """Export spans to the viewer and return their trace's id."""
    trace_id = trace_id or secrets.token_hex(16)
    start_ns = int(((at or time.time()) - ago) * 1e9)
    rows = [row for root in roots for row in _rows(root, parent)]
    for first in range(0, len(rows), BATCH):
        groups = groupby(rows[first : first + BATCH], key=_origin)
        resource_spans = [
            {
                "resource": {
                    "attributes": _attributes(
                        {"service.name": service, **(resource or {})}
                    )
                },
                "scopeSpans": [
                    {
                        "scope": {"name": scope, "version": "1.0"},
                        "spans": [
                            _span_json(*row, trace_id, start_ns) for row in group
                        ],
                    }
                ],
            }
            for (service, scope), group in groups
        ]
        _post(f"{otlp}/v1/traces", {"resourceSpans": resource_spans})
    return trace_id


def send_log(
    otlp: str, trace_id: str, span: Span, body: str, **attributes: Any
) -> None:
    """Export one log record that was written inside a span."""
    record = {
        "traceId": trace_id,
        "spanId": span.id,
        "timeUnixNano": str(time.time_ns()),
        "severityNumber": 9,
        "severityText": "INFO",
        "body": {"stringValue": body},
        "attributes": _attributes(attributes),
    }
    scope_logs = [{"scope": {"name": "shop"}, "logRecords": [record]}]
    resource = {"attributes": _attributes({"service.name": span.service})}
    logs = {"resourceLogs": [{"resource": resource, "scopeLogs": scope_logs}]}
    _post(f"{otlp}/v1/logs", logs)


def _rows(span: Span, parent: str) -> Iterator[tuple[Span, str]]:
    yield span, parent
    for child in span.children:
        yield from _rows(child, span.id)


def _origin(row: tuple[Span, str]) -> tuple[str, str]:
    return row[0].service, row[0].scope


def _span_json(span: Span, parent: str, trace_id: str, start_ns: int) -> dict[str, Any]:
    begin = start_ns + int(span.start * 1e6)
    return {
        "traceId": trace_id,
        "spanId": span.id,
        "parentSpanId": parent,
        "name": span.name,
        "kind": KINDS[span.kind],
        "startTimeUnixNano": str(begin),
        "endTimeUnixNano": str(begin + int(span.ms * 1e6)),
        "status": {"code": 2, "message": span.error} if span.error else {},
        "attributes": _attributes({**_code(span.code), **span.attributes}),
        "events": [
            {
                "timeUnixNano": str(begin + 1_000_000),
                "name": name,
                "attributes": _attributes(attributes),
            }
            for name, attributes in span.events
        ],
        "links": [{"traceId": trace, "spanId": id_} for trace, id_ in span.links],
    }


def _code(place: str) -> dict[str, Any]:
    """Return the code attributes of a place like `shop/pricing.py:12 price_order`."""
    if not place:
        return {}
    location, _, function = place.partition(" ")
    path, _, line = location.partition(":")
    module = path.removesuffix(".py").replace("/", ".")
    return {
        "code.file.path": path,
        "code.line.number": int(line),
        "code.function.name": f"{module}.{function}",
    }


def _attributes(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in values.items()]


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, list):
        return {"arrayValue": {"values": [_value(item) for item in value]}}
    return {"stringValue": value}


def _post(url: str, body: dict[str, Any]) -> None:
    headers = {"content-type": "application/json"}
    request = Request(url, json.dumps(body).encode(), headers)
    with urlopen(request, timeout=30) as response:
        assert response.status == 200
        assert "partialSuccess" not in json.load(response)
