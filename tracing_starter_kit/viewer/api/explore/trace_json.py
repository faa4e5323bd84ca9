"""A trace's waterfall, in the shape of the page's own API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast
from uuid import UUID

from tracing_starter_kit.viewer.api.explore import shapes
from tracing_starter_kit.viewer.api.ids import span_hex
from tracing_starter_kit.viewer.query.code import is_automatic, read_line
from tracing_starter_kit.viewer.query.records import kind_name
from tracing_starter_kit.viewer.query.times import placed, time_warning
from tracing_starter_kit.viewer.query.traces import Row
from tracing_starter_kit.viewer.query.tree import Node, depth_first

MAX_TIME_WARNINGS = 5


def trace_json(trace_id: UUID, rows: Sequence[Row]) -> shapes.Trace:
    """Return all spans of a trace, depth-first."""
    start = _first_ns(rows)
    end = max(placed(row.start_ns, row.end_ns, start)[1] for row in rows)
    nodes = list(depth_first(rows))
    services = list(dict.fromkeys(node.row.service for node in nodes))
    numbers = {name: number for number, name in enumerate(services)}
    return {
        "traceId": trace_id.hex,
        "startUs": start / 1000,
        "durationUs": (end - start) / 1000,
        "services": services,
        "spans": [_row_json(node, start, numbers) for node in nodes],
        "warnings": list(_warnings(nodes)),
    }


def _first_ns(rows: Sequence[Row]) -> int:
    return min((t for row in rows if (t := row.start_ns or row.end_ns)), default=0)


def _row_json(node: Node, start_ns: int, services: Mapping[str, int]) -> shapes.SpanRow:
    row = node.row
    start, end = placed(row.start_ns, row.end_ns, start_ns)
    return {
        "id": span_hex(row.span_id),
        "parent": parent_hex(row.parent_span_id),
        "depth": node.depth,
        "service": services[row.service],
        "name": row.name,
        "kind": cast("shapes.Kind", kind_name(row.kind)),
        "offsetUs": (start - start_ns) / 1000,
        "durationUs": (end - start) / 1000,
        "error": row.has_error,
        "made": made(row.scope_name),
        "orphan": node.is_orphan,
        "code": _code(row),
        "children": node.children,
    }


def _code(row: Row) -> str | None:
    line = read_line(row.code_line)
    return f"{row.code_path}:{line}" if row.code_path and line else row.code_path


def _warnings(nodes: Sequence[Node]) -> Iterator[str]:
    if not any(node.row.parent_span_id is None for node in nodes):
        yield "The root span is missing; it comes last, when everything else is over."
    if orphans := sum(node.is_orphan for node in nodes):
        spans = "1 span names" if orphans == 1 else f"{orphans} spans name"
        yield f"{spans} a parent that is missing: late, lost, or not sampled."
    if circles := sum(node.is_in_circle for node in nodes):
        number = "A circle" if circles == 1 else f"{circles} circles"
        yield f"{number} of parents: the earliest span of each stands at the top."
    yield from _time_warnings([node.row for node in nodes])


def _time_warnings(rows: Sequence[Row]) -> Iterator[str]:
    starts = {row.span_id: row.start_ns for row in rows}
    sentences = [
        f"{row.service}: {row.name[:80]} {problem}."
        for row in rows
        if (
            problem := time_warning(
                row.start_ns, row.end_ns, starts.get(row.parent_span_id or 0)
            )
        )
    ]
    yield from sentences[:MAX_TIME_WARNINGS]
    if more := len(sentences[MAX_TIME_WARNINGS:]):
        yield f"{more} more spans have times that cannot be true."


def parent_hex(span_id: int | None) -> str | None:
    """Format a parent's id; a root has none."""
    return None if span_id is None else span_hex(span_id)


def made(scope_name: str) -> shapes.Made:
    """Tell automatic spans from those made by hand."""
    return "auto" if is_automatic(scope_name) else "hand"
