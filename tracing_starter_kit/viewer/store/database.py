"""The DuckDB file: open it, insert batches, remove the oldest rows.

    database = Database.open(Path("data/spans.duckdb"), max_bytes=1 << 30)
    database.insert(batch)                    # one transaction
    database.remove_oldest(0.1)               # a tenth of the spans and log records
    with database.cursors.lend() as cursor:   # to read, in any thread
        cursor.execute("SELECT …")

Only the writer's thread changes the database.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import duckdb

from tracing_starter_kit.viewer.store.batch import Batch
from tracing_starter_kit.viewer.store.cursors import Cursors
from tracing_starter_kit.viewer.store.errors import StoreError, UnstorableError
from tracing_starter_kit.viewer.store.journal.segments import Position, Record
from tracing_starter_kit.viewer.store.statements import statement

Config = dict[str, str | bool | int | float | list[str]]

CONFIG: Config = {
    "threads": 2,
    "memory_limit": "256MB",
    "autoinstall_known_extensions": False,  # DuckDB downloads nothing
    "autoload_known_extensions": False,
}
# After one of these errors DuckDB refuses all work until the file is opened again.
FATAL_ERRORS = (duckdb.FatalException, duckdb.InternalError)
# DuckDB merges its own log into the file (a checkpoint) when the log is this large. At
# DuckDB's default, 16 MiB, merging takes twice the time for each span.
CHECKPOINT_BYTES = 64 << 20


class Database:
    """The connection that writes, and the figures that belong to it."""

    def __init__(self, path: Path, config: Config) -> None:
        self._path = path
        self._config = config
        self._duckdb_log = path.with_name(f"{path.name}.wal")
        self.cursors = Cursors()
        self._connect()

    @classmethod
    def open(cls, path: Path, *, max_bytes: int) -> Self:
        """Open or create the file; raise StoreError if that fails."""
        threshold = f"{min(CHECKPOINT_BYTES, max_bytes // 16)}B"
        return cls(path, {**CONFIG, "checkpoint_threshold": threshold})

    def reopen(self) -> None:
        """Close the file and open it again; raise StoreError if that fails.

        Only this makes a broken database usable again, for readers too. The transaction
        that failed may be committed all the same: `position` says so afterwards.
        """
        self.cursors.detach()
        self.connection.close()
        self._connect()

    def _connect(self) -> None:
        try:
            self.connection = duckdb.connect(self._path, config=self._config)
            self._read_state()
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise StoreError(
                f"{self._path} cannot be opened as the viewer's database ({reason}): "
                "move it away, or start with another data folder."
            ) from error
        self.is_broken = False
        self.cursors.attach(self.connection)

    def _read_state(self) -> None:
        self.connection.execute(statement("schema"))
        row = self._fetch_row('SELECT segment, "offset", removed_spans FROM progress')
        self.position = Position(row[0], row[1])
        self.removed_spans: int = row[2]
        self.spans = self._count_spans()
        self._received_ns: int = self._fetch_row(statement("newest_received"))[0]

    def insert(self, batch: Batch) -> None:
        """Insert a batch and save its end as the position in the journal."""
        end = batch.records[-1].end
        if self.position >= end:
            return  # committed by the transaction before `reopen`
        self._received_ns = max(time.time_ns(), self._received_ns + 1)
        with self._transaction():
            new_spans = batch.insert(self.connection, self._received_ns)
            self._save_position(end)
        self.spans += new_spans

    def skip(self, record: Record) -> None:
        """Save a record's end as the position in the journal, without storing it."""
        with self._transaction():
            self._save_position(record.end)

    def size(self) -> int:
        """Return the bytes in use, in the file and in DuckDB's own log beside it."""
        query = "SELECT used_blocks, block_size FROM pragma_database_size()"
        blocks, block_size = self._fetch_row(query)
        log_size = self._duckdb_log.stat().st_size if self._duckdb_log.exists() else 0
        return int(blocks * block_size + log_size)

    def remove_oldest(self, share: float) -> None:
        """Remove this share of the spans and log records, the oldest commits first.

        The file does not shrink: DuckDB uses the free blocks for the next inserts.
        """
        with self._transaction():
            self.connection.execute(statement("choose_oldest"), {"share": share})
            self.connection.execute(statement("remove_oldest"))
            remaining = self._count_spans()
            removed_count = self.spans - remaining
            query = "UPDATE progress SET removed_spans = removed_spans + ?"
            self.connection.execute(query, [removed_count])
        self.spans = remaining
        self.removed_spans += removed_count
        with self._noting_fatal_errors():
            self.connection.execute("CHECKPOINT")

    def close(self) -> None:
        """Close the file; DuckDB merges its own log into it first."""
        self.connection.close()

    def _save_position(self, position: Position) -> None:
        query = 'UPDATE progress SET segment = ?, "offset" = ?'
        self.connection.execute(query, [position.segment, position.offset])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._noting_fatal_errors():
            self.connection.begin()
            try:
                yield
            except BaseException:
                with suppress(duckdb.Error):  # DuckDB may have ended it already
                    self.connection.rollback()
                raise
            self.connection.commit()

    @contextmanager
    def _noting_fatal_errors(self) -> Iterator[None]:
        """Set `is_broken` if an error means that the file must be opened again."""
        try:
            yield
        except Exception as error:
            cause = error.__cause__ if isinstance(error, UnstorableError) else error
            self.is_broken |= isinstance(cause, FATAL_ERRORS)
            raise

    def _count_spans(self) -> int:
        return int(self._fetch_row("SELECT count(*) FROM spans")[0])

    def _fetch_row(self, query: str) -> tuple[Any, ...]:
        row = self.connection.execute(query).fetchone()
        assert row is not None, query
        return row
