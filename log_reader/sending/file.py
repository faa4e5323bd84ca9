"""OTLP/JSON lines in a file, as the Collector's file exporter writes them.

with FileSink(Path("traces.jsonl").open("w")) as sink: ...
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import TextIO

from log_reader.model import Record, Span
from log_reader.sending.otlp_json import Json, records_json, spans_json


class FileSink:
    """Writes each batch as one line of spans and one of records."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, spans: Sequence[Span], records: Sequence[Record]) -> None:
        """Write a batch."""
        if spans:
            self._line(spans_json(spans))
        if records:
            self._line(records_json(records, time.time_ns()))

    def close(self) -> None:
        """Bring everything to the file."""
        self._file.flush()

    def _line(self, request: Json) -> None:
        text = json.dumps(request, ensure_ascii=False, separators=(",", ":"))
        self._file.write(text + "\n")
