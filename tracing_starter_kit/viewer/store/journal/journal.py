"""The journal: a queue on disk that makes a request durable before it is answered.

    durable = journal.append("traces", [(items, body)])   # any thread
    durable[0].result()                                   # on disk: now answer
    records = journal.read(limit)                         # the writer's thread
    journal.release(records)                              # they are in the database

One thread writes all requests that arrived since its last write, and syncs the file
once for all of them. The store's writer reads the records back from the files: waiting
requests take disk, not memory.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import NamedTuple

from tracing_starter_kit.viewer.store.errors import QueueFullError, StoreError
from tracing_starter_kit.viewer.store.journal.segment_writer import SegmentWriter
from tracing_starter_kit.viewer.store.journal.segments import (
    Position,
    Record,
    Segments,
    Signal,
    frame,
)


class _Request(NamedTuple):
    """A request, or a part of one, that is not on disk yet."""

    signal: Signal
    items: int
    body: bytes
    durable: Future[None]


class Journal:
    """A queue of requests on disk; many threads append, one reads."""

    def __init__(
        self, segments: Segments, *, start: Position, max_pending: int
    ) -> None:
        self._segments = segments
        self._max_pending = max_pending
        self._changed = threading.Condition()
        self._unwritten: list[_Request] = []
        self._is_closed = False
        self._next_read = start
        self._remove_before(start.segment)
        self.pending_bytes = self.pending_items = 0
        for record in self._records(Position(sys.maxsize, 0)):  # of an earlier run
            self._count(len(record.body), record.items)
        newest = max([start.segment, *segments.numbers()])
        self._file = SegmentWriter(segments, newest + 1)
        self._written_end = self._file.end
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def append(
        self, signal: Signal, parts: Sequence[tuple[int, bytes]]
    ) -> list[Future[None]]:
        """Queue all parts of a request, each (items, body), or none.

        Each part's future is done once it is on disk. Raises QueueFullError.
        """
        requests = [
            _Request(signal, items, body, _running_future()) for items, body in parts
        ]
        with self._changed:
            self._check_room(sum(len(body) for _, body in parts))
            for items, body in parts:
                self._count(len(body), items)
            self._unwritten += requests
            self._changed.notify_all()
        return [request.durable for request in requests]

    def read(self, limit: int) -> list[Record]:
        """Wait for records and return about `limit` bytes of them; [] once closed."""
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._is_closed or self._next_read < self._written_end
                )
                end = self._written_end
            records = self._read_until(end, limit)
            if records or (self._is_closed and self._next_read >= self._written_end):
                return records

    def release(self, records: Sequence[Record]) -> None:
        """Forget records that are in the database, and remove their segments."""
        with self._changed:
            for record in records:
                self._count(-len(record.body), -record.items)
            self._changed.notify_all()
        self._remove_before(records[-1].end.segment)

    def close(self) -> None:
        """Write the queued requests, then accept no more."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        self._thread.join()
        self._file.close()

    def _check_room(self, size: int) -> None:
        if self._is_closed:
            raise QueueFullError("The viewer is being stopped: send it again later.")
        # A request that is larger than the whole queue may pass when it is alone.
        if self.pending_bytes and self.pending_bytes + size > self._max_pending:
            raise QueueFullError(
                f"{self.pending_items} items are waiting to be stored, "
                f"{self.pending_bytes} bytes: send it again in a second."
            )

    def _count(self, size: int, items: int) -> None:
        self.pending_bytes += size
        self.pending_items += items

    def _read_until(self, end: Position, limit: int) -> list[Record]:
        records: list[Record] = []
        for record in self._records(end):
            records.append(record)
            self._next_read = record.end
            limit -= len(record.body)
            if limit <= 0:
                return records
        self._next_read = end
        return records

    def _records(self, end: Position) -> Iterator[Record]:
        """Yield the records from `_next_read` to `end`, across the segments."""
        first = self._next_read
        for number in self._segments.numbers():
            if first.segment <= number <= end.segment:
                start = first if number == first.segment else Position(number, 0)
                last = end if number == end.segment else None
                yield from self._segments.read(start, last)

    def _remove_before(self, number: int) -> None:
        for older in self._segments.numbers():
            if older < number:
                with suppress(OSError):  # tried again with the next batch
                    self._segments.remove(older)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._is_closed or self._unwritten)
                requests, self._unwritten = self._unwritten, []
            if not requests:
                return
            try:
                self._write(requests)
            except OSError as error:
                self._fail(requests, error)

    def _write(self, requests: Sequence[_Request]) -> None:
        pairs = [(frame(r.signal, r.items, r.body), r.body) for r in requests]
        end = self._file.append(b"".join(part for pair in pairs for part in pair))
        with self._changed:
            self._written_end = end
            self._changed.notify_all()
        for request in requests:
            request.durable.set_result(None)

    def _fail(self, requests: Sequence[_Request], error: OSError) -> None:
        """Report to the senders that nothing of their requests is on disk."""
        reason = StoreError(
            f"The viewer cannot write its journal ({error}): free some disk space."
        )
        for request in requests:
            with self._changed:
                self._count(-len(request.body), -request.items)
            request.durable.set_exception(reason)


def _running_future() -> Future[None]:
    future: Future[None] = Future()
    future.set_running_or_notify_cancel()  # a sender that disconnects cannot cancel it
    return future
