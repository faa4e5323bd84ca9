"""One trace, or one span, with everything that was stored of it.

spans = read_traces(cursor, [trace_id])      # .spans, .resources, .scopes
span = read_span(cursor, trace_id, span_id)  # the same, of one span
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

TRACE_START = """
    SELECT coalesce(min(start_ns), 0) FROM spans WHERE trace_id = $trace_id"""


@dataclass(frozen=True, slots=True)
class Row:
    """One span as the waterfall shows it; the columns of rows.sql."""

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
    """Return all spans of these traces, trace by trace in this order, by start time."""
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
    """Return a trace's spans as the waterfall needs them, by start time."""
    rows = cursor.execute(statement("rows"), {"trace_id": trace_id}).fetchall()
    return [Row(*row) for row in rows]


def trace_start(cursor: Cursor, trace_id: UUID) -> int:
    """Return when the earliest span of a trace started; 0 for an unknown trace."""
    row = cursor.execute(TRACE_START, {"trace_id": trace_id}).fetchone()
    return int(row[0]) if row else 0


def read_logs(cursor: Cursor, trace_id: UUID, span_id: int) -> list[Log]:
    """Return the log records that were written inside a span, by time."""
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
    rich = (
        attributes_from(attributes, letters),
        tuple(map(event_from, events)),
        tuple(map(link_from, links)),
    )
    return Span(*(*before, *rich, *row[14:]))


def _with_origins(cursor: Cursor, spans: list[Span]) -> SpanSet:
    resources = {"ids": list({span.resource_id for span in spans})}
    scopes = {"ids": list({span.scope_id for span in spans})}
    return SpanSet(
        spans,
        dict(
            map(_resource, cursor.execute(statement("resources"), resources).fetchall())
        ),
        dict(map(_scope, cursor.execute(statement("scopes"), scopes).fetchall())),
    )


def _resource(row: Sequence[Any]) -> tuple[int, Resource]:
    key, attributes, letters, *rest = row
    return key, Resource(attributes_from(attributes, letters), *rest)


def _scope(row: Sequence[Any]) -> tuple[int, Scope]:
    key, name, version, attributes, letters, *rest = row
    return key, Scope(name, version, attributes_from(attributes, letters), *rest)
