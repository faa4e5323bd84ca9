"""Says what is wrong with an attribute: missing, misplaced, constant, of another type.

complain(list(spans), "shop.plan", lambda answer: answer.sent["plan"], recording)
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from typing import Any

from tracing_starter_kit.traces.spans import Span
from tracing_starter_kit.workshop.checking.answer import Answer, Recording
from tracing_starter_kit.workshop.checking.sentences import (
    CheckFailed,
    listed,
    quoted,
    value_text,
)

CLOSE = 0.05  # of a number that is measured rather than sent

Pairs = Sequence[tuple[Answer, Span]]


def complain(
    spans: Pairs,
    key: str,
    expected: Callable[[Answer], Any],
    recording: Recording,
) -> None:
    """Do nothing if each span carries the value that its request asks for.

    Args:
        spans: Each with its request.
        key: The attribute.
        expected: The value for a request.
        recording: Where an attribute that is missing here may be instead.

    Raises:
        CheckFailed: With the likeliest mistake as its sentence.
    """
    for answer, span in spans:
        if key not in span.attributes:
            raise CheckFailed(
                _why_missing(recording.of(answer), span, key), answer.trace_id
            )
    for answer, span in spans:
        value, wanted = span.attributes[key], expected(answer)
        if not same(value, wanted):
            sentence = _why_wrong(spans, key, expected, value, wanted)
            raise CheckFailed(f"`{key}` on `{span.name}` {sentence}", answer.trace_id)


def same(value: object, wanted: object) -> bool:
    """Compare value and type: 3 is not "3", and not True; 3.0 is 3."""
    numbers = {type(value), type(wanted)} <= {int, float}
    return (numbers or type(value) is type(wanted)) and value == wanted


def _why_missing(trace: Sequence[Span], span: Span, key: str) -> str:
    others = [other for other in trace if key in other.attributes]
    own = [name for name in span.attributes if not _is_standard(name)]
    if others:
        places = quoted(other.name for other in others)
        return f"`{key}` is on {places}, and should be on `{span.name}` too."
    if similar := difflib.get_close_matches(key, own, 1, 0.7):
        return f"`{span.name}` has `{similar[0]}`; the field is called `{key}`."
    if own:
        return f"`{span.name}` has no `{key}`. Of yours it has {quoted(own)}."
    return f"`{span.name}` has no `{key}`."


def _why_wrong(
    spans: Pairs,
    key: str,
    expected: Callable[[Answer], Any],
    value: object,
    wanted: object,
) -> str:
    if str(value) == str(wanted):
        return (
            f"is {value_text(value)}, {_type(value)}; it should be "
            f"{value_text(wanted)}, {_type(wanted)}, to be compared and added up."
        )
    values = [span.attributes[key] for _, span in spans]
    sent = [expected(answer) for answer, _ in spans]
    if len(set(map(str, values))) == 1 and len(set(map(str, sent))) > 1:
        return (
            f"is {value_text(value)} every time; the requests were about "
            f"{listed(map(value_text, sent))}. It is the same whatever is sent."
        )
    if value in sent:
        return (
            f"is {value_text(value)}, which belongs to another request of this check; "
            f"here it should be {value_text(wanted)}."
        )
    return f"is {value_text(value)}; it should be {value_text(wanted)}."


def _type(value: object) -> str:
    names = {"str": "text", "int": "a number", "float": "a number", "bool": "yes or no"}
    return names.get(type(value).__name__, type(value).__name__)


def _is_standard(name: str) -> bool:
    standard = "code http url server client network user_agent db messaging error"
    return name.partition(".")[0] in standard.split()
