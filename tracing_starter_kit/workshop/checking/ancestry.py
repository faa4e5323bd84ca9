"""The spans above a span in its trace.

Example:
    ids = set(ancestor_ids(span, {span.span_id: span for span in trace}))
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tracing_starter_kit.traces.spans import Span


def outermost(spans: Sequence[Span], trace: Sequence[Span]) -> list[Span]:
    """Return the spans that lie below none of the others.

    A learner may make more spans than the exercise asks for.
    """
    ids = {span.span_id for span in spans}
    by_id = {span.span_id: span for span in trace}
    return [span for span in spans if not ids & set(ancestor_ids(span, by_id))]


def ancestor_ids(span: Span, by_id: Mapping[str, Span]) -> Iterator[str]:
    """Yield the id of a span's parent, then of the parent's parent, and so on."""
    visited: set[str] = set()
    parent = span.parent_span_id
    while parent is not None and parent in by_id and parent not in visited:
        visited.add(parent)
        yield parent
        parent = by_id[parent].parent_span_id
