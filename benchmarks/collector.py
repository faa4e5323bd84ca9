"""Measure the spans per second through the Collector, to Jaeger and to the viewer.

    python -m benchmarks.collector --spans 100000

It needs `otelcol-contrib` and `jaeger` on the PATH. Each row is the shipped
configuration with one backend. `memory` has the queue in memory instead of on disk, and
`no redaction` lacks that step, to show the cost of each. `through` ends when the last
span can be read from the store; `lost` spans were acknowledged, but never stored.
Compare only rows of the same run.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from benchmarks.backends import viewer as start_viewer
from benchmarks.load import BATCH, TRACE, trace_ids
from benchmarks.pipeline import collector, jaeger

QUIET_SECONDS = 20.0  # without a new span, after which missing ones count as lost
POLL_SECONDS = 0.2
MOST_INCOMPLETE = 8  # traces that are queried before the next wait
SENT_TO = {"Jaeger": "otlp_http/jaeger", "viewer": "otlp_http/viewer"}
REDACTION = ("transform/lay_out", "redaction", "transform/put_back")


@dataclass(frozen=True)
class Store:
    """A running backend: its arguments for `collector`, and its number of spans."""

    name: str
    address: Mapping[str, str]
    count: Callable[[], int]


@dataclass(frozen=True)
class Row:
    """The figures of one configuration."""

    name: str
    acknowledged_seconds: float
    through_seconds: float
    refusals: int
    lost: int
    cpu: float
    peak_mib: float


def main() -> None:
    """Measure each backend with each configuration, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spans", type=int, default=100_000)
    spans = parser.parse_args().spans // BATCH * BATCH
    forms: dict[str, tuple[str, ...]] = {
        "disk": (),
        "memory": ("memory",),
        "disk, no redaction": ("plain",),
    }
    rows = [
        _measure(start, spans, form, changes)
        for start in (_jaeger, _viewer)
        for form, changes in forms.items()
    ]
    print(f"{spans:,} spans in batches of {BATCH}, 12 attributes each")
    print(
        f"{'':28}{'acked/s':>10}{'through/s':>11}{'503s':>6}{'lost':>6}"
        f"{'CPU µs/span':>13}{'peak MiB':>10}"
    )
    for row in rows:
        print(
            f"{row.name:28}{spans / row.acknowledged_seconds:>10,.0f}"
            f"{spans / row.through_seconds:>11,.0f}{row.refusals:>6}{row.lost:>6}"
            f"{row.cpu / spans * 1e6:>13.1f}{row.peak_mib:>10,.0f}"
        )


def _measure(start: Any, spans: int, form: str, changes: tuple[str, ...]) -> Row:
    """Send all spans through a Collector with these changes, and wait for them."""
    with tempfile.TemporaryDirectory() as name, start(Path(name), spans) as store:
        change = _change(store.name, changes)
        with collector(Path(name), change=change, **store.address) as gateway:
            process = psutil.Process(gateway.pid)
            started = time.perf_counter()
            report = _send(gateway.otlp, spans)
            stored, ended = _wait(store.count, spans)
            times = process.cpu_times()
            return Row(
                name=f"{store.name}, {form}",
                acknowledged_seconds=report["seconds"],
                through_seconds=ended - started - report["encoding"],
                refusals=int(report["refused"]),
                lost=spans - stored,
                cpu=times.user + times.system,
                peak_mib=_peak(process.pid) / 2**10,
            )


def _change(store: str, changes: tuple[str, ...]) -> dict[str, Any]:
    """Return the settings with which the Collector sends to one store."""
    steps = ["memory_limiter", "resource/clean", *REDACTION]
    if "plain" in changes:
        steps = [step for step in steps if step not in REDACTION]
    traces = {"processors": steps, "exporters": [SENT_TO[store], "span_metrics"]}
    metrics = {"receivers": ["otlp", "span_metrics"]}
    change: dict[str, Any] = {
        "service": {"pipelines": {"traces": traces, "metrics": metrics}}
    }
    if "memory" in changes:
        queue = {"sending_queue": {"storage": None}}
        change["exporters"] = dict.fromkeys(SENT_TO.values(), queue)
    return change


def _send(otlp: str, spans: int) -> dict[str, float]:
    """Send from another process; return its report and the seconds of encoding."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "benchmarks.load", f"--url={otlp}"]
    with subprocess.Popen(
        [*command, f"--spans={spans}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as sender:
        assert sender.stdin
        assert sender.stdout
        sender.stdout.readline()  # ready
        encoding = time.perf_counter() - started
        sender.stdin.write("go\n")
        sender.stdin.flush()
        report: dict[str, float] = json.loads(sender.stdout.readline())
    return {**report, "encoding": encoding}


def _wait(count: Callable[[], int], spans: int) -> tuple[int, float]:
    """Return the number of stored spans, and the time of the last change of it."""
    stored, changed = 0, time.perf_counter()
    while stored < spans and time.perf_counter() - changed < QUIET_SECONDS:
        if (now := count()) != stored:
            stored, changed = now, time.perf_counter()
        else:
            time.sleep(POLL_SECONDS)
    return stored, changed


@contextmanager
def _jaeger(folder: Path, spans: int) -> Iterator[Store]:
    with jaeger(folder) as store:
        incomplete = deque((trace, 0) for trace in trace_ids(1, spans))

        def count() -> int:
            """Query the traces that were incomplete, until some still are."""
            for _ in range(MOST_INCOMPLETE):
                while incomplete and _spans_of(store.query, incomplete[-1][0]) == TRACE:
                    incomplete.pop()
                if incomplete:
                    trace, _ = incomplete.pop()
                    incomplete.appendleft((trace, _spans_of(store.query, trace)))
            return spans - sum(TRACE - count for _, count in incomplete)

        yield Store("Jaeger", {"jaeger": store.otlp}, count)


def _spans_of(query: str, trace_id: str) -> int:
    try:
        answer = _get(f"{query}/api/v3/traces/{trace_id}")
    except OSError:
        return 0  # not there yet
    groups = answer["result"]["resourceSpans"]
    return sum(len(s["spans"]) for group in groups for s in group["scopeSpans"])


@contextmanager
def _viewer(folder: Path, spans: int) -> Iterator[Store]:
    with start_viewer(folder) as store:
        status = f"{store.query}/api/x/status"
        yield Store(
            "viewer", {"viewer": store.otlp}, lambda: int(_get(status)["spans"])
        )


def _get(url: str) -> Any:
    with urllib.request.urlopen(url) as answer:
        return json.load(answer)


def _peak(pid: int) -> int:
    """Return the largest resident size of a process so far, in KiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1])


if __name__ == "__main__":
    main()
