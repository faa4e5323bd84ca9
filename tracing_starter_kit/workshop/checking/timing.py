"""Expectations about when spans happen: at the same time, in turn, after the answer.

Example:
    expect_overlap(asking)
    expect_in_turn(running)
    expect_no_wait(request, filing)
"""

from __future__ import annotations

from itertools import pairwise

from tracing_starter_kit.traces.drawing import duration_text
from tracing_starter_kit.workshop.checking.sentences import CheckFailed
from tracing_starter_kit.workshop.checking.spans import Spans


def expect_overlap(spans: Spans) -> None:
    """Expect that the spans of each trace run at the same time.

    Raises:
        CheckFailed: A span begins only after another has ended.
    """
    for answer, group in spans.by_answer():
        latest = max(group, key=lambda span: span.start_ns)
        earliest = min(group, key=lambda span: span.end_ns)
        if latest.start_ns >= earliest.end_ns:
            took = duration_text(latest.end_ns - min(span.start_ns for span in group))
            raise CheckFailed(
                f"The {len(group)} spans `{latest.name}` run one after the other, "
                f"{took} in all; expected at the same time, as at the start. The trace "
                f"is complete now, but the customer waits longer.",
                answer.trace_id,
            )


def expect_no_wait(spans: Spans, later: Spans) -> None:
    """Expect that the spans end before the later ones do.

    Raises:
        CheckFailed: A span ends after a later one.
    """
    for answer, span in spans:
        for other in later.of(answer):
            if span.end_ns >= other.end_ns:
                took = duration_text(other.end_ns - other.start_ns)
                raise CheckFailed(
                    f"`{span.name}` waits for `{other.name}`, which takes {took}; "
                    f"expected the answer before that, as at the start.",
                    answer.trace_id,
                )


def expect_in_turn(spans: Spans) -> None:
    """Expect that the spans of all traces run one after the other.

    Raises:
        CheckFailed: A span begins before the previous one has ended.
    """
    ordered = sorted(spans, key=lambda pair: pair[1].end_ns)
    for (_, previous), (answer, span) in pairwise(ordered):
        if span.start_ns < previous.end_ns:
            early = duration_text(previous.end_ns - span.start_ns)
            raise CheckFailed(
                f"`{span.name}` begins {early} before the previous task ends, but "
                f"there is one worker: the span counts waiting as work. Start it when "
                f"the worker begins.",
                answer.trace_id,
            )
