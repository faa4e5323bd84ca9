"""A sink in a process of its own, so that encoding has a second core.

    sink = ProcessSink(partial(EndpointSink, "http://127.0.0.1:4318"))

Of what a large log costs nearly half is encoding. A small one is over before a process
has started, so the first batches are written here; then the process opens the same sink
again and goes on.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from typing import Final

from log_reader.model import Record, Span
from log_reader.sending.sink import Sink

FIRST_BATCHES: Final = 5
MOST_WAITING: Final = 4

_sink: Sink | None = None  # that of the other process


class ProcessSink:
    """Writes to what `open_sink` opens: here at first, then in another process."""

    def __init__(self, open_sink: Callable[[], Sink]) -> None:
        self.rejected = 0
        self._open_sink = open_sink
        self._first: Sink | None = open_sink()
        self._written = 0
        self._process: ProcessPoolExecutor | None = None
        self._waiting: deque[Future[None]] = deque()

    def write(self, spans: Sequence[Span], records: Sequence[Record]) -> None:
        """Write a batch; wait while too many are on their way."""
        self._written += 1
        if self._first:
            self._first.write(spans, records)
            if self._written >= FIRST_BATCHES:
                self._hand_over(self._first)
            return
        while len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft().result()
        if self._process:
            self._waiting.append(self._process.submit(_write, spans, records))

    def close(self) -> None:
        """Return when all is written."""
        if self._first:
            self._close(self._first)
        if self._process:
            with self._process:
                while self._waiting:
                    self._waiting.popleft().result()
                self.rejected += self._process.submit(_close).result()

    def _hand_over(self, first: Sink) -> None:
        self._close(first)
        self._first = None
        self._process = ProcessPoolExecutor(
            1, get_context("spawn"), initializer=_open, initargs=(self._open_sink,)
        )

    def _close(self, sink: Sink) -> None:
        sink.close()
        self.rejected += sink.rejected


def _open(open_sink: Callable[[], Sink]) -> None:
    global _sink
    _sink = open_sink()
    gc.disable()  # nothing that is made here refers to itself


def _write(spans: Sequence[Span], records: Sequence[Record]) -> None:
    assert _sink is not None
    _sink.write(spans, records)


def _close() -> int:
    assert _sink is not None
    _sink.close()
    return _sink.rejected
