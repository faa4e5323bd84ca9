"""Events that a program writes as lines: JSON, or key=value beside other text.

events = read_events(output)
expect_number(event, "queue_dur_ms", low=80, high=400)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from tracing_starter_kit.workshop.checking.sentences import (
    CheckFailed,
    quoted,
    value_text,
)

PAIR = re.compile(r'([A-Za-z_][\w.]*)=("(?:[^"\\]|\\.)*"|\S+)')
Event = dict[str, Any]


def read_events(output: str) -> list[Event]:
    """Return each line as an event; what is no field is under "message"."""
    return list(_events(output.splitlines()))


def _events(lines: Iterable[str]) -> Iterator[Event]:
    for line in lines:
        try:
            found = json.loads(line)
        except ValueError:
            found = None
        if isinstance(found, dict):
            yield found
        elif line.strip():
            pairs = {key: _plain(text) for key, text in PAIR.findall(line)}
            yield {"message": PAIR.sub("", line).strip(), **pairs}


def _plain(text: str) -> Any:
    """Return what a text between blanks means: a number, or the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def expect_value(event: Event, key: str, wanted: object, about: str) -> None:
    """Demand a field with a value.

    Raises:
        CheckFailed: It is missing, or says something else.
    """
    if key not in event:
        known = quoted(name for name in event if name != "message")
        has = f" It has {known}." if known else ""
        raise CheckFailed(f"{about} has no `{key}`.{has}")
    if event[key] != wanted and str(event[key]) != str(wanted):
        raise CheckFailed(
            f"`{key}` of {about} is {value_text(event[key])}; it should be "
            f"{value_text(wanted)}."
        )


def expect_number(
    event: Event, key: str, *, low: float, high: float, about: str
) -> None:
    """Demand a number of milliseconds that lies where the check has seen it.

    Raises:
        CheckFailed: It is missing, no number, in seconds, or another time.
    """
    if key not in event:
        expect_value(event, key, None, about)
    value = event[key]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise CheckFailed(f"`{key}` of {about} is {value_text(value)}, and no number.")
    if low <= value <= high:
        return
    if low <= value * 1000 <= high:
        raise CheckFailed(
            f"`{key}` of {about} is {value}: that is seconds; `_ms` says ms."
        )
    raise CheckFailed(
        f"`{key}` of {about} is {value:g}; what happened took between {low:.0f} and "
        f"{high:.0f} ms."
    )
