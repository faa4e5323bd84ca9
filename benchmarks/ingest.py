"""How many spans per second a backend takes: acknowledged, and readable.

    python -m benchmarks.ingest --spans 400000 --jaeger PATH/TO/jaeger

The sender is a process of its own on the same cores, its bodies are encoded before the
clock starts. `readable` is when a trace of each of the last batches is complete in
`/api/v3/traces`; then traces from all over the load are read back, off the clock, and
one that is not whole ends the run. Compare the rows of one run only.
"""

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

LAST = 8  # batches at the end that have to be readable
POLL = 0.25  # seconds; asking takes processor time too
SAMPLE = 100  # traces that are read back afterwards
GIVE_UP = 300.0  # seconds until all must be readable


@dataclass
class Result:
    """What one backend did with the load."""

    name: str
    spans: int
    acknowledged: float
    readable: float
    refused: int
    peak_mib: float
    backend_cpu: float
    sender_cpu: float
    others: float


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
        sent = json.loads(sender.stdout.readline())
        every = trace_ids(1, spans)
        _wait_for_traces(backend, every[-LAST * BATCH // TRACE :: BATCH // TRACE])
        readable, cpu = time.perf_counter() - started, _cpu(process) - cpu
        others = (_busy() - busy - cpu - sent["cpu"]) / readable
        _wait_for_traces(backend, random.Random(2).sample(every, SAMPLE))
        return Result(
            name=backend.name,
            spans=spans,
            acknowledged=sent["seconds"],
            readable=readable,
            refused=sent["refused"],
            peak_mib=peak.bytes / 2**20,
            backend_cpu=cpu,
            sender_cpu=sent["cpu"],
            others=max(0.0, others),
        )


def _start_sender(backend: Backend, spans: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "benchmarks.load", f"--url={backend.otlp}"]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [*command, f"--spans={spans}"], stdin=pipe, stdout=pipe, text=True
    )


def _wait_for_traces(backend: Backend, trace_ids: list[str]) -> None:
    deadline = time.monotonic() + GIVE_UP
    for trace_id in reversed(trace_ids):
        while (found := _count_spans(backend, trace_id)) != TRACE:
            if time.monotonic() > deadline or found > TRACE:
                sys.exit(f"{backend.name}: {found} spans of {TRACE} in {trace_id}")
            time.sleep(POLL)


def _count_spans(backend: Backend, trace_id: str) -> int:
    try:
        with urllib.request.urlopen(
            f"{backend.query}/api/v3/traces/{trace_id}"
        ) as answer:
            found = json.load(answer)
    except urllib.error.HTTPError:
        return 0  # not there yet
    return sum(
        len(scope["spans"])
        for group in found["result"]["resourceSpans"]
        for scope in group["scopeSpans"]
    )


class _Peak:
    """The largest resident size of a program, with what it starts, while it is open."""

    def __init__(self, process: psutil.Process) -> None:
        self.bytes = 0
        self._process = process
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "_Peak":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.05):
            family = [self._process, *self._process.children()]
            self.bytes = max(self.bytes, sum(p.memory_info().rss for p in family))


def _cpu(process: psutil.Process) -> float:
    """Return the processor time of a program and of those that it has started."""
    family = [process.cpu_times(), *(p.cpu_times() for p in process.children())]
    return float(sum(times.user + times.system for times in family))


def _busy() -> float:
    """Return the processor time that all programs of this machine have used."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0))


def _print_table(results: list[Result]) -> None:
    first = results[0]
    print(
        f"{first.spans:,} spans, batches of {BATCH}; CPU in µs per span; others: "
        "processors that other programs kept busy meanwhile"
    )
    print(
        f"{'':16}{'acked/s':>10}{'readable/s':>12}{'ratio':>7}{'503s':>6}"
        f"{'peak MiB':>10}{'CPU':>7}{'sender':>8}{'others':>8}"
    )
    for row in results:
        print(
            f"{row.name:16}{row.spans / row.acknowledged:>10,.0f}"
            f"{row.spans / row.readable:>12,.0f}{first.readable / row.readable:>7.2f}"
            f"{row.refused:>6}{row.peak_mib:>10,.0f}"
            f"{row.backend_cpu / row.spans * 1e6:>7.1f}"
            f"{row.sender_cpu / row.spans * 1e6:>8.1f}{row.others:>8.2f}"
        )


if __name__ == "__main__":
    main()
