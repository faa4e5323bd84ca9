"""The spans of one operation: one for all of it, below it its wait, its run, its steps.

    spans = operation_spans(operation, Timeline.of(operation.moments), place)

Kinds and names follow the messaging and HTTP conventions: who queues a task is the
producer, its run is `process …` by a consumer. Ids are made of the lines, so that the
same log gives the same ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tracing_starter_kit.log_reader.joining.names import label, request_name
from tracing_starter_kit.log_reader.joining.operations import Operation
from tracing_starter_kit.log_reader.joining.part_spans import (
    QUEUED_NOUNS,
    messaging,
    part_attributes,
    part_name,
    part_span,
    set_outcome,
)
from tracing_starter_kit.log_reader.joining.parts import Part, Role, parts_at
from tracing_starter_kit.log_reader.joining.seeds import span_id
from tracing_starter_kit.log_reader.joining.timeline import Timeline
from tracing_starter_kit.log_reader.joining.vocabulary import ENDS
from tracing_starter_kit.log_reader.model import (
    CONSUMER,
    INTERNAL,
    PRODUCER,
    SERVER,
    Record,
    Span,
    Value,
)

MOST_ATTRIBUTES: Final = 64
# The messaging operation of an entry: its type, and its name.
OPERATIONS: Final = {PRODUCER: ("send", "enqueue"), CONSUMER: ("process", "process")}


@dataclass(frozen=True)
class Place:
    """Where an operation's spans go: trace, parent, and the seed of their ids."""

    trace_id: str
    parent_span_id: str
    seed: str


def operation_spans(
    operation: Operation, timeline: Timeline, place: Place
) -> list[Span]:
    """Return the operation's spans, that for all of it first; tie records to them."""
    lines = [moment.record.fields for moment in operation.moments]
    name = label(operation.id, lines)
    main = _main_part(timeline)
    entry = _entry(operation, timeline, place, is_run=main is not None)
    verb = "process " if entry.kind == CONSUMER else ""
    entry.name = next(filter(None, map(request_name, lines)), verb + name)
    if main:
        entry.attributes |= part_attributes(main)
    owners = [
        (part, entry if part is main else part_span(operation.id, part, entry, number))
        for number, part in enumerate(timeline.parts)
    ]
    for part, span in owners:
        if part is not main:
            span.name = part_name(operation.id, part, name)
    _give_records(operation, timeline, entry, owners)
    return [entry, *(span for _, span in owners if span is not entry)]


def _main_part(timeline: Timeline) -> Part | None:
    """Return the run that the whole operation is, if it never waited for its turn."""
    runs = [part for part in timeline.parts if part.role is not Role.STEP]
    one = len(runs) == 1 and runs[0].role is Role.RUN and not timeline.queued
    return runs[0] if one else None


def _entry(
    operation: Operation, timeline: Timeline, place: Place, *, is_run: bool
) -> Span:
    kind = _entry_kind(operation, timeline, is_run=is_run)
    span = Span(
        trace_id=place.trace_id,
        span_id=span_id(place.seed),
        parent_span_id=place.parent_span_id,
        service=timeline.service,
        name="",
        kind=kind,
        start_ns=timeline.start_ns,
        end_ns=timeline.end_ns,
        attributes=_entry_attributes(operation, timeline),
    )
    if kind in OPERATIONS:
        span.attributes |= messaging(operation.id, *OPERATIONS[kind])
    if timeline.outcome:
        set_outcome(span, timeline.outcome)
    return span


def _entry_kind(operation: Operation, timeline: Timeline, *, is_run: bool) -> int:
    if timeline.queued:
        return PRODUCER
    if is_run and operation.id.noun in QUEUED_NOUNS:
        return CONSUMER
    return SERVER if operation.id.noun == "request" else INTERNAL


def _entry_attributes(operation: Operation, timeline: Timeline) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for moment in operation.moments:
        # How it ended is said by its run.
        if moment.event not in ENDS and len(found) < MOST_ATTRIBUTES:
            found = moment.record.fields | found
    found.pop("exception.stacktrace", None)
    # The list of traces shows what begins with app.: one sees which task it is.
    found[f"kit.{operation.id.noun}.id"] = operation.id.value
    if timeline.skew_ns:
        found["log_reader.clock_skew_ms"] = timeline.skew_ns / 1e6
    if timeline.unfinished:
        found["log_reader.unfinished"] = True
    return found


def _give_records(
    operation: Operation,
    timeline: Timeline,
    entry: Span,
    owners: Sequence[tuple[Part, Span]],
) -> None:
    """Tie each record to the span that it begins or ends, or that it is in."""
    own = {id(record): span for part, span in owners for record in part.records}
    spans = {id(part): span for part, span in owners}
    left: list[Record] = []
    for moment in operation.moments:
        record = moment.record
        if record.span_id:
            continue
        if span := own.get(id(record)):
            record.trace_id, record.span_id = span.trace_id, span.span_id
        else:
            left.append(record)
    parts = (
        parts_at(timeline.parts, (record.time_ns for record in left)) if left else {}
    )
    for record in left:
        part = parts.get(record.time_ns)
        span = spans[id(part)] if part else entry
        record.trace_id, record.span_id = span.trace_id, span.span_id
