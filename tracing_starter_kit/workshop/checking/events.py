"""Events that a program writes as lines: JSON, or key=value beside other text.

Example:
    events = read_events(output)
    expect_value(event, "type", "email", subject="the line of task 7")
    expect_number(event, "queue_dur_ms", low=80, high=400, subject="the line of task 7")
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from tracing_starter_kit.workshop.checking.sentences import (
    CheckFailed,
    capitalized,
    quoted,
    value_text,
)

PAIR = re.compile(r'([A-Za-z_][\w.]*)=("(?:[^"\\]|\\.)*"|\S+)')
Event = dict[str, Any]


def read_events(output: str) -> list[Event]:
    """Return each line as an event; text outside of fields is under "message"."""
    return list(_events(output.splitlines()))


def _events(lines: Iterable[str]) -> Iterator[Event]:
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            event = None
        if isinstance(event, dict):
            yield event
        elif line.strip():
            pairs = {key: _value_of(text) for key, text in PAIR.findall(line)}
            yield {"message": PAIR.sub("", line).strip(), **pairs}


def _value_of(text: str) -> Any:
    """Return the number, quoted text or plain text that stands behind `key=`."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def form_problem(lines: Iterable[Event], number: object) -> str | None:
    """Return the mistake if fields are written in a form that cannot be read.

    Args:
        lines: Lines without the expected fields.
        number: A task's id, by which its line is recognised.
    """
    for line in lines:
        text = str(line.get("message", ""))
        if set(line) != {"message"} or not re.search(rf"\b{number}\b", text):
            continue
        return (
            f'The line "{text}" names task {number}, but not as a field that a program '
            f"can read; expected the whole line as one JSON object in double quotes, "
            f"or `task_id={number}` behind the text."
        )
    return None


def expect_value(event: Event, key: str, expected: object, subject: str) -> None:
    """Expect a field with this value.

    Args:
        event: The line.
        key: The field.
        expected: Its value; a number may also be written as text.
        subject: Names the line in sentences, such as "the line of task 72".

    Raises:
        CheckFailed: The field is missing, or has another value.
    """
    _expect_key(event, key, subject)
    if event[key] != expected and str(event[key]) != str(expected):
        raise CheckFailed(
            f"In {subject}, `{key}` is {value_text(event[key])}; expected "
            f"{value_text(expected)}."
        )


def expect_number(
    event: Event, key: str, *, low: float, high: float, subject: str
) -> None:
    """Expect a number of milliseconds between two bounds that the check measured.

    Raises:
        CheckFailed: The field is missing, is not a number, is in seconds, or is out
            of bounds.
    """
    _expect_key(event, key, subject)
    value = event[key]
    field = f"In {subject}, `{key}` is {value_text(value)}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise CheckFailed(f"{field}, which is not a number; expected milliseconds.")
    if low <= value <= high:
        return
    if low <= value * 1000 <= high:
        raise CheckFailed(f"{field}, which is in seconds; expected milliseconds.")
    raise CheckFailed(
        f"In {subject}, `{key}` is {value:g}; expected between {low:.0f} and "
        f"{high:.0f} ms, as the check measured it."
    )


def _expect_key(event: Event, key: str, subject: str) -> None:
    if key not in event:
        names = quoted(name for name in event if name != "message")
        fields = f" It has {names}." if names else ""
        raise CheckFailed(f"{capitalized(subject)} has no `{key}`.{fields}")
