"""Read whole traces, or one span with all its fields.

    traces = read_traces(cursor, [trace_id])     # .spans, .resources, .scopes
    span = read_span(cursor, trace_id, span_id)  # the same, for one span

`read_rows` reads only the fields that the waterfall shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tracing_starter_kit.viewer.query.reader import Cursor, statement
from tracing_starter_kit.viewer.query.records import (
    Attribute,
    Log,
    Resource,
    Scope,
    Span,
    SpanSet,
    attributes_from,
    event_from,
    link_from,
    severity_name,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One span as the waterfall shows it: the columns of rows.sql."""

    span_id: int
    parent_span_id: int | None
    service: str
    name: str
    kind: int
    start_ns: int
    end_ns: int
    has_error: bool
    scope_name: str
    code_path: str | None
    code_line: str | None


def read_traces(cursor: Cursor, trace_ids: Sequence[UUID]) -> SpanSet:
    """Return all spans of these traces: in the order of the ids, then by start time."""
    parameters = {"trace_ids": trace_ids, "span_id": None}
    rows = cursor.execute(statement("trace"), parameters).fetchall()
    if not rows:
        return SpanSet((), {}, {})
    order = {trace_id: place for place, trace_id in enumerate(trace_ids)}
    spans = sorted(map(_span, rows), key=lambda span: order[span.trace_id])
    return _with_origins(cursor, spans)


def read_span(cursor: Cursor, trace_id: UUID, span_id: int) -> SpanSet | None:
    """Return one span with its resource and scope, or None."""
    parameters = {"trace_ids": [trace_id], "span_id": span_id}
    row = cursor.execute(statement("trace"), parameters).fetchone()
    return _with_origins(cursor, [_span(row)]) if row else None


def read_rows(cursor: Cursor, trace_id: UUID) -> list[Row]:
    """Return the fields of a trace's spans that the waterfall shows, by start time."""
    rows = cursor.execute(statement("rows"), {"trace_id": trace_id}).fetchall()
    return [Row(*row) for row in rows]


def trace_start(cursor: Cursor, trace_id: UUID) -> int:
    """Return the start of a trace's earliest span; 0 for an unknown trace."""
    # A start of 0 was not set.
    query = """
      SELECT coalesce(min(if(start_ns > 0, start_ns, nullif(end_ns, 0))), 0)
      FROM spans WHERE trace_id = ?
    """
    row = cursor.execute(query, [trace_id]).fetchone()
    return int(row[0]) if row else 0


def read_logs(cursor: Cursor, trace_id: UUID, span_id: int) -> list[Log]:
    """Return the log records of a span, by time."""
    parameters = {"trace_id": trace_id, "span_id": span_id}
    rows = cursor.execute(statement("span_logs"), parameters).fetchall()
    return [
        Log(
            time_ns,
            severity or severity_name(number),
            Attribute("body", letter, body),
            attributes_from(*pairs),
        )
        for time_ns, severity, number, letter, body, *pairs in rows
    ]


def _span(row: Sequence[Any]) -> Span:
    *before, attributes, letters, events, links = row[:14]
    fields = [
        *before,
        attributes_from(attributes, letters),
        tuple(map(event_from, events)),
        tuple(map(link_from, links)),
        *row[14:],
    ]
    return Span(*fields)


def _with_origins(cursor: Cursor, spans: list[Span]) -> SpanSet:
    resource_ids = {"ids": list({span.resource_id for span in spans})}
    scope_ids = {"ids": list({span.scope_id for span in spans})}
    resources = cursor.execute(statement("resources"), resource_ids).fetchall()
    scopes = cursor.execute(statement("scopes"), scope_ids).fetchall()
    return SpanSet(spans, dict(map(_resource, resources)), dict(map(_scope, scopes)))


def _resource(row: Sequence[Any]) -> tuple[int, Resource]:
    resource_id, attributes, letters, *others = row
    return resource_id, Resource(attributes_from(attributes, letters), *others)


def _scope(row: Sequence[Any]) -> tuple[int, Scope]:
    scope_id, name, version, attributes, letters, *others = row
    decoded = attributes_from(attributes, letters)
    return scope_id, Scope(name, version, decoded, *others)
