"""The store as queries see it, and the SQL statements of this package.

    with reader.cursor() as cursor:
        cursor.execute(statement("trace"), {"trace_ids": [trace_id]})

`viewer.store.Store` is a Reader; in a test another class can be one.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from typing import Protocol

import duckdb

from tracing_starter_kit.viewer.store.store import StoreStats

Cursor = duckdb.DuckDBPyConnection


class Reader(Protocol):
    """A store that can be read from any thread."""

    @property
    def generation(self) -> int:
        """A number that grows with every commit."""

    def cursor(self) -> AbstractContextManager[Cursor]:
        """Open a cursor for one thread's reads."""

    def wait_newer(self, generation: int, timeout: float) -> int:
        """Block until there is a newer generation or time is up; return the newest."""

    def stats(self) -> StoreStats:
        """Return the store's counts and sizes."""


@cache
def statement(name: str) -> str:
    """Return the text of `sql/NAME.sql`."""
    return (Path(__file__).parent / "sql" / f"{name}.sql").read_text("utf-8")
