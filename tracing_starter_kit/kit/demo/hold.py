"""`kit stop` and `kit start`: take one program of the running demo away, and back.

An outage to look at: an order with the broker down, or with payments away.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from tracing_starter_kit.kit.demo import state
from tracing_starter_kit.kit.settings import Settings

WITHIN = 10.0


def stop_command(settings: Settings, name: str) -> int:
    """Stop a program and wait until it is gone."""
    if not _is_known(settings, name):
        return 1
    state.hold_down(settings.state, name)
    return _await(
        lambda: not _runs(settings, name),
        then=f"{name} is stopped. `kit start {name}` brings it back.",
        otherwise=f"{name} still runs.",
    )


def start_command(settings: Settings, name: str) -> int:
    """Start a stopped program again and wait until it does its work."""
    if not _is_known(settings, name):
        return 1
    state.release(settings.state, name)
    return _await(
        lambda: _is_ready(settings, name),
        then=f"{name} runs.",
        otherwise=f"{name} does not start.",
    )


def _is_known(settings: Settings, name: str) -> bool:
    run = state.load(settings.state)
    names = [program.name for program in run.programs] if run else []
    if name in names:
        return True
    known = ", ".join(names) or "none: the demo does not run"
    print(f"There is no program {name!r}. There is {known}.", file=sys.stderr)
    return False


def _runs(settings: Settings, name: str) -> bool:
    run = state.load(settings.state)
    programs = run.programs if run else ()
    return any(p.name == name and p.id.process() for p in programs)


def _is_ready(settings: Settings, name: str) -> bool:
    run = state.load(settings.state)
    programs = run.programs if run else ()
    return any(p.name == name and p.ready and p.id.process() for p in programs)


def _await(done: Callable[[], bool], *, then: str, otherwise: str) -> int:
    deadline = time.monotonic() + WITHIN
    while not done():
        if time.monotonic() > deadline:
            print(otherwise, "`kit status` shows what runs.", file=sys.stderr)
            return 1
        time.sleep(0.05)
    print(then)
    return 0
