"""Start the demo's programs, watch them, end them.

    supervisor = Supervisor(settings, say=print)
    supervisor.start(demo_programs(settings))
    supervisor.watch(stop_event)
    supervisor.stop()

Each program runs in a session of its own, so that the terminal's Ctrl-C reaches
the supervisor alone, and a program is ended together with all its children.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

from kit import state, web
from kit.programs import GRACE, Program
from kit.settings import HOST, ROOT, Settings

READY_WITHIN = 45.0
POLL = 0.1
LAST_GRACE = 0.8
RESTARTS = 3
LOG_TAIL = 12


class StartError(Exception):
    """A program did not come up; the message names it and ends with its log."""


@dataclass
class _Child:
    program: Program
    process: subprocess.Popen[bytes]
    restarts: int = 0
    failed: bool = False
    held: bool = False

    @property
    def down(self) -> bool:
        return self.failed or self.held


class Supervisor:
    """Holds the running programs of one `kit up`."""

    def __init__(self, settings: Settings, *, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._say = say
        self._children: dict[str, _Child] = {}
        self._ready = False

    def start(self, programs: Iterable[Program], stop: threading.Event) -> None:
        """Start all programs side by side and wait until each is ready.

        Raises:
            StartError: One ended, or was not ready within `READY_WITHIN` seconds.
        """
        state.release_all(self._settings.state)
        for program in programs:
            self._children[program.name] = _Child(program, self._spawn(program))
            self.save()
        deadline = time.monotonic() + READY_WITHIN
        waiting = dict(self._children)
        while waiting and not stop.wait(POLL):
            for name, child in list(waiting.items()):
                if self._is_ready(child, deadline):
                    self._say(f"  {name:<13} ready  {self._address(child.program)}")
                    del waiting[name]

    def watch(self, stop: threading.Event) -> None:
        """Until told to stop: name each program that dies, and start it again."""
        while not stop.wait(POLL):
            held = state.held_down(self._settings.state)
            for child in self._children.values():
                if (child.program.name in held) != child.held:
                    self._hold(child)
                elif child.process.poll() is not None and not child.down:
                    self._say(self._obituary(child))
                    self._revive(child)

    def stop(self) -> None:
        """End everything: TERM, then KILL; what stores the last spans ends last."""
        children = list(self._children.values())
        self._end([c for c in children if not c.program.last], GRACE)
        self._end([c for c in children if c.program.last], LAST_GRACE)
        end_leftovers(self._settings.state)
        state.clear(self._settings.state)

    def _spawn(self, program: Program) -> subprocess.Popen[bytes]:
        folder = self._settings.state
        log = state.log_file(folder, program.name)
        log.parent.mkdir(parents=True, exist_ok=True)
        mark = {state.MARK: str(folder), "PYTHONUNBUFFERED": "1"}
        with log.open("ab" if program.name in self._children else "wb") as output:
            return subprocess.Popen(
                program.command,
                cwd=ROOT,
                env={**os.environ, **mark, **program.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _is_ready(self, child: _Child, deadline: float) -> bool:
        if child.process.poll() is not None:
            raise StartError(self._obituary(child))
        if time.monotonic() > deadline:
            late = f"{child.program.name} was not ready within {READY_WITHIN:.0f} s."
            raise StartError(f"{late}\n{self._log_tail(child)}")
        program = child.program
        if program.ready_path:
            port = self._settings.ports[program.port_keys[0]]
            return web.answers(f"http://{HOST}:{port}{program.ready_path}")
        log = state.log_file(self._settings.state, program.name).read_bytes()
        return (program.ready_line or "").encode() in log

    def _obituary(self, child: _Child) -> str:
        code = child.process.returncode
        how = f"ended by {signal.Signals(-code).name}" if code < 0 else f"exit {code}"
        return f"{child.program.name} died ({how}).\n{self._log_tail(child)}"

    def _log_tail(self, child: _Child) -> str:
        log = state.log_file(self._settings.state, child.program.name)
        lines = log.read_text(errors="replace").splitlines()[-LOG_TAIL:]
        shown = "\n".join(f"    {line}" for line in lines) or "    (it wrote nothing)"
        return f"The last lines of its log:\n{shown}\n  The rest: {_from_here(log)}"

    def _address(self, program: Program) -> str:
        ports = [self._settings.ports[key] for key in program.port_keys]
        return " ".join(f"{HOST}:{port}" for port in ports)

    def _revive(self, child: _Child) -> None:
        name = child.program.name
        if child.restarts == RESTARTS:
            child.failed = True
            self._say(f"{name} died {RESTARTS + 1} times and stays down.")
            return
        _kill_group(child.process.pid)  # its children, if it left any
        child.restarts += 1
        child.process = self._spawn(child.program)
        self.save()
        self._say(f"{name} is started again ({child.restarts} of {RESTARTS}).")

    def _hold(self, child: _Child) -> None:
        """Do as `kit stop` or `kit start` says with one program."""
        name = child.program.name
        child.held = not child.held
        if child.held:
            self._end([child], GRACE)
            self._say(f"{name} is stopped; kit start {name} brings it back.")
            return
        child.process = self._spawn(child.program)
        child.failed, child.restarts = False, 0
        self.save()
        self._say(f"{name} is started again.")

    def save(self, *, ready: bool | None = None) -> None:
        """Write down what runs, and from when on it counts as ready."""
        self._ready = self._ready if ready is None else ready
        programs = tuple(
            state.RunningProgram(
                name=child.program.name,
                id=_identity(child.process.pid),
                ports=tuple(self._settings.ports[k] for k in child.program.port_keys),
                restarts=child.restarts,
            )
            for child in self._children.values()
        )
        me = state.ProcessId.of(os.getpid())
        run = state.Run(me, self._settings.tracing, self._ready, programs)
        state.save(self._settings.state, run)

    def _end(self, children: list[_Child], grace: float) -> None:
        for child in children:
            if child.process.poll() is None:
                child.process.terminate()
        deadline = time.monotonic() + grace
        for child in children:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.0, deadline - time.monotonic()))
            _kill_group(child.process.pid)
            child.process.wait()


def end_leftovers(folder: Path) -> list[str]:
    """End what an earlier run left behind; return the names of what was ended."""
    names = []
    for process in state.leftovers(folder):
        with contextlib.suppress(psutil.Error):
            names.append(process.name())
            process.kill()
            process.wait(GRACE)
    return names


def _identity(pid: int) -> state.ProcessId:
    try:
        return state.ProcessId.of(pid)
    except psutil.NoSuchProcess:
        return state.ProcessId(pid, 0.0)


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _from_here(path: Path) -> str:
    """Return the path as one would type it in this folder."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
