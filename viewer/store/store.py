"""The store as the rest of the viewer sees it.

store = Store.open(Path("data"))
store.submit("traces", body).result()      # durable
store.flush()                              # readable
with store.cursor() as cursor: cursor.execute("SELECT …")
"""

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

import duckdb

__all__ = ["Signal", "Store", "StoreStats"]

Signal = Literal["traces", "logs"]


@dataclass(frozen=True, kw_only=True)
class StoreStats:
    """What the store holds, and what is on its way into it."""

    spans: int
    bytes: int
    max_bytes: int
    removed_spans: int
    pending_spans: int


class Store:
    """One DuckDB file behind a journal; any number of threads may use it."""

    @classmethod
    def open(cls, data: Path, *, max_bytes: int = 1 << 30) -> Self:
        """Open the store in the folder `data`; raise StoreError if it cannot be."""
        raise NotImplementedError

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend a cursor to read with; one per request, in one thread at a time."""
        raise NotImplementedError
        yield

    @property
    def generation(self) -> int:
        """Grows by each commit: a reader who has seen it has seen all before it."""
        raise NotImplementedError

    def wait_newer(self, generation: int, timeout: float) -> int:
        """Block until there is a newer generation, or the time is over; return it."""
        raise NotImplementedError

    def stats(self) -> StoreStats:
        """Return counts and sizes, without a query."""
        raise NotImplementedError

    def submit(self, signal: Signal, body: bytes) -> Future[None]:
        """Take an OTLP export request in protobuf; the future is done once durable.

        Raises QueueFullError where too much is waiting already.
        """
        raise NotImplementedError

    def flush(self, timeout: float = 10.0) -> bool:
        """Block until what was submitted before is readable; False: out of time."""
        raise NotImplementedError

    def close(self) -> None:
        """Put what is waiting into the database and close it."""
        raise NotImplementedError
