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
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tracing_starter_kit.workshop.running.program import Program, ProgramError

Server = subprocess.Popen[bytes]


class Launcher:
    """Owns a fork server for as long as it is open."""

    def __enter__(self) -> Launcher:
        self._folder = tempfile.TemporaryDirectory(prefix="workshop-")
        self._numbers = itertools.count(1)
        self._start_server()
        return self

    def _start_server(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tracing_starter_kit.workshop.running.fork_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "no_proxy": "*"},
            start_new_session=True,  # so that Ctrl-C in the terminal does not reach it
        )
        self._programs: dict[str, Program] = {}
        self._threads = [
            threading.Thread(target=follow, args=(self._process, self._programs))
            for follow in (_read_reports, _wait_for_end)
        ]
        for thread in self._threads:
            thread.daemon = True
            thread.start()

    def __exit__(self, *_: object) -> None:
        self._end_server()
        self._folder.cleanup()

    def _end_server(self) -> None:
        for program in list(self._programs.values()):
            program.kill()
        assert self._process.stdin
        assert self._process.stdout
        with contextlib.suppress(BrokenPipeError):  # it was killed
            self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for thread in self._threads:
            thread.join(5)
        self._process.stdout.close()

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
        program = self._programs[number] = Program(module, output, folder.resolve())
        job = {
            "id": number,
            "kind": kind,
            "module": module,
            "folder": str(folder.resolve()),
            "environment": dict(environment),
            "output": str(output),
        }
        try:
            self._send(job)
        except BrokenPipeError:  # the fork server was killed, as by a full memory
            self._end_server()
            self._start_server()
            self._programs[number] = program
            self._send(job)
        return program

    def _send(self, job: Mapping[str, Any]) -> None:
        if self._process.poll() is not None:
            raise BrokenPipeError
        assert self._process.stdin
        self._process.stdin.write(json.dumps(job).encode() + b"\n")
        self._process.stdin.flush()


def _read_reports(server: Server, programs: Mapping[str, Program]) -> None:
    """Hand each report of a fork server to its program, until the server's end."""
    for line in server.stdout or ():
        report = json.loads(line)
        if (program := programs.get(report.get("id", ""))) is not None:
            program.update(report)


def _wait_for_end(server: Server, programs: Mapping[str, Program]) -> None:
    """End the programs of a fork server that was killed: they hold its pipe open."""
    server.wait()
    for program in list(programs.values()):
        program.lose()
