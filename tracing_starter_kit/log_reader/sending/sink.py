"""The protocol of a destination for spans and records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tracing_starter_kit.log_reader.model import Record, Span


class Sink(Protocol):
    """Receives spans and records in batches; `rejected` counts rejected ones."""

    rejected: int

    def write(self, spans: Sequence[Span], records: Sequence[Record]) -> None:
        """Write a batch; both sequences may be empty."""

    def close(self) -> None:
        """Return when everything is written."""
