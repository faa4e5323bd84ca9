"""The second half of an import: build traces of joined records and send them.

    writer = TraceWriter(FileSink("traces.jsonl"), Report())
    writer.write(groups)
    report = writer.close()

`ProcessWriter` runs a `TraceWriter` in a second process.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tracing_starter_kit.log_reader.joining.operations import Group
from tracing_starter_kit.log_reader.joining.traces import build
from tracing_starter_kit.log_reader.model import Record, Span
from tracing_starter_kit.log_reader.report import Report
from tracing_starter_kit.log_reader.sending.sink import Sink

SAMPLES = 4


class Writer(Protocol):
    """Receives joined records in batches, and returns a report at the end."""

    def write(self, groups: Sequence[Group]) -> None:
        """Write a batch."""

    def close(self) -> Report:
        """Return the report when everything is written."""


class TraceWriter:
    """Builds traces, counts them, and writes them to a sink."""

    def __init__(self, sink: Sink, report: Report, *, samples: int = SAMPLES) -> None:
        """Set the destination.

        Args:
            sink: Receives the spans and the records.
            report: Counts them; may have counts already.
            samples: The number of traces that the report holds for display.
        """
        self._sink = sink
        self._report = report
        self._samples = samples

    def write(self, groups: Sequence[Group]) -> None:
        """Write a batch to the sink."""
        spans: list[Span] = []
        records: list[Record] = []
        for trace in map(build, groups):
            self._report.count(trace)
            if trace.spans:
                self._report.add_sample(trace, self._samples)
            spans += trace.spans
            records += trace.records
        self._sink.write(spans, records)

    def close(self) -> Report:
        """Close the sink, and return the report."""
        self._sink.close()
        self._report.rejected += self._sink.rejected
        return self._report
