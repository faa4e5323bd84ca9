"""One program of the demo as a running process: start it, ask it, end it.

    child = Child(program, settings)
    child.start()
    child.is_ready()

It runs in a session of its own, so that the terminal's Ctrl-C does not reach it and
it is ended together with all its children. Its output goes to its log file.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

import psutil

from tracing_starter_kit.kit.demo import state
from tracing_starter_kit.kit.demo.programs import Program
from tracing_starter_kit.kit.settings import HOST, ROOT, Settings
from tracing_starter_kit.traces import web

LOG_TAIL = 12


class Child:
    """A program and its process, whether it runs, has died, or is held down."""

    def __init__(self, program: Program, settings: Settings) -> None:
        self.program = program
        self.name = program.name
        self.restarts = 0
        self.held = False
        self._settings = settings
        self._log = state.log_file(settings.state, program.name)
        self._log_begin = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = True

    def start(self, *, keep_log: bool = False) -> None:
        """Start the process; its log begins anew, or goes on after a death."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        mark = {state.MARK: str(self._settings.state), "PYTHONUNBUFFERED": "1"}
        with self._log.open("ab" if keep_log else "wb") as output:
            self._log_begin = output.tell()  # what an earlier life wrote says nothing
            self._process = subprocess.Popen(
                self.program.command,
                cwd=ROOT,
                env={**os.environ, **mark, **self.program.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._ended = False

    @property
    def has_died(self) -> bool:
        """Whether the process is gone, wanted or not."""
        return self._process is None or self._process.poll() is not None

    def is_ready(self) -> bool:
        """Tell whether the program does its work: it answers, or its log says so."""
        if self.program.ready_path:
            port = self._settings.ports[self.program.port_keys[0]]
            return web.answers(f"http://{HOST}:{port}{self.program.ready_path}")
        with self._log.open("rb") as log:
            log.seek(self._log_begin)
            return (self.program.ready_line or "").encode() in log.read()

    def addresses(self) -> str:
        """Return where it listens, for people."""
        return " ".join(f"{HOST}:{port}" for port in self._ports())

    def obituary(self) -> str:
        """Say how the process ended, and what it wrote last."""
        code = self._process.returncode if self._process else 0
        how = f"ended by {signal.Signals(-code).name}" if code < 0 else f"exit {code}"
        return f"{self.name} died ({how}).\n{self.last_words()}"

    def last_words(self) -> str:
        """Return the end of the log, and where the rest is."""
        lines = self._log.read_text(errors="replace").splitlines()[-LOG_TAIL:]
        shown = "\n".join(f"    {line}" for line in lines) or "    (it wrote nothing)"
        return f"The last lines of its log:\n{shown}\n  The rest: {_shown(self._log)}"

    def ask_to_end(self) -> None:
        """Send TERM; the process may need a moment."""
        if self._process and not self.has_died:
            self._process.terminate()

    def end(self, deadline: float) -> None:
        """Wait until a time of `time.monotonic()`, then kill what is left of it.

        Once only: afterwards its number may be another program's.
        """
        if self._process is None or self._ended:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, deadline - time.monotonic()))
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._ended = True

    def record(self, *, ready: bool) -> state.RunningProgram:
        """Return what `kit status` shows of it."""
        pid = self._process.pid if self._process else 0
        return state.RunningProgram(
            name=self.name,
            id=_identity(pid),
            ports=self._ports(),
            restarts=self.restarts,
            ready=ready,
        )

    def _ports(self) -> tuple[int, ...]:
        return tuple(self._settings.ports[key] for key in self.program.port_keys)


def _identity(pid: int) -> state.ProcessId:
    try:
        return state.ProcessId.of(pid)
    except psutil.NoSuchProcess:
        return state.ProcessId(pid, 0.0)


def _shown(path: Path) -> str:
    """Return the path as one would type it in this folder."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
