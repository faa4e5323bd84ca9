"""Names the mistake in a span's place in the code, its status, or its extent.

Example:
    if problem := status_problem(span, "TimeoutError", "timed out"):
        raise CheckFailed(f"`{span.name}` {problem}.")
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from tracing_starter_kit.traces.drawing import duration_text
from tracing_starter_kit.traces.spans import Span
from tracing_starter_kit.workshop.checking.source_lines import Place


def place_problem(span: Span, function: str, places: Sequence[Place]) -> str | None:
    """Return the mistake if a span leads to none of a function's places."""
    path = str(span.attributes.get("code.file.path", ""))
    line = span.attributes.get("code.line.number")
    if not path or line is None:
        return (
            "does not name its line of code: `code.file.path` or `code.line.number` is "
            "missing"
        )
    in_file = [place for place in places if PurePath(path).name == place.file]
    if not in_file:
        return f"leads to {path}; expected {places[0].file}"
    if isinstance(line, int) and any(p.first <= line <= p.last for p in in_file):
        return None
    return (
        f"leads to line {line} of {in_file[0].file}; expected a line of `{function}`, "
        f"{in_file[0].first} to {in_file[0].last}"
    )


def status_problem(span: Span, class_name: str, message: str) -> str | None:
    """Return the mistake if a span does not carry this failure."""
    error_type = span.attributes.get("error.type")
    if span.status != "ERROR":
        return "is not marked as failed, although it failed"
    if not str(error_type).endswith(class_name):
        field = (
            "no `error.type`"
            if error_type is None
            else f"`error.type` = {error_type!r}"
        )
        return f"has {field}; expected the class, {class_name}"
    if message not in span.status_message:
        return (
            f"does not say why it failed: its status message is "
            f"{span.status_message!r}; expected the exception's, with {message!r}"
        )
    return None


def why_not_enclosed(outer: Span, inner: Span, work: str) -> str:
    """Return the likeliest reason why the work is not below its span."""
    problem = f"`{outer.name}` does not enclose the work: {work} is not below it"
    if outer.start_ns <= inner.start_ns and inner.end_ns <= outer.end_ns:
        return (
            f"{problem}, although the span is open all that time: it is not the "
            f"current span. A `with` block makes it current."
        )
    took = duration_text(outer.end_ns - outer.start_ns)
    return (
        f"{problem}, and the span took only {took}. Start it before the work, and end "
        f"it after the work."
    )
