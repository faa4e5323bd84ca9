"""A writer in a second process, so that half of the work has a second core.

    writer = ProcessWriter(partial(FileSink, "traces.jsonl"))

Making traces and encoding them takes as long as reading and joining. A small log ends
before a process could start, so this process writes the first batches; then the second
process opens the same sink and continues.
"""

from __future__ import annotations

import contextlib
import gc
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from tracing_starter_kit.log_reader.errors import LogReaderError
from tracing_starter_kit.log_reader.joining.operations import Group
from tracing_starter_kit.log_reader.report import Report
from tracing_starter_kit.log_reader.sending.sink import Sink
from tracing_starter_kit.log_reader.sending.writer import SAMPLES, TraceWriter

FIRST_BATCHES = 5
MOST_PENDING = 4

_writer: TraceWriter | None = None  # in the second process


class ProcessWriter:
    """Writes to the sink that `open_sink` opens, at first here, then in a process."""

    def __init__(
        self, open_sink: Callable[[], Sink], *, samples: int = SAMPLES
    ) -> None:
        self._open_sink = open_sink
        self._samples = samples
        self._first: TraceWriter | None = TraceWriter(
            open_sink(), Report(), samples=samples
        )
        self._batches = 0
        self._process: ProcessPoolExecutor | None = None
        self._pending: deque[Future[None]] = deque()

    def write(self, groups: Sequence[Group]) -> None:
        """Write a batch; wait while too many batches are pending.

        Raises:
            LogReaderError: The sink fails, or the process has died.
        """
        self._batches += 1
        if self._first:
            self._first.write(groups)
            if self._batches >= FIRST_BATCHES:
                self._hand_over(self._first)
            return
        with _death_as_error():
            while len(self._pending) >= MOST_PENDING:
                self._pending.popleft().result()
            if self._process:
                self._pending.append(self._process.submit(_write, groups))

    def close(self) -> Report:
        """Return the report when everything is written.

        Raises:
            LogReaderError: As from `write`.
        """
        if self._process is None:
            return self._first.close() if self._first else Report()
        with _death_as_error(), self._process:
            while self._pending:
                self._pending.popleft().result()
            return self._process.submit(_close).result()

    def _hand_over(self, first: TraceWriter) -> None:
        self._first = None
        arguments = (self._open_sink, first.close(), self._samples)
        self._process = ProcessPoolExecutor(
            1, get_context("spawn"), initializer=_open, initargs=arguments
        )


@contextlib.contextmanager
def _death_as_error() -> Iterator[None]:
    try:
        yield
    except BrokenProcessPool:
        raise LogReaderError(
            "The process that writes the traces has died, perhaps because memory ran "
            "out: read the log in parts, or with a smaller --max-open. Lines that are "
            "read twice are stored once."
        ) from None


def _open(open_sink: Callable[[], Sink], report: Report, samples: int) -> None:
    global _writer
    _writer = TraceWriter(open_sink(), report, samples=samples)
    gc.disable()  # no object here is part of a cycle


def _write(groups: Sequence[Group]) -> None:
    assert _writer is not None
    _writer.write(groups)


def _close() -> Report:
    assert _writer is not None
    return _writer.close()
