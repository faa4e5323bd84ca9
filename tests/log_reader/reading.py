"""Reads texts as logs, in memory: what tests of the log reader share."""

from __future__ import annotations

import io
from datetime import UTC, date

from tracing_starter_kit.log_reader.model import Record, Trace
from tracing_starter_kit.log_reader.pipeline import Options, read_traces
from tracing_starter_kit.log_reader.reading.sources import Source, open_sources
from tracing_starter_kit.log_reader.sending.otlp_json import spans_json
from tracing_starter_kit.traces.drawing import render
from tracing_starter_kit.traces.spans import load_spans

DEFAULTS = {"zone": UTC, "day": date(2026, 11, 24)}


def source(content: str | bytes, path: str = "app.log") -> Source:
    data = content if isinstance(content, bytes) else content.encode()
    return Source(path, 1_700_000_000 * 10**9, io.BufferedReader(io.BytesIO(data)))


def traces_of(*contents: str | bytes, **options: object) -> list[Trace]:
    """Return all that is read from these texts, each a file of its own."""
    sources = [source(text, f"file{n}.log") for n, text in enumerate(contents, 1)]
    return [*read_traces(sources, Options(**(DEFAULTS | options)))]


def records_of(*contents: str | bytes, **options: object) -> list[Record]:
    """Return the records in the order of their lines."""
    found = [r for trace in traces_of(*contents, **options) for r in trace.records]
    return sorted(found, key=lambda record: (record.source, record.line))


def only_trace(*contents: str | bytes, **options: object) -> Trace:
    (trace,) = [t for t in traces_of(*contents, **options) if t.spans]
    return trace


def tree(trace: Trace) -> list[str]:
    """Return a trace as traces/drawing.py draws it, blanks reduced."""
    lines = render(load_spans(spans_json(trace.spans))).splitlines()
    return [" ".join(line.split()) for line in lines]


def files_of(*paths: object, **options: object) -> list[Trace]:
    sources = open_sources([str(path) for path in paths])
    return [*read_traces(sources, Options(**(DEFAULTS | options)))]
