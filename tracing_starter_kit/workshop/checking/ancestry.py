"""Which spans are above which, in one trace.

parents = list(above(span, {one.span_id: one for one in spans}))
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tracing_starter_kit.traces.spans import Span


def outermost(found: Sequence[Span], spans: Sequence[Span]) -> list[Span]:
    """Return those that are below none of the others: more spans are no mistake."""
    ids = {span.span_id for span in found}
    by_id = {span.span_id: span for span in spans}
    return [span for span in found if not ids & set(above(span, by_id))]


def above(span: Span, by_id: Mapping[str, Span]) -> Iterator[str]:
    """Yield the ids of a span's parent, its parent and so on."""
    seen: set[str] = set()
    parent = span.parent_span_id
    while parent is not None and parent in by_id and parent not in seen:
        seen.add(parent)
        yield parent
        parent = by_id[parent].parent_span_id
