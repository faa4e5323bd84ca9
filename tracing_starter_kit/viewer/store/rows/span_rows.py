"""Spans as columns: export requests go in, the rows of the table `spans` come out.

    rows = SpanRows(origins)
    rows.add(body)                            # as often as there are bodies
    Table(span_columns(rows.fields()))

50,000 spans a second leave 20 µs for a span. So there is no loop over spans here that
Python has to interpret: `map`, `zip` and `chain` go over them, and `attrgetter` reads
all fields of a span in one call.
"""

from array import array
from collections.abc import Callable, Sequence
from itertools import accumulate, chain, compress, repeat
from operator import add, attrgetter
from typing import Any, Final

from tracing_starter_kit.viewer.model.raw_requests import TraceRequest
from tracing_starter_kit.viewer.store.rows.attribute_maps import attribute_columns
from tracing_starter_kit.viewer.store.rows.columns import (
    Column,
    lists,
    numbers,
    structs,
    text,
)
from tracing_starter_kit.viewer.store.rows.ids_and_times import (
    span_ids,
    times,
    trace_ids,
)
from tracing_starter_kit.viewer.store.rows.resources_and_scopes import Origins

__all__ = ["Fields", "SpanRows", "span_columns", "span_keys"]

SPAN: Final = (
    "trace_id",
    "span_id",
    "parent_span_id",
    "name",
    "kind",
    "start_time_unix_nano",
    "end_time_unix_nano",
    "status.code",
    "status.message",
    "attributes",
    "events",
    "links",
    "trace_state",
    "flags",
    "dropped_attributes_count",
    "dropped_events_count",
    "dropped_links_count",
)
EVENT: Final = ("time_unix_nano", "name", "attributes", "dropped_attributes_count")
LINK: Final = (
    "trace_id",
    "span_id",
    "trace_state",
    "flags",
    "attributes",
    "dropped_attributes_count",
)
_span_fields: Final = attrgetter(*SPAN)
_event_fields: Final = attrgetter(*EVENT)
_link_fields: Final = attrgetter(*LINK)

Fields = dict[str, Sequence[Any]]


class SpanRows:
    """The spans of one batch; of a span that is there twice, the first one counts."""

    def __init__(self, origins: Origins) -> None:
        self._origins = origins
        self._rows: list[tuple[Any, ...]] = []
        self._origin_rows: list[tuple[int, str, int]] = []

    def add(self, body: bytes) -> None:
        """Add the spans of an ExportTraceServiceRequest that has been checked."""
        for group in TraceRequest.FromString(body).resource_spans:
            resource = self._origins.resource(group)
            for scope_spans in group.scope_spans:
                origin = (*resource, self._origins.scope(scope_spans))
                self._rows += map(_span_fields, scope_spans.spans)
                self._origin_rows += repeat(origin, len(scope_spans.spans))

    def fields(self) -> Fields:
        """Return the spans' fields by name, each span once; {} for no spans."""
        rows = map(add, self._rows, self._origin_rows)
        names = (*SPAN, "resource_id", "service", "scope_id")
        columns = [*zip(*rows, strict=True)]
        if not columns:
            return {}
        keys = [*map(add, columns[0], columns[1])]
        if len(set(keys)) < len(keys):
            first = {key: index for index, key in reversed([*enumerate(keys)])}
            wanted = [first[key] == index for index, key in enumerate(keys)]
            columns = [tuple(compress(column, wanted)) for column in columns]
        return dict(zip(names, columns, strict=True))


def span_keys(fields: Fields) -> list[Column]:
    """Return what identifies each span, and its position in the batch."""
    return [
        trace_ids("trace_id", fields["trace_id"]),
        span_ids("span_id", fields["span_id"]),
        _positions(fields),
    ]


def span_columns(fields: Fields) -> list[Column]:
    """Return the rows; insert_spans.sql turns them into what the table holds."""
    return [
        trace_ids("trace_id", fields["trace_id"]),
        span_ids("span_id", fields["span_id"]),
        span_ids("parent_span_id", fields["parent_span_id"]),
        text("name", fields["name"]),
        numbers("kind", array("i", fields["kind"])),
        times("start_ns", fields["start_time_unix_nano"]),
        times("end_ns", fields["end_time_unix_nano"]),
        numbers("status_code", array("i", fields["status.code"])),
        text("status_message", fields["status.message"]),
        *attribute_columns(fields["attributes"]),
        _event_column(fields["events"]),
        _link_column(fields["links"]),
        text("trace_state", fields["trace_state"]),
        numbers("flags", array("I", fields["flags"])),
        numbers("dropped_attributes", array("I", fields["dropped_attributes_count"])),
        numbers("dropped_events", array("I", fields["dropped_events_count"])),
        numbers("dropped_links", array("I", fields["dropped_links_count"])),
        numbers("resource_id", array("Q", fields["resource_id"])),
        text("service", fields["service"]),
        numbers("scope_id", array("Q", fields["scope_id"])),
        _positions(fields),
    ]


def _positions(fields: Fields) -> Column:
    return numbers("position", array("I", range(len(fields["span_id"]))))


def _event_column(events: Sequence[Any]) -> Column:
    ends = array("i", accumulate(map(len, events), initial=0))
    when, names, attributes, dropped = _transpose(events, _event_fields, EVENT)
    parts = [
        times("time_ns", when),
        text("name", names),
        *attribute_columns(attributes),
        numbers("dropped_attributes", array("I", dropped)),
    ]
    return lists("events", ends, structs("item", parts))


def _link_column(links: Sequence[Any]) -> Column:
    ends = array("i", accumulate(map(len, links), initial=0))
    traces, spans, states, flags, attributes, dropped = _transpose(
        links, _link_fields, LINK
    )
    parts = [
        trace_ids("trace_id", traces),
        span_ids("span_id", spans),
        text("trace_state", states),
        numbers("flags", array("I", flags)),
        *attribute_columns(attributes),
        numbers("dropped_attributes", array("I", dropped)),
    ]
    return lists("links", ends, structs("item", parts))


def _transpose(
    lists_of_items: Sequence[Any], read: Callable[[Any], Any], names: Sequence[str]
) -> Sequence[Sequence[Any]]:
    """Return the fields of all items of all lists, one sequence per field."""
    rows = map(read, chain.from_iterable(lists_of_items))
    return [*zip(*rows, strict=True)] or [()] * len(names)
