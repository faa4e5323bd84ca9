"""Decode export requests into the columns of the tables: Python's share of the work.

    decoded = decode([("traces", body)])
    decoded.tables["spans"]                   # its columns; absent without rows

The result can be pickled: `decoding_process` runs this in a second process.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tracing_starter_kit.viewer.store.journal.segments import Signal
from tracing_starter_kit.viewer.store.rows.columns import Column
from tracing_starter_kit.viewer.store.rows.log_rows import LogRows, log_columns
from tracing_starter_kit.viewer.store.rows.resources_and_scopes import (
    ResourcesAndScopes,
)
from tracing_starter_kit.viewer.store.rows.span_rows import (
    SpanRows,
    span_columns,
    span_keys,
)


@dataclass(frozen=True)
class Decoded:
    """The columns of each table that has rows, and the number of spans."""

    tables: dict[str, list[Column]]
    span_count: int


def decode(bodies: Iterable[tuple[Signal, bytes]]) -> Decoded:
    """Decode requests that the receiver has checked; raise the error of a bad one."""
    resources_and_scopes = ResourcesAndScopes()
    span_rows, log_rows = SpanRows(resources_and_scopes), LogRows(resources_and_scopes)
    for signal, body in bodies:
        rows = span_rows if signal == "traces" else log_rows
        rows.add(body)
    tables: dict[str, list[Column]] = {}
    span_count = 0
    if fields := span_rows.fields():
        span_count = len(fields["span_id"])
        tables["keys"] = span_keys(fields)
        tables["spans"] = span_columns(fields)
    if fields := log_rows.fields():
        tables["logs"] = log_columns(fields)
    if tables:
        tables["resources"] = resources_and_scopes.resource_columns()
        tables["scopes"] = resources_and_scopes.scope_columns()
    return Decoded(tables, span_count)
