"""Names the mistake in an attribute: missing, misplaced, constant, of another type.

Example:
    expect_attribute(
        list(spans), "shop.plan", lambda answer: answer.inputs["plan"], recording
    )
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

# Of attributes that a library or a helper sets, not the learner.
STANDARD_GROUPS = (
    "client code db error http kit messaging network server url user_agent"
)
TYPE_NAMES = {
    "str": "text",
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
}
Pairs = Sequence[tuple[Answer, Span]]


def expect_attribute(
    spans: Pairs,
    key: str,
    expected: Callable[[Answer], Any],
    recording: Recording,
) -> None:
    """Expect that each span carries the value that belongs to its request.

    Args:
        spans: Each with its request.
        key: The attribute.
        expected: Returns the value for a request.
        recording: All spans, to find an attribute that was put on another span.

    Raises:
        CheckFailed: With the likeliest mistake as its sentence.
    """
    for answer, span in spans:
        if key not in span.attributes:
            sentence = _why_missing(recording.spans_of(answer), span, key)
            raise CheckFailed(sentence, answer.trace_id)
    for answer, span in spans:
        value = span.attributes[key]
        if not _is_same(value, expected(answer)):
            reason = _why_wrong(spans, key, expected, value, expected(answer))
            raise CheckFailed(f"`{key}` on `{span.name}` {reason}", answer.trace_id)


def _is_same(value: object, expected: object) -> bool:
    """Compare value and type: 3 is not "3", and not True; 3.0 is 3."""
    are_numbers = {type(value), type(expected)} <= {int, float}
    return (are_numbers or type(value) is type(expected)) and value == expected


def _why_missing(trace: Sequence[Span], span: Span, key: str) -> str:
    holders = [other.name for other in trace if key in other.attributes]
    own = [name for name in span.attributes if not _is_standard(name)]
    if holders:
        return (
            f"`{key}` is on {quoted(holders)}, but missing on `{span.name}`: set it "
            f"there too."
        )
    if similar := difflib.get_close_matches(key, own, 1, 0.7):
        return f"`{span.name}` has `{similar[0]}`; expected the name `{key}`."
    if own:
        return f"`{span.name}` has no `{key}`. Your fields on it are {quoted(own)}."
    return f"`{span.name}` has no `{key}`."


def _why_wrong(
    spans: Pairs,
    key: str,
    expected: Callable[[Answer], Any],
    value: object,
    expected_value: object,
) -> str:
    if str(value) == str(expected_value):
        return (
            f"is {value_text(value)}, {_type_name(value)}; expected "
            f"{value_text(expected_value)}, {_type_name(expected_value)}, so that it "
            f"can be compared and added up."
        )
    values = {str(span.attributes[key]) for _, span in spans}
    inputs = [expected(answer) for answer, _ in spans]
    if len(values) == 1 and len(set(map(str, inputs))) > 1:
        return (
            f"is {value_text(value)} every time; the requests had "
            f"{listed(map(value_text, inputs))}. Take the value from the request."
        )
    if value in inputs:
        return (
            f"is {value_text(value)}, the value of another request; expected "
            f"{value_text(expected_value)}."
        )
    return f"is {value_text(value)}; expected {value_text(expected_value)}."


def _type_name(value: object) -> str:
    name = type(value).__name__
    return TYPE_NAMES.get(name, name)


def _is_standard(name: str) -> bool:
    return name.partition(".")[0] in STANDARD_GROUPS.split()
