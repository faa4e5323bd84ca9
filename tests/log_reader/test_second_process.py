"""A second process builds and writes the traces of a long log."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from tests.log_reader.reading import DEFAULTS, records_of, source
from tracing_starter_kit.log_reader.errors import LogReaderError
from tracing_starter_kit.log_reader.model import Record, Span
from tracing_starter_kit.log_reader.pipeline import import_logs
from tracing_starter_kit.log_reader.report import Report
from tracing_starter_kit.log_reader.sending.file import FileSink
from tracing_starter_kit.log_reader.sending.process import FIRST_BATCHES, ProcessWriter
from tracing_starter_kit.log_reader.sending.writer import TraceWriter

TASKS = 5_000


def log() -> str:
    return "".join(
        f"2026-11-24T08:{n // 60 % 60:02}:{n % 60:02}Z {event} task=t{n}\n"
        for n in range(TASKS)
        for event in ("started", "failed: no oven")
    )


class KilledSink:
    """A sink that kills the second process."""

    rejected = 0

    def write(self, spans: Sequence[Span], records: Sequence[Record]) -> None:
        if multiprocessing.parent_process():
            os.kill(os.getpid(), signal.SIGKILL)

    def close(self) -> None:
        pass


class RejectingSink:
    """A sink that rejects every record."""

    def __init__(self) -> None:
        self.rejected = 0

    def write(self, spans: Sequence[Span], records: Sequence[Record]) -> None:
        self.rejected += len(records)

    def close(self) -> None:
        pass


def test_two_processes_write_and_count_the_same_as_one(tmp_path: Path) -> None:
    def run(name: str, *, second: bool) -> tuple[Report, set[str]]:
        sink = partial(FileSink, str(tmp_path / name))
        writer = ProcessWriter(sink) if second else TraceWriter(sink(), Report())
        report = import_logs([source(log())], writer, DEFAULTS)
        return report, spans_in(tmp_path / name)

    one_report, one_spans = run("one.jsonl", second=False)
    two_report, two_spans = run("two.jsonl", second=True)

    assert vars(two_report) == vars(one_report)
    assert two_report.failed == TASKS
    assert two_spans == one_spans
    assert len(one_spans) == TASKS


def spans_in(file: Path) -> set[str]:
    requests = map(json.loads, file.read_text().splitlines())
    return {
        json.dumps(span, sort_keys=True)
        for request in requests
        for resource in request.get("resourceSpans", ())
        for span in resource["scopeSpans"][0]["spans"]
    }


def test_rejections_of_both_processes_are_counted() -> None:
    report = import_logs([source(log())], ProcessWriter(RejectingSink), DEFAULTS)

    assert report.rejected == report.records == 2 * TASKS


def test_a_process_that_is_killed_is_one_sentence() -> None:
    writer = ProcessWriter(KilledSink)
    [record] = records_of("2026-11-24T08:00:00Z hello\n")

    for _ in range(FIRST_BATCHES + 1):
        writer.write([record])

    with pytest.raises(LogReaderError, match="has died, perhaps because"):
        writer.close()
