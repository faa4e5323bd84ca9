"""Measure the lines a minute that `kit logs` reads, into a file and into the viewer.

    python -m benchmarks.logs --lines 1000000

The log mixes five formats in one file: the workshop's, and four common ones. Each row
is a process of its own on the same cores. `lines only` splits the same file into lines
in Python, as a measure of the machine. Compare only rows of the same run.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.backends import viewer

LINES_ONLY = "import sys\nfor line in open(sys.argv[1], 'rb'): line.decode()"
LOGS = ("-m", "tracing_starter_kit", "logs", "--show", "0")


@dataclass(frozen=True)
class Result:
    """The figures of one process over the whole log."""

    name: str
    lines: int
    seconds: float
    cpu: float
    peak: int


def main() -> None:
    """Measure all rows and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    lines = parser.parse_args().lines
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        log = folder / "mixed.log"
        log.write_text("".join(line + "\n" for line in mixed_lines(lines)))
        to_file = (*LOGS, str(log), "--output", str(folder / "traces.jsonl"))
        results = [
            measure("lines only", lines, ("-c", LINES_ONLY, str(log))),
            measure("kit logs, to a file", lines, to_file),
        ]
        backend = stack.enter_context(viewer(folder))
        to_viewer = (*LOGS, str(log), "--endpoint", backend.otlp)
        results.append(measure("kit logs, to the viewer", lines, to_viewer))
        print_table(results)


def mixed_lines(count: int) -> Iterator[str]:
    """Yield `count` lines: tasks in three formats, requests in two."""
    for number in range(count):
        task, step = divmod(number, 5)
        moment = time.gmtime(1_700_000_000 + number // 100)
        clock = time.strftime("%Y-%m-%d %H:%M:%S", moment)
        millis, iso = number % 100 * 10, clock.replace(" ", "T")
        yield (
            f"{iso}.{millis:03}Z Enqueued task task={task}",
            f"{clock},{millis:03} - shop.worker - INFO - started task={task} plan=pro",
            f"127.0.0.1 - - [{time.strftime('%d/%b/%Y:%H:%M:%S +0000', moment)}] "
            f'"GET /orders/{task} HTTP/1.1" 200 512 "-" "curl/8.5.0" 0.0{step}3',
            f'{{"timestamp":"{clock}Z","level":"info","event":"charged",'
            f'"task_id":"{task}"}}',
            f"time={iso}Z level=INFO msg=done task={task} entries=42",
        )[step]


def measure(name: str, lines: int, arguments: tuple[str, ...]) -> Result:
    """Run Python with these arguments, and measure it."""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.DEVNULL, env=environment
    )
    reader, peak, cpu = psutil.Process(process.pid), 0, 0.0
    while process.poll() is None:
        with contextlib.suppress(psutil.Error):
            family = [reader, *reader.children()]
            times = [member.cpu_times() for member in family]
            cpu = max(cpu, sum(used.user + used.system for used in times))
            peak = max(peak, sum(member.memory_info().rss for member in family))
        time.sleep(0.05)
    if process.returncode != 0:
        sys.exit(f"{name} ended with {process.returncode}")
    return Result(name, lines, time.perf_counter() - started, cpu, peak)


def print_table(results: list[Result]) -> None:
    """Print a row for each process: by the clock, and by processor time."""
    print(
        f"{results[0].lines:,} lines; CPU is the reader's own, others may share cores"
    )
    print(f"{'':26}{'lines/min':>14}{'µs/line':>9}{'busy':>6}{'peak MiB':>10}")
    for row in results:
        print(
            f"{row.name:26}{row.lines / row.seconds * 60:>14,.0f}"
            f"{row.cpu / row.lines * 1e6:>9.1f}{row.cpu / row.seconds:>6.2f}"
            f"{row.peak / 2**20:>10,.0f}"
        )


if __name__ == "__main__":
    main()
