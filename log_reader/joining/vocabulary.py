"""What a line says happened: queued, started, ended, failed; and how long it took.

words = Vocabulary()
words.event("Task timed out after 6.01 seconds")     # TIMED_OUT
duration("Task timed out after 6.01 seconds", {})    # 6_010_000_000
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import Final

from log_reader.errors import LogReaderError
from log_reader.model import Value


class Event(Enum):
    """What a line says of its task or request."""

    QUEUED = "queued"
    RECEIVED = "received"  # by a worker, which may not have begun yet
    STARTED = "started"
    ENDED = "ended"
    FAILED = "failed"
    TIMED_OUT = "timed_out"


BEGINS: Final = {Event.QUEUED, Event.RECEIVED, Event.STARTED}
ENDS: Final = {Event.ENDED, Event.FAILED, Event.TIMED_OUT}

# The order decides: a task that `failed: timed out` timed out, one that `completed with
# an error:` failed.
WORDS: Final = {
    Event.TIMED_OUT: r"timed[ -]?out|time[ -]?limit exceeded|deadline exceeded|timeout",
    Event.FAILED: r"fail(?:ed|ure|s)?|errored|error:|raised|crash(?:ed)?|abort(?:ed)?"
    r"|cancel(?:l?ed)?|rejected|killed|gave up|giving up|unable to|could not|unhandled"
    r"|completed 5\d\d",
    Event.ENDED: r"completed?|finish(?:ed|es)?|done|succeeded|success(?:fully)?"
    r"|processed|handled|ended|performed|responded|request_finished|exit(?:ed)?",
    Event.QUEUED: r"enqueue[ds]?|enqueuing|queue[ds]|queueing|queuing|published"
    r"|publishing|scheduled|submitted|sending task|sent to (?:the )?(?:queue|broker)",
    Event.RECEIVED: r"received|dequeued|picked up|reserved",
    Event.STARTED: r"start(?:ed|ing|s)?|beg[iau]n(?:ning)?|running|processing|executing"
    r"|performing|handling|request_started",
}
# `not started yet`, `will retry`: something has not happened, or not ended.
NOT_YET: Final = re.compile(
    r"\b(?:not (?:yet )?(?:been )?(?:start|queue|complete|finish|receive)"
    r"|will be \w+|waiting|retry|retrying|retried)\b",
    re.IGNORECASE,
)

UNITS: Final = {
    **dict.fromkeys(("ns", "nanosecond"), 1),
    **dict.fromkeys(("us", "µs", "μs", "microsecond"), 1_000),
    **dict.fromkeys(("ms", "msec", "millisecond"), 1_000_000),
    **dict.fromkeys(("s", "sec", "second"), 1_000_000_000),
    **dict.fromkeys(("m", "min", "minute"), 60_000_000_000),
    **dict.fromkeys(("h", "hr", "hour"), 3_600_000_000_000),
}
UNIT: Final = "|".join(sorted(UNITS, key=len, reverse=True))
SAID: Final = re.compile(
    r"\b(?:after|in|took|takes|within|for|elapsed|duration|runtime)[ =:]{1,2}"
    rf"(\d{{1,9}}(?:\.\d+)?) ?({UNIT})s?\b"
)
WITH_UNIT: Final = re.compile(rf"(\d{{1,9}}(?:\.\d+)?) ?({UNIT})s?\Z")
FIELD: Final = re.compile(
    r"(?:.*[._])?(?P<name>duration|dur|elapsed|took|runtime|latency|request_time"
    r"|response_time|exec_time|time_taken|elapsed_time|total_time|rt)"
    rf"(?:_(?:(?:in_)?(?P<unit>{UNIT}|millis|micros|nanos)s?))?\Z",
    re.IGNORECASE,
)
# How long it waited says nothing of how long it ran.
WAITED: Final = re.compile(r"queue|wait|delay|ttl|timeout|max", re.IGNORECASE)
LONGEST: Final = 366 * 86_400 * 10**9  # ns; more is a mistake, or another number


class Vocabulary:
    """The words of an event; those of the user come before ours."""

    def __init__(self, own: Mapping[Event, str] | None = None) -> None:
        """Take further words as regular expressions.

        Raises:
            LogReaderError: One of them is none.
        """
        groups = [_group(event, pattern) for event, pattern in (own or {}).items()]
        groups += [rf"(?P<{e.value}>(?<![\w-])(?:{w})(?!\w))" for e, w in WORDS.items()]
        self._patterns = [re.compile(group, re.IGNORECASE) for group in groups]
        self._any = re.compile("|".join(p.pattern for p in self._patterns[-6:]), re.I)
        self._has_own = bool(own)

    def event(self, message: str) -> Event | None:
        """Return what a message says that happened, if it says so."""
        if not self._has_own and not self._any.search(message):
            return None
        for pattern in self._patterns:
            if match := pattern.search(message):
                event = Event(str(match.lastgroup).removeprefix("own_"))
                return None if NOT_YET.search(message) else event
        return None


def duration(message: str, fields: Mapping[str, Value]) -> int | None:
    """Return how long it took, in nanoseconds, where the line says so."""
    for name, value in fields.items():
        match = FIELD.match(name)
        if match and not WAITED.search(name):
            found = _field_duration(value, match["unit"] or "", match["name"])
            if found is not None:
                return found
    match = SAID.search(message)
    return _within(float(match[1]) * UNITS[match[2]]) if match else None


def _field_duration(value: Value, unit: str, name: str) -> int | None:
    if isinstance(value, str):
        match = WITH_UNIT.match(value)
        return _within(float(match[1]) * UNITS[match[2]]) if match else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    unit = unit.lower().replace("millis", "ms").replace("micros", "us")
    scale = UNITS.get(unit.replace("nanos", "ns"))
    # Without a unit a fraction means seconds, as in Sidekiq's elapsed=0.5.
    return _within(value * (scale or (10**9 if isinstance(value, float) else 10**6)))


def _within(nanoseconds: float) -> int | None:
    return round(nanoseconds) if 0 <= nanoseconds <= LONGEST else None


def _group(event: Event, pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise LogReaderError(
            f"--{event.value.replace('_', '-')} {pattern!r} is no regular expression: "
            f"{error}. Words with | between them will do."
        ) from None
    return rf"(?P<own_{event.value}>{pattern})"
