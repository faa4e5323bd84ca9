"""Expectations of when spans happen: at the same time, or after the answer.

side_by_side(asking)
in_turn(running)
does_not_wait_for(request, filing)
"""

from __future__ import annotations

from itertools import pairwise

from tracing_starter_kit.traces.drawing import duration_text
from tracing_starter_kit.workshop.checking.sentences import CheckFailed
from tracing_starter_kit.workshop.checking.spans import Spans


def side_by_side(spans: Spans) -> None:
    """Demand that the spans of each trace overlap.

    Raises:
        CheckFailed: One begins only when another has ended.
    """
    for answer, own in zip(spans.traces.answers, spans.found, strict=True):
        latest, earliest = (
            max(own, key=lambda span: span.start_ns),
            min(own, key=lambda span: span.end_ns),
        )
        if latest.start_ns >= earliest.end_ns:
            took = duration_text(latest.end_ns - min(span.start_ns for span in own))
            raise CheckFailed(
                f"The {len(own)} spans `{latest.name}` come one after the other, "
                f"{took} altogether. They ran at the same time before: the trace is "
                f"whole now, but the customer waits longer.",
                answer.trace_id,
            )


def does_not_wait_for(spans: Spans, later: Spans) -> None:
    """Demand that these end before the others do.

    Raises:
        CheckFailed: They wait for their end.
    """
    for answer, span in spans:
        for other in later.found[spans.traces.answers.index(answer)]:
            if span.end_ns >= other.end_ns:
                took = duration_text(other.end_ns - other.start_ns)
                raise CheckFailed(
                    f"`{span.name}` waits for `{other.name}`, which takes {took}: the "
                    f"customer got the answer before that, and should again.",
                    answer.trace_id,
                )


def in_turn(spans: Spans) -> None:
    """Demand that the spans of all traces come one after the other.

    Raises:
        CheckFailed: One begins before another has ended.
    """
    ordered = sorted(spans, key=lambda pair: pair[1].end_ns)
    for (_, before), (answer, span) in pairwise(ordered):
        if span.start_ns < before.end_ns:
            early = duration_text(before.end_ns - span.start_ns)
            raise CheckFailed(
                f"`{span.name}` begins {early} before the one in front of it has "
                f"ended, though there is one worker: it counts the waiting as work.",
                answer.trace_id,
            )
