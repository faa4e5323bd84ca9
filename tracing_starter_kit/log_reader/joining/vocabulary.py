"""Find the event in a message by its words: queued, started, ended, failed.

    words = Vocabulary()
    words.event("Task timed out after 6.01 seconds")     # TIMED_OUT

Only the first line of a message counts, not the words in a traceback below it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from tracing_starter_kit.log_reader.errors import LogReaderError


class Event(StrEnum):
    """An event in the life of a task or request."""

    QUEUED = "queued"
    RECEIVED = "received"  # by a worker, which may not run it yet
    STARTED = "started"
    ENDED = "ended"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    RETRIED = "retried"  # one attempt is over, the task is not


BEGINS = {Event.QUEUED, Event.RECEIVED, Event.STARTED}
ENDS = {Event.ENDED, Event.FAILED, Event.TIMED_OUT}

# `started successfully` is a start, not an end.
BEGUN = ("queued", "scheduled", "submitted", "published", "received", "started")
SUCCESS = (
    "".join(f"(?<!{word} )" for word in BEGUN)
    + rf"success(?:fully)?(?! (?:{'|'.join(('enqueued', *BEGUN))})\b)"
)
# `failed: 0`, `error: None`: a count of zero, or no error.
NOTHING = r"(?!['\"]?\s*[:=]?\s*(?:0(?![\w.])|(?:none|null|false)\b|\[\]|\{\}))"
# The order decides: `failed: timed out` is a timeout, `completed with an error:` a
# failure.
WORDS = {
    Event.RETRIED: r"retry: retry in|will (?:be )?retr(?:y|ied)|retrying",
    Event.TIMED_OUT: r"timed[ -]?out|time[ -]?limit(?: \([^)]*\))? exceeded"
    r"|deadline exceeded|timeout (?:after|exceeded|expired|reached)"
    r"|\w*Timeout(?:Error|Exception)",
    Event.FAILED: r"(?:fail(?:ed|s)?|failure|errored|error:|raised|crash(?:ed)?"
    r"|activity error"
    r"|abort(?:ed)?|cancel(?:l?ed)?|rejected|killed|gave up|giving up|unable to"
    r"|could not|unhandled|completed 5\d\d|exit(?:ed)? (?:with )?(?:code|status) [1-9]"
    r"|error (?:while |when |in |during |on )?"
    r"(?:starting|running|processing|executing|performing|handling))"
    rf"{NOTHING}",
    Event.ENDED: rf"completed?|finish(?:ed|es)?|done|succeeded|{SUCCESS}"
    r"|processed|handled|ended|performed|responded|request_finished|exit(?:ed)?"
    r"|report requestid:|discarding revoked|(?<=\] )(?:revoked|ignored)",
    Event.QUEUED: r"enqueue[ds]?|enqueuing|queue[ds]|queueing|queuing|published"
    r"|publishing|scheduled|submitted|sending task|sent to (?:the )?(?:queue|broker)",
    Event.RECEIVED: r"received|dequeued|picked up|reserved",
    Event.STARTED: r"start(?:ed|ing|s)?|beg[iau]n(?:ning)?|running|processing|executing"
    r"|performing|handling|request_started",
}
# A whole word: neither the name of a field, as in failed=0, nor `0 failed`.
BEFORE = r"(?<![\w-])(?<!\b0 )(?<!\bno )"
BEHIND = r"(?![\w=])"
# `not started yet`, `will be queued`, `waiting to be started`: not an event yet.
NOT_YET = re.compile(
    r"\b(?:not (?:yet )?(?:been )?(?:start|queue|complete|finish|receive)\w*"
    r"|will be \w+|waiting)\b",
    re.IGNORECASE,
)
# Events, beside those of the user's words, to which NOT_YET does not apply.
CERTAIN = {Event.RETRIED, Event.TIMED_OUT, Event.FAILED}
# Celery's line continues with the task's result, which may contain any word.
RETURNED = re.compile(r"(succeeded in [\d.e+-]+s): ")


class Vocabulary:
    """The words of events; the user's words take precedence."""

    def __init__(self, own: Mapping[Event, str] | None = None) -> None:
        """Add the user's words, as regular expressions.

        Raises:
            LogReaderError: A regular expression is invalid.
        """
        pairs = sorted((own or {}).items(), key=lambda pair: [*WORDS].index(pair[0]))
        groups = [_group(event, pattern) for event, pattern in pairs]
        words = "|".join(f"(?P<{event}>{pattern})" for event, pattern in WORDS.items())
        # BEFORE is tested once, not once for each word.
        groups.append(f"{BEFORE}(?:{words}){BEHIND}")
        self._pattern = _alternatives(groups)
        self._ranks = {name: rank for rank, name in enumerate(self._pattern.groupindex)}

    def event(self, message: str) -> Event | None:
        """Return the event that a message names, or None."""
        if "\n" in message:
            message = message.partition("\n")[0]
        if "succeeded in" in message and (match := RETURNED.search(message)):
            message = message[: match.end(1)]
        matches = {str(m.lastgroup): m for m in self._pattern.finditer(message)}
        if not matches:
            return None
        name = min(matches, key=self._ranks.__getitem__)
        event = Event(name.removeprefix("own_"))
        if event in CERTAIN or name.startswith("own_"):
            return event
        return None if NOT_YET.search(message, 0, matches[name].end()) else event


def _group(event: Event, pattern: str) -> str:
    group = rf"(?P<own_{event.value}>{pattern.removeprefix('(?i)')})"
    try:
        re.compile(group)
    except re.error as error:
        raise LogReaderError(
            f"--{event.value.replace('_', '-')} {pattern!r} is not a regular "
            f"expression: {error}. Write words with | between them."
        ) from None
    return group


def _alternatives(groups: Sequence[str]) -> re.Pattern[str]:
    try:
        return re.compile("|".join(groups), re.IGNORECASE)
    except re.error as error:
        raise LogReaderError(
            f"The regular expressions for events cannot be combined: {error}. "
            "Write groups without a name, (?:…)."
        ) from None
