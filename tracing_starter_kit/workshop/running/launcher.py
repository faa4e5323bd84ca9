"""Starts the learner's programs through a warm process, and ends them.

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
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

READY_WITHIN = 20.0
ENDED_WITHIN = 10.0


class ProgramError(Exception):
    """A learner's program cannot be run; the message says why, in their terms."""


class Launcher:
    """Owns one warm process for as long as it is open."""

    def __enter__(self) -> Launcher:
        self._folder = tempfile.TemporaryDirectory(prefix="workshop-")
        self._numbers = itertools.count(1)
        self._programs: dict[str, Program] = {}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tracing_starter_kit.workshop.running.fork_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "no_proxy": "*"},
            start_new_session=True,  # Ctrl-C in the terminal is not for it
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
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
        self,
        kind: str,
        module: str,
        *,
        folder: Path,
        environment: Mapping[str, str],
        arguments: Sequence[str] = (),
    ) -> Program:
        """Start a program: `kind` is web, worker or script.

        Raises:
            ProgramError: The learner's file is not there.
        """
        if not (folder / f"{module}.py").is_file():
            raise ProgramError(
                f"{module}.py is not in {folder} any more: `kit workshop reset` brings "
                f"the exercise's files back."
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
            "arguments": list(arguments),
            "output": str(output),
        }
        assert self._process.stdin
        self._process.stdin.write(json.dumps(job).encode() + b"\n")
        self._process.stdin.flush()
        return program

    def _read(self) -> None:
        """Hand each report of the warm process to the program that it is about."""
        for line in self._process.stdout or ():
            message = json.loads(line)
            if (program := self._programs.get(message.get("id", ""))) is not None:
                program.hear(message)


class Program:
    """One running program of the learner's."""

    def __init__(self, module: str, output: Path) -> None:
        self.module = module
        self.port = 0
        self._output = output
        self._pid = 0
        self._error: str | None = None
        self._code: int | None = None
        self._heard = threading.Condition()
        self._ready = False

    def hear(self, message: Mapping[str, Any]) -> None:
        """Take a report about this program."""
        with self._heard:
            match message["event"]:
                case "started":
                    self._pid = message["pid"]
                case "ready":
                    self._ready, self.port = True, message["port"]
                case "failed":
                    self._error = message["error"]
                case "ended":
                    self._code = message["code"]
            self._heard.notify_all()

    def wait_ready(self, within: float = READY_WITHIN) -> None:
        """Return once it answers.

        Raises:
            ProgramError: It ended instead, or came to nothing in time.
        """
        with self._heard:
            self._heard.wait_for(lambda: self._ready or self._code is not None, within)
            ready, ended = self._ready, self._code is not None
        if ready and not self._error:
            return
        if ended:
            raise ProgramError(f"{self.module}.py does not start.\n{self._why()}")
        self.kill()
        raise ProgramError(
            f"{self.module}.py was not ready within {within:.0f} s. Does something at "
            f"its top level wait, such as an endless loop or a call of `app.run()`?"
        )

    def stop(self, within: float = ENDED_WITHIN) -> None:
        """Ask it to end, and return once it has sent its last span and ended.

        Raises:
            ProgramError: It did not come to an end.
        """
        self._signal(signal.SIGTERM)
        self.wait_end(within)

    def wait_end(self, within: float = ENDED_WITHIN) -> None:
        """Return once it has ended by itself.

        Raises:
            ProgramError: It did not come to an end, or ended with an exception.
        """
        with self._heard:
            self._heard.wait_for(lambda: self._code is not None, within)
            ended = self._code is not None
        if not ended:
            self.kill()
            raise ProgramError(
                f"{self.module}.py did not come to an end within {within:.0f} s: does "
                f"one of its threads, or a loop, wait for ever?"
            )
        if self._error:
            raise ProgramError(f"{self.module}.py ended with an error.\n{self._why()}")

    def kill(self) -> None:
        """End it at once."""
        self._signal(signal.SIGKILL)

    def output(self) -> str:
        """Return what it has printed so far."""
        with contextlib.suppress(FileNotFoundError):
            return self._output.read_text(errors="replace")
        return ""

    def _why(self) -> str:
        return self._error or "\n".join(self.output().splitlines()[-5:])

    def _signal(self, number: int) -> None:
        with self._heard:
            if self._pid and self._code is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self._pid, number)
