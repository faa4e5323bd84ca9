"""The data between the layers: records of a log, and spans made of records.

Ids are lower-case hex, times are Unix nanoseconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from operator import attrgetter
from typing import Any

Value = str | int | float | bool

# The field with the unit of a duration, for a line that does not name it.
UNIT = "log_reader.duration_unit"
# The field of a request whose line has the time of its begin.
TIME_OF_BEGIN = "log_reader.time_of_begin"
# OTLP's numbers for the kind of a span.
INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER = range(1, 6)


@dataclass(slots=True)
class ParsedLine:
    """The contents of one line.

    Attributes:
        format: The format's name, for people.
        message: The text for people, without the time and the level in front of it.
        time_ns: None for a line without a time.
        severity: OTLP's number, 1 to 24; 0 for a line without a level.
        level: The level as the line writes it.
        service: The service that wrote the line, if the line names it.
        fields: All other named values.
    """

    format: str
    message: str
    time_ns: int | None = None
    severity: int = 0
    level: str = ""
    service: str = ""
    fields: dict[str, Value] = field(default_factory=dict)


class _PickledByPosition:
    """A dataclass with slots that is pickled as its values, without their names.

    Takes half of the time, and three quarters of the size, of pickling with names.
    """

    __slots__: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        return type(self), _values(self.__slots__)(self)


@cache
def _values(names: tuple[str, ...]) -> Callable[[_PickledByPosition], tuple[Any, ...]]:
    return attrgetter(*names)


@dataclass(slots=True)
class Record(_PickledByPosition):
    r"""One log record: a line, with the lines that continue it, such as a traceback.

    Attributes:
        source: The path of the file, `-` for standard input.
        line: The number of its first line in the file, from 1.
        lines: The number of its lines.
        text: All its lines; bytes that are not UTF-8 become `\\xff`.
        raw: The same as bytes, only where encoding `text` does not restore them.
        has_own_time: Whether a line of it has a time; if not, it has the time of the
            record before it.
        trace_id: The trace that it belongs to, "" for none.
        span_id: The span in that trace.
    """

    source: str
    line: int
    text: str
    message: str
    format: str
    time_ns: int
    has_own_time: bool
    severity: int
    level: str
    service: str
    fields: dict[str, Value]
    lines: int = 1
    raw: bytes = b""
    trace_id: str = ""
    span_id: str = ""


@dataclass(slots=True)
class Span(_PickledByPosition):
    """A span made of log records."""

    trace_id: str
    span_id: str
    parent_span_id: str
    service: str
    name: str
    kind: int
    start_ns: int
    end_ns: int
    attributes: dict[str, Value]
    has_failed: bool = False
    status_message: str = ""


@dataclass(slots=True)
class Trace:
    """Spans and their records; or records alone, without spans.

    Attributes:
        spans: A parent before its children; the first one is the root.
        records: All records, each with the ids of its span if it has a span.
        unfinished: The number of spans without an end in the log.
        skew_ns: The largest step back in time; 0 for none.
        title: The task or request, for people: `task 72`.
        joined_by: The kinds of id that join its lines, such as `task`.
    """

    spans: list[Span]
    records: list[Record]
    unfinished: int = 0
    skew_ns: int = 0
    title: str = ""
    joined_by: tuple[str, ...] = ()

    @property
    def has_failed(self) -> bool:
        """Whether any of its spans failed."""
        return any(span.has_failed for span in self.spans)
