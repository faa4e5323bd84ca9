"""The second half of an import: what was joined becomes traces, and goes to a sink.

writer = TraceWriter(FileSink("traces.jsonl"), Report())
writer.write(joined)
report = writer.close()
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tracing_starter_kit.log_reader.joining.operations import Joined
from tracing_starter_kit.log_reader.joining.traces import build
from tracing_starter_kit.log_reader.model import Record, Span
from tracing_starter_kit.log_reader.report import Report
from tracing_starter_kit.log_reader.sending.sink import Sink

SAMPLES = 4


class Writer(Protocol):
    """Takes what was joined, in batches, and gives the account of it at the end."""

    def write(self, joined: Sequence[Joined]) -> None:
        """Take a batch."""

    def close(self) -> Report:
        """Return when all is where it belongs."""


class TraceWriter:
    """Makes traces, counts them, and writes them to a sink."""

    def __init__(self, sink: Sink, report: Report, *, samples: int = SAMPLES) -> None:
        """Set where it goes.

        Args:
            sink: What takes the spans and the records.
            report: What to go on counting in.
            samples: How many traces the report keeps to be shown.
        """
        self._sink = sink
        self._report = report
        self._samples = samples

    def write(self, joined: Sequence[Joined]) -> None:
        """Write a batch to the sink."""
        spans: list[Span] = []
        records: list[Record] = []
        for trace in map(build, joined):
            self._report.count(trace)
            if trace.spans:
                self._report.keep_sample(trace, self._samples)
            spans += trace.spans
            records += trace.records
        self._sink.write(spans, records)

    def close(self) -> Report:
        """Close the sink, and return the report."""
        self._sink.close()
        self._report.rejected += self._sink.rejected
        return self._report
