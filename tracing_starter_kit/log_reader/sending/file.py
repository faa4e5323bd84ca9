"""Write OTLP/JSON lines to a file, as the Collector's file exporter does.

    sink = FileSink("traces.jsonl")       # appends
    sink.write(spans, records)
    sink.close()

`-` is standard output.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, TextIO

from tracing_starter_kit.log_reader.errors import LogReaderError
from tracing_starter_kit.log_reader.model import Record, Span
from tracing_starter_kit.log_reader.sending.otlp_json import (
    Json,
    records_json,
    spans_json,
)


def start_file(path: str, *, keep: Sequence[str] = ()) -> None:
    """Empty the file in place, since it may be a device or a link.

    Raises:
        LogReaderError: It cannot be written, or is one of the files to keep.
    """
    if any(Path(other).exists() and _is_same(path, other) for other in keep):
        raise LogReaderError(
            f"{path} is the log itself and would be overwritten: name another --output."
        )
    with _open(path, "w"):
        pass


class FileSink:
    """Writes each batch as one line of spans and one of records."""

    def __init__(self, path: str) -> None:
        """Open the file.

        Raises:
            LogReaderError: It cannot be written.
        """
        self.rejected = 0
        self._path = path
        self._file = sys.stdout if path == "-" else _open(path, "a")

    def write(self, spans: Sequence[Span], records: Sequence[Record]) -> None:
        """Write a batch.

        Raises:
            LogReaderError: It cannot be written.
        """
        with _failure_as_error(self._path):
            if spans:
                self._line(spans_json(spans))
            if records:
                self._line(records_json(records, time.time_ns()))

    def close(self) -> None:
        """Flush and close the file; standard output stays open.

        Raises:
            LogReaderError: It cannot be written, for example because the disk is full.
        """
        with _failure_as_error(self._path):
            if self._file is sys.stdout:
                self._file.flush()
            else:
                self._file.close()

    def _line(self, request: Json) -> None:
        # In ASCII, with escapes, which every encoding of the machine accepts.
        self._file.write(json.dumps(request, separators=(",", ":")) + "\n")


def _open(path: str, mode: Literal["w", "a"]) -> TextIO:
    with _failure_as_error(path):
        return open(path, mode, encoding="ascii")  # noqa: PTH123


@contextlib.contextmanager
def _failure_as_error(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if path == "-":
            raise  # a closed pipe, which the command handles
        raise LogReaderError(
            f"{path} cannot be written: {error.strerror}. Name another --output."
        ) from None


def _is_same(path: str, other: str) -> bool:
    return Path(path).exists() and Path(path).samefile(other)
