"""Join records by their ids, and yield each family of operations after its end.

    joiner = Joiner(Ids(), Vocabulary())
    for record in records:
        yield from joiner.add(record)
    yield from joiner.finish()

The numbers of open families and lines are limited, for memory. A family that has ended
is held a little for a late line. Above the limits, the family whose last line is oldest
is closed first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from tracing_starter_kit.log_reader.joining.durations import duration, state_unit
from tracing_starter_kit.log_reader.joining.ids import (
    Id,
    Ids,
    LineContext,
    enclosing_ids,
)
from tracing_starter_kit.log_reader.joining.operations import (
    Family,
    Group,
    Moment,
    Operation,
)
from tracing_starter_kit.log_reader.joining.requests import request_event
from tracing_starter_kit.log_reader.joining.vocabulary import (
    BEGINS,
    ENDS,
    Event,
    Vocabulary,
)
from tracing_starter_kit.log_reader.model import TIME_OF_BEGIN, Record

# A request with the word `queued` has queued something else.
WITHOUT_QUEUE: dict[tuple[str, Event | None], Event | None] = {
    (noun, event): instead
    for noun in ("request", "trace", "correlation", "transaction")
    for event, instead in ((Event.QUEUED, None), (Event.RECEIVED, Event.STARTED))
}
MOST_OPEN = 20_000
MOST_ENDED = 1_000
MOST_LINES = 100_000


class Joiner:
    """Holds the open families.

    Attributes:
        closed_early: The number of families closed before their end.
        doubtful: How often a number came back and began another operation.
    """

    def __init__(
        self,
        ids: Ids,
        words: Vocabulary,
        *,
        most_open: int = MOST_OPEN,
        duration_unit: str = "",
    ) -> None:
        self.closed_early = 0
        self.doubtful = 0
        self._ids = ids
        self._words = words
        self._most_open = most_open
        self._duration_unit = duration_unit
        self._operations: dict[Id, Operation] = {}
        self._open: OrderedDict[Family, None] = OrderedDict()
        self._ended: OrderedDict[Family, None] = OrderedDict()
        self._lines = 0
        self._number = 0

    def add(self, record: Record) -> Iterator[Group]:
        """Add a record; yield the closed families, or the record if it has no id."""
        self._number += 1
        if record.fields:
            state_unit(record.fields, self._duration_unit)
        if TIME_OF_BEGIN in record.fields:  # a request counts at its end
            record.time_ns += duration("", record.fields) or 0
        context = self._ids.find(record)
        record.trace_id, record.span_id = context.trace_id, context.span_id
        if context.ids and context.ids[0].noun == "trace" and context.span_id:
            del context.ids[0]  # the trace has its own spans, and the line names one
        if context.ids:
            self._place(record, context)
            yield from self._make_room()
        else:
            yield record

    def finish(self) -> Iterator[Group]:
        """Yield the families that are left, in the order of their last lines."""
        for family in [*self._ended, *self._open]:
            yield self._close(family)

    def _place(self, record: Record, context: LineContext) -> None:
        own_id = context.ids[-1]
        event = request_event(record) or self._words.event(record.message)
        event = WITHOUT_QUEUE.get((own_id.noun, event), event)
        if event in BEGINS and "exception.type" in record.fields:
            event = Event.FAILED  # `Error processing job 9`, and its traceback
        duration_ns = duration(record.message, record.fields, is_end=event in ENDS)
        operation = self._current(own_id, record, event)
        if operation.is_another(event, record):
            operation = self._new(own_id)
        operation.add(Moment(self._number, record, event, duration_ns))
        self._lines += 1
        if operation.parent is None:
            self._relate(operation, context, record)
        self._touch(operation.family)

    def _relate(
        self, operation: Operation, context: LineContext, record: Record
    ) -> None:
        """Set the operations around an operation: named parents, and wider ids."""
        for parent in context.parents:
            noun = parent.noun or operation.id.noun
            self._put_under(operation, self._current(Id(noun, parent.value), record))
        for parent in enclosing_ids(operation.id):
            # A dot in an id separates levels only if the id before it exists.
            if parent in self._operations:
                self._put_under(operation, self._current(parent, record))
        for wider in reversed(context.ids[:-1]):
            operation = self._put_under(operation, self._current(wider, record))

    def _put_under(self, operation: Operation, parent: Operation) -> Operation:
        if operation.parent:
            return operation.parent
        before = (operation.family, parent.family)
        operation.put_under(parent)
        for family in before:
            if not family.operations:
                self._remove(family)
        return parent

    def _current(
        self, id_: Id, record: Record, event: Event | None = None
    ) -> Operation:
        """Return the operation of an id that a line names, a new one if necessary."""
        operation = self._operations.get(id_)
        if operation is None:
            operation = self._new(id_)
        elif self._ids.is_counter(id_) and operation.has_come_back(event, record):
            self.doubtful += 1
            operation = self._new(id_)
        operation.last_ns = max(operation.last_ns, record.time_ns)
        return operation

    def _new(self, id_: Id) -> Operation:
        operation = self._operations[id_] = Operation(id_, Family())
        return operation

    def _touch(self, family: Family) -> None:
        self._remove(family)
        (self._open if family.still_open else self._ended)[family] = None

    def _remove(self, family: Family) -> None:
        self._open.pop(family, None)
        self._ended.pop(family, None)

    def _make_room(self) -> Iterator[Group]:
        ended = self._ended
        while ended and (len(ended) > MOST_ENDED or self._lines > MOST_LINES):
            yield self._close(next(iter(ended)))
        while len(self._open) > self._most_open or self._lines > MOST_LINES:
            self.closed_early += 1
            yield self._close(next(iter(self._open)))

    def _close(self, family: Family) -> Group:
        self._remove(family)
        self._lines -= family.lines
        for operation in family.operations:
            if self._operations.get(operation.id) is operation:
                del self._operations[operation.id]
        return family.dissolve()
