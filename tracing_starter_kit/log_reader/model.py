"""What passes between the layers: a record of a log, and a span made of records.

Ids are lower-case hex, times are Unix nanoseconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from operator import attrgetter
from typing import Any

Value = str | int | float | bool

# OTLP's numbers for the kind of a span.
INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER = range(1, 6)


@dataclass(slots=True)
class Parsed:
    """What one line says, as far as its format tells.

    Attributes:
        format: The format's name, for people.
        message: The text for people, without time and level where these stand apart.
        time_ns: None where the line has no time of its own.
        severity: OTLP's number, 1 to 24; 0 where the line does not say.
        level: The level as the line has it.
        service: Who wrote the line, where it says so.
        fields: Everything else that has a name.
    """

    format: str
    message: str
    time_ns: int | None = None
    severity: int = 0
    level: str = ""
    service: str = ""
    fields: dict[str, Value] = field(default_factory=dict)


class _ByPlace:
    """A dataclass with slots that goes to another process as its values in their order.

    In half of the time, and three quarters of the size, of values by their names.
    """

    __slots__: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        return type(self), _values(self.__slots__)(self)


@cache
def _values(names: tuple[str, ...]) -> Callable[[_ByPlace], tuple[Any, ...]]:
    return attrgetter(*names)


@dataclass(slots=True)
class Record(_ByPlace):
    r"""One log record: a line, with the lines that continue it, such as a traceback.

    Attributes:
        source: The path of the file, `-` for standard input.
        line: The number of its first line there, from 1.
        lines: How many lines it consists of.
        text: All of it as it stands in the log; bytes that are no UTF-8 as `\\xff`.
        raw: The same as bytes, kept only where `text` cannot give them back.
        own_time: Whether a line of it has a time; otherwise it has that of the record
            before it.
        trace_id: The trace that it belongs to, "" for none.
        span_id: The span in that trace.
    """

    source: str
    line: int
    text: str
    message: str
    format: str
    time_ns: int
    own_time: bool
    severity: int
    level: str
    service: str
    fields: dict[str, Value]
    lines: int = 1
    raw: bytes = b""
    trace_id: str = ""
    span_id: str = ""


@dataclass(slots=True)
class Span(_ByPlace):
    """A span that was read out of log records."""

    trace_id: str
    span_id: str
    parent_span_id: str
    service: str
    name: str
    kind: int
    start_ns: int
    end_ns: int
    attributes: dict[str, Value]
    failed: bool = False
    status_message: str = ""


@dataclass(slots=True)
class Trace:
    """Spans and their records; or records alone, which belong to no span of ours.

    Attributes:
        spans: A parent before its children; the first one is the root.
        records: All records, each with the ids of its span where it has one.
        unfinished: How many spans have no end in the log.
        skew_ns: By how much times ran backwards at most; 0 for not at all.
        title: What it is the trace of, for people: `task 72`.
        joined_by: The kinds of id that held it together, such as `task`.
    """

    spans: list[Span]
    records: list[Record]
    unfinished: int = 0
    skew_ns: int = 0
    title: str = ""
    joined_by: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether any of its spans failed."""
        return any(span.failed for span in self.spans)
