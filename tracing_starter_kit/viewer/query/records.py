"""The results of queries: spans with their events, links, resources and scopes.

Ids are numbers (`UUID`, `int`), times are Unix nanoseconds. Attributes stay in their
stored form (key, letter, text), because each API writes values in its own way;
`viewer.model.attributes` decodes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

KINDS = ("UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER")
STATUS_CODES = ("UNSET", "OK", "ERROR")
SEVERITIES = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
INTERNAL = KINDS.index("INTERNAL")
ERROR = STATUS_CODES.index("ERROR")


class Attribute(NamedTuple):
    """One attribute: its key, the letter of its type, its value as text."""

    key: str
    letter: str
    text: str


Attributes = tuple[Attribute, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened during a span."""

    time_ns: int
    name: str
    attributes: Attributes
    dropped_attributes: int


@dataclass(frozen=True, slots=True)
class Link:
    """A reference from a span to another one."""

    trace_id: UUID
    span_id: int
    trace_state: str
    flags: int
    attributes: Attributes
    dropped_attributes: int


@dataclass(frozen=True, slots=True)
class Span:
    """One span; the fields are the columns of `spans`, in the order of trace.sql."""

    trace_id: UUID
    span_id: int
    parent_span_id: int | None
    service: str
    name: str
    kind: int
    start_ns: int
    end_ns: int
    status_code: int
    status_message: str
    attributes: Attributes
    events: tuple[Event, ...]
    links: tuple[Link, ...]
    trace_state: str
    flags: int
    dropped_attributes: int
    dropped_events: int
    dropped_links: int
    resource_id: int
    scope_id: int


@dataclass(frozen=True, slots=True)
class Resource:
    """The program that sent a span."""

    attributes: Attributes = ()
    schema_url: str = ""
    dropped_attributes: int = 0


@dataclass(frozen=True, slots=True)
class Scope:
    """The instrumentation that made a span."""

    name: str = ""
    version: str = ""
    attributes: Attributes = ()
    schema_url: str = ""
    dropped_attributes: int = 0


@dataclass(frozen=True, slots=True)
class Log:
    """A log record that was written inside a span."""

    time_ns: int
    severity: str
    body: Attribute
    attributes: Attributes


@dataclass(frozen=True, slots=True)
class SpanSet:
    """Spans, with their resources and scopes by id."""

    spans: Sequence[Span]
    resources: Mapping[int, Resource]
    scopes: Mapping[int, Scope]


def attributes_from(texts: Mapping[str, str] | None, letters: str) -> Attributes:
    """Join a stored map of texts with its letters."""
    if not texts:
        return ()
    pairs = zip(texts.items(), letters, strict=True)
    return tuple(Attribute(key, letter, text) for (key, text), letter in pairs)


def event_from(fields: Mapping[str, Any]) -> Event:
    """Read one element of the column `events`."""
    return Event(
        fields["time_ns"],
        fields["name"],
        attributes_from(fields["attributes"], fields["attribute_types"]),
        fields["dropped_attributes"],
    )


def link_from(fields: Mapping[str, Any]) -> Link:
    """Read one element of the column `links`."""
    return Link(
        fields["trace_id"],
        fields["span_id"],
        fields["trace_state"],
        fields["flags"],
        attributes_from(fields["attributes"], fields["attribute_types"]),
        fields["dropped_attributes"],
    )


def kind_name(kind: int) -> str:
    """Return the name of a span kind; an undefined number counts as unspecified."""
    return KINDS[kind] if kind < len(KINDS) else KINDS[0]


def status_name(code: int) -> str:
    """Return the name of a status code; an undefined number counts as unset."""
    return STATUS_CODES[code] if code < len(STATUS_CODES) else STATUS_CODES[0]


def severity_name(number: int) -> str:
    """Return the name of an OTLP severity number; four share a name, 0 has none."""
    return SEVERITIES[min(number - 1, 23) // 4] if number else ""
