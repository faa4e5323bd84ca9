"""Traces of the list, in the shape of the page's own API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from tracing_starter_kit.viewer.api.explore import shapes
from tracing_starter_kit.viewer.query.reader import Cursor
from tracing_starter_kit.viewer.query.summaries import (
    TraceSummary,
    entry_attributes,
    summarize,
)

MOST_FIELDS = 6
# Who and what it was about, in this order, before whatever else the entry span says;
# an id that no two traces share tells the least.
ABOUT = ("customer", "user", "tenant", "plan", "order")
TELLS_LITTLE = ("request", "session")


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
    business = sorted(
        (item for item in entry_attributes.items() if item[0].startswith("shop.")),
        key=lambda item: _place(item[0]),
    )
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
        "fields": dict(business[:MOST_FIELDS]),
        "complete": summary.is_complete,
    }


def _place(key: str) -> int:
    """Return where among the fields a key like shop.SUBJECT.id stands."""
    subject = key.split(".")[1]
    if subject in ABOUT:
        return ABOUT.index(subject)
    return len(ABOUT) + (subject in TELLS_LITTLE)
