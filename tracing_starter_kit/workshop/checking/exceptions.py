"""Exceptions that are recorded on spans: once, where they happened.

Example:
    expect_recorded_once(charge_spans, "CardNetworkError")
"""

from __future__ import annotations

from collections.abc import Iterable

from tracing_starter_kit.traces.spans import Span
from tracing_starter_kit.workshop.checking.answer import Answer
from tracing_starter_kit.workshop.checking.sentences import (
    CheckFailed,
    listed,
    quoted,
    times,
)
from tracing_starter_kit.workshop.checking.spans import Spans


def exceptions(spans: Iterable[Span]) -> list[tuple[Span, str]]:
    """Return each recorded exception: its span, and its class without the module."""
    return [
        (span, str(event.attributes.get("exception.type")).rpartition(".")[2])
        for span in spans
        for event in span.events
        if event.name == "exception"
    ]


def expect_recorded_once(spans: Spans, class_name: str) -> None:
    """Expect one exception in each trace, of this class, on these spans or below.

    Raises:
        CheckFailed: It is recorded more often, elsewhere, as another class or not.
    """
    for answer in spans.traces.answers:
        if problem := _recording_problem(spans, answer, class_name):
            raise CheckFailed(f"{problem}.", answer.trace_id)


def _recording_problem(spans: Spans, answer: Answer, class_name: str) -> str | None:
    recorded = exceptions(spans.traces.spans_of(answer))
    classes = list(dict.fromkeys(name for _, name in recorded))
    places = quoted(span.name for span, _ in recorded)
    if not recorded:
        problem = f"is not recorded in this trace; expected once, on {spans.label}"
    elif len(recorded) > 1:
        problem = (
            f"is recorded {times(len(recorded))}, on {places}; expected once, where it "
            f"happened"
        )
        if classes != [class_name]:
            return f"One failure, {listed(classes)}, {problem}"
    elif classes != [class_name]:
        return f"{classes[0]} is recorded on {places}; expected {class_name}"
    elif not spans.include(answer, recorded[0][0]):
        problem = f"is recorded on {places}; expected on {spans.label}"
    else:
        return None
    return f"{class_name} {problem}"
