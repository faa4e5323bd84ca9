"""A batch: some of the journal's records, on their way into the tables.

batch = Batch(records)
new_spans = batch.insert(connection, received_ns)     # inside a transaction
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from typing import Final

import duckdb

from viewer.store.arrow import Table
from viewer.store.columns import Column
from viewer.store.log_rows import LogRows
from viewer.store.origins import Origins
from viewer.store.segments import Record
from viewer.store.span_rows import SpanRows

__all__ = ["Batch"]

_SQL: Final = files("viewer.store")
INSERT_SPANS: Final = (_SQL / "insert_spans.sql").read_text()
INSERT_LOGS: Final = (_SQL / "insert_logs.sql").read_text()

# Over the ids alone: 8 ms for any batch against 2,000,000 stored spans, where an
# index on the ids would cost each span more and would have to stay in memory.
FIND_DUPLICATES: Final = """
    CREATE OR REPLACE TEMP TABLE duplicates AS
    SELECT position FROM batch SEMI JOIN spans USING (trace_id, span_id)
"""
WITHOUT_DUPLICATES: Final = " ANTI JOIN duplicates USING (position)"
INSERT_RESOURCES: Final = (
    "INSERT INTO resources BY NAME FROM batch ANTI JOIN resources USING (resource_id)"
)
INSERT_SCOPES: Final = (
    "INSERT INTO scopes BY NAME FROM batch ANTI JOIN scopes USING (scope_id)"
)


class Batch:
    """The spans and log records of some requests, as columns."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._origins = Origins()
        self._spans = SpanRows(self._origins)
        self._logs = LogRows(self._origins)
        for record in records:
            rows = self._spans if record.signal == "traces" else self._logs
            rows.add(record.body)

    def insert(self, connection: duckdb.DuckDBPyConnection, received_ns: int) -> int:
        """Insert what is not there yet; return the number of new spans."""
        received = {"received_ns": received_ns}
        added = 0
        if len(self._spans):
            added = self._insert_spans(connection, received)
        if len(self._logs):
            with _as_batch(connection, self._logs.columns()):
                connection.execute(INSERT_LOGS, received)
        if len(self._spans) or len(self._logs):
            self._insert_origins(connection)
        return added

    def _insert_spans(
        self, connection: duckdb.DuckDBPyConnection, received: dict[str, int]
    ) -> int:
        with _as_batch(connection, self._spans.keys()):
            found = connection.execute(FIND_DUPLICATES).fetchone()
        duplicates: int = found[0] if found else 0
        with _as_batch(connection, self._spans.columns()):
            only_new = WITHOUT_DUPLICATES if duplicates else ""
            connection.execute(INSERT_SPANS + only_new, received)
        return len(self._spans) - duplicates

    def _insert_origins(self, connection: duckdb.DuckDBPyConnection) -> None:
        with _as_batch(connection, self._origins.resource_columns()):
            connection.execute(INSERT_RESOURCES)
        with _as_batch(connection, self._origins.scope_columns()):
            connection.execute(INSERT_SCOPES)


@contextmanager
def _as_batch(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[Column]
) -> Iterator[None]:
    """Make the columns readable as the table `batch`."""
    table = Table(columns)
    connection.register("batch", table)
    try:
        yield
    finally:
        connection.unregister("batch")
