"""The readers' cursors, counted: the connection closes only when none is in use.

    cursors.attach(connection)
    with cursors.lend() as cursor:            # any thread
        cursor.execute("SELECT …")
    cursors.detach()                          # returns when no cursor is in use
    connection.close()

The connection is replaced when the database must be opened again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from tracing_starter_kit.viewer.store.errors import StoreError

REOPENING = "The viewer's database is being reopened: try again in a moment."


class Cursors:
    """Lends cursors of one connection, which can be replaced by another."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._in_use = 0

    def attach(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Lend cursors of this connection from now on."""
        with self._changed:
            self._connection = connection

    def detach(self) -> None:
        """Lend no more cursors, and wait until all of them are returned."""
        with self._changed:
            self._connection = None
            self._changed.wait_for(lambda: self._in_use == 0)

    @contextmanager
    def lend(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend a cursor; raise StoreError while no connection is attached."""
        with self._changed:
            if self._connection is None:
                raise StoreError(REOPENING)
            cursor = self._connection.cursor()
            self._in_use += 1
        try:
            yield cursor
        except duckdb.FatalException as error:  # the writer gets it too, and reopens
            raise StoreError(REOPENING) from error
        finally:
            cursor.close()
            with self._changed:
                self._in_use -= 1
                self._changed.notify_all()
