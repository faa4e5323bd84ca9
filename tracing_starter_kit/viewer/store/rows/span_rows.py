"""Spans as columns: from export requests to rows of the table `spans`.

    rows = SpanRows(ResourcesAndScopes())
    rows.add(body)                            # for each request
    Table(span_columns(rows.fields()))

50,000 spans a second leave 20 µs for each. So no loop over spans runs in Python here:
`map`, `zip` and `chain` iterate, and `attrgetter` reads all fields of a span at once.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from itertools import accumulate, chain, compress, repeat
from operator import add, attrgetter
from typing import Any

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
from tracing_starter_kit.viewer.store.rows.resources_and_scopes import (
    ResourcesAndScopes,
)

SPAN = (
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
EVENT = ("time_unix_nano", "name", "attributes", "dropped_attributes_count")
LINK = (
    "trace_id",
    "span_id",
    "trace_state",
    "flags",
    "attributes",
    "dropped_attributes_count",
)
_span_fields = attrgetter(*SPAN)
_event_fields = attrgetter(*EVENT)
_link_fields = attrgetter(*LINK)

Fields = dict[str, Sequence[Any]]


class SpanRows:
    """The spans of one batch; if a span is in it twice, the first one counts."""

    def __init__(self, resources_and_scopes: ResourcesAndScopes) -> None:
        self._resources_and_scopes = resources_and_scopes
        self._rows: list[tuple[Any, ...]] = []
        self._origin_rows: list[tuple[int, str, int]] = []

    def add(self, body: bytes) -> None:
        """Add the spans of a checked ExportTraceServiceRequest."""
        for group in TraceRequest.FromString(body).resource_spans:
            resource = self._resources_and_scopes.add_resource(group)
            for scope_spans in group.scope_spans:
                origin = (*resource, self._resources_and_scopes.add_scope(scope_spans))
                self._rows += map(_span_fields, scope_spans.spans)
                self._origin_rows += repeat(origin, len(scope_spans.spans))

    def fields(self) -> Fields:
        """Return the spans' fields by name, each span once; {} without spans."""
        rows = map(add, self._rows, self._origin_rows)
        names = (*SPAN, "resource_id", "service", "scope_id")
        columns = [*zip(*rows, strict=True)]
        if not columns:
            return {}
        keys = [*map(add, columns[0], columns[1])]
        if len(set(keys)) < len(keys):
            first = {key: index for index, key in reversed([*enumerate(keys)])}
            is_first = [first[key] == index for index, key in enumerate(keys)]
            columns = [tuple(compress(column, is_first)) for column in columns]
        return dict(zip(names, columns, strict=True))


def span_keys(fields: Fields) -> list[Column]:
    """Return the columns that find_duplicates.sql reads: ids and position."""
    return [
        trace_ids("trace_id", fields["trace_id"]),
        span_ids("span_id", fields["span_id"]),
        _positions(fields),
    ]


def span_columns(fields: Fields) -> list[Column]:
    """Return the columns that insert_spans.sql reads."""
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
    event_times, names, attributes, dropped = _transpose(events, _event_fields, EVENT)
    parts = [
        times("time_ns", event_times),
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
    """Return one sequence for each field, over all items of all lists."""
    rows = map(read, chain.from_iterable(lists_of_items))
    return [*zip(*rows, strict=True)] or [()] * len(names)
