"""Joins records by their ids, as they come, and gives out a trace when it is over.

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

from log_reader.joining.ids import Id, Ids, context_of, outer
from log_reader.joining.operations import Family, Moment, Operation
from log_reader.joining.requests import is_whole_request, request_event, request_trace
from log_reader.joining.traces import build_trace
from log_reader.joining.vocabulary import Event, Vocabulary, duration
from log_reader.model import Record, Trace

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

    def add(self, record: Record) -> Iterator[Trace]:
        """Take a record; yield the traces that are over."""
        self._number += 1
        record.trace_id, record.span_id = context_of(record)
        ids = self._ids.find(record)
        if record.span_id:  # its span exists already: it came with the line
            ids = [found for found in ids if found.noun != "trace"]
        if ids:
            self._place(record, ids)
            yield from self._make_room()
        elif is_whole_request(record):
            yield request_trace(record)
        else:
            yield Trace([], [record])

    def finish(self) -> Iterator[Trace]:
        """Yield what is still open, in the order in which it was last heard of."""
        for family in [*self._over, *self._open]:
            yield self._close(family)

    def _place(self, record: Record, ids: list[Id]) -> None:
        message, fields = record.message, record.fields
        event = request_event(record) or self._words.event(message)
        event = WITHOUT_QUEUE.get((ids[-1].noun, event), event)
        took = duration(message, fields)
        operation = self._operation(ids[-1])
        if operation.is_another(event, record):
            operation = self._new(ids[-1])
        operation.add(Moment(self._number, record, event, took))
        self._lines += 1
        if operation.parent is None:
            self._relate(operation, record, ids)
        self._touch(operation.family)

    def _relate(self, operation: Operation, record: Record, ids: list[Id]) -> None:
        """Find what is around an operation: named as its parent, or by a wider id."""
        for parent in self._ids.parents(record, operation.id):
            self._put_under(operation, parent)
        for parent in outer(operation.id):
            # A dot in an id means something only where there is an id without it.
            if parent in self._operations:
                self._put_under(operation, parent)
        for wider in reversed(ids[:-1]):
            operation = self._put_under(operation, wider)

    def _put_under(self, operation: Operation, parent_id: Id) -> Operation:
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
        (self._over if family.is_over else self._open)[family] = None

    def _make_room(self) -> Iterator[Trace]:
        while self._over and (len(self._over) > MOST_OVER or self._lines > MOST_LINES):
            yield self._close(next(iter(self._over)))
        while len(self._open) > self._most_open or self._lines > MOST_LINES:
            self.closed_early += 1
            yield self._close(next(iter(self._open)))

    def _close(self, family: Family) -> Trace:
        self._open.pop(family, None)
        self._over.pop(family, None)
        self._lines -= family.lines
        for operation in family.operations:
            if self._operations.get(operation.id) is operation:
                del self._operations[operation.id]
        return build_trace(family)
