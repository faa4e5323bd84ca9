"""What a line says happened: queued, started, ended, failed; and how long it took.

words = Vocabulary()
words.event("Task timed out after 6.01 seconds")     # TIMED_OUT
duration("Task timed out after 6.01 seconds", {})    # 6_010_000_000
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Final

from log_reader.errors import LogReaderError
from log_reader.model import Value


class Event(StrEnum):
    """What a line says of its task or request."""

    QUEUED = "queued"
    RECEIVED = "received"  # by a worker, which may not have begun yet
    STARTED = "started"
    ENDED = "ended"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    RETRIED = "retried"  # one attempt is over, the task is not


BEGINS: Final = {Event.QUEUED, Event.RECEIVED, Event.STARTED}
ENDS: Final = {Event.ENDED, Event.FAILED, Event.TIMED_OUT}

# The order decides: a task that `failed: timed out` timed out, one that `completed with
# an error:` failed.
WORDS: Final = {
    Event.RETRIED: r"retry: retry in|will (?:be )?retr(?:y|ied)|retrying",
    Event.TIMED_OUT: r"timed[ -]?out|time[ -]?limit exceeded|deadline exceeded"
    r"|timeout (?:after|exceeded|expired|reached)|\w*Timeout(?:Error|Exception)",
    Event.FAILED: r"fail(?:ed|s)?|failure|errored|error:|raised|crash(?:ed)?"
    r"|abort(?:ed)?|cancel(?:l?ed)?|rejected|killed|gave up|giving up|unable to"
    r"|could not|unhandled|completed 5\d\d|exit(?:ed)? (?:with )?(?:code|status) [1-9]",
    Event.ENDED: r"completed?|finish(?:ed|es)?|done|succeeded|success(?:fully)?"
    r"|processed|handled|ended|performed|responded|request_finished|exit(?:ed)?",
    Event.QUEUED: r"enqueue[ds]?|enqueuing|queue[ds]|queueing|queuing|published"
    r"|publishing|scheduled|submitted|sending task|sent to (?:the )?(?:queue|broker)",
    Event.RECEIVED: r"received|dequeued|picked up|reserved",
    Event.STARTED: r"start(?:ed|ing|s)?|beg[iau]n(?:ning)?|running|processing|executing"
    r"|performing|handling|request_started",
}
# A word by itself: neither the name of a field, as in failed=0, nor `0 failed`.
BEFORE: Final = r"(?<![\w-])(?<!\b0 )(?<!\bno )"
BEHIND: Final = r"(?![\w=])"
# `not started yet`, `will be queued`: it has not happened.
NOT_YET: Final = re.compile(
    r"\b(?:not (?:yet )?(?:been )?(?:start|queue|complete|finish|receive)\w*"
    r"|will be \w+|waiting)\b",
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
    rf"(\d{{1,9}}(?:\.\d+)?) ?({UNIT})s?\b",
    re.IGNORECASE,
)
RETRY_IN: Final = re.compile(r"retr(?:y|ying|ied)\b", re.IGNORECASE)
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
        words = "|".join(f"(?P<{event}>{pattern})" for event, pattern in WORDS.items())
        # What stands before a word is looked at once, not once for each of the words.
        groups.append(f"{BEFORE}(?:{words}){BEHIND}")
        self._pattern = re.compile("|".join(groups), re.IGNORECASE)
        self._ranks = {name: at for at, name in enumerate(self._pattern.groupindex)}

    def event(self, message: str) -> Event | None:
        """Return what a message says that happened, if it says so."""
        found = [str(match.lastgroup) for match in self._pattern.finditer(message)]
        if not found:
            return None
        name = min(found, key=self._ranks.__getitem__)
        event = Event(name.removeprefix("own_"))
        is_so = event is Event.RETRIED or not NOT_YET.search(message)
        return event if is_so else None


def duration(message: str, fields: Mapping[str, Value]) -> int | None:
    """Return how long it took, in nanoseconds, where the line says so."""
    for name, unit in _durations(tuple(fields)):
        found = _field_duration(fields[name], unit)
        if found is not None:
            return found
    match = SAID.search(message)
    if match is None or RETRY_IN.search(message):
        return None
    return _within(float(match[1]) * UNITS[match[2].lower()])


@lru_cache(1_000)  # the lines of a program have the same few sets of names
def _durations(names: Sequence[str]) -> list[tuple[str, str]]:
    """Return the fields that tell a duration, each with its unit."""
    units = ((name, _unit(name)) for name in names)
    return [(name, unit) for name, unit in units if unit is not None]


def _unit(name: str) -> str | None:
    """Return the unit of a field that tells a duration, "" if it has none."""
    match = None if WAITED.search(name) else FIELD.match(name)
    return (match["unit"] or "") if match else None


def _field_duration(value: Value, unit: str) -> int | None:
    if isinstance(value, str):
        match = WITH_UNIT.match(value)
        return _within(float(match[1]) * UNITS[match[2]]) if match else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    unit = unit.lower().replace("millis", "ms").replace("micros", "us")
    scale = UNITS.get(unit.replace("nanos", "ns"))
    return _within(value * (scale or _usual_scale(value)))


def _usual_scale(value: float) -> int:
    """Return the nanoseconds of a number without a unit, by how it is written.

    A fraction means seconds, as in Sidekiq's elapsed=0.5; whole numbers are
    milliseconds, but for Go's slog, which writes nanoseconds: those are large.
    """
    if isinstance(value, float):
        return 10**9
    return 10**6 if value < 10**6 else 1


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
