"""From export requests to the columns of the tables: all of Python's work on a batch.

decoded = decode([("traces", body), …])
decoded.tables["spans"]                   # a list of columns; no key: no rows
"""

from collections.abc import Iterable
from dataclasses import dataclass

from tracing_starter_kit.viewer.store.journal.segments import Signal
from tracing_starter_kit.viewer.store.rows.columns import Column
from tracing_starter_kit.viewer.store.rows.log_rows import LogRows, log_columns
from tracing_starter_kit.viewer.store.rows.resources_and_scopes import Origins
from tracing_starter_kit.viewer.store.rows.span_rows import (
    SpanRows,
    span_columns,
    span_keys,
)

__all__ = ["Decoded", "decode"]


@dataclass(frozen=True)
class Decoded:
    """The columns by table, and how many spans they are."""

    tables: dict[str, list[Column]]
    spans: int


def decode(bodies: Iterable[tuple[Signal, bytes]]) -> Decoded:
    """Decode requests that have been checked; what is wrong with one is raised."""
    origins = Origins()
    span_rows, log_rows = SpanRows(origins), LogRows(origins)
    for signal, body in bodies:
        rows = span_rows if signal == "traces" else log_rows
        rows.add(body)
    tables: dict[str, list[Column]] = {}
    spans = 0
    if fields := span_rows.fields():
        spans = len(fields["span_id"])
        tables["keys"] = span_keys(fields)
        tables["spans"] = span_columns(fields)
    if fields := log_rows.fields():
        tables["logs"] = log_columns(fields)
    if tables:
        tables["resources"] = origins.resource_columns()
        tables["scopes"] = origins.scope_columns()
    return Decoded(tables, spans)
