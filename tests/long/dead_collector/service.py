"""Starts the program and talks with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.instrumentation.processes import ROOT, environment


class Service:
    """The program, told what to do."""

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

    def tell(self, what: str | int) -> float:
        """Let it do so many requests and return their median, or ask for its "rss".

        "flush 0.5" flushes for half a second: 1 if all has arrived, else 0.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())
