"""A batch: some of the journal's records, on their way into the tables.

    batch = Batch(records)
    new_spans = batch.insert(connection, received_ns)     # in a transaction

Making it is Python's work and may be done ahead; inserting it is DuckDB's.
"""

from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import Final

import duckdb

from tracing_starter_kit.viewer.store.errors import UnfitError
from tracing_starter_kit.viewer.store.journal.segments import Record, Signal
from tracing_starter_kit.viewer.store.rows.arrow import Table
from tracing_starter_kit.viewer.store.rows.decoding import Decoded, decode

__all__ = ["Batch"]

_SQL: Final = files("tracing_starter_kit.viewer.store") / "sql"
INSERT_SPANS: Final = (_SQL / "insert_spans.sql").read_text()
INSERT_LOGS: Final = (_SQL / "insert_logs.sql").read_text()
INSERT_RESOURCES: Final = (
    "INSERT INTO resources BY NAME FROM batch ANTI JOIN resources USING (resource_id)"
)
INSERT_SCOPES: Final = (
    "INSERT INTO scopes BY NAME FROM batch ANTI JOIN scopes USING (scope_id)"
)
# Over the ids alone: some 10 ms for any batch against 2,000,000 stored spans, where an
# index on the ids would cost each span more and would have to stay in memory.
FIND_DUPLICATES: Final = """
    CREATE OR REPLACE TEMP TABLE duplicates AS
    SELECT position FROM batch SEMI JOIN spans USING (trace_id, span_id)
"""
WITHOUT_DUPLICATES: Final = " ANTI JOIN duplicates USING (position)"
# What DuckDB says of values that it cannot take; all else is about the disk, the memory
# or the file, and may be over in a moment.
UNFIT: Final = (
    duckdb.DataError,
    duckdb.IntegrityError,
    duckdb.InternalError,
    duckdb.InvalidInputException,
    duckdb.InvalidTypeException,
    duckdb.NotSupportedError,
)


class Batch:
    """The spans and log records of some requests."""

    def __init__(
        self,
        records: Sequence[Record],
        decode: Callable[[Sequence[tuple[Signal, bytes]]], Decoded] = decode,
    ) -> None:
        """Decode the records; what is wrong with them is raised by `insert`."""
        self.records = records
        self._tables: dict[str, Table] = {}
        self._spans = 0
        self._fault: Exception | None = None
        try:
            decoded = decode([(record.signal, record.body) for record in records])
        except Exception as error:  # noqa: BLE001
            self._fault = error
        else:
            self._spans = decoded.spans
            self._tables = {name: Table(rows) for name, rows in decoded.tables.items()}

    def insert(self, connection: duckdb.DuckDBPyConnection, received_ns: int) -> int:
        """Insert what is not there yet; return the number of new spans.

        Raises UnfitError where the fault is in the records themselves.
        """
        if self._fault:
            raise UnfitError(str(self._fault)) from self._fault
        received = {"received_ns": received_ns}
        found = self._execute(connection, "keys", FIND_DUPLICATES)
        duplicates = found[0] if found else 0
        only_new = WITHOUT_DUPLICATES if duplicates else ""
        self._execute(connection, "spans", INSERT_SPANS + only_new, received)
        self._execute(connection, "logs", INSERT_LOGS, received)
        self._execute(connection, "resources", INSERT_RESOURCES)
        self._execute(connection, "scopes", INSERT_SCOPES)
        return self._spans - duplicates

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
        except UNFIT as error:
            raise UnfitError(str(error)) from error
        else:
            return found
        finally:
            connection.unregister("batch")
