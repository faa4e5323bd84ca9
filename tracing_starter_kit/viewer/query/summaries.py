"""Traces in a few numbers each: what a list shows without reading all their spans.

for summary in summarize(cursor, find_traces(cursor, filters)): ...
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from tracing_starter_kit.viewer.query.reader import Cursor, statement


@dataclass(frozen=True, slots=True)
class ServiceCount:
    """How many of a trace's spans one service made, and how many failed."""

    name: str
    span_count: int
    error_count: int


@dataclass(frozen=True, slots=True)
class TraceSummary:
    """One trace; the entry is its root or, while none has come, its earliest span."""

    trace_id: UUID
    entry_service: str
    entry_name: str
    entry_span_id: int
    has_root: bool
    start_ns: int
    end_ns: int
    span_count: int
    error_count: int
    orphan_count: int
    services: tuple[ServiceCount, ...]

    @property
    def is_complete(self) -> bool:
        """Whether nothing is known to be missing."""
        return self.has_root and not self.orphan_count


def summarize(cursor: Cursor, trace_ids: Sequence[UUID]) -> list[TraceSummary]:
    """Return the summaries of these traces, the trace that started last first."""
    if not trace_ids:
        return []
    rows = cursor.execute(statement("summaries"), {"trace_ids": trace_ids}).fetchall()
    return [
        TraceSummary(*(trace_id, *entry, *numbers, _counts(services)))
        for trace_id, entry, *numbers, services in rows
    ]


def _counts(services: Sequence[tuple[str, int, int]]) -> tuple[ServiceCount, ...]:
    return tuple(ServiceCount(*service) for service in services)


def entry_attributes(
    cursor: Cursor, summaries: Sequence[TraceSummary]
) -> Mapping[UUID, Mapping[str, str]]:
    """Return the attributes, as text, of the entry span of each trace."""
    if not summaries:
        return {}
    parameters = {
        "trace_ids": [summary.trace_id for summary in summaries],
        "span_ids": [summary.entry_span_id for summary in summaries],
        "first_ns": min(summary.start_ns for summary in summaries),
        "last_ns": max(summary.end_ns for summary in summaries),
    }
    rows = cursor.execute(statement("entries"), parameters).fetchall()
    return dict(rows)
