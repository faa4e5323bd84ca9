"""Servers as real process trees, started, called and ended as their users do it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.instrumentation.processes import ROOT, environment

# Nothing is sent before the end: a span that arrives was delivered by the end.
ONLY_AT_THE_END = {"OTEL_BSP_SCHEDULE_DELAY": "600000"}


@dataclass
class Server:
    """A process tree, and its log."""

    process: subprocess.Popen[str]
    log: Path

    def ask(self, port: int, times: int) -> set[str]:
        """Send requests one by one, and return the ids of the processes that answer."""
        url = f"http://127.0.0.1:{port}/pid"
        return {self._answer(url) for _ in range(times)}

    def _answer(self, url: str, seconds: float = 60) -> str:
        """Return the text of an answer; try until the server listens."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                response = requests.get(
                    url, timeout=20, headers={"Connection": "close"}
                )
            except requests.ConnectionError:
                assert time.monotonic() < deadline, self.log.read_text()
                assert self.process.poll() is None, self.log.read_text()
                time.sleep(0.05)
            else:
                assert response.ok, self.log.read_text()
                return response.text

    def wait_for(
        self, text: str, times: int = 1, meanwhile: Callable[[], object] = int
    ) -> None:
        """Return once the log holds a text that often."""
        deadline = time.monotonic() + 90
        while self.log.read_text().count(text) < times:
            assert time.monotonic() < deadline, self.log.read_text()
            meanwhile()
            time.sleep(0.05)

    def end(self, *signals: signal.Signals, seconds: float = 90) -> str:
        """Send signals to the first process, wait for its end, return the log."""
        for number in signals:
            self.process.send_signal(number)
            time.sleep(0.3)  # two at once are one, for the kernel
        self.process.wait(seconds)
        return self.log.read_text()


@contextmanager
def running(
    *command: str, endpoint: str, folder: Path, **variables: str
) -> Iterator[Server]:
    """Run a command in a session of its own, and end all processes of the session."""
    log = folder / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(endpoint, **variables),
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    try:
        yield Server(process, log)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
