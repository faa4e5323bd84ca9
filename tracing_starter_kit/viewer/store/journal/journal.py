"""The journal: what makes a request durable before it is answered, and the queue.

    durable = journal.append("traces", [(items, body)])
    durable[0].result()                               # on disk
    records = journal.read(limit)                     # the writer's side
    journal.release(records)                          # they are in the database

One thread writes what has come together since its last write and calls fdatasync once
for all of it (0.2 ms for a small request, 0.9 ms for a megabyte, measured on a cloud
disk), so an answer survives a power cut too. The writer reads the records back from
the files: what waits costs disk, not memory.
"""

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Final

from tracing_starter_kit.viewer.store.errors import QueueFullError, StoreError
from tracing_starter_kit.viewer.store.journal.segments import (
    Position,
    Record,
    Segments,
    Signal,
    frame,
)

__all__ = ["Journal"]

SEGMENT_BYTES: Final = 32 << 20
# macOS has no fdatasync; its fsync leaves the disk's own cache alone, as usual there.
_sync: Final[Callable[[int], None]] = getattr(os, "fdatasync", os.fsync)

_Waiting = tuple[Signal, int, bytes, Future[None]]


class Journal:
    """A queue of requests on disk; many threads append, one reads."""

    def __init__(
        self, segments: Segments, *, start: Position, max_pending: int
    ) -> None:
        self._segments = segments
        self._max_pending = max_pending
        self._changed = threading.Condition()
        self._waiting: list[_Waiting] = []
        self._closed = False
        self._next = start
        self._drop_before(start.segment)
        self.pending_bytes, self.pending_items = self._count()
        newest = max([start.segment, *segments.numbers()])
        self._written = Position(newest + 1, 0)
        self._file = segments.create(self._written.segment)
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def append(
        self, signal: Signal, parts: Sequence[tuple[int, bytes]]
    ) -> list[Future[None]]:
        """Take all parts of a request, or none; each future is done once it is on disk.

        A part is the number of its items and a body.
        """
        taken = [(signal, items, body, _new_future()) for items, body in parts]
        with self._changed:
            self._check_room(sum(len(body) for _, body in parts))
            for items, body in parts:
                self._count_in(len(body), items)
            self._waiting += taken
            self._changed.notify_all()
        return [durable for *_, durable in taken]

    def read(self, limit: int) -> list[Record]:
        """Wait for records and return about `limit` bytes of them; [] once closed."""
        while True:
            with self._changed:
                self._changed.wait_for(self._has_news)
                end = self._written
            found = self._read_until(end, limit)
            if found or (self._closed and self._next >= self._written):
                return found

    def _has_news(self) -> bool:
        return self._closed or self._next < self._written

    def _read_until(self, end: Position, limit: int) -> list[Record]:
        found: list[Record] = []
        for record in self._records(end):
            found.append(record)
            self._next = record.end
            limit -= len(record.body)
            if limit <= 0:
                return found
        self._next = end
        return found

    def release(self, records: Sequence[Record]) -> None:
        """Forget records that are in the database."""
        with self._changed:
            size = sum(len(record.body) for record in records)
            self._count_in(-size, -sum(record.items for record in records))
            self._changed.notify_all()
        self._drop_before(records[-1].end.segment)

    def close(self) -> None:
        """Write what is waiting, then take no more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()
        self._file.close()

    def _check_room(self, size: int) -> None:
        if self._closed:
            raise QueueFullError("The viewer is being stopped; send it again later.")
        # A request that is larger than the whole queue may pass when it is alone.
        if self.pending_bytes and self.pending_bytes + size > self._max_pending:
            raise QueueFullError(
                f"{self.pending_items} items are waiting to be stored, "
                f"{self.pending_bytes} bytes; send it again in a second."
            )

    def _count_in(self, size: int, items: int) -> None:
        self.pending_bytes += size
        self.pending_items += items

    def _count(self) -> tuple[int, int]:
        """Return the bytes and items that an earlier run left to be stored."""
        sizes = [
            (len(record.body), record.items)
            for record in self._records(Position(sys.maxsize, 0))
        ]
        return sum(size for size, _ in sizes), sum(items for _, items in sizes)

    def _records(self, end: Position) -> Iterator[Record]:
        for number in self._segments.numbers():
            if self._next.segment <= number <= end.segment:
                first = self._next.segment == number
                start = self._next if first else Position(number, 0)
                last = end if end.segment == number else None
                yield from self._segments.read(start, last)

    def _drop_before(self, segment: int) -> None:
        for number in self._segments.numbers():
            if number < segment:
                with suppress(OSError):  # it is tried again with the next batch
                    self._segments.remove(number)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._waiting)
                batch, self._waiting = self._waiting, []
            if not batch:
                return
            try:
                self._write(batch)
            except OSError as error:
                self._refuse(batch, error)

    def _write(self, batch: Sequence[_Waiting]) -> None:
        if self._written.offset >= SEGMENT_BYTES:
            self._start_segment()
        parts = [(frame(signal, size, body), body) for signal, size, body, _ in batch]
        unwritten = memoryview(b"".join(part for pair in parts for part in pair))
        end = self._written.offset + len(unwritten)
        while unwritten:
            unwritten = unwritten[self._file.write(unwritten) or 0 :]
        _sync(self._file.fileno())
        with self._changed:
            self._written = Position(self._written.segment, end)
            self._changed.notify_all()
        for *_, durable in batch:
            durable.set_result(None)

    def _start_segment(self) -> None:
        number = self._written.segment + 1
        full, self._file = self._file, self._segments.create(number)
        full.close()
        with self._changed:
            self._written = Position(number, 0)

    def _refuse(self, batch: Sequence[_Waiting], error: OSError) -> None:
        """Tell the senders, and take back what was written of it."""
        self._file.seek(self._written.offset)
        with suppress(OSError):  # then a later write covers it
            self._file.truncate()
        reason = StoreError(
            f"The viewer cannot write its journal ({error}); free space."
        )
        for _, items, body, durable in batch:
            durable.set_exception(reason)
            with self._changed:
                self._count_in(-len(body), -items)


def _new_future() -> Future[None]:
    durable: Future[None] = Future()
    durable.set_running_or_notify_cancel()  # a sender who leaves cancels nothing
    return durable
