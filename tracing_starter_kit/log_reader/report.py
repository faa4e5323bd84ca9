"""The figures of an import: lines read and recognised, traces and spans made.

    report = Report()
    report.count(trace)
    print(report.lines, report.traces)

`kit logs --json` prints the attributes under their names.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tracing_starter_kit.log_reader.formats.loose_lines import PLAIN
from tracing_starter_kit.log_reader.model import UNIT, Trace


@dataclass
class Report:
    """Counts of lines, records and traces; `lines` counts every line once.

    Attributes:
        formats: Lines by the name of their format.
        joined_by: Traces by the kinds of id that join their lines.
        kept: Lines without a trace, sent as log records.
        failed: Traces with a failed span.
        skewed: Traces with times that run backwards.
        closed_early: Families written before their end, to limit memory.
        doubtful: How often a number such as `task 7` came back for something else.
        rejected: Spans and records that the endpoint rejected.
        last_trace_id: The trace written last; "" without traces.
        assumed_zone: Whether a time had no zone, and no option named it.
        assumed_day: Whether a time had no date, or no year.
        assumed_units: Durations without a unit, by the unit that was assumed.
        samples: Some traces for display, failed ones among them.
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
    doubtful: int = 0
    rejected: int = 0
    last_trace_id: str = ""
    assumed_zone: bool = False
    assumed_day: bool = False
    assumed_units: Counter[str] = field(default_factory=Counter)
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
            if not record.has_own_time:
                self.without_time += record.lines
            if UNIT in record.fields:
                self.assumed_units[str(record.fields[UNIT])] += 1
            if not record.trace_id:
                self.kept += record.lines
        self.records += len(trace.records)
        if trace.spans:
            self.traces += 1
            self.last_trace_id = trace.spans[0].trace_id
            self.spans += len(trace.spans)
            self.failed += trace.has_failed
            self.unfinished += trace.unfinished
            self.skewed += trace.skew_ns > 0
            self.most_skew_ns = max(self.most_skew_ns, trace.skew_ns)
            self.joined_by[" in ".join(reversed(trace.joined_by))] += 1
            self.services[trace.spans[0].service] += 1

    def add_sample(self, trace: Trace, most: int) -> None:
        """Add one of the first traces; later, let a failed trace replace another."""
        if len(self.samples) < most:
            self.samples.append(trace)
            return
        replaceable = [i for i, t in enumerate(self.samples) if not t.has_failed]
        if trace.has_failed and len(replaceable) > most // 2:
            self.samples.pop(replaceable[-1])
            self.samples.append(trace)

    @property
    def recognised(self) -> int:
        """The number of lines in a known format."""
        return self.lines - self.formats[PLAIN]
