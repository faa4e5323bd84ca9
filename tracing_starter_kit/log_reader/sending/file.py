"""OTLP/JSON lines in a file, as the Collector's file exporter writes them.

    sink = FileSink("traces.jsonl")       # goes on with what is there
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
    """Empty the file, in place: it may be a device or a link, and stays what it is.

    Raises:
        LogReaderError: It cannot be written, or is one of those to keep.
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
        with contextlib.nullcontext() if self._path == "-" else _said(self._path):
            if spans:
                self._line(spans_json(spans))
            if records:
                self._line(records_json(records, time.time_ns()))

    def close(self) -> None:
        """Bring everything to the file.

        Raises:
            LogReaderError: It cannot be written: there is no room, perhaps.
        """
        if self._file is sys.stdout:
            self._file.flush()
            return
        with _said(self._path):
            self._file.close()

    def _line(self, request: Json) -> None:
        # ASCII, with escapes, whatever encoding the machine has.
        self._file.write(json.dumps(request, separators=(",", ":")) + "\n")


def _open(path: str, mode: Literal["w", "a"]) -> TextIO:
    with _said(path):
        return open(path, mode, encoding="ascii")  # noqa: PTH123


@contextlib.contextmanager
def _said(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LogReaderError(
            f"{path} cannot be written: {error.strerror}. Name another --output."
        ) from None


def _is_same(path: str, other: str) -> bool:
    return Path(path).exists() and Path(path).samefile(other)
