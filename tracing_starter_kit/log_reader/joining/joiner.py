"""Joins records by their ids, as they come, and gives out a family when it is over.

    joiner = Joiner(Ids(), Vocabulary())
    for record in records:
        yield from joiner.add(record)
    yield from joiner.finish()

However large the log, so many families are open at a time, of so many lines: what is
over waits a little for a late line, then what was silent longest goes first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Final

from tracing_starter_kit.log_reader.joining.durations import duration
from tracing_starter_kit.log_reader.joining.ids import Found, Id, Ids, outer
from tracing_starter_kit.log_reader.joining.operations import (
    Family,
    Joined,
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
from tracing_starter_kit.log_reader.model import Record

# A request that says `queued` speaks of something else, which it has queued.
WITHOUT_QUEUE: Final[dict[tuple[str, Event | None], Event | None]] = {
    (noun, event): instead
    for noun in ("request", "trace", "correlation", "transaction")
    for event, instead in ((Event.QUEUED, None), (Event.RECEIVED, Event.STARTED))
}
MOST_OPEN: Final = 20_000
MOST_OVER: Final = 1_000
MOST_LINES: Final = 100_000


class Joiner:
    """Holds what is open; `closed_early` counts what had to go before it was over."""

    def __init__(
        self, ids: Ids, words: Vocabulary, *, most_open: int = MOST_OPEN
    ) -> None:
        self.closed_early = 0
        self._ids = ids
        self._words = words
        self._most_open = most_open
        self._operations: dict[Id, Operation] = {}
        self._open: OrderedDict[Family, None] = OrderedDict()
        self._over: OrderedDict[Family, None] = OrderedDict()
        self._lines = 0
        self._number = 0

    def add(self, record: Record) -> Iterator[Joined]:
        """Take a record; yield the families that are over, or the record itself."""
        self._number += 1
        found = self._ids.find(record)
        record.trace_id, record.span_id = found.trace_id, found.span_id
        if found.ids and found.ids[0].noun == "trace" and found.span_id:
            del found.ids[0]  # its span exists already: its id came with the line
        if found.ids:
            self._place(record, found)
            yield from self._make_room()
        else:
            yield record

    def finish(self) -> Iterator[Joined]:
        """Yield what is still open, in the order in which it was last heard of."""
        for family in [*self._over, *self._open]:
            yield self._close(family)

    def _place(self, record: Record, found: Found) -> None:
        own = found.ids[-1]
        event = request_event(record) or self._words.event(record.message)
        event = WITHOUT_QUEUE.get((own.noun, event), event)
        if event in BEGINS and "exception.type" in record.fields:
            event = Event.FAILED  # `Error processing job 9`, and its traceback
        took = duration(record.message, record.fields, ended=event in ENDS)
        operation = self._operation(own)
        if operation.is_another(event, record):
            operation = self._new(own)
        operation.add(Moment(self._number, record, event, took))
        self._lines += 1
        if operation.parent is None:
            self._relate(operation, found)
        self._touch(operation.family)

    def _relate(self, operation: Operation, found: Found) -> None:
        """Find what is around an operation: named as its parent, or by a wider id."""
        for parent in found.parents:
            noun = parent.noun or operation.id.noun
            self._put_under(operation, Id(noun, parent.value))
        for parent in outer(operation.id):
            # A dot in an id means something only where there is an id without it.
            if parent in self._operations:
                self._put_under(operation, parent)
        for wider in reversed(found.ids[:-1]):
            operation = self._put_under(operation, wider)

    def _put_under(self, operation: Operation, parent_id: Id) -> Operation:
        if operation.parent:
            return operation.parent
        parent = self._operation(parent_id)
        before = (operation.family, parent.family)
        operation.put_under(parent)
        for family in before:
            if not family.operations:
                self._open.pop(family, None)
                self._over.pop(family, None)
        return parent

    def _operation(self, found: Id) -> Operation:
        return self._operations.get(found) or self._new(found)

    def _new(self, found: Id) -> Operation:
        operation = self._operations[found] = Operation(found, Family())
        return operation

    def _touch(self, family: Family) -> None:
        self._open.pop(family, None)
        self._over.pop(family, None)
        (self._open if family.still_open else self._over)[family] = None

    def _make_room(self) -> Iterator[Joined]:
        while self._over and (len(self._over) > MOST_OVER or self._lines > MOST_LINES):
            yield self._close(next(iter(self._over)))
        while len(self._open) > self._most_open or self._lines > MOST_LINES:
            self.closed_early += 1
            yield self._close(next(iter(self._open)))

    def _close(self, family: Family) -> Joined:
        self._open.pop(family, None)
        self._over.pop(family, None)
        self._lines -= family.lines
        for operation in family.operations:
            if self._operations.get(operation.id) is operation:
                del self._operations[operation.id]
        return family.dissolve()
