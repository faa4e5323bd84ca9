"""A batch: records of the journal, decoded into tables that DuckDB can insert.

    batch = Batch(records)                                # decodes: Python's work
    new_spans = batch.insert(connection, received_ns)     # DuckDB's work

The two steps are apart so that the next batch can be decoded during an insert.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import duckdb

from tracing_starter_kit.viewer.store.errors import UnstorableError
from tracing_starter_kit.viewer.store.journal.segments import Record, Signal
from tracing_starter_kit.viewer.store.rows.arrow import Table
from tracing_starter_kit.viewer.store.rows.decoding import Decoded, decode
from tracing_starter_kit.viewer.store.statements import statement

ONLY_NEW = " ANTI JOIN duplicates USING (position)"
# DuckDB raises these for values that it cannot store. Its other errors are about the
# disk, the memory or the file, and may not happen again a second later.
DATA_ERRORS = (
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
        decode_bodies: Callable[[Sequence[tuple[Signal, bytes]]], Decoded] = decode,
    ) -> None:
        """Decode the records; `insert` raises the error if that fails."""
        self.records = records
        self._tables: dict[str, Table] = {}
        self._span_count = 0
        self._decoding_error: Exception | None = None
        try:
            decoded = decode_bodies(
                [(record.signal, record.body) for record in records]
            )
        except Exception as error:  # noqa: BLE001
            self._decoding_error = error
        else:
            self._span_count = decoded.span_count
            self._tables = {
                name: Table(columns) for name, columns in decoded.tables.items()
            }

    def insert(self, connection: duckdb.DuckDBPyConnection, received_ns: int) -> int:
        """Insert the rows that are not stored yet; return the number of new spans.

        Raises UnstorableError if the fault is in the records themselves.
        """
        if self._decoding_error:
            raise UnstorableError(str(self._decoding_error)) from self._decoding_error
        parameters = {"received_ns": received_ns}
        duplicates = self._run(connection, "keys", statement("find_duplicates"))
        insert_spans = statement("insert_spans") + (ONLY_NEW if duplicates else "")
        self._run(connection, "spans", insert_spans, parameters)
        self._run(connection, "logs", statement("insert_logs"), parameters)
        self._run(connection, "resources", statement("insert_resources"))
        self._run(connection, "scopes", statement("insert_scopes"))
        return self._span_count - duplicates

    def _run(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: str,
        sql: str,
        parameters: dict[str, int] | None = None,
    ) -> int:
        """Run a statement that reads a table as `batch`; return its number of rows.

        A table without rows is not in the batch, and its statement does not run.
        """
        if table not in self._tables:
            return 0
        connection.register("batch", self._tables[table])
        try:
            row = connection.execute(sql, parameters).fetchone()
        except DATA_ERRORS as error:
            raise UnstorableError(str(error)) from error
        else:
            return row[0] if row else 0
        finally:
            connection.unregister("batch")
