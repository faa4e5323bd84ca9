"""The cursors that readers have, so that the file can be closed under nobody's hands.

cursors = Cursors()
cursors.lend_from(connection)
with cursors.lend() as cursor: cursor.execute("SELECT …")
cursors.call_in()                         # waits for all of them
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import duckdb

from tracing_starter_kit.viewer.store.errors import StoreError

__all__ = ["Cursors"]

BEING_OPENED: Final = "The database is being opened again; ask in a moment."


class Cursors:
    """Lends the cursors of one connection, which may be exchanged."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._lent = 0

    def lend_from(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Lend cursors of this connection from now on."""
        with self._changed:
            self._connection = connection

    def call_in(self) -> None:
        """Lend no more, and wait until all that are out are back."""
        with self._changed:
            self._connection = None
            self._changed.wait_for(lambda: self._lent == 0)

    @contextmanager
    def lend(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend a cursor; raise StoreError while there is nothing to read."""
        with self._changed:
            if self._connection is None:
                raise StoreError(BEING_OPENED)
            cursor = self._connection.cursor()
            self._lent += 1
        try:
            yield cursor
        except duckdb.FatalException as error:  # the writer will notice, too
            raise StoreError(BEING_OPENED) from error
        finally:
            cursor.close()
            with self._changed:
                self._lent -= 1
                self._changed.notify_all()
