"""Measure the spans per second that a backend acknowledges, and makes readable.

    python -m benchmarks.ingest --spans 400000 --jaeger PATH/TO/jaeger

The sender is a process of its own on the same cores; it encodes the bodies before the
clock starts. The spans are readable when a trace of each of the last batches is
complete in `/api/v3/traces`. After that a sample of all traces is read back, and an
incomplete one ends the run. Compare only rows of the same run.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.backends import Backend, jaeger, viewer
from benchmarks.load import BATCH, TRACE, trace_ids

LAST = 8  # batches at the end of the load that must be readable
POLL_SECONDS = 0.25  # a query takes processor time too
SAMPLE = 100  # traces that are read back afterwards
TIMEOUT = 300.0  # seconds until all must be readable


@dataclass
class Result:
    """The figures of one backend."""

    name: str
    spans: int
    acknowledged_seconds: float
    readable_seconds: float
    refusals: int
    peak_mib: float
    backend_cpu: float
    sender_cpu: float
    other_programs: float


def main() -> None:
    """Measure each backend with the same load and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spans", type=int, default=200_000)
    parser.add_argument("--jaeger", type=Path, help="the Jaeger 2 program, as a peer")
    options = parser.parse_args()
    spans = options.spans // BATCH * BATCH
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        backends: list[AbstractContextManager[Backend]] = [viewer(folder)]
        if options.jaeger:
            backends += [
                jaeger(folder, options.jaeger, storage=storage)
                for storage in ("memory", "badger")
            ]
        _print_table([_measure(backend, spans) for backend in backends])


def _measure(start: AbstractContextManager[Backend], spans: int) -> Result:
    with start as backend, ExitStack() as stack:
        sender = stack.enter_context(_start_sender(backend, spans))
        assert sender.stdin is not None
        assert sender.stdout is not None
        sender.stdout.readline()  # ready
        process = psutil.Process(backend.pid)
        peak = stack.enter_context(_Peak(process))
        cpu, busy, started = _cpu(process), _busy(), time.perf_counter()
        sender.stdin.write("go\n")
        sender.stdin.flush()
        report = json.loads(sender.stdout.readline())
        all_ids = trace_ids(1, spans)
        _wait_for_traces(backend, all_ids[-LAST * BATCH // TRACE :: BATCH // TRACE])
        readable, cpu = time.perf_counter() - started, _cpu(process) - cpu
        other_programs = (_busy() - busy - cpu - report["cpu"]) / readable
        _wait_for_traces(backend, random.Random(2).sample(all_ids, SAMPLE))
        return Result(
            name=backend.name,
            spans=spans,
            acknowledged_seconds=report["seconds"],
            readable_seconds=readable,
            refusals=report["refused"],
            peak_mib=peak.bytes / 2**20,
            backend_cpu=cpu,
            sender_cpu=report["cpu"],
            other_programs=max(0.0, other_programs),
        )


def _start_sender(backend: Backend, spans: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.load", f"--url={backend.otlp}"]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [*command, f"--spans={spans}"], stdin=pipe, stdout=pipe, text=True
    )


def _wait_for_traces(backend: Backend, trace_ids: list[str]) -> None:
    deadline = time.monotonic() + TIMEOUT
    for trace_id in reversed(trace_ids):
        while (count := _count_spans(backend, trace_id)) != TRACE:
            if time.monotonic() > deadline or count > TRACE:
                sys.exit(f"{backend.name}: {count} spans of {TRACE} in {trace_id}")
            time.sleep(POLL_SECONDS)


def _count_spans(backend: Backend, trace_id: str) -> int:
    try:
        with urllib.request.urlopen(
            f"{backend.query}/api/v3/traces/{trace_id}"
        ) as answer:
            content = json.load(answer)
    except urllib.error.HTTPError:
        return 0  # not there yet
    return sum(
        len(scope["spans"])
        for group in content["result"]["resourceSpans"]
        for scope in group["scopeSpans"]
    )


class _Peak:
    """Measures the largest resident size of a program and its children."""

    def __init__(self, process: psutil.Process) -> None:
        self.bytes = 0
        self._process = process
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> _Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stopping.wait(0.05):
            family = [self._process, *self._process.children()]
            self.bytes = max(self.bytes, sum(p.memory_info().rss for p in family))


def _cpu(process: psutil.Process) -> float:
    """Return the processor time of a program and its children."""
    family = [process.cpu_times(), *(p.cpu_times() for p in process.children())]
    return float(sum(times.user + times.system for times in family))


def _busy() -> float:
    """Return the processor time of all programs on this machine."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0))


def _print_table(results: list[Result]) -> None:
    first = results[0]
    print(
        f"{first.spans:,} spans, batches of {BATCH}; CPU in µs per span; others: "
        "processors that other programs used meanwhile"
    )
    print(
        f"{'':16}{'acked/s':>10}{'readable/s':>12}{'ratio':>7}{'503s':>6}"
        f"{'peak MiB':>10}{'CPU':>7}{'sender':>8}{'others':>8}"
    )
    for row in results:
        ratio = first.readable_seconds / row.readable_seconds
        print(
            f"{row.name:16}{row.spans / row.acknowledged_seconds:>10,.0f}"
            f"{row.spans / row.readable_seconds:>12,.0f}{ratio:>7.2f}"
            f"{row.refusals:>6}{row.peak_mib:>10,.0f}"
            f"{row.backend_cpu / row.spans * 1e6:>7.1f}"
            f"{row.sender_cpu / row.spans * 1e6:>8.1f}{row.other_programs:>8.2f}"
        )


if __name__ == "__main__":
    main()
