"""What is being joined: an operation is all lines of one id, a family those related.

    operation = Operation(Id("task", "72"), Family())
    operation.add(Moment(1, record, Event.QUEUED, None))

A family is written as one trace, when all of it is over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from tracing_starter_kit.log_reader.joining.ids import Id
from tracing_starter_kit.log_reader.joining.vocabulary import BEGINS, ENDS, Event
from tracing_starter_kit.log_reader.model import Record

# An id that comes again after so long a silence is used again, for something else.
SILENCE: Final = 3600 * 10**9  # ns
DEEPEST: Final = 50


class Moment(NamedTuple):
    """A line of an operation: its number among all lines, and what it says."""

    number: int
    record: Record
    event: Event | None
    duration_ns: int | None


@dataclass(eq=False)
class Family:
    """Operations that are related; the smallest is one operation alone."""

    operations: list[Operation] = field(default_factory=list)
    lines: int = 0
    still_open: int = 0  # how many operations have lines, and none that ends them

    def dissolve(self) -> list[Operation]:
        """Return its operations, which know each other and no longer the family.

        Else it would refer to itself, and wait for the garbage collector.
        """
        for operation in self.operations:
            del operation.family
        return self.operations


@dataclass(eq=False)
class Operation:
    """One task, request or the like, and the operation around it if there is one.

    It may have no lines of its own: other lines name its id beside theirs.
    """

    id: Id
    family: Family
    moments: list[Moment] = field(default_factory=list)
    parent: Operation | None = None
    has_begun: bool = False
    has_ended: bool = False
    height: int = 0  # how many are below it, one below the other

    def __post_init__(self) -> None:
        self.family.operations.append(self)

    def add(self, moment: Moment) -> None:
        """Take a line."""
        was_open = bool(self.moments) and not self.has_ended
        self.moments.append(moment)
        if moment.event in ENDS:
            self.has_ended = True
        elif moment.event in BEGINS:
            # An end that came before its beginning, by another clock, is still the end.
            self.has_ended &= not self.has_begun
            self.has_begun = True
        self.family.lines += 1
        self.family.still_open += (not self.has_ended) - was_open

    def is_another(self, event: Event | None, record: Record) -> bool:
        """Tell whether a line with that event begins a new operation of the same id."""
        if event not in BEGINS or not self.has_ended:
            return False
        last = self.moments[-1].record
        if not self.has_begun and record.source != last.source:
            return False  # the clock of one of the two files is off
        return event is Event.QUEUED or record.time_ns - last.time_ns > SILENCE

    def put_under(self, parent: Operation) -> None:
        """Make the other one its parent, unless it has one, or is around that one."""
        if self.parent or parent is self:
            return
        above = parent.ancestors()
        if self in above or len(above) + self.height >= DEEPEST:
            return
        self.parent = parent
        for height, operation in enumerate([parent, *above], self.height + 1):
            operation.height = max(operation.height, height)
        self._join(parent.family)

    def ancestors(self) -> list[Operation]:
        """Return what is around it, the nearest first."""
        return [*_upward(self.parent)]

    def _join(self, other: Family) -> None:
        if other is self.family:
            return
        small, large = sorted((self.family, other), key=lambda f: len(f.operations))
        for operation in small.operations:
            operation.family = large
        large.operations += small.operations
        large.lines += small.lines
        large.still_open += small.still_open
        small.operations, small.lines, small.still_open = [], 0, 0


# What is joined: the operations of a family that is over, or a line that has no id.
Joined = Sequence[Operation] | Record


def records_in(joined: Joined) -> int:
    """Return how many records there are."""
    if isinstance(joined, Record):
        return 1
    return sum(len(operation.moments) for operation in joined)


def _upward(operation: Operation | None) -> Iterator[Operation]:
    while operation:
        yield operation
        operation = operation.parent
