"""Read the journal as batches, decoded ahead of the writer.

    for batch in read_batches(journal, batch_bytes=4 << 20, stopping=event):
        database.insert(batch)

While DuckDB inserts one batch, a thread of this module decodes the next two. A batch
holds all requests that arrived since the one before, up to `batch_bytes`: so batches
grow with the load, and a single span is stored at once.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from tracing_starter_kit.viewer.store.batch import Batch
from tracing_starter_kit.viewer.store.journal.journal import Journal
from tracing_starter_kit.viewer.store.rows.decoding_process import Decoder

READ_AHEAD = 2  # batches
# Seconds between the beginnings of two batches that are not full: without it a slow
# trickle of spans would make one commit of each.
PAUSE = 0.05


def read_batches(
    journal: Journal, *, batch_bytes: int, stopping: threading.Event
) -> Generator[Batch]:
    """Yield batches until the journal is closed and read to its end."""
    with (
        closing(Decoder()) as decoder,
        ThreadPoolExecutor(1, "batch-reader") as thread,
    ):
        reader = _Reader(journal, decoder, batch_bytes, stopping)
        ahead = deque(thread.submit(reader.read) for _ in range(READ_AHEAD))
        while (batch := ahead.popleft().result()).records:
            ahead.append(thread.submit(reader.read))
            yield batch


class _Reader:
    """Reads and decodes one batch at a time; all its calls come from one thread."""

    def __init__(
        self,
        journal: Journal,
        decoder: Decoder,
        batch_bytes: int,
        stopping: threading.Event,
    ) -> None:
        self._journal = journal
        self._decoder = decoder
        self._batch_bytes = batch_bytes
        self._stopping = stopping
        self._next_read = 0.0  # time.monotonic() before which `read` waits

    def read(self) -> Batch:
        """Wait for records and decode them; no records: the journal is closed."""
        self._stopping.wait(self._next_read - time.monotonic())
        records = self._journal.read(self._batch_bytes)
        is_full = sum(len(record.body) for record in records) >= self._batch_bytes
        self._next_read = time.monotonic() + (0 if is_full else PAUSE)
        return Batch(records, self._decoder.decode)
