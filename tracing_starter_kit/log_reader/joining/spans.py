"""Build the spans of one operation: an entry span, below it its wait, runs and steps.

    spans = operation_spans(operation, Timeline.of(operation.moments), place)

Kinds and names follow the messaging and HTTP conventions: a producer span queues a
task, a consumer span `process …` runs it. Ids are made of the lines, so that the same
log gives the same ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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

MOST_ATTRIBUTES = 64
# The messaging operation of an entry span: its type and its name.
OPERATIONS = {PRODUCER: ("send", "enqueue"), CONSUMER: ("process", "process")}


@dataclass(frozen=True)
class Place:
    """The place of an operation's spans: trace, parent, and the seed of their ids."""

    trace_id: str
    parent_span_id: str
    seed: str


def operation_spans(
    operation: Operation, timeline: Timeline, place: Place
) -> list[Span]:
    """Return an operation's spans, the entry span first; assign the records to them."""
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
    _assign_records(operation, timeline, entry, owners)
    return [entry, *(span for _, span in owners if span is not entry)]


def _main_part(timeline: Timeline) -> Part | None:
    """Return the run that is the whole operation, if it never waited in a queue."""
    parts = [part for part in timeline.parts if part.role is not Role.STEP]
    is_one_run = len(parts) == 1 and parts[0].role is Role.RUN
    return parts[0] if is_one_run and not timeline.was_queued else None


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
    if timeline.was_queued:
        return PRODUCER
    if is_run and operation.id.noun in QUEUED_NOUNS:
        return CONSUMER
    return SERVER if operation.id.noun == "request" else INTERNAL


def _entry_attributes(operation: Operation, timeline: Timeline) -> dict[str, Value]:
    fields: dict[str, Value] = {}
    for moment in operation.moments:
        # The fields of an end are on the span of its run.
        if moment.event not in ENDS and len(fields) < MOST_ATTRIBUTES:
            fields = moment.record.fields | fields
    fields.pop("exception.stacktrace", None)
    # The id is not a field of the line when it was found in the text.
    fields[f"logs.{operation.id.noun}.id"] = operation.id.value
    if timeline.skew_ns:
        fields["log_reader.clock_skew_ms"] = timeline.skew_ns / 1e6
    if timeline.is_unfinished:
        fields["log_reader.unfinished"] = True
    return fields


def _assign_records(
    operation: Operation,
    timeline: Timeline,
    entry: Span,
    owners: Sequence[tuple[Part, Span]],
) -> None:
    """Assign each record to the span that it begins or ends, or else by its time."""
    by_record = {id(record): span for part, span in owners for record in part.records}
    by_part = {id(part): span for part, span in owners}
    unassigned: list[Record] = []
    for moment in operation.moments:
        record = moment.record
        if record.span_id:
            continue
        if span := by_record.get(id(record)):
            record.trace_id, record.span_id = span.trace_id, span.span_id
        else:
            unassigned.append(record)
    if not unassigned:
        return
    parts = parts_at(timeline.parts, (record.time_ns for record in unassigned))
    for record in unassigned:
        part = parts.get(record.time_ns)
        span = by_part[id(part)] if part else entry
        record.trace_id, record.span_id = span.trace_id, span.span_id
