"""Starts the learner's programs through a fork server, and ends them.

Example:
    with Launcher() as launcher:
        program = launcher.start("web", "shop", folder=..., environment={...})
        program.wait_ready()
        requests.get(f"http://127.0.0.1:{program.port}/")
        program.stop()
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path

from tracing_starter_kit.workshop.running.program import Program, ProgramError


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
        program = self._programs[number] = Program(module, output, folder.resolve())
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
