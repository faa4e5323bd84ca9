"""The span of one stretch of an operation, and how an end shows in a span.

span = part_span(operation.id, part, entry, number)
set_outcome(span, part.end)
"""

from __future__ import annotations

import re
from typing import Final

from tracing_starter_kit.log_reader.formats.key_values import counts
from tracing_starter_kit.log_reader.joining.ids import Id
from tracing_starter_kit.log_reader.joining.names import template
from tracing_starter_kit.log_reader.joining.operations import Moment
from tracing_starter_kit.log_reader.joining.parts import Part, Role
from tracing_starter_kit.log_reader.joining.seeds import span_id
from tracing_starter_kit.log_reader.joining.vocabulary import Event
from tracing_starter_kit.log_reader.model import CONSUMER, INTERNAL, Span, Value

QUEUED_NOUNS: Final = {"task", "job", "message"}
LAST_PAIRS: Final = re.compile(r"(?:\s+[\w.-]+=(?:\"[^\"]*\"|[^\s\"]\S*))+\s*\Z")
LONGEST_MESSAGE: Final = 500


def part_span(found: Id, part: Part, entry: Span, number: int) -> Span:
    """Return the span of a stretch, still without a name, below that of it all."""
    is_queue_run = part.role is Role.RUN and found.noun in QUEUED_NOUNS
    attributes = part_attributes(part)
    if is_queue_run:
        attributes |= messaging(found, "process", "process")
    if part.queued_ns is not None:
        # The name that instrumentation/celery_tracing.py has for it.
        attributes["kit.queue.duration_ms"] = part.queued_ns / 1e6
    span = Span(
        trace_id=entry.trace_id,
        span_id=span_id(f"{entry.span_id}|{number}"),
        parent_span_id=entry.span_id,
        service=part.records[-1].service if part.records else entry.service,
        name="",
        kind=CONSUMER if is_queue_run else INTERNAL,
        start_ns=part.start_ns,
        end_ns=part.end_ns,
        attributes=attributes,
    )
    if part.end:
        set_outcome(span, part.end)
    return span


def part_name(found: Id, part: Part, name: str) -> str:
    """Return what a stretch is called, of an operation that is called `name`."""
    if part.role is Role.WAIT:
        return "wait in queue"
    if part.role is Role.STEP:
        return template(_last_message(part)) or "step"
    return f"process {name}" if found.noun in QUEUED_NOUNS else f"run {name}"


def messaging(found: Id, kind: str, name: str) -> dict[str, Value]:
    """Return the attributes that the messaging conventions have for an operation.

    Which system it is no log says; so `messaging.system` is not there.
    """
    return {
        "messaging.message.id": found.value,
        "messaging.operation.type": kind,
        "messaging.operation.name": name,
    }


def part_attributes(part: Part) -> dict[str, Value]:
    """Return what its lines say, and what is to be known of its times."""
    found: dict[str, Value] = counts(_last_message(part)) if part.end else {}
    for record in part.records:
        found |= record.fields
    found.pop("exception.stacktrace", None)
    if part.waited:
        found["log_reader.includes_queue_wait"] = True
    if part.skew_ns:
        found["log_reader.clock_skew_ms"] = part.skew_ns / 1e6
    if part.unfinished:
        found["log_reader.unfinished"] = True
    return found


def _last_message(part: Part) -> str:
    return part.records[-1].message if part.records else ""


def set_outcome(span: Span, end: Moment) -> None:
    """Set the span's status by the line that ended it."""
    if end.event not in (Event.FAILED, Event.TIMED_OUT):
        return
    kind = end.record.fields.get("exception.type")
    timeout = "timeout" if end.event is Event.TIMED_OUT else "_OTHER"
    span.failed = True
    span.attributes["error.type"] = str(kind or timeout)
    message = end.record.message.partition("\n")[0][:LONGEST_MESSAGE]
    span.status_message = LAST_PAIRS.sub("", message)
