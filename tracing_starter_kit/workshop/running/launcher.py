"""Starts the learner's programs through a fork server, and ends them.

Example:
    with Launcher() as launcher:
        program = launcher.start("web", "shop", folder=..., environment={...})
        program.wait_ready()
        requests.get(f"http://127.0.0.1:{program.port}/")
        program.stop()
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

READY_TIMEOUT = 20.0
END_TIMEOUT = 10.0


class ProgramError(Exception):
    """A learner's program cannot be run; the message is written for the learner."""


class Launcher:
    """Owns a fork server for as long as it is open."""

    def __enter__(self) -> Launcher:
        self._folder = tempfile.TemporaryDirectory(prefix="workshop-")
        self._numbers = itertools.count(1)
        self._programs: dict[str, Program] = {}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tracing_starter_kit.workshop.running.fork_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "no_proxy": "*"},
            start_new_session=True,  # so that Ctrl-C in the terminal does not reach it
        )
        self._reader = threading.Thread(target=self._read_reports, daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        for program in list(self._programs.values()):
            program.kill()
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        self._process.stdout.close()
        self._folder.cleanup()

    def start(
        self, kind: str, module: str, *, folder: Path, environment: Mapping[str, str]
    ) -> Program:
        """Start a program: `kind` is web or worker.

        Raises:
            ProgramError: The learner's file is missing.
        """
        if not (folder / f"{module}.py").is_file():
            raise ProgramError(
                f"{module}.py is missing in {folder}: `kit workshop reset` restores "
                f"the exercise's files."
            )
        number = str(next(self._numbers))
        output = Path(self._folder.name) / f"{number}.log"
        program = self._programs[number] = Program(module, output)
        job = {
            "id": number,
            "kind": kind,
            "module": module,
            "folder": str(folder.resolve()),
            "environment": dict(environment),
            "output": str(output),
        }
        assert self._process.stdin
        self._process.stdin.write(json.dumps(job).encode() + b"\n")
        self._process.stdin.flush()
        return program

    def _read_reports(self) -> None:
        """Hand each report of the fork server to its program."""
        for line in self._process.stdout or ():
            report = json.loads(line)
            if (program := self._programs.get(report.get("id", ""))) is not None:
                program.update(report)


class Program:
    """A running program of the learner's."""

    def __init__(self, module: str, output: Path) -> None:
        self.module = module
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
        self.kill()
        raise ProgramError(
            f"{self.module}.py was not ready within {within:.0f} s. Does its top level "
            f"wait for something, such as an endless loop or `app.run()`?"
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
            self.kill()
            raise ProgramError(
                f"{self.module}.py did not end within {within:.0f} s: does a thread or "
                f"a loop run for ever?"
            )
        if self._error:
            raise ProgramError(
                f"{self.module}.py ended with an error.\n{self._reason()}"
            )

    def kill(self) -> None:
        """End the program at once."""
        self._signal(signal.SIGKILL)

    def output(self) -> str:
        """Return the text that the program has printed so far."""
        with contextlib.suppress(FileNotFoundError):
            return self._output.read_text(errors="replace")
        return ""

    def _reason(self) -> str:
        return self._error or "\n".join(self.output().splitlines()[-5:])

    def _signal(self, number: int) -> None:
        with self._changed:
            if self._pid and self._code is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self._pid, number)
