"""Start the demo's programs, watch them, end them.

    supervisor = Supervisor(settings, say=print)
    supervisor.start(demo_programs(settings), stop)
    supervisor.watch(stop)
    supervisor.stop()

The other commands find the programs in the state file that it writes.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil

from tracing_starter_kit.kit.demo import state
from tracing_starter_kit.kit.demo.child import Child
from tracing_starter_kit.kit.demo.programs import GRACE, Program
from tracing_starter_kit.kit.settings import Settings

READY_WITHIN = 45.0
POLL = 0.1
LAST_GRACE = 0.8
RESTARTS = 3


class StartError(Exception):
    """A program did not start; the message names it and ends with its log."""


class Supervisor:
    """The running programs of one `kit up`."""

    def __init__(self, settings: Settings, *, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._say = say
        self._children: list[Child] = []
        self._starting: set[Child] = set()
        self._ready = False

    def start(self, programs: Iterable[Program], stop: threading.Event) -> None:
        """Start all programs side by side and wait until each is ready.

        Raises:
            StartError: A program ended, or was not ready within `READY_WITHIN` s.
        """
        state.cancel_all_stops(self._settings.state)
        for program in programs:
            child = Child(program, self._settings)
            child.start()
            self._children.append(child)
            self._starting.add(child)
            self.save()
        deadline = time.monotonic() + READY_WITHIN
        while self._starting and not stop.wait(POLL):
            for child in [c for c in self._children if c in self._starting]:
                self._check_start(child, deadline)

    def save(self, *, ready: bool | None = None) -> None:
        """Write the state file; `ready` sets whether the whole demo counts as ready."""
        self._ready = self._ready if ready is None else ready
        programs = [c.record(ready=c not in self._starting) for c in self._children]
        supervisor = state.ProcessId.of(os.getpid())
        tracing = self._settings.tracing
        run = state.Run(supervisor, tracing, self._ready, tuple(programs))
        state.save(self._settings.state, run)

    def watch(self, stop: threading.Event) -> None:
        """Restart each program that dies, and name it, until `stop` is set."""
        while not stop.wait(POLL):
            stopped = state.stopped_names(self._settings.state)
            for child in self._children:
                if (child.name in stopped) != child.is_stopped:
                    self._toggle(child)
                elif child.has_died and not child.is_stopped:
                    self._revive(child)
                elif child in self._starting and child.is_ready():
                    self._starting.remove(child)
                    self.save()

    def stop(self) -> None:
        """End everything with TERM, then KILL; the viewer and the broker end last."""
        _end([c for c in self._children if not c.program.last], GRACE)
        _end([c for c in self._children if c.program.last], LAST_GRACE)
        end_leftovers(self._settings.state)
        state.clear(self._settings.state)

    def _check_start(self, child: Child, deadline: float) -> None:
        if child.has_died:
            raise StartError(child.obituary())
        if child.is_ready():
            self._starting.remove(child)
            self._say(f"  {child.name:<13} ready  {child.addresses()}")
        elif time.monotonic() > deadline:
            late = f"{child.name} was not ready within {READY_WITHIN:.0f} s."
            raise StartError(f"{late}\n{child.last_words()}")

    def _revive(self, child: Child) -> None:
        _end([child], 0)  # processes that it started may still run
        self._say(child.obituary())
        if child.restarts == RESTARTS:
            self._give_up(child)
            return
        child.restarts += 1
        self._start_again(child)
        self._say(f"{child.name} is started again ({child.restarts} of {RESTARTS}).")

    def _give_up(self, child: Child) -> None:
        """Mark the program as stopped, so that `kit start` can start it."""
        state.request_stop(self._settings.state, child.name)
        child.is_stopped = True
        self._starting.discard(child)
        self._say(
            f"{child.name} died {RESTARTS + 1} times and stays down: "
            f"start it again with `kit start {child.name}`."
        )

    def _toggle(self, child: Child) -> None:
        """Carry out a `kit stop` or a `kit start` of one program."""
        child.is_stopped = not child.is_stopped
        if child.is_stopped:
            _end([child], GRACE)
            name = child.name
            self._say(f"{name} is stopped: start it again with `kit start {name}`.")
            return
        child.restarts = 0
        self._start_again(child)
        self._say(f"{child.name} is started again.")

    def _start_again(self, child: Child) -> None:
        child.start(keep_log=True)
        self._starting.add(child)
        self.save()


def end_leftovers(folder: Path) -> list[str]:
    """End the leftover processes of an earlier run; return their names."""
    names = []
    for process in state.leftovers(folder):
        with contextlib.suppress(psutil.Error):
            names.append(process.name())
            process.kill()
            process.wait(GRACE)
    return names


def _end(children: list[Child], grace: float) -> None:
    for child in children:
        child.terminate()
    deadline = time.monotonic() + grace
    for child in children:
        child.end(deadline)
