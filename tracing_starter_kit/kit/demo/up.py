"""`kit up` and `kit down`: start the demo and show the first order's trace; end it.

In the foreground `kit up` reports each program, sends an order and prints its trace,
then prints a line for each further order, until Ctrl-C.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
import time
from typing import TextIO

import psutil

from tracing_starter_kit.kit.demo import state
from tracing_starter_kit.kit.demo.follow import follow_orders
from tracing_starter_kit.kit.demo.ports import shared_ports, taken_ports
from tracing_starter_kit.kit.demo.programs import demo_programs
from tracing_starter_kit.kit.demo.supervisor import (
    StartError,
    Supervisor,
    end_leftovers,
)
from tracing_starter_kit.kit.order import FIRST_ORDER, place_order, show_order
from tracing_starter_kit.kit.settings import ROOT, Settings

STOP_WITHIN = 6.0


def up(settings: Settings) -> int:
    """Start the demo and supervise it until Ctrl-C; return the exit status."""
    if is_running(settings):
        viewer = settings.url("VIEWER_PORT")
        _say(f"The demo is already running: {viewer} (end it with `kit down`).")
        return 0
    if not _can_start(settings):
        return 1
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    supervisor = Supervisor(settings, say=_say)
    try:
        _run(settings, supervisor, stop)
    except StartError as error:
        _say(f"\n{error}\n\nNothing is left running.")
        return 1
    finally:
        supervisor.stop()
    _say("\nThe demo has ended. Data and logs are in .kit; start again: `make demo`.")
    return 0


def _run(settings: Settings, supervisor: Supervisor, stop: threading.Event) -> None:
    programs = demo_programs(settings)
    _say(f"Starting {len(programs)} programs (TRACING={settings.tracing}) …")
    supervisor.start(programs, stop)
    if stop.is_set():
        return
    _say("\nThe first order, as one trace:\n")
    show_order(settings, place_order(settings, FIRST_ORDER))
    supervisor.save(ready=True)
    _say(f"\nAll traces    {settings.url('VIEWER_PORT')}")
    _say("Next order    .venv/bin/kit order --plan team --quantity 3")
    _say("To end it     Ctrl-C, or .venv/bin/kit down\n")
    arguments = (settings, _say, stop)
    threading.Thread(target=follow_orders, args=arguments, daemon=True).start()
    supervisor.watch(stop)
    _say("\nEnding everything …")


def up_detached(settings: Settings) -> int:
    """Start the demo in the background; return when it is ready or has failed."""
    log = state.log_file(settings.state, "kit")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            (
                sys.executable,
                "-m",
                "tracing_starter_kit",
                "up",
                "--tracing",
                settings.tracing,
            ),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    with log.open(errors="replace") as lines:
        while process.poll() is None and not _is_ready(settings, process.pid):
            _copy(lines)
            time.sleep(0.1)
        _copy(lines)
    return process.poll() or 0


def down(settings: Settings) -> int:
    """End the running demo, and the leftover processes of an earlier one."""
    run = state.load(settings.state)
    supervisor = run.supervisor.process() if run else None
    if supervisor:
        supervisor.terminate()
        with contextlib.suppress(psutil.TimeoutExpired):
            supervisor.wait(STOP_WITHIN)
    names = end_leftovers(settings.state)
    state.clear(settings.state)
    _say("The demo has ended." if supervisor or names else "Nothing was running.")
    return 0


def is_running(settings: Settings) -> bool:
    """Tell whether a `kit up` is running with this state folder."""
    run = state.load(settings.state)
    return bool(run and run.supervisor.process())


def _can_start(settings: Settings) -> bool:
    if names := end_leftovers(settings.state):
        listing = ", ".join(sorted(names))
        _say(f"Ended leftover processes of an earlier start: {listing}.")
    problems = shared_ports(settings.ports)
    problems += [port.sentence() for port in taken_ports(settings.ports)]
    for problem in problems:
        _say(problem)
    if problems:
        _say("Nothing was started.")
    return not problems


def _is_ready(settings: Settings, supervisor_pid: int) -> bool:
    run = state.load(settings.state)
    return bool(run and run.ready and run.supervisor.pid == supervisor_pid)


def _copy(lines: TextIO) -> None:
    for line in lines:
        _say(line.rstrip("\n"))


def _say(text: str) -> None:
    # The demo goes on when its terminal or pipe is closed.
    with contextlib.suppress(OSError):
        print(text, flush=True)
