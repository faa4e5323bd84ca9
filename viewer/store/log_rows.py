"""Log records as columns: export requests go in, the rows of the table `logs` come out.

rows = LogRows(origins)
rows.add(body)                            # as often as there are bodies
Table(rows.columns())
"""

from array import array
from typing import Any, Final

from viewer.model.attributes import encode
from viewer.model.messages import LogsRequest
from viewer.store.attribute_maps import AttributeMaps
from viewer.store.columns import Column, numbers, text
from viewer.store.ids import LAST_NS, span_ids, trace_ids
from viewer.store.origins import Origins

__all__ = ["LogRows"]

SEVERITIES: Final = range(25)


class LogRows:
    """The log records of one batch. They have no id, so a resent one is there twice."""

    def __init__(self, origins: Origins) -> None:
        self._origins = origins
        self._rows: list[tuple[Any, ...]] = []
        self._attributes = AttributeMaps()

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, body: bytes) -> None:
        """Add the records of an ExportLogsServiceRequest that has been checked."""
        for group in LogsRequest.FromString(body).resource_logs:
            resource = self._origins.resource(group)
            for scope_logs in group.scope_logs:
                origin = (*resource, self._origins.scope(scope_logs))
                for record in scope_logs.log_records:
                    self._attributes.add(record.attributes)
                    self._rows.append((*_fields(record), *origin))

    def columns(self) -> list[Column]:
        """Return the rows; insert_logs.sql turns them into what the table holds."""
        found = [*zip(*self._rows, strict=True)]
        return [
            trace_ids("trace_id", found[0]),
            span_ids("span_id", found[1]),
            numbers("time_ns", array("q", found[2])),
            numbers("observed_ns", array("q", found[3])),
            numbers("severity_number", array("B", found[4])),
            text("severity_text", found[5]),
            text("event_name", found[6]),
            text("body_type", found[7]),
            text("body", found[8]),
            numbers("resource_id", array("Q", found[9])),
            text("service", found[10]),
            numbers("scope_id", array("Q", found[11])),
            *self._attributes.columns(),
        ]


def _fields(record: Any) -> tuple[Any, ...]:
    severity = record.severity_number
    return (
        record.trace_id,
        record.span_id,
        min(record.time_unix_nano, LAST_NS),
        min(record.observed_time_unix_nano, LAST_NS),
        severity if severity in SEVERITIES else 0,
        record.severity_text,
        record.event_name,
        *encode(record.body),
    )
