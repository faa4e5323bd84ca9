"""Where traces go: what `import_logs` writes to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tracing_starter_kit.log_reader.model import Record, Span


class Sink(Protocol):
    """Takes spans and records in batches; `rejected` counts what was not taken."""

    rejected: int

    def write(self, spans: Sequence[Span], records: Sequence[Record]) -> None:
        """Take a batch; either may be empty."""

    def close(self) -> None:
        """Return when all is where it belongs."""
