"""Print the report of `kit logs`: counts, problems, some traces, the destination.

    print_report(report, ["app.log"], Destination(file="traces.jsonl"), sys.stdout)

Control characters in the log are escaped: a log must not command the terminal.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TextIO
from urllib.parse import quote

from tracing_starter_kit.log_reader.model import Trace
from tracing_starter_kit.log_reader.report import Report
from tracing_starter_kit.log_reader.sending.otlp_json import spans_json
from tracing_starter_kit.traces.drawing import duration_text, render, visible
from tracing_starter_kit.traces.spans import load_spans

BOLD, DIM, RED, YELLOW = "1", "2", "31", "33"
WIDTH = 13
MOST_FORMATS = 8
MOST_SPANS = 25
NO_ZONE = "the times have none: this machine's is used; --timezone sets another"
NO_DATE = "the times have none: the file's is used; --date sets another"
NO_TRACE = (
    "no line has the id of a task or request: try --id or --pattern (kit logs --help)"
)


@dataclass
class Destination:
    """An endpoint, with the page if it is our viewer's, or a file."""

    endpoint: str = ""
    page: str = ""
    file: str = ""


def print_report(
    report: Report, paths: Sequence[str], to: Destination, out: TextIO
) -> None:
    """Print the whole report."""
    paint = _Paint(out)
    for title, text in _facts(report, paths):
        print(paint(BOLD, f"{title:<{WIDTH}}") + visible(text), file=out)
    for title, text in _problems(report, to):
        print(paint(YELLOW, f"{title:<{WIDTH}}") + visible(text), file=out)
    samples = sorted(report.samples, key=lambda trace: trace.spans[0].start_ns)
    for trace in samples:
        print(file=out)
        print(_title(trace, to, paint), file=out)
        print(_tree(trace, out, paint), file=out)
    if report.traces > len(samples):
        print(paint(DIM, f"… and {report.traces - len(samples):,} more"), file=out)
    print(file=out)
    title, text = _where(report, to)
    print(paint(BOLD, f"{title:<{WIDTH}}") + visible(text), file=out)


class _Paint:
    """Colours a text, if the output is a terminal."""

    def __init__(self, out: TextIO) -> None:
        self.is_on = out.isatty()

    def __call__(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.is_on and text else text


def _facts(report: Report, paths: Sequence[str]) -> Iterator[tuple[str, str]]:
    names = " ".join(paths[:3]) + (
        f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    )
    yield "Read", f"{_count(report.lines, 'line')} of {names}"
    title, formats = "Recognised", report.formats.most_common(MOST_FORMATS)
    width = max(28, *(len(name) for name, _ in formats))
    for name, lines in formats:
        yield (
            title,
            f"{name:<{width}} {_count(lines, 'line'):>16}  {_share(lines, report)}",
        )
        title = ""
    if report.records != report.lines:
        continued = report.lines - report.records
        yield "", f"{_count(continued, 'line')} of these continue the line before"
    title = "Joined by"
    for name, traces in report.joined_by.most_common(MOST_FORMATS):
        yield title, f"{name:<28} {_count(traces, 'trace'):>16}"
        title = ""
    failed = f", {report.failed:,} failed" if report.failed else ""
    counts = [_count(report.spans, "span"), _count(report.records, "log record")]
    yield "Made", ", ".join([_count(report.traces, "trace") + failed, *counts])
    yield "Kept", f"{_count(report.kept, 'line')} without a trace, as log records"


def _problems(report: Report, to: Destination) -> Iterator[tuple[str, str]]:
    yield from _problems_with_times(report)
    if report.unfinished:
        early = f", {report.closed_early:,} closed early" if report.closed_early else ""
        operations = _count(report.unfinished, "operation")
        yield "Unfinished", f"{operations} without an end{early}"
    for unit, number in report.assumed_units.most_common():
        durations = _count(number, "duration")
        yield "No unit", f"{durations}: {unit} assumed (--duration-unit UNIT sets it)"
    if report.doubtful:
        ids = _count(report.doubtful, "number")
        yield "Doubtful", f"{ids} that came back later: not joined (--id NAME joins)"
    if report.not_utf8:
        yield "Not UTF-8", f"{_count(report.not_utf8, 'record')}: bytes shown as \\xff"
    if not report.traces:
        yield "No trace", NO_TRACE
    if report.rejected:
        yield "Rejected", f"{report.rejected:,} by {to.endpoint}"


def _problems_with_times(report: Report) -> Iterator[tuple[str, str]]:
    if report.skewed:
        traces = _count(report.skewed, "trace")
        most = duration_text(report.most_skew_ns)
        yield "Clock skew", f"times run backwards in {traces}, by up to {most}"
    if report.without_time:
        lines = _count(report.without_time, "line")
        yield "No time", f"{lines}: the time of the line before is used"
    if report.assumed_zone:
        yield "Time zone", NO_ZONE
    if report.assumed_day:
        yield "Date", NO_DATE


def _title(trace: Trace, to: Destination, paint: _Paint) -> str:
    root = trace.spans[0]
    when = datetime.fromtimestamp(root.start_ns / 1e9, UTC)
    skew = f"  clock skew {duration_text(trace.skew_ns)}" if trace.skew_ns else ""
    unfinished = "  unfinished" if trace.unfinished else ""
    link = f"  {to.page}/trace/{root.trace_id}" if to.page else ""
    return (
        paint(BOLD, visible(trace.title))
        + paint(DIM, f"  {when:%Y-%m-%d %H:%M:%S} UTC{link}")
        + paint(YELLOW, skew + unfinished)
    )


def _tree(trace: Trace, out: TextIO, paint: _Paint) -> str:
    width = shutil.get_terminal_size().columns if out.isatty() else None
    spans = load_spans(spans_json(trace.spans[:MOST_SPANS]))
    hidden = len(trace.spans) - MOST_SPANS
    more = paint(DIM, f"\n… and {_count(hidden, 'span')} more") if hidden > 0 else ""
    return render(spans, color=paint.is_on, width=width) + more


def _where(report: Report, to: Destination) -> tuple[str, str]:
    if to.file:
        return "Written to", f"{to.file}, as OTLP/JSON lines"
    if not to.page:
        return "Sent to", to.endpoint
    services = [*report.services]
    query = f"/?service={quote(services[0])}" if len(services) == 1 else "/"
    return "Open them", f"{to.page}{query if services else ''}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _share(lines: int, report: Report) -> str:
    percent = 100 * lines / report.lines
    return f"{percent:3.0f} %" if percent >= 1 else "<1 %"
