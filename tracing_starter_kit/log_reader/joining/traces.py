"""Build the trace of a family of operations, or of a line that is a whole request.

    trace = build(group)

An operation with a single line that neither begins it nor has a duration is not a span:
its line stays a record.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tracing_starter_kit.log_reader.joining.operations import Group, Operation
from tracing_starter_kit.log_reader.joining.requests import (
    is_whole_request,
    request_trace,
)
from tracing_starter_kit.log_reader.joining.seeds import span_id, trace_id
from tracing_starter_kit.log_reader.joining.spans import Place, operation_spans
from tracing_starter_kit.log_reader.joining.timeline import Timeline
from tracing_starter_kit.log_reader.joining.vocabulary import BEGINS
from tracing_starter_kit.log_reader.model import INTERNAL, Record, Span, Trace


def build(group: Group) -> Trace:
    """Return the spans and the records of a group."""
    if not isinstance(group, Record):
        return _family_trace(group)
    return request_trace(group) if is_whole_request(group) else Trace([], [group])


def _family_trace(family: Sequence[Operation]) -> Trace:
    moments = sorted(moment for operation in family for moment in operation.moments)
    records = [moment.record for moment in moments]
    timelines = {op: Timeline.of(op.moments) for op in family if _is_span(op)}
    if not timelines:
        return Trace([], records)
    first, last = records[0], records[-1]
    first_op = next(iter(timelines))
    # Lines without a time may be the same in every run of a program.
    line = "" if first.has_own_time else first.line
    seed = f"{family[0].id}|{line}|{first.text}|{last.text}"
    existing = next((record.trace_id for record in records if record.trace_id), "")
    builder = _Builder(existing or trace_id(seed), seed, timelines)
    return Trace(
        spans=builder.spans(family),
        records=records,
        unfinished=sum(timeline.is_unfinished for timeline in timelines.values()),
        skew_ns=max(timeline.skew_ns for timeline in timelines.values()),
        title=" ".join(
            next((op for op in timelines if not op.parent), first_op).id[:2]
        ),
        joined_by=tuple(dict.fromkeys(op.id.noun for op in timelines)),
    )


def _is_span(operation: Operation) -> bool:
    """Tell whether an operation has a begin, a duration, or at least two lines."""
    moments = operation.moments
    if len(moments) == 1:
        return bool(moments[0].event in BEGINS or moments[0].duration_ns)
    return len(moments) > 1


@dataclass
class _Builder:
    """Builds the spans of a family, those of an operation below its parent's."""

    trace_id: str
    seed: str
    timelines: dict[Operation, Timeline]
    children: dict[Operation | None, list[Operation]] = field(default_factory=dict)

    def spans(self, family: Sequence[Operation]) -> list[Span]:
        """Return all spans, a parent before its children."""
        for operation in family:
            self.children.setdefault(operation.parent, []).append(operation)
        numbers = {op: number for number, op in enumerate(family)}
        roots = self.children.get(None, [])
        return [s for op in roots for s in self._below(op, "", numbers)]

    def _below(
        self, operation: Operation, parent: str, numbers: dict[Operation, int]
    ) -> Iterator[Span]:
        seed = f"{self.seed}|{numbers[operation]}"
        children = self.children.get(operation, [])
        if operation in self.timelines:
            own = self._own(operation, parent, seed)
            yield from own
            parent = own[0].span_id
        elif len(children) > 1:
            inner = [
                s for c in children for s in self._below(c, span_id(seed), numbers)
            ]
            if inner:
                yield _around(operation, inner, parent, span_id(seed))
            yield from inner
            return
        for child in children:
            yield from self._below(child, parent, numbers)

    def _own(self, operation: Operation, parent: str, seed: str) -> list[Span]:
        # The span in which the line was written is the parent of ours.
        parent = parent or operation.moments[0].record.span_id
        place = Place(self.trace_id, parent, seed)
        return operation_spans(operation, self.timelines[operation], place)


def _around(operation: Operation, inner: list[Span], parent: str, own: str) -> Span:
    """Return the span of an id without lines of its own, as long as those inside."""
    noun, value, _ = operation.id
    return Span(
        trace_id=inner[0].trace_id,
        span_id=own,
        parent_span_id=parent,
        service=inner[0].service,
        name=noun,
        kind=INTERNAL,
        start_ns=min(span.start_ns for span in inner),
        end_ns=max(span.end_ns for span in inner),
        attributes={f"logs.{noun}.id": value},
    )
