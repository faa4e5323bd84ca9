"""A writer in a process of its own, so that half of the work has a second core.

    writer = ProcessWriter(partial(FileSink, "traces.jsonl"))

To make traces and to encode them takes as long as to read and to join. A small log is
over before a process has started, so the first batches are written here; then the
process opens the same sink again and goes on.
"""

from __future__ import annotations

import contextlib
import gc
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Final

from tracing_starter_kit.log_reader.errors import LogReaderError
from tracing_starter_kit.log_reader.joining.operations import Joined
from tracing_starter_kit.log_reader.report import Report
from tracing_starter_kit.log_reader.sending.sink import Sink
from tracing_starter_kit.log_reader.sending.writer import SAMPLES, TraceWriter

FIRST_BATCHES: Final = 5
MOST_WAITING: Final = 4

_writer: TraceWriter | None = None  # that of the other process


class ProcessWriter:
    """Writes to what `open_sink` opens: here at first, then in another process."""

    def __init__(
        self, open_sink: Callable[[], Sink], *, samples: int = SAMPLES
    ) -> None:
        self._open_sink = open_sink
        self._samples = samples
        self._first: TraceWriter | None = TraceWriter(
            open_sink(), Report(), samples=samples
        )
        self._written = 0
        self._process: ProcessPoolExecutor | None = None
        self._waiting: deque[Future[None]] = deque()

    def write(self, joined: Sequence[Joined]) -> None:
        """Write a batch; wait while too many are on their way.

        Raises:
            LogReaderError: The sink does not take it, or the process is gone.
        """
        self._written += 1
        if self._first:
            self._first.write(joined)
            if self._written >= FIRST_BATCHES:
                self._hand_over(self._first)
            return
        with _said_where_it_ended():
            while len(self._waiting) >= MOST_WAITING:
                self._waiting.popleft().result()
            if self._process:
                self._waiting.append(self._process.submit(_write, joined))

    def close(self) -> Report:
        """Return the report when all is written.

        Raises:
            LogReaderError: As from `write`.
        """
        if self._process is None:
            return self._first.close() if self._first else Report()
        with _said_where_it_ended(), self._process:
            while self._waiting:
                self._waiting.popleft().result()
            return self._process.submit(_close).result()

    def _hand_over(self, first: TraceWriter) -> None:
        self._first = None
        arguments = (self._open_sink, first.close(), self._samples)
        self._process = ProcessPoolExecutor(
            1, get_context("spawn"), initializer=_open, initargs=arguments
        )


@contextlib.contextmanager
def _said_where_it_ended() -> Iterator[None]:
    try:
        yield
    except BrokenProcessPool:
        raise LogReaderError(
            "The process that writes what was read has ended before its time, perhaps "
            "for want of memory: read the log in parts, or with a smaller --max-open. "
            "What is read twice does not double."
        ) from None


def _open(open_sink: Callable[[], Sink], report: Report, samples: int) -> None:
    global _writer
    _writer = TraceWriter(open_sink(), report, samples=samples)
    gc.disable()  # nothing that is made here refers to itself


def _write(joined: Sequence[Joined]) -> None:
    assert _writer is not None
    _writer.write(joined)


def _close() -> Report:
    assert _writer is not None
    return _writer.close()
