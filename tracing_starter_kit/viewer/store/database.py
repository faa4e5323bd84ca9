"""The DuckDB file: opening it, putting batches into it, keeping it within its size.

    database = Database.open(Path("data/spans.duckdb"), max_bytes=1 << 30)
    database.insert(Batch(records))           # one transaction
    database.remove_oldest(0.1)               # a tenth of the spans and logs

Only the writer's thread changes anything; everybody else reads through cursors.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Self

import duckdb

from tracing_starter_kit.viewer.store.batch import Batch
from tracing_starter_kit.viewer.store.cursors import Cursors
from tracing_starter_kit.viewer.store.errors import StoreError, UnfitError
from tracing_starter_kit.viewer.store.journal.segments import Position, Record

__all__ = ["Database"]

_SQL: Final = files("tracing_starter_kit.viewer.store") / "sql"
SCHEMA: Final = (_SQL / "schema.sql").read_text()
NEWEST_RECEIVED: Final = """
    SELECT coalesce(max(received_ns), 0)
    FROM (SELECT received_ns FROM spans UNION ALL SELECT received_ns FROM logs)
"""
NEWEST_REMOVED: Final = """
    SET VARIABLE newest_removed = (
      SELECT quantile_disc(received_ns, $share)
      FROM (SELECT received_ns FROM spans UNION ALL SELECT received_ns FROM logs))
"""
REMOVE_OLDEST: Final = (_SQL / "remove_oldest.sql").read_text()

Config = dict[str, str | bool | int | float | list[str]]

CONFIG: Final[Config] = {
    "threads": 2,
    "memory_limit": "256MB",
    "autoinstall_known_extensions": False,  # nothing is fetched from anywhere
    "autoload_known_extensions": False,
}
# After one of these DuckDB does nothing more until the file is opened again.
BREAKING: Final = (duckdb.FatalException, duckdb.InternalError)
# DuckDB's own log may grow to this before it is merged into the file: at its default,
# 16 MiB, merging takes twice the time for each span.
CHECKPOINT_BYTES: Final = 64 << 20


class Database:
    """The connection that writes, and the counts that it keeps."""

    def __init__(self, path: Path, config: Config) -> None:
        self._path = path
        self._config = config
        self._wal = path.with_name(f"{path.name}.wal")
        self.cursors = Cursors()
        self._connect()

    @classmethod
    def open(cls, path: Path, *, max_bytes: int) -> Self:
        """Open or create the file; raise StoreError where it cannot be read."""
        threshold = f"{min(CHECKPOINT_BYTES, max_bytes // 16)}B"
        return cls(path, {**CONFIG, "checkpoint_threshold": threshold})

    def reopen(self) -> None:
        """Close the file and open it again; raise StoreError where it cannot be.

        After a failed checkpoint that is the only way to go on, for readers too. What
        was being committed may be there or not: `position` says which.
        """
        self.cursors.call_in()
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
        self.broken = False
        self.cursors.lend_from(self.connection)

    def _read_state(self) -> None:
        self.connection.execute(SCHEMA)
        row = self._one('SELECT segment, "offset", removed_spans FROM progress')
        self.position = Position(row[0], row[1])
        self.removed_spans: int = row[2]
        self.spans: int = self._one("SELECT count(*) FROM spans")[0]
        self._received_ns: int = self._one(NEWEST_RECEIVED)[0]

    def insert(self, batch: Batch) -> None:
        """Store a batch, and how far in the journal that is."""
        if self.position >= batch.records[-1].end:
            return  # it was committed before the file had to be opened again
        self._received_ns = max(time.time_ns(), self._received_ns + 1)
        with self._transaction():
            added = batch.insert(self.connection, self._received_ns)
            self._note_progress(batch.records[-1].end)
        self.spans += added

    def skip(self, record: Record) -> None:
        """Note that a record is done with, without storing it."""
        with self._transaction():
            self._note_progress(record.end)

    def size(self) -> int:
        """Return the bytes in use, in the file and in DuckDB's own log beside it."""
        blocks, block_size = self._one(
            "SELECT used_blocks, block_size FROM pragma_database_size()"
        )
        waiting = self._wal.stat().st_size if self._wal.exists() else 0
        return int(blocks * block_size + waiting)

    def remove_oldest(self, share: float) -> None:
        """Remove the spans and logs that came first; what they took is used again."""
        with self._transaction():
            self.connection.execute(NEWEST_REMOVED, {"share": share})
            self.connection.execute(REMOVE_OLDEST)
            left: int = self._one("SELECT count(*) FROM spans")[0]
            removed = self.spans - left
            query = "UPDATE progress SET removed_spans = removed_spans + ?"
            self.connection.execute(query, [removed])
        self.spans = left
        self.removed_spans += removed
        with self._noticing_breaks():
            self.connection.execute("CHECKPOINT")

    def close(self) -> None:
        """Close the file, with DuckDB's own log merged into it."""
        self.connection.close()

    def _note_progress(self, position: Position) -> None:
        self.connection.execute(
            'UPDATE progress SET segment = ?, "offset" = ?',
            [position.segment, position.offset],
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._noticing_breaks():
            self.connection.begin()
            try:
                yield
            except BaseException:
                with suppress(duckdb.Error):  # the transaction may be gone by itself
                    self.connection.rollback()
                raise
            self.connection.commit()

    @contextmanager
    def _noticing_breaks(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            cause = error.__cause__ if isinstance(error, UnfitError) else error
            self.broken |= isinstance(cause, BREAKING)
            raise

    def _one(self, query: str) -> tuple[Any, ...]:
        row = self.connection.execute(query).fetchone()
        assert row is not None, query
        return row
