"""`kit logs`: log files as traces, into the local viewer or a file.

    logs_command(settings, LogsRequest(paths=["app.log"]))

`log_reader` reads and joins the lines; this module chooses the destination, shows
progress and prints the report.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial

from tracing_starter_kit.kit.logs.report import Destination, print_report
from tracing_starter_kit.kit.settings import Settings
from tracing_starter_kit.log_reader.errors import LogReaderError
from tracing_starter_kit.log_reader.joining.operations import Group, records_in
from tracing_starter_kit.log_reader.pipeline import Options, import_logs
from tracing_starter_kit.log_reader.reading.sources import open_sources
from tracing_starter_kit.log_reader.report import Report
from tracing_starter_kit.log_reader.sending.endpoint import EndpointSink, address
from tracing_starter_kit.log_reader.sending.file import FileSink, start_file
from tracing_starter_kit.log_reader.sending.process import ProcessWriter
from tracing_starter_kit.log_reader.sending.writer import SAMPLES, TraceWriter, Writer
from tracing_starter_kit.traces.fetching import wait_for_trace
from tracing_starter_kit.traces.web import WebError


@dataclass(frozen=True, kw_only=True)
class LogsRequest:
    """The logs to read and the destination: an endpoint, or the file `output`."""

    paths: Sequence[str]
    rotated: bool = False
    output: str = ""
    endpoint: str = ""
    as_json: bool = False
    samples: int = SAMPLES
    options: Options = field(default_factory=Options)


def logs_command(settings: Settings, request: LogsRequest) -> int:
    """Run `kit logs`; return 1 after an error, with a sentence on standard error."""
    if not request.paths and sys.stdin.isatty():
        print("Name a log file, or pipe one in: kit logs app.log", file=sys.stderr)
        return 1
    try:
        sources = open_sources(request.paths, rotated=request.rotated)
        destination, writer = _destination(settings, request)
        with _without_garbage_collection():
            report = import_logs(sources, _Progress(writer), request.options)
    except LogReaderError as error:
        print(error, file=sys.stderr)
        return 1
    if destination.page and report.last_trace_id:
        # The viewer accepts spans before it stores them.
        with contextlib.suppress(WebError):
            wait_for_trace(settings.url("VIEWER_PORT"), report.last_trace_id, bool)
    names = [source.display_name for source in sources]
    if not report.lines:
        print(f"{' '.join(names)}: the log has no lines.", file=sys.stderr)
        return 1
    # With the traces on standard output, the report must go elsewhere.
    out = sys.stderr if request.output == "-" else sys.stdout
    if request.as_json:
        print(json.dumps(_as_json(report, destination)), file=out)
    else:
        print_report(report, names, destination, out)
    return 1 if report.rejected else 0


def _destination(
    settings: Settings, request: LogsRequest
) -> tuple[Destination, Writer]:
    open_writer = partial(ProcessWriter, samples=request.samples)
    if request.output == "-":
        writer = TraceWriter(FileSink("-"), Report(), samples=request.samples)
        return Destination(file="standard output"), writer
    if request.output:
        start_file(request.output, keep=request.paths)
        file = partial(FileSink, request.output)
        return Destination(file=request.output), open_writer(file)
    local = settings.url("OTLP_HTTP_PORT")
    endpoint = request.endpoint or os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", local)
    is_local = address(endpoint).netloc == address(local).netloc
    page = settings.url("VIEWER_PORT") if is_local else ""
    start = "Start the viewer (kit viewer, or make demo)" if is_local else "Start it"
    hint = f"{start}, or write the traces to a file: --output traces.jsonl."
    open_sink = partial(EndpointSink, endpoint, hint=hint)
    with contextlib.closing(open_sink()) as probe:
        probe.check()
    return Destination(endpoint=endpoint, page=page), open_writer(open_sink)


@contextlib.contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Save a third of the time: hardly any object here is part of a cycle."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class _Progress:
    """Passes operations on to a writer and counts them on the terminal, if any."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._records = 0
        self._is_visible = sys.stderr.isatty()

    def write(self, groups: Sequence[Group]) -> None:
        self._writer.write(groups)
        if self._is_visible:
            self._records += sum(map(records_in, groups))
            print(f"\r{self._records:,} records", end="", file=sys.stderr, flush=True)

    def close(self) -> Report:
        report = self._writer.close()
        if self._is_visible:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
        return report


def _as_json(report: Report, destination: Destination) -> dict[str, object]:
    facts = {
        name: value
        for name, value in vars(report).items()
        if name not in ("samples", "most_skew_ns")
    }
    samples = [
        {"trace_id": trace.spans[0].trace_id, "name": trace.spans[0].name}
        for trace in report.samples
    ]
    skew_ms = report.most_skew_ns / 1e6
    return {**facts, "most_skew_ms": skew_ms, "samples": samples, **asdict(destination)}
