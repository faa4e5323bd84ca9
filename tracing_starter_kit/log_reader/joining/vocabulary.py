"""What a line says happened: queued, started, ended, failed.

words = Vocabulary()
words.event("Task timed out after 6.01 seconds")     # TIMED_OUT

Only the first line of a message counts: what a traceback quotes has not happened here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from tracing_starter_kit.log_reader.errors import LogReaderError


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

# `started successfully` has started; it has not ended.
BEGUN: Final = ("queued", "scheduled", "submitted", "published", "received", "started")
SUCCESS: Final = (
    "".join(f"(?<!{word} )" for word in BEGUN)
    + rf"success(?:fully)?(?! (?:{'|'.join(('enqueued', *BEGUN))})\b)"
)
# `failed: 0`, `error: None`: how much of it there was, which is nothing.
NOTHING: Final = r"(?!['\"]?\s*[:=]?\s*(?:0(?![\w.])|(?:none|null|false)\b|\[\]|\{\}))"
# The order decides: a task that `failed: timed out` timed out, one that `completed with
# an error:` failed.
WORDS: Final = {
    Event.RETRIED: r"retry: retry in|will (?:be )?retr(?:y|ied)|retrying",
    Event.TIMED_OUT: r"timed[ -]?out|time[ -]?limit(?: \([^)]*\))? exceeded"
    r"|deadline exceeded|timeout (?:after|exceeded|expired|reached)"
    r"|\w*Timeout(?:Error|Exception)",
    Event.FAILED: r"(?:fail(?:ed|s)?|failure|errored|error:|raised|crash(?:ed)?"
    r"|abort(?:ed)?|cancel(?:l?ed)?|rejected|killed|gave up|giving up|unable to"
    r"|could not|unhandled|completed 5\d\d|exit(?:ed)? (?:with )?(?:code|status) [1-9]"
    r"|error (?:while |when |in |during |on )?"
    r"(?:starting|running|processing|executing|performing|handling))"
    rf"{NOTHING}",
    Event.ENDED: rf"completed?|finish(?:ed|es)?|done|succeeded|{SUCCESS}"
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
# `not started yet`, `will be queued`, `waiting to be started`: it has not happened.
NOT_YET: Final = re.compile(
    r"\b(?:not (?:yet )?(?:been )?(?:start|queue|complete|finish|receive)\w*"
    r"|will be \w+|waiting)\b",
    re.IGNORECASE,
)
# Of a bad end, and of what the user calls so, there is no `not yet`.
CERTAIN: Final = {Event.RETRIED, Event.TIMED_OUT, Event.FAILED}
# Celery's line goes on with what the task returned.
RETURNED: Final = re.compile(r"(succeeded in [\d.]+s): ")


class Vocabulary:
    """The words of an event; those of the user come before ours."""

    def __init__(self, own: Mapping[Event, str] | None = None) -> None:
        """Take further words as regular expressions.

        Raises:
            LogReaderError: One of them is none.
        """
        mine = sorted((own or {}).items(), key=lambda pair: [*WORDS].index(pair[0]))
        groups = [_group(event, pattern) for event, pattern in mine]
        words = "|".join(f"(?P<{event}>{pattern})" for event, pattern in WORDS.items())
        # What stands before a word is looked at once, not once for each of the words.
        groups.append(f"{BEFORE}(?:{words}){BEHIND}")
        self._pattern = _together(groups)
        self._ranks = {name: at for at, name in enumerate(self._pattern.groupindex)}

    def event(self, message: str) -> Event | None:
        """Return what a message says that happened, if it says so."""
        if "\n" in message:
            message = message.partition("\n")[0]
        if "succeeded in" in message and (returned := RETURNED.search(message)):
            message = message[: returned.end(1)]
        found = {str(m.lastgroup): m for m in self._pattern.finditer(message)}
        if not found:
            return None
        name = min(found, key=self._ranks.__getitem__)
        event = Event(name.removeprefix("own_"))
        if event in CERTAIN or name.startswith("own_"):
            return event
        return None if NOT_YET.search(message, 0, found[name].end()) else event


def _group(event: Event, pattern: str) -> str:
    group = rf"(?P<own_{event.value}>{pattern.removeprefix('(?i)')})"
    try:
        re.compile(group)
    except re.error as error:
        raise LogReaderError(
            f"--{event.value.replace('_', '-')} {pattern!r} is no regular expression: "
            f"{error}. Words with | between them will do."
        ) from None
    return group


def _together(groups: Sequence[str]) -> re.Pattern[str]:
    try:
        return re.compile("|".join(groups), re.IGNORECASE)
    except re.error as error:
        raise LogReaderError(
            f"The expressions for events cannot stand beside each other: {error}. "
            "Write groups without a name, (?:…)."
        ) from None
