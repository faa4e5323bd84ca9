"""A batch: some of the journal's records, on their way into the tables.

batch = Batch(records)                                # decodes: Python's work
new_spans = batch.insert(connection, received_ns)     # in a transaction: DuckDB's
"""

from collections.abc import Sequence
from importlib.resources import files
from typing import Final

import duckdb

from viewer.store.arrow import Table
from viewer.store.log_rows import LogRows, log_columns
from viewer.store.origins import Origins
from viewer.store.segments import Record
from viewer.store.span_rows import SpanRows, span_columns, span_keys

__all__ = ["Batch"]

_SQL: Final = files("viewer.store")
INSERT_SPANS: Final = (_SQL / "insert_spans.sql").read_text()
INSERT_LOGS: Final = (_SQL / "insert_logs.sql").read_text()
INSERT_RESOURCES: Final = (
    "INSERT INTO resources BY NAME FROM batch ANTI JOIN resources USING (resource_id)"
)
INSERT_SCOPES: Final = (
    "INSERT INTO scopes BY NAME FROM batch ANTI JOIN scopes USING (scope_id)"
)
# Over the ids alone: 8 ms for any batch against 2,000,000 stored spans, where an
# index on the ids would cost each span more and would have to stay in memory.
FIND_DUPLICATES: Final = """
    CREATE OR REPLACE TEMP TABLE duplicates AS
    SELECT position FROM batch SEMI JOIN spans USING (trace_id, span_id)
"""
WITHOUT_DUPLICATES: Final = " ANTI JOIN duplicates USING (position)"


class Batch:
    """The spans and log records of some requests."""

    def __init__(self, records: Sequence[Record]) -> None:
        """Decode the records; what is wrong with them is raised by `insert`."""
        self.records = records
        self._tables: dict[str, Table] = {}
        self._spans = 0
        self._fault: Exception | None = None
        try:
            self._decode()
        except Exception as error:  # noqa: BLE001
            self._fault = error

    def insert(self, connection: duckdb.DuckDBPyConnection, received_ns: int) -> int:
        """Insert what is not there yet; return the number of new spans."""
        if self._fault:
            raise self._fault
        received = {"received_ns": received_ns}
        found = self._execute(connection, "keys", FIND_DUPLICATES)
        duplicates = found[0] if found else 0
        only_new = WITHOUT_DUPLICATES if duplicates else ""
        self._execute(connection, "spans", INSERT_SPANS + only_new, received)
        self._execute(connection, "logs", INSERT_LOGS, received)
        self._execute(connection, "resources", INSERT_RESOURCES)
        self._execute(connection, "scopes", INSERT_SCOPES)
        return self._spans - duplicates

    def _decode(self) -> None:
        origins = Origins()
        spans, logs = SpanRows(origins), LogRows(origins)
        for record in self.records:
            rows = spans if record.signal == "traces" else logs
            rows.add(record.body)
        if fields := spans.fields():
            self._spans = len(fields["span_id"])
            self._tables["keys"] = Table(span_keys(fields))
            self._tables["spans"] = Table(span_columns(fields))
        if fields := logs.fields():
            self._tables["logs"] = Table(log_columns(fields))
        if self._tables:
            self._tables["resources"] = Table(origins.resource_columns())
            self._tables["scopes"] = Table(origins.scope_columns())

    def _execute(
        self,
        connection: duckdb.DuckDBPyConnection,
        name: str,
        statement: str,
        parameters: dict[str, int] | None = None,
    ) -> tuple[int, ...] | None:
        """Run a statement over one of the tables, `batch` in it, unless it is empty."""
        if name not in self._tables:
            return None
        connection.register("batch", self._tables[name])
        try:
            found: tuple[int, ...] | None
            found = connection.execute(statement, parameters).fetchone()
            return found
        finally:
            connection.unregister("batch")
