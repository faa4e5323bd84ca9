"""Log files to traces, from one end to the other, and the account of it.

    report = import_logs(open_sources(["app.log"]), sink, Options())
    print(report.lines, report.traces)

The one place that names all layers; nothing here knows of a format or of OTLP.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo

from log_reader.errors import LogReaderError
from log_reader.formats.recogniser import Recogniser, compile_pattern
from log_reader.formats.times import Clock
from log_reader.joining.ids import Ids
from log_reader.joining.joiner import MOST_OPEN, Joiner
from log_reader.joining.vocabulary import Event, Vocabulary
from log_reader.model import Record, Span, Trace
from log_reader.reading.merge import merged
from log_reader.reading.records import PLAIN, read_records
from log_reader.reading.sources import Source
from log_reader.sending.sink import Sink

BATCH = 2000  # spans and records that are sent together


@dataclass(frozen=True, kw_only=True)
class Options:
    """How to read logs; the defaults are for a log one knows nothing of.

    Attributes:
        service: Who wrote them; by default what lines say, or the file's name.
        pattern: A regular expression with named groups, tried first.
        time_format: A `strptime` format for times, tried first.
        zone: For times that name none; None is the zone of this machine.
        day: For times without a date; by default when the file was last written.
        ids: More names of ids, or patterns with one group.
        words: More words for events, as regular expressions.
        most_open: How many families of operations may be open at a time.
        samples: How many traces the report keeps to be shown.
    """

    service: str = ""
    pattern: str = ""
    time_format: str = ""
    zone: tzinfo | None = None
    day: date | None = None
    ids: Sequence[str] = ()
    words: Mapping[Event, str] = field(default_factory=dict)
    most_open: int = MOST_OPEN
    samples: int = 4


@dataclass
class Report:
    """What was read, recognised, made and kept; `lines` counts every line once.

    Attributes:
        formats: Lines by the name of their format.
        joined_by: Traces by the kinds of id that hold them together.
        kept: Lines that belong to no trace; they were sent as log records.
        failed: Traces with a span that failed.
        skewed: Traces in which times run backwards.
        closed_early: Families that had to go before they were over.
        last_trace_id: The trace that was written last, when there are traces.
        assumed_zone: Whether times were read whose zone nobody has named.
        samples: Some traces, those that failed among them.
    """

    lines: int = 0
    records: int = 0
    traces: int = 0
    spans: int = 0
    kept: int = 0
    failed: int = 0
    unfinished: int = 0
    skewed: int = 0
    most_skew_ns: int = 0
    not_utf8: int = 0
    without_time: int = 0
    closed_early: int = 0
    last_trace_id: str = ""
    assumed_zone: bool = False
    assumed_day: bool = False
    formats: Counter[str] = field(default_factory=Counter)
    joined_by: Counter[str] = field(default_factory=Counter)
    services: Counter[str] = field(default_factory=Counter)
    samples: list[Trace] = field(default_factory=list)

    def count(self, trace: Trace) -> None:
        """Add a trace, or records without one."""
        for record in trace.records:
            self.lines += record.lines
            self.formats[record.format] += record.lines
            self.not_utf8 += bool(record.raw)
            if not record.own_time:
                self.without_time += record.lines
            if not record.trace_id:
                self.kept += record.lines
        self.records += len(trace.records)
        if trace.spans:
            self.traces += 1
            self.last_trace_id = trace.spans[0].trace_id
            self.spans += len(trace.spans)
            self.failed += trace.failed
            self.unfinished += trace.unfinished
            self.skewed += trace.skew_ns > 0
            self.most_skew_ns = max(self.most_skew_ns, trace.skew_ns)
            self.joined_by[" in ".join(reversed(trace.joined_by))] += 1
            self.services[trace.spans[0].service] += 1

    @property
    def recognised(self) -> int:
        """How many lines are in a known format."""
        return self.lines - self.formats[PLAIN]


def import_logs(sources: Sequence[Source], sink: Sink, options: Options) -> Report:
    """Read all sources and write what they say to the sink.

    Raises:
        LogReaderError: A file cannot be read, an option cannot be used, or the sink
            does not take it.
    """
    report = Report()
    traces = _counted(read_traces(sources, options, report), options.samples, report)
    try:
        for spans, records in _batches(traces):
            sink.write(spans, records)
    except BaseException:
        with contextlib.suppress(LogReaderError):
            sink.close()
        raise
    sink.close()
    return report


def read_traces(
    sources: Sequence[Source], options: Options, report: Report | None = None
) -> Iterator[Trace]:
    """Yield the traces of all sources; records without one come by themselves."""
    clocks = [_clock(source, options) for source in sources]
    pattern = compile_pattern(options.pattern) if options.pattern else None
    streams = [
        read_records(source, Recogniser(clock, pattern), service=options.service)
        for source, clock in zip(sources, clocks, strict=True)
    ]
    words = Vocabulary(options.words)
    joiner = Joiner(Ids(options.ids), words, most_open=options.most_open)
    for record in merged(streams):
        yield from joiner.add(record)
    yield from joiner.finish()
    if report:
        report.closed_early = joiner.closed_early
        guessed = any(clock.assumed_zone for clock in clocks)
        report.assumed_zone = guessed and options.zone is None
        report.assumed_day = any(clock.assumed_day for clock in clocks)


def _clock(source: Source, options: Options) -> Clock:
    written = datetime.fromtimestamp(source.modified_ns / 1e9, options.zone or UTC)
    return Clock(
        zone=options.zone,
        day=options.day or written.date(),
        pattern=options.time_format or None,
    )


def _counted(traces: Iterable[Trace], most: int, report: Report) -> Iterator[Trace]:
    for trace in traces:
        report.count(trace)
        if trace.spans:
            _keep_sample(report.samples, trace, most)
        yield trace


def _keep_sample(samples: list[Trace], trace: Trace, most: int) -> None:
    """Keep the first ones; a failed one takes the place of the last that is well."""
    if len(samples) < most:
        samples.append(trace)
        return
    well = [at for at, sample in enumerate(samples) if not sample.failed]
    if trace.failed and len(well) > most // 2:
        samples.pop(well[-1])
        samples.append(trace)


def _batches(traces: Iterable[Trace]) -> Iterator[tuple[list[Span], list[Record]]]:
    spans: list[Span] = []
    records: list[Record] = []
    for trace in traces:
        spans += trace.spans
        records += trace.records
        if len(spans) + len(records) >= BATCH:
            yield spans, records
            spans, records = [], []
    if spans or records:
        yield spans, records
