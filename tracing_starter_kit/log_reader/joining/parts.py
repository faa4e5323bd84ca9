"""A stretch of an operation: its wait in a queue, a run, a step; and what ended it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from heapq import heappop, heappush

from tracing_starter_kit.log_reader.joining.operations import Moment
from tracing_starter_kit.log_reader.model import Record


class Role(Enum):
    """What a stretch of an operation is."""

    WAIT = "wait"
    RUN = "run"
    STEP = "step"


@dataclass
class Part:
    """One stretch.

    Attributes:
        records: The lines that say that it began and ended.
        end: The line that ended it, where one says so.
        unfinished: It has no end in the log.
        waited: A wait in the queue is part of it, as nothing says when it ended.
        queued_ns: How long it had waited before it began, where that is known.
        skew_ns: By how much its time ran backwards.
    """

    role: Role
    start_ns: int
    end_ns: int
    records: list[Record]
    end: Moment | None = None
    unfinished: bool = False
    waited: bool = False
    queued_ns: int | None = None
    skew_ns: int = 0


def parts_at(parts: Sequence[Part], times: Iterable[int]) -> dict[int, Part]:
    """Return the run or step that was going on at each of the times, if any.

    Of several the last. In one pass over times and parts: a task may have as many
    lines as a log.
    """
    found: dict[int, Part] = {}
    begun: list[tuple[int, Part]] = []  # a heap, the last part on top
    works = [p for p in enumerate(parts) if p[1].role is not Role.WAIT]
    coming = deque(sorted(works, key=lambda numbered: numbered[1].start_ns))
    for time_ns in sorted({*times}):
        while coming and coming[0][1].start_ns <= time_ns:
            number, part = coming.popleft()
            heappush(begun, (-number, part))
        while begun and begun[0][1].end_ns < time_ns:
            heappop(begun)  # over, for all later times too
        if begun:
            found[time_ns] = begun[0][1]
    return found
