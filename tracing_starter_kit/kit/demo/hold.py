"""`kit stop` and `kit start`: stop one program of the running demo, start it again.

For an outage to look at: an order without the broker, or without payments.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence

from tracing_starter_kit.kit.demo import state
from tracing_starter_kit.kit.settings import Settings

WITHIN = 10.0


def stop_command(settings: Settings, name: str) -> int:
    """Stop a program and wait until its process has ended."""
    if not _is_in_demo(settings, name):
        return 1
    state.request_stop(settings.state, name)
    return _wait_until(
        lambda: not _is_running(settings, name),
        then=f"{name} is stopped: start it again with `kit start {name}`.",
        otherwise=f"{name} is still running",
    )


def start_command(settings: Settings, name: str) -> int:
    """Start a stopped program again and wait until it is ready."""
    if not _is_in_demo(settings, name):
        return 1
    state.cancel_stop(settings.state, name)
    return _wait_until(
        lambda: _is_ready(settings, name),
        then=f"{name} is running.",
        otherwise=f"{name} is not ready",
    )


def _is_in_demo(settings: Settings, name: str) -> bool:
    names = [program.name for program in _programs(settings)]
    if not names:
        print("The demo is not running: start it with `make demo`.", file=sys.stderr)
    elif name not in names:
        print(
            f"The demo has no program {name!r}: choose one of {', '.join(names)}.",
            file=sys.stderr,
        )
    return name in names


def _is_running(settings: Settings, name: str) -> bool:
    return any(p.name == name and p.id.process() for p in _programs(settings))


def _is_ready(settings: Settings, name: str) -> bool:
    programs = _programs(settings)
    return any(p.name == name and p.ready and p.id.process() for p in programs)


def _programs(settings: Settings) -> Sequence[state.RunningProgram]:
    """Return the programs of the demo; none where no demo is running."""
    run = state.load(settings.state)
    return run.programs if run and run.supervisor.process() else ()


def _wait_until(is_done: Callable[[], bool], *, then: str, otherwise: str) -> int:
    deadline = time.monotonic() + WITHIN
    while not is_done():
        if time.monotonic() > deadline:
            late = f"{otherwise} after {WITHIN:.0f} s: look at `kit status`."
            print(late, file=sys.stderr)
            return 1
        time.sleep(0.05)
    print(then)
    return 0
