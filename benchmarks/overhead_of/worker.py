"""The two ends of the pipe between `benchmarks.overhead` and a tool's process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time
from timeit import timeit
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
WARM_UP = 50  # calls


def serve(variants: dict[str, Callable[[], object]]) -> None:
    """Time the variants that the other end names, until it closes the pipe."""
    for call in variants.values():
        timeit(call, number=WARM_UP)
    print(json.dumps(list(variants)), flush=True)
    for line in sys.stdin:
        name, calls = line.rstrip("\n").split("\t")
        # Processor time of all threads of this process: other programs do not count.
        seconds = timeit(variants[name], timer=process_time, number=int(calls))
        print(seconds / int(calls) * 1e6, flush=True)


class Worker:
    """A process that runs one tool, and no other."""

    def __init__(self, python: Path | str, module: str, *arguments: str) -> None:
        """Start the process.

        Raises:
            RuntimeError: It ended at once; with its output.
        """
        command = [str(python), "-m", f"benchmarks.overhead_of.{module}", *arguments]
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        line = self._out.readline()
        if not line:
            _, errors = self._process.communicate()
            raise RuntimeError(f"{' '.join(command)} ended: {errors[-2000:]}")
        self.variants: list[str] = json.loads(line)

    def time(self, variant: str, calls: int) -> float:
        """Return the microseconds of one call: the mean of `calls` in a row."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{variant}\t{calls}\n")
        self._process.stdin.flush()
        return float(self._out.readline())

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()

    @property
    def _out(self) -> IO[str]:
        assert self._process.stdout is not None
        return self._process.stdout
