"""Sentences about what cannot be true in a trace: missing parents, circles, times.

    for sentence in trace_warnings(spans): ...

The viewer's page says the same of a trace (`viewer/query/times.py` has its rule).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tracing_starter_kit.traces.spans import Span, build_tree

SKEW = 10_000_000  # ns; less is within the accuracy of clocks on one host
MOST = 5


def trace_warnings(spans: Sequence[Span]) -> Iterator[str]:
    """Yield sentences about the whole trace, then about single spans."""
    by_id = {span.span_id: span for span in spans}
    if spans and all(span.parent_span_id for span in spans):
        yield "The root span is missing."
    lost = [s for s in spans if s.parent_span_id and s.parent_span_id not in by_id]
    if lost:
        yield f"Spans whose parent is missing: {len(lost)}."
    if circles := sum(root.span.parent_span_id in by_id for root in build_tree(spans)):
        yield f"Circles of parents, each drawn from its earliest span on: {circles}."
    sentences = [
        f"{span.service}: {span.name[:80]} {problem}."
        for span in spans
        if (problem := _time_problem(span, by_id))
    ]
    yield from sentences[:MOST]
    if more := len(sentences[MOST:]):
        yield f"{more} more spans have times that cannot be true."


def _time_problem(span: Span, by_id: Mapping[str, Span]) -> str:
    parent = by_id.get(span.parent_span_id or "")
    early = parent.start_ns - span.start_ns if parent and parent.start_ns else 0
    unset = [
        name
        for name, time in (("start", span.start_ns), ("end", span.end_ns))
        if not time
    ]
    if unset:
        return f"has no {' and no '.join(unset)} time"
    if span.end_ns < span.start_ns:
        return f"ends {_seconds(span.start_ns - span.end_ns)} s before it starts"
    if early > SKEW:
        return (
            f"starts {_seconds(early)} s before its parent: their hosts' clocks differ"
        )
    return ""


def _seconds(nanoseconds: int) -> str:
    return f"{nanoseconds / 1e9:.3f}".rstrip("0").rstrip(".")
