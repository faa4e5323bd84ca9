"""Turn log files into traces, from reading to sending, and report the result.

    writer = TraceWriter(FileSink("traces.jsonl"), Report())
    report = import_logs(open_sources(["app.log"]), writer, Options())
    print(report.lines, report.traces)

The one module that names all layers; it contains no format and no OTLP.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo

from tracing_starter_kit.log_reader.errors import LogReaderError
from tracing_starter_kit.log_reader.formats.own_pattern import compile_pattern
from tracing_starter_kit.log_reader.formats.recogniser import Recogniser
from tracing_starter_kit.log_reader.formats.times import Clock
from tracing_starter_kit.log_reader.joining.ids import Ids
from tracing_starter_kit.log_reader.joining.joiner import MOST_OPEN, Joiner
from tracing_starter_kit.log_reader.joining.operations import Group, records_in
from tracing_starter_kit.log_reader.joining.traces import build
from tracing_starter_kit.log_reader.joining.vocabulary import Event, Vocabulary
from tracing_starter_kit.log_reader.model import Trace
from tracing_starter_kit.log_reader.reading.merge import merge_by_time
from tracing_starter_kit.log_reader.reading.records import read_records
from tracing_starter_kit.log_reader.reading.sources import Source
from tracing_starter_kit.log_reader.report import Report
from tracing_starter_kit.log_reader.sending.writer import Writer

BATCH = 1000  # records written together, with their spans


@dataclass(frozen=True, kw_only=True)
class Options:
    """How to read logs; the defaults suit an unknown log.

    Attributes:
        service: The name of the service; by default the line's, or the file's.
        pattern: A regular expression with named groups, tried first.
        time_format: A `strptime` format for times, tried first.
        zone: The zone of times without one; None is the zone of this machine.
        day: The day of the first time without a date; by default the file's last day.
        ids: More names of ids, or patterns with one group.
        words: More words for events, as regular expressions.
        duration_unit: The unit of durations without one; by default a guess.
        most_open: The most families of operations held open at a time.
    """

    service: str = ""
    pattern: str = ""
    time_format: str = ""
    zone: tzinfo | None = None
    day: date | None = None
    ids: Sequence[str] = ()
    words: Mapping[Event, str] = field(default_factory=dict)
    duration_unit: str = ""
    most_open: int = MOST_OPEN


def import_logs(sources: Sequence[Source], writer: Writer, options: Options) -> Report:
    """Read all sources, join their records, and pass them to the writer.

    Raises:
        LogReaderError: A file cannot be read, an option is invalid, or the sink
            fails.
    """
    try:
        reading = _Reading(sources, options)
        for batch in _batches(reading.groups()):
            writer.write(batch)
    except BaseException:
        with contextlib.suppress(LogReaderError):
            writer.close()
        raise
    report = writer.close()
    reading.complete(report)
    return report


def read_traces(sources: Sequence[Source], options: Options) -> Iterator[Trace]:
    """Yield the traces of all sources; a record without a trace comes alone."""
    return map(build, _Reading(sources, options).groups())


class _Reading:
    """The first half: parse lines into records, join records by their ids."""

    def __init__(self, sources: Sequence[Source], options: Options) -> None:
        self._options = options
        self._clocks = [_clock(source, options) for source in sources]
        pattern = compile_pattern(options.pattern) if options.pattern else None
        self._streams = [
            read_records(source, Recogniser(clock, pattern), service=options.service)
            for source, clock in zip(sources, self._clocks, strict=True)
        ]
        self._joiner = Joiner(
            Ids(options.ids),
            Vocabulary(options.words),
            most_open=options.most_open,
            duration_unit=options.duration_unit,
        )

    def groups(self) -> Iterator[Group]:
        for record in merge_by_time(self._streams):
            yield from self._joiner.add(record)
        yield from self._joiner.finish()

    def complete(self, report: Report) -> None:
        """Add the facts that only the first half has to a report."""
        report.doubtful = self._joiner.doubtful
        if self._options.duration_unit:
            report.assumed_units.clear()
        report.closed_early = self._joiner.closed_early
        has_zoneless_times = any(clock.assumed_zone for clock in self._clocks)
        report.assumed_zone = has_zoneless_times and self._options.zone is None
        report.assumed_day = any(clock.assumed_day for clock in self._clocks)


def _clock(source: Source, options: Options) -> Clock:
    return Clock(
        zone=options.zone,
        day=options.day,
        last_line=datetime.fromtimestamp(source.modified_ns / 1e9, options.zone),
        pattern=options.time_format or None,
    )


def _batches(groups: Iterator[Group]) -> Iterator[list[Group]]:
    batch: list[Group] = []
    records = 0
    for group in groups:
        batch.append(group)
        records += records_in(group)
        if records >= BATCH:
            yield batch
            batch, records = [], 0
    if batch:
        yield batch
