"""Exceptions that are recorded on spans: once, where it happened.

recorded_once(charge, "CardNetworkError")
"""

from __future__ import annotations

from collections.abc import Iterable

from tracing_starter_kit.traces.spans import Span
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


def recorded_once(where: Spans, kind: str) -> None:
    """Demand one exception in each trace, of this class, on these spans or within.

    Raises:
        CheckFailed: It is recorded more often, elsewhere, as another or not at all.
    """
    for answer in where.traces.answers:
        found = exceptions(where.traces.of(answer))
        kinds = list(dict.fromkeys(name for _, name in found))
        names = quoted(span.name for span, _ in found)
        if not found:
            problem = f"{kind} is recorded nowhere in this trace"
        elif len(found) > 1:
            what = kind if kinds == [kind] else f"One failure, {listed(kinds)},"
            problem = (
                f"{what} is recorded {times(len(found))}, on {names}. Once is enough, "
                f"where it happened"
            )
        elif kinds != [kind]:
            problem = f"{kinds[0]} is recorded on {names}, and {kind} is not"
        elif not where.hold(answer, found[0][0]):
            place = where.label.removeprefix("a span for ")
            problem = f"{kind} is recorded on {names}; it happened in {place}"
        else:
            continue
        raise CheckFailed(f"{problem}.", answer.trace_id)
