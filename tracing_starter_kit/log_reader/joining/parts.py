"""A part of an operation: its wait in a queue, a run, a step."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from heapq import heappop, heappush

from tracing_starter_kit.log_reader.joining.operations import Moment
from tracing_starter_kit.log_reader.model import Record


class Role(Enum):
    """The role of a part."""

    WAIT = "wait"
    RUN = "run"
    STEP = "step"


@dataclass
class Part:
    """A stretch of time of an operation.

    Attributes:
        records: The lines of its begin and its end.
        end: The line that ends it, if there is one.
        is_unfinished: Whether it has no end in the log.
        includes_wait: Whether it includes the wait in a queue, of unknown length.
        queued_ns: The duration of the wait before it, if known.
        skew_ns: The step back of its times.
    """

    role: Role
    start_ns: int
    end_ns: int
    records: list[Record]
    end: Moment | None = None
    is_unfinished: bool = False
    includes_wait: bool = False
    queued_ns: int | None = None
    skew_ns: int = 0


def parts_at(parts: Sequence[Part], times: Iterable[int]) -> dict[int, Part]:
    """Return the run or step at each of the times; of several the last.

    Takes one pass over times and parts, as a task may have as many lines as a log.
    """
    by_time: dict[int, Part] = {}
    active: list[tuple[int, Part]] = []  # a heap with the last part on top
    numbered = [p for p in enumerate(parts) if p[1].role is not Role.WAIT]
    upcoming = deque(sorted(numbered, key=lambda pair: pair[1].start_ns))
    for time_ns in sorted({*times}):
        while upcoming and upcoming[0][1].start_ns <= time_ns:
            number, part = upcoming.popleft()
            heappush(active, (-number, part))
        while active and active[0][1].end_ns < time_ns:
            heappop(active)  # it has ended before all later times, too
        if active:
            by_time[time_ns] = active[0][1]
    return by_time
