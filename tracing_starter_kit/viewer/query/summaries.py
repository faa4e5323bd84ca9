"""Summaries of traces for a list: entry span, times, counts, services.

    for summary in summarize(cursor, find_traces(cursor, filters)): ...

Their spans stay in the database: a list of traces reads only these figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tracing_starter_kit.viewer.query.reader import Cursor, statement


@dataclass(frozen=True, slots=True)
class ServiceCount:
    """The number of a trace's spans that one service made, and of its errors."""

    name: str
    span_count: int
    error_count: int


@dataclass(frozen=True, slots=True)
class TraceSummary:
    """One trace. Its entry is the root or, if that is missing, the earliest span."""

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
        """Whether the root and all parents are there."""
        return self.has_root and not self.orphan_count


def summarize(cursor: Cursor, trace_ids: Sequence[UUID]) -> list[TraceSummary]:
    """Return the summaries of these traces, the newest first."""
    if not trace_ids:
        return []
    rows = cursor.execute(statement("summaries"), {"trace_ids": trace_ids}).fetchall()
    return [_summary(row) for row in rows]


def _summary(row: Sequence[Any]) -> TraceSummary:
    trace_id, entry, *numbers, services = row
    counts = tuple(ServiceCount(*service) for service in services)
    fields = [trace_id, *entry, *numbers, counts]
    return TraceSummary(*fields)


def entry_attributes(
    cursor: Cursor, summaries: Sequence[TraceSummary]
) -> Mapping[UUID, Mapping[str, str]]:
    """Return the attributes of each trace's entry span, as text."""
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
