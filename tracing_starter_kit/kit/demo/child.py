"""One program of the demo as a running process: start it, check it, end it.

    child = Child(program, settings)
    child.start()
    child.is_ready()

The process has its own session: the terminal's Ctrl-C does not reach it, and it ends
together with all its children. Its output goes to its log file.
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
    """A program and its process: running, dead, or stopped by `kit stop`."""

    def __init__(self, program: Program, settings: Settings) -> None:
        self.program = program
        self.name = program.name
        self.restarts = 0
        self.is_stopped = False
        self._settings = settings
        self._log = state.log_file(settings.state, program.name)
        self._log_begin = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._has_ended = True

    def start(self, *, keep_log: bool = False) -> None:
        """Start the process with an empty log, or continue the log after a death."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        mark = {state.MARK: str(self._settings.state), "PYTHONUNBUFFERED": "1"}
        with self._log.open("ab" if keep_log else "wb") as output:
            self._log_begin = output.tell()  # a ready line before it does not count
            self._process = subprocess.Popen(
                self.program.command,
                cwd=ROOT,
                env={**os.environ, **mark, **self.program.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._has_ended = False

    @property
    def has_died(self) -> bool:
        """Whether the process is gone, on purpose or not."""
        return self._process is None or self._process.poll() is not None

    def is_ready(self) -> bool:
        """Tell whether the program answers, or its log has the ready line."""
        if self.program.ready_path:
            port = self._settings.ports[self.program.port_keys[0]]
            return web.answers(f"http://{HOST}:{port}{self.program.ready_path}")
        with self._log.open("rb") as log:
            log.seek(self._log_begin)
            return (self.program.ready_line or "").encode() in log.read()

    def addresses(self) -> str:
        """Return the addresses that it listens on, for people."""
        return " ".join(f"{HOST}:{port}" for port in self._ports())

    def obituary(self) -> str:
        """Return how the process ended, with the end of its log."""
        code = self._process.returncode if self._process else 0
        how = f"ended by {signal.Signals(-code).name}" if code < 0 else f"exit {code}"
        return f"{self.name} died ({how}).\n{self.last_words()}"

    def last_words(self) -> str:
        """Return the end of the log, and its path."""
        lines = self._log.read_text(errors="replace").splitlines()[-LOG_TAIL:]
        tail = "\n".join(f"    {line}" for line in lines) or "    (the log is empty)"
        path = _relative(self._log)
        return f"The last lines of its log:\n{tail}\n  The whole log: {path}"

    def terminate(self) -> None:
        """Send TERM; the process may need a moment."""
        if self._process and not self.has_died:
            self._process.terminate()

    def end(self, deadline: float) -> None:
        """Wait until a time of `time.monotonic()`, then kill the whole session.

        Only once: afterwards another program may have the same pid.
        """
        if self._process is None or self._has_ended:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, deadline - time.monotonic()))
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._has_ended = True

    def record(self, *, ready: bool) -> state.RunningProgram:
        """Return the program's entry in the state file, for `kit status`."""
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


def _relative(path: Path) -> Path:
    """Return the path relative to the current folder, if it is inside of it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
