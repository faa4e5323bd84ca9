"""Starts the program, and sends it commands."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.instrumentation.processes import ROOT, environment


class Service:
    """A running `program`."""

    def __init__(self, endpoint: str, log: Path) -> None:
        self.log = log
        with log.open("w") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.long.dead_collector.program"],
                cwd=ROOT,
                env=environment(endpoint),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def run(self, command: str | int) -> float:
        """Run a command, and return its result.

        A number makes so many requests, and returns the median of their durations.
        "rss" returns the memory in bytes. "flush 0.5" flushes for half a second, and
        returns 1 if all spans have arrived, else 0.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{command}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())
