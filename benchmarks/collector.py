"""Spans per second through the Collector, to Jaeger and to the viewer.

    python -m benchmarks.collector --spans 100000

Needs `otelcol-contrib` and `jaeger` on the PATH. Each row is the shipped configuration
with one backend; `memory` has the queue in memory instead of on disk, `no redaction`
leaves that step out, to show what each costs. `through` is when the last span can be
read from the store; `lost` is what was acknowledged and never came. One run, one load:
compare the rows of one run only.
"""

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

STILL = 20.0  # seconds without a new span until the missing ones count as lost
POLL = 0.2
ASK = 8  # traces that may be missing before it is time to wait
SENT_TO = {"Jaeger": "otlp_http/jaeger", "viewer": "otlp_http/viewer"}
REDACTION = ("transform/lay_out", "redaction", "transform/put_back")


@dataclass(frozen=True)
class Store:
    """A backend that runs: how the Collector is sent to it, how many spans it has."""

    name: str
    at: Mapping[str, str]
    count: Callable[[], int]


@dataclass(frozen=True)
class Row:
    """What came of the load in one configuration."""

    name: str
    acknowledged: float
    through: float
    refused: int
    lost: int
    cpu: float
    peak_mib: float


def main() -> None:
    """Measure each backend with each form of the Collector, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spans", type=int, default=100_000)
    spans = parser.parse_args().spans // BATCH * BATCH
    forms = {"disk": (), "memory": ("memory",), "disk, no redaction": ("plain",)}
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
            f"{row.name:28}{spans / row.acknowledged:>10,.0f}"
            f"{spans / row.through:>11,.0f}{row.refused:>6}{row.lost:>6}"
            f"{row.cpu / spans * 1e6:>13.1f}{row.peak_mib:>10,.0f}"
        )


def _measure(start: Any, spans: int, form: str, changes: tuple[str, ...]) -> Row:
    """Send all spans through a Collector of this form, and wait for them."""
    with tempfile.TemporaryDirectory() as name, start(Path(name), spans) as store:
        change = _change(store.name, changes)
        with collector(Path(name), change=change, **store.at) as way:
            process = psutil.Process(way.pid)
            began = time.perf_counter()
            sent = _send(way.otlp, spans)
            found, ended = _wait(store.count, spans)
            times = process.cpu_times()
            return Row(
                name=f"{store.name}, {form}",
                acknowledged=sent["seconds"],
                through=ended - began - sent["encoding"],
                refused=int(sent["refused"]),
                lost=spans - found,
                cpu=times.user + times.system,
                peak_mib=_peak(process.pid) / 2**10,
            )


def _change(store: str, changes: tuple[str, ...]) -> dict[str, Any]:
    """Return the settings that make the Collector send to one store, in this form."""
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
    """Send from a process of its own; its bodies are encoded before its clock runs."""
    began = time.perf_counter()
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
        encoding = time.perf_counter() - began
        sender.stdin.write("go\n")
        sender.stdin.flush()
        sent: dict[str, float] = json.loads(sender.stdout.readline())
    return {**sent, "encoding": encoding}


def _wait(count: Callable[[], int], spans: int) -> tuple[int, float]:
    """Return how many spans came, and when the last of them was seen."""
    found, changed = 0, time.perf_counter()
    while found < spans and time.perf_counter() - changed < STILL:
        if (now := count()) != found:
            found, changed = now, time.perf_counter()
        else:
            time.sleep(POLL)
    return found, changed


@contextmanager
def _jaeger(folder: Path, spans: int) -> Iterator[Store]:
    with jaeger(folder) as store:
        left = deque((trace, 0) for trace in trace_ids(1, spans))

        def count() -> int:
            """Ask for what was not whole the last time, until a few are not yet."""
            for _ in range(ASK):
                while left and _spans_of(store.query, left[-1][0]) == TRACE:
                    left.pop()
                if left:
                    trace, _ = left.pop()
                    left.appendleft((trace, _spans_of(store.query, trace)))
            return spans - sum(TRACE - found for _, found in left)

        yield Store("Jaeger", {"jaeger": store.otlp}, count)


def _spans_of(query: str, trace_id: str) -> int:
    try:
        found = _get(f"{query}/api/v3/traces/{trace_id}")
    except OSError:
        return 0  # not there yet
    groups = found["result"]["resourceSpans"]
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
    """Return the largest resident size that a process has had, in KiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1])


if __name__ == "__main__":
    main()
