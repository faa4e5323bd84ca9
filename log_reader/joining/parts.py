"""A stretch of an operation: its wait in a queue, a run, a step; and what ended it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from log_reader.joining.operations import Moment
from log_reader.model import Record


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
