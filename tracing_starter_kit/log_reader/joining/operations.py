"""Operations, all lines of an id, and families of related operations.

    operation = Operation(Id("task", "72"), Family())
    operation.add(Moment(1, record, Event.QUEUED, None))

A family is written as one trace, when all its operations have ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tracing_starter_kit.log_reader.joining.ids import Id
from tracing_starter_kit.log_reader.joining.requests import is_whole_request
from tracing_starter_kit.log_reader.joining.vocabulary import BEGINS, ENDS, Event
from tracing_starter_kit.log_reader.model import Record

# An id that appears again after such a silence belongs to a new operation.
SILENCE = 3600 * 10**9  # ns
# A number that comes back belongs to a new operation also without a begin: after such
# a time from begin to end, or after such a silence behind an end.
LONGEST_OF_COUNTER = 12 * SILENCE
LATE_LINE = 60 * 10**9  # ns
# After a failure or a retry, another start is the next attempt of the same operation.
SUCCEEDED = {Event.ENDED, None}
DEEPEST = 50  # operations above each other


class Moment(NamedTuple):
    """A line of an operation: its number among all lines, its event and duration."""

    number: int
    record: Record
    event: Event | None
    duration_ns: int | None


@dataclass(eq=False)
class Family:
    """Related operations; at least one."""

    operations: list[Operation] = field(default_factory=list)
    lines: int = 0
    still_open: int = 0  # operations with lines, but without an end

    def dissolve(self) -> list[Operation]:
        """Return the operations, without their references to the family.

        Such a cycle would have to wait for the garbage collector.
        """
        for operation in self.operations:
            del operation.family
        return self.operations


@dataclass(eq=False)
class Operation:
    """A task, a request or the like, with the operation around it if there is one.

    It may have no lines of its own, when other lines name its id beside theirs.
    """

    id: Id
    family: Family
    moments: list[Moment] = field(default_factory=list)
    parent: Operation | None = None
    has_begun: bool = False
    has_ended: bool = False
    height: int = 0  # levels of operations below it
    last_ns: int = 0  # the time of the last line that names its id

    def __post_init__(self) -> None:
        self.family.operations.append(self)

    def add(self, moment: Moment) -> None:
        """Add a line."""
        was_open = bool(self.moments) and not self.has_ended
        self.moments.append(moment)
        if moment.event in ENDS:
            self.has_ended = True
        elif moment.event in BEGINS:
            # An end before its begin, by another clock, is still the end.
            self.has_ended &= not self.has_begun
            self.has_begun = True
        self.family.lines += 1
        self.family.still_open += (not self.has_ended) - was_open

    def is_another(self, event: Event | None, record: Record) -> bool:
        """Tell whether a line begins a new operation with the same id."""
        if event not in BEGINS or not self.has_ended:
            return False
        last = self.moments[-1].record
        if not self.has_begun and record.source != last.source:
            return False  # the clocks of the two files differ
        return event is Event.QUEUED or record.time_ns - last.time_ns > SILENCE

    def has_come_back(self, event: Event | None, record: Record) -> bool:
        """Tell whether a number counts something else now, as after a restart."""
        silence = record.time_ns - self.last_ns
        if not self.moments or not self.has_ended:
            is_end = self.has_begun and event in ENDS
            longest = LONGEST_OF_COUNTER if is_end else SILENCE
            return bool(self.last_ns) and silence > longest
        last = self.moments[-1]
        if record.source != last.record.source:
            return silence > SILENCE  # the clocks of the two files differ
        if silence > LATE_LINE:
            return last.event in SUCCEEDED or silence > SILENCE
        is_second_request = event in ENDS and is_whole_request(record)
        is_second_request &= is_whole_request(last.record)
        has_begun_again = event in BEGINS and last.event in SUCCEEDED
        return is_second_request or (has_begun_again and self.has_begun)

    def put_under(self, parent: Operation) -> None:
        """Set the parent, unless there is one already, or it would make a circle."""
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
        """Return the operations around it, the nearest first."""
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


# The operations of a family that has ended, or a record without an id.
Group = Sequence[Operation] | Record


def records_in(group: Group) -> int:
    """Return the number of records in a group."""
    if isinstance(group, Record):
        return 1
    return sum(len(operation.moments) for operation in group)


def _upward(operation: Operation | None) -> Iterator[Operation]:
    while operation:
        yield operation
        operation = operation.parent
