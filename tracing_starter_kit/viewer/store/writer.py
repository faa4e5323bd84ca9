"""The writer: one thread that moves requests from the journal into the database.

A request is the body of one OTLP export; the journal has it as a record. `batch_reader`
reads and decodes the next batches; the writer inserts them one by one. A request stays
in the journal until the database has it, so no failure loses one. The database stores
its position in the journal with each batch, so no retry stores a request twice.

- On an error such as a full disk the writer tries the same batch every second.
- If the error broke the connection to DuckDB, it opens the database again first.
- If the data is at fault, it stores the requests of the batch one by one, and writes
  the unstorable one to a file in the folder `refused`.

After each batch it removes the oldest spans and log records if the database has become
too large.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb

from tracing_starter_kit.viewer.store.batch import Batch
from tracing_starter_kit.viewer.store.batch_reader import read_batches
from tracing_starter_kit.viewer.store.database import Database
from tracing_starter_kit.viewer.store.errors import StoreError, UnstorableError
from tracing_starter_kit.viewer.store.journal.journal import Journal
from tracing_starter_kit.viewer.store.journal.segments import Record

log = logging.getLogger(__name__)

BATCH_BYTES = 4 << 20  # of requests: some 10,000 spans
RETRY_SECONDS = 1.0
# The share of `max_bytes` above which the oldest rows are removed. DuckDB needs the
# other part while it removes them.
FULL_SHARE = 0.8
REMOVED_SHARE = 0.1  # of all spans and log records, each time


class Writer:
    """Stores the journal's requests: starts at once, and ends with `stop`."""

    def __init__(
        self,
        journal: Journal,
        database: Database,
        *,
        max_bytes: int,
        refused_folder: Path,
        on_commit: Callable[[], None],
    ) -> None:
        self._journal = journal
        self._database = database
        self._max_bytes = max_bytes
        # A batch must be small compared with the limit, which may be low.
        self._batch_bytes = min(BATCH_BYTES, max_bytes // 32)
        self._refused_folder = refused_folder
        self._on_commit = on_commit
        self._stopping = threading.Event()
        self._last_error = ""
        self.database_bytes = database.size()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def stop(self, *, drain: float) -> None:
        """End once all requests are stored, or after `drain` seconds.

        Close the journal first: at its end the thread ends by itself. Requests that are
        not stored by then stay in the journal for the next start.
        """
        self._thread.join(drain)
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        batches = read_batches(
            self._journal, batch_bytes=self._batch_bytes, stopping=self._stopping
        )
        with closing(batches):
            for batch in batches:
                if not self._store(batch):
                    return
                self._journal.release(batch.records)
                self._keep_within_limit()
                self._on_commit()

    def _store(self, batch: Batch) -> bool:
        """Store a batch, and retry until it works; return False if stopped."""
        while self._reopen_if_broken():
            try:
                self._database.insert(batch)
            except UnstorableError as error:
                if self._isolate(batch, error):
                    return True
            except Exception as error:  # noqa: BLE001  # the journal has the records
                self._log_error(error)
                self._reopen_if_broken()  # now, because readers need the database too
                self._stopping.wait(RETRY_SECONDS)
            else:
                self._last_error = ""
                return True
        return False

    def _isolate(self, batch: Batch, error: UnstorableError) -> bool:
        """Store the requests of a failed batch one by one; set a single one aside.

        Return False if the writer was stopped, or if the file cannot be written now.
        """
        if len(batch.records) > 1:
            return all(self._store(Batch([record])) for record in batch.records)
        return self._reopen_if_broken() and self._set_aside(batch.records[0], error)

    def _reopen_if_broken(self) -> bool:
        """Open a broken database, and retry until it works; return False if stopped."""
        while self._database.is_broken and not self._stopping.is_set():
            try:
                self._database.reopen()
            except StoreError as error:
                self._log_error(error)
                self._stopping.wait(RETRY_SECONDS)
        return not self._stopping.is_set()

    def _set_aside(self, record: Record, error: UnstorableError) -> bool:
        """Write an unstorable request to a file; return False if that fails."""
        end = record.end
        file = self._refused_folder / f"{record.signal}-{end.segment}-{end.offset}.pb"
        try:
            self._refused_folder.mkdir(exist_ok=True)
            file.write_bytes(record.body)
            self._database.skip(record)
        except (OSError, duckdb.Error) as problem:
            self._log_error(problem)
            self._stopping.wait(RETRY_SECONDS)
            return False
        log.error(
            "A request of %d %s cannot be stored (%s); please report it with the file "
            "%s, which holds it.",
            record.items,
            record.signal,
            error,
            file,
        )
        return True

    def _log_error(self, error: Exception) -> None:
        """Log why the writer waits: once, not at every try."""
        text = str(error)
        if text != self._last_error:
            log.error("The viewer cannot store spans now and keeps trying: %s", text)
        self._last_error = text

    def _keep_within_limit(self) -> None:
        try:
            self.database_bytes = self._database.size()
            if self.database_bytes > FULL_SHARE * self._max_bytes:
                self._database.remove_oldest(REMOVED_SHARE)
                self.database_bytes = self._database.size()
        except duckdb.Error:  # tried again after the next batch
            log.exception("The oldest spans cannot be removed from the database.")
            self._reopen_if_broken()
