"""A running program of the learner's: wait for it, end it, and say why it failed.

Example:
    program.wait_ready()
    program.stop()
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tracing_starter_kit.workshop.running.stacks import DUMP_SIGNAL, stack_lines

READY_TIMEOUT = 20.0
END_TIMEOUT = 10.0


LOST = (
    "The process that starts the programs of the workshop was killed, as happens when "
    "the memory is full. Check again: the next check starts a new one."
)


class ProgramError(Exception):
    """A learner's program cannot be run; the message is written for the learner."""


class Program:
    """A running program of the learner's."""

    def __init__(self, module: str, output: Path, folder: Path) -> None:
        self.module = module
        self._folder = folder
        self.port = 0
        self._output = output
        self._pid = 0
        self._error: str | None = None
        self._code: int | None = None
        self._changed = threading.Condition()
        self._is_ready = False

    def update(self, report: Mapping[str, Any]) -> None:
        """Take a report about this program."""
        with self._changed:
            match report["event"]:
                case "started":
                    self._pid = report["pid"]
                case "ready":
                    self._is_ready, self.port = True, report["port"]
                case "failed":
                    self._error = report["error"]
                case "ended":
                    self._code = report["code"]
            self._changed.notify_all()

    def wait_ready(self, within: float = READY_TIMEOUT) -> None:
        """Return once the program answers.

        Raises:
            ProgramError: The program ended, or was not ready in time.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._is_ready or self._code is not None, within
            )
            is_ready, has_ended = self._is_ready, self._code is not None
        if is_ready and not self._error:
            return
        if has_ended:
            raise ProgramError(f"{self.module}.py does not start.\n{self._reason()}")
        lines = self.present_lines()
        self.kill()
        raise ProgramError(
            f"{self.module}.py was not ready within {within:.0f} s. Does its top level "
            f"wait for something, such as an endless loop or `app.run()`?{lines}"
        )

    def stop(self, within: float = END_TIMEOUT) -> None:
        """Ask the program to end; return once it has sent its last spans and ended.

        Raises:
            ProgramError: It did not end in time, or ended with an exception.
        """
        self._signal(signal.SIGTERM)
        with self._changed:
            self._changed.wait_for(lambda: self._code is not None, within)
            has_ended = self._code is not None
        if not has_ended:
            lines = self.present_lines()
            self.kill()
            raise ProgramError(
                f"{self.module}.py did not end within {within:.0f} s: does a thread or "
                f"a loop run for ever?{lines}"
            )
        if self._error:
            raise ProgramError(
                f"{self.module}.py ended with an error.\n{self._reason()}"
            )

    def lose(self) -> None:
        """Kill the program, because nothing will report its end."""
        self.kill()
        with self._changed:
            if self._code is None:
                self._error, self._code = LOST, -signal.SIGKILL
            self._changed.notify_all()

    def kill(self) -> None:
        """End the program at once."""
        self._signal(signal.SIGKILL)

    def output(self) -> str:
        """Return the text that the program has printed so far."""
        with contextlib.suppress(FileNotFoundError):
            return self._output.read_text(errors="replace")
        return ""

    def present_lines(self, within: float = 1.0) -> str:
        """Return the learner's lines that run at present, each on a line, or nothing.

        The text begins with a line break and a heading.
        """
        begun = len(self.output())
        self._signal(DUMP_SIGNAL)
        deadline = time.monotonic() + within
        lines: list[str] = []
        while not lines and time.monotonic() < deadline:
            time.sleep(0.05)
            lines = stack_lines(self.output()[begun:], self._folder)
        return "".join(f"\n  {line}" for line in ["It is at", *lines]) if lines else ""

    def _reason(self) -> str:
        """Return the reason of the end: never an empty text."""
        if self._error:
            return self._error
        code = self._code or 0
        end = f"exit status {code}" if code >= 0 else signal.strsignal(-code)
        last_lines = self.output().splitlines()[-5:]
        return "\n".join([*last_lines, f"It ended by itself: {end}."])

    def _signal(self, number: int) -> None:
        with self._changed:
            if self._pid and self._code is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self._pid, number)
