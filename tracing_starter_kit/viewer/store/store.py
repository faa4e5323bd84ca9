"""The store as the rest of the viewer uses it.

    store = Store.open(Path("data"))
    store.submit("traces", body, items=512).result()      # durable
    store.flush()                                         # readable
    with store.cursor() as cursor:
        cursor.execute("SELECT …")
    store.close()

Durable data survives a `kill -9` and a power cut. It is readable some 50 ms later.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import duckdb

from tracing_starter_kit.viewer.store.database import Database
from tracing_starter_kit.viewer.store.errors import StoreError
from tracing_starter_kit.viewer.store.journal.journal import Journal
from tracing_starter_kit.viewer.store.journal.segments import Segments, Signal
from tracing_starter_kit.viewer.store.lock import FolderLock
from tracing_starter_kit.viewer.store.writer import Writer

DRAIN_SECONDS = 0.5  # how long closing goes on to move the journal into the database


@dataclass(frozen=True, kw_only=True)
class StoreStats:
    """The size of the store, and of the queue in front of it."""

    spans: int
    bytes: int
    max_bytes: int
    removed_spans: int
    pending_spans: int


class Store:
    """One DuckDB file behind a journal; any number of threads may use it."""

    def __init__(
        self, data: Path, lock: FolderLock, *, max_bytes: int, max_pending: int
    ) -> None:
        self._lock = lock
        self._max_bytes = max_bytes
        self._committed = threading.Condition()
        self._generation = 0
        self._is_closed = False
        self._database = Database.open(data / "spans.duckdb", max_bytes=max_bytes)
        self._journal = Journal(
            Segments(data / "journal"),
            start=self._database.position,
            max_pending=max_pending,
        )
        self._writer = Writer(
            self._journal,
            self._database,
            max_bytes=max_bytes,
            refused_folder=data / "refused",
            on_commit=self._notify,
        )

    @classmethod
    def open(
        cls, data: Path, *, max_bytes: int = 1 << 30, max_pending: int = 256 << 20
    ) -> Self:
        """Open the store in the folder `data`; raise StoreError if that fails."""
        lock = FolderLock.take(data / "lock")
        try:
            return cls(data, lock, max_bytes=max_bytes, max_pending=max_pending)
        except OSError as error:
            lock.release()
            raise StoreError(f"The viewer cannot use {data}: {error}.") from error
        except StoreError:
            lock.release()
            raise

    def cursor(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """Lend a cursor to read with: one per request, in one thread at a time.

        It raises StoreError during the moment in which a broken database is reopened.
        """
        return self._database.cursors.lend()

    @property
    def generation(self) -> int:
        """A number that grows with each commit, once the commit is readable."""
        return self._generation

    def wait_newer(self, generation: int, timeout: float) -> int:
        """Block until there is a newer generation or time is up; return the newest."""
        with self._committed:
            self._committed.wait_for(
                lambda: self._generation > generation or self._is_closed, timeout
            )
            return self._generation

    def stats(self) -> StoreStats:
        """Return counts and sizes, without a query to the database."""
        return StoreStats(
            spans=self._database.spans,
            bytes=self._writer.database_bytes,
            max_bytes=self._max_bytes,
            removed_spans=self._database.removed_spans,
            pending_spans=self._journal.pending_items,
        )

    def submit(self, signal: Signal, body: bytes, *, items: int = 0) -> Future[None]:
        """Accept an OTLP export request in protobuf; the future is done once durable.

        `items` is the number of its spans or log records. Raises QueueFullError if too
        much is waiting already.
        """
        return self.submit_parts(signal, [(items, body)])[0]

    def submit_parts(
        self, signal: Signal, parts: Sequence[tuple[int, bytes]]
    ) -> list[Future[None]]:
        """Accept a request in parts, each (items, body): all of them, or none."""
        return self._journal.append(signal, parts)

    def flush(self, timeout: float = 10.0) -> bool:
        """Block until all submitted data is readable; return False if time is up."""
        with self._committed:
            return self._committed.wait_for(
                lambda: self._journal.pending_bytes == 0, timeout
            )

    def close(self) -> None:
        """Refuse new requests, store most of the waiting ones, close the file."""
        with self._committed:
            self._is_closed = True
            self._committed.notify_all()
        self._journal.close()
        self._writer.stop(drain=DRAIN_SECONDS)
        self._database.close()
        self._lock.release()

    def _notify(self) -> None:
        with self._committed:
            self._generation += 1
            self._committed.notify_all()
