"""Read texts as logs, in memory: shared by the tests of the log reader."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, tzinfo
from typing import TypedDict, Unpack

from tracing_starter_kit.log_reader.joining.vocabulary import Event
from tracing_starter_kit.log_reader.model import Record, Trace
from tracing_starter_kit.log_reader.pipeline import Options, read_traces
from tracing_starter_kit.log_reader.reading.sources import Source, open_sources
from tracing_starter_kit.log_reader.sending.otlp_json import spans_json
from tracing_starter_kit.traces.drawing import render
from tracing_starter_kit.traces.spans import load_spans

DEFAULTS = Options(zone=UTC, day=date(2026, 11, 24))


class Changes(TypedDict, total=False):
    """Options that differ from the defaults of the tests."""

    service: str
    pattern: str
    time_format: str
    zone: tzinfo | None
    day: date | None
    ids: Sequence[str]
    words: Mapping[Event, str]
    most_open: int
    duration_unit: str


def source(content: str | bytes, path: str = "app.log") -> Source:
    data = content if isinstance(content, bytes) else content.encode()
    return Source(path, 1_700_000_000 * 10**9, io.BufferedReader(io.BytesIO(data)))


def traces_of(*contents: str | bytes, **changes: Unpack[Changes]) -> list[Trace]:
    """Return all traces of these texts, each text a file."""
    sources = [source(text, f"file{n}.log") for n, text in enumerate(contents, 1)]
    return [*read_traces(sources, replace(DEFAULTS, **changes))]


def records_of(*contents: str | bytes, **changes: Unpack[Changes]) -> list[Record]:
    """Return the records in the order of their lines."""
    traces = traces_of(*contents, **changes)
    records = [record for trace in traces for record in trace.records]
    return sorted(records, key=lambda record: (record.source, record.line))


def only_trace(*contents: str | bytes, **changes: Unpack[Changes]) -> Trace:
    """Return the single trace with spans."""
    (trace,) = [t for t in traces_of(*contents, **changes) if t.spans]
    return trace


def tree(trace: Trace) -> list[str]:
    """Return the drawing of a trace, with single blanks."""
    lines = render(load_spans(spans_json(trace.spans))).splitlines()
    return [" ".join(line.split()) for line in lines]


def files_of(*paths: object) -> list[Trace]:
    """Return all traces of some files."""
    sources = open_sources([str(path) for path in paths])
    return [*read_traces(sources, DEFAULTS)]
