"""The writer: one thread that moves the journal's records into the database.

It takes what is there, as soon as it is there: a single order's spans are readable
within some 50 ms. Under load more comes together while a batch is being stored, so
batches grow by themselves, up to BATCH_BYTES; PAUSE keeps a slow trickle from making a
commit of each span.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Final

import duckdb

from tracing_starter_kit.viewer.store.batch import Batch
from tracing_starter_kit.viewer.store.database import Database
from tracing_starter_kit.viewer.store.errors import StoreError, UnfitError
from tracing_starter_kit.viewer.store.journal.journal import Journal
from tracing_starter_kit.viewer.store.journal.segments import Record
from tracing_starter_kit.viewer.store.rows.decoding_process import Decoder

__all__ = ["Writer"]

log = logging.getLogger(__name__)

BATCH_BYTES: Final = 4 << 20  # of requests: some 10,000 spans
PAUSE: Final = 0.05  # seconds between the beginnings of two small batches
AHEAD: Final = 2  # batches that are decoded while another one is stored
RETRY: Final = 1.0  # seconds until a disk that was full is tried again
FULL: Final = 0.8  # of the size limit; the rest is room for DuckDB to rewrite in
REMOVED_AT_ONCE: Final = 0.1


class Writer:
    """Drains the journal until it is closed."""

    def __init__(
        self,
        journal: Journal,
        database: Database,
        *,
        max_bytes: int,
        refused: Path,
        on_commit: Callable[[], None],
    ) -> None:
        self._journal = journal
        self._database = database
        self._max_bytes = max_bytes
        self._limit = min(BATCH_BYTES, max_bytes // 32)
        self._read_at = 0.0
        self._said = ""
        self._refused = refused
        self._on_commit = on_commit
        self._decoder = Decoder()
        self._stop = threading.Event()
        self.size = database.size()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def stop(self, *, drain: float) -> None:
        """Store what is left for `drain` seconds; more than that stays in the journal.

        The journal has to be closed before.
        """
        self._thread.join(drain)
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        # The next batches are decoded while DuckDB stores this one.
        with closing(self._decoder), ThreadPoolExecutor(1, "reader") as reader:
            ahead = deque(reader.submit(self._read) for _ in range(AHEAD))
            while records := (batch := ahead.popleft().result()).records:
                ahead.append(reader.submit(self._read))
                if not self._store(batch):
                    return
                self._journal.release(records)
                self._keep_within_limit()
                self._on_commit()

    def _read(self) -> Batch:
        """Wait for records, a little longer after a small batch, and decode them."""
        self._stop.wait(self._read_at - time.monotonic())
        records = self._journal.read(self._limit)
        full = sum(len(record.body) for record in records) >= self._limit
        self._read_at = time.monotonic() + (0 if full else PAUSE)
        return Batch(records, self._decoder.decode)

    def _store(self, batch: Batch) -> bool:
        """Store the records, one by one if together they are unfit; False: stopped."""
        while self._mend():
            try:
                self._database.insert(batch)
            except UnfitError as error:  # one must not block the others
                if len(batch.records) > 1:
                    return all(self._store(Batch([one])) for one in batch.records)
                if self._mend() and self._set_aside(batch.records[0], error):
                    return True
            except Exception as error:  # noqa: BLE001  # the records stay where they are
                self._say(error)
                self._mend()
                self._stop.wait(RETRY)
            else:
                self._said = ""
                return True
        return False

    def _mend(self) -> bool:
        """Open the database again if it is broken; False: stopped."""
        while self._database.broken and not self._stop.is_set():
            try:
                self._database.reopen()
            except StoreError as error:
                self._wait_after(error)
        return not self._stop.is_set()

    def _set_aside(self, record: Record, error: Exception) -> bool:
        """Keep a request that cannot be stored in a file of its own."""
        end = record.end
        kept = self._refused / f"{record.signal}-{end.segment}-{end.offset}.pb"
        try:
            self._refused.mkdir(exist_ok=True)
            kept.write_bytes(record.body)
            self._database.skip(record)
        except (OSError, duckdb.Error) as problem:
            self._wait_after(problem)
            return False
        log.error(
            "A request of %d %s cannot be stored (%s); please report it with the file "
            "%s, which holds it.",
            record.items,
            record.signal,
            error,
            kept,
        )
        return True

    def _wait_after(self, error: Exception) -> None:
        self._say(error)
        self._stop.wait(RETRY)

    def _say(self, error: Exception) -> None:
        if self._said != (text := str(error)):  # once, not every second
            log.error("The viewer cannot write what it has received: %s", text)
        self._said = text

    def _keep_within_limit(self) -> None:
        try:
            self.size = self._database.size()
            if self.size > FULL * self._max_bytes:
                self._database.remove_oldest(REMOVED_AT_ONCE)
                self.size = self._database.size()
        except duckdb.Error:  # the next batch tries it again
            log.exception("The oldest spans cannot be removed from the database.")
            self._mend()
