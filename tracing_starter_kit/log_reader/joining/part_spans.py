"""Build the span of a part of an operation, and set its outcome.

    span = part_span(operation.id, part, entry, number)
    set_outcome(span, part.end)

Names and attributes follow the messaging conventions.
"""

from __future__ import annotations

import re

from tracing_starter_kit.log_reader.formats.key_values import counts
from tracing_starter_kit.log_reader.joining.ids import Id
from tracing_starter_kit.log_reader.joining.names import template
from tracing_starter_kit.log_reader.joining.operations import Moment
from tracing_starter_kit.log_reader.joining.parts import Part, Role
from tracing_starter_kit.log_reader.joining.seeds import span_id
from tracing_starter_kit.log_reader.joining.vocabulary import Event
from tracing_starter_kit.log_reader.model import CONSUMER, INTERNAL, Span, Value

QUEUED_NOUNS = {"task", "job", "message"}
LAST_PAIRS = re.compile(r"(?:\s+[\w.-]+=(?:\"[^\"]*\"|[^\s\"]\S*))+\s*\Z")
LONGEST_MESSAGE = 500


def part_span(id_: Id, part: Part, entry: Span, number: int) -> Span:
    """Return the span of a part, below the entry span and still without a name."""
    is_queue_run = part.role is Role.RUN and id_.noun in QUEUED_NOUNS
    attributes = part_attributes(part)
    if is_queue_run:
        attributes |= messaging(id_, "process", "process")
    if part.queued_ns is not None:
        # The same name as in instrumentation/celery_tracing.py.
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


def part_name(id_: Id, part: Part, name: str) -> str:
    """Return the name of a part of the operation `name`."""
    if part.role is Role.WAIT:
        return "wait in queue"
    if part.role is Role.STEP:
        return template(_last_message(part)) or "step"
    return f"process {name}" if id_.noun in QUEUED_NOUNS else f"run {name}"


def messaging(id_: Id, kind: str, name: str) -> dict[str, Value]:
    """Return the conventional attributes of a messaging operation.

    Without `messaging.system`: no log names the system.
    """
    return {
        "messaging.message.id": id_.value,
        "messaging.operation.type": kind,
        "messaging.operation.name": name,
    }


def part_attributes(part: Part) -> dict[str, Value]:
    """Return the fields of its lines, and remarks on its times."""
    fields: dict[str, Value] = counts(_last_message(part)) if part.end else {}
    for record in part.records:
        fields |= record.fields
    fields.pop("exception.stacktrace", None)
    if part.includes_wait:
        fields["log_reader.includes_queue_wait"] = True
    if part.skew_ns:
        fields["log_reader.clock_skew_ms"] = part.skew_ns / 1e6
    if part.is_unfinished:
        fields["log_reader.unfinished"] = True
    return fields


def _last_message(part: Part) -> str:
    return part.records[-1].message if part.records else ""


def set_outcome(span: Span, end: Moment) -> None:
    """Set the span's status by the line that ended it."""
    if end.event not in (Event.FAILED, Event.TIMED_OUT):
        return
    kind = end.record.fields.get("exception.type")
    timeout = "timeout" if end.event is Event.TIMED_OUT else "_OTHER"
    span.has_failed = True
    span.attributes["error.type"] = str(kind or timeout)
    message = end.record.message.partition("\n")[0][:LONGEST_MESSAGE]
    span.status_message = LAST_PAIRS.sub("", message)
