"""Traces of the list, in the shape of the page's own API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from tracing_starter_kit.viewer.api.explore import shapes
from tracing_starter_kit.viewer.model.namespaces import group_of
from tracing_starter_kit.viewer.query.reader import Cursor
from tracing_starter_kit.viewer.query.summaries import (
    TraceSummary,
    entry_attributes,
    summarize,
)

MAX_FIELDS = 6
# The subject of the request comes first, in this order. Ids that no two traces share
# come last: they say the least.
FIRST_SUBJECTS = ("customer", "user", "tenant", "plan", "order")
LAST_SUBJECTS = ("request", "session")


def traces_json(cursor: Cursor, trace_ids: Sequence[UUID]) -> shapes.Traces:
    """Read and return the summaries of some traces, newest first."""
    summaries = summarize(cursor, trace_ids)
    entries = entry_attributes(cursor, summaries)
    return {
        "traces": [
            _summary_json(summary, entries.get(summary.trace_id, {}))
            for summary in summaries
        ]
    }


def _summary_json(
    summary: TraceSummary, entry_attributes: Mapping[str, str]
) -> shapes.Summary:
    return {
        "traceId": summary.trace_id.hex,
        "rootService": summary.entry_service,
        "rootName": summary.entry_name,
        "startUs": summary.start_ns / 1000,
        "durationUs": (summary.end_ns - summary.start_ns) / 1000,
        "spanCount": summary.span_count,
        "errorCount": summary.error_count,
        "services": [
            {
                "name": service.name,
                "spanCount": service.span_count,
                "errorCount": service.error_count,
            }
            for service in summary.services
        ],
        "fields": _business_fields(entry_attributes),
        "complete": summary.is_complete,
    }


def _business_fields(attributes: Mapping[str, str]) -> dict[str, str]:
    keys = (key for key in attributes if group_of(key) == "business")
    shown = sorted(keys, key=_rank)[:MAX_FIELDS]
    return {key: attributes[key] for key in shown}


def _rank(key: str) -> int:
    """Return the rank of a key such as shop.SUBJECT.id among the fields."""
    subjects = key.split(".")[:2]
    for rank, subject in enumerate(FIRST_SUBJECTS):
        if subject in subjects:
            return rank
    return len(FIRST_SUBJECTS) + any(subject in LAST_SUBJECTS for subject in subjects)
