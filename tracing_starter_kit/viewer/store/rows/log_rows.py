"""Log records as columns: from export requests to rows of the table `logs`.

    rows = LogRows(ResourcesAndScopes())
    rows.add(body)                            # for each request
    Table(log_columns(rows.fields()))

`span_rows` does the same for spans.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import repeat
from operator import add, attrgetter
from typing import Any

from tracing_starter_kit.viewer.model.attributes import encode
from tracing_starter_kit.viewer.model.raw_requests import LogsRequest
from tracing_starter_kit.viewer.store.rows.attribute_maps import attribute_columns
from tracing_starter_kit.viewer.store.rows.columns import Column, numbers, text
from tracing_starter_kit.viewer.store.rows.ids_and_times import (
    span_ids,
    times,
    trace_ids,
)
from tracing_starter_kit.viewer.store.rows.resources_and_scopes import (
    ResourcesAndScopes,
)

RECORD = (
    "trace_id",
    "span_id",
    "time_unix_nano",
    "observed_time_unix_nano",
    "severity_number",
    "severity_text",
    "event_name",
    "body",
    "attributes",
)
_record_fields = attrgetter(*RECORD)

Fields = dict[str, Sequence[Any]]


class LogRows:
    """The log records of one batch. They have no ids: a resent one is stored twice."""

    def __init__(self, resources_and_scopes: ResourcesAndScopes) -> None:
        self._resources_and_scopes = resources_and_scopes
        self._rows: list[tuple[Any, ...]] = []
        self._origin_rows: list[tuple[int, str, int]] = []

    def add(self, body: bytes) -> None:
        """Add the records of a checked ExportLogsServiceRequest."""
        for group in LogsRequest.FromString(body).resource_logs:
            resource = self._resources_and_scopes.add_resource(group)
            for scope_logs in group.scope_logs:
                origin = (*resource, self._resources_and_scopes.add_scope(scope_logs))
                self._rows += map(_record_fields, scope_logs.log_records)
                self._origin_rows += repeat(origin, len(scope_logs.log_records))

    def fields(self) -> Fields:
        """Return the records' fields by name; {} if there are no records."""
        names = (*RECORD, "resource_id", "service", "scope_id")
        columns = [*zip(*map(add, self._rows, self._origin_rows), strict=True)]
        return dict(zip(names, columns, strict=True)) if columns else {}


def log_columns(fields: Fields) -> list[Column]:
    """Return the columns that insert_logs.sql reads."""
    bodies = [*map(encode, fields["body"])]
    return [
        trace_ids("trace_id", fields["trace_id"]),
        span_ids("span_id", fields["span_id"]),
        times("time_ns", fields["time_unix_nano"]),
        times("observed_ns", fields["observed_time_unix_nano"]),
        numbers("severity_number", array("i", fields["severity_number"])),
        text("severity_text", fields["severity_text"]),
        text("event_name", fields["event_name"]),
        text("body_type", [letter for letter, _ in bodies]),
        text("body", [content for _, content in bodies]),
        *attribute_columns(fields["attributes"]),
        numbers("resource_id", array("Q", fields["resource_id"])),
        text("service", fields["service"]),
        numbers("scope_id", array("Q", fields["scope_id"])),
    ]
