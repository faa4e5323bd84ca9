"""No span of a task is lost, with any pool and any end of the worker."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.instrumentation.processes import PROGRAMS, start
from tests.instrumentation.receiver import Receiver
from tests.long.processes.servers import ONLY_AT_THE_END, Server, running

QUIET = ("--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "INFO")
TERM, QUIT, INT = signal.SIGTERM, signal.SIGQUIT, signal.SIGINT


@contextmanager
def working(
    receiver: Receiver,
    broker: str,
    folder: Path,
    *options: str,
    program: str = "tasks",
    **variables: str,
) -> Iterator[Server]:
    celery = (sys.executable, "-m", "celery", "-A", f"{PROGRAMS}.{program}", "worker")
    more = {**ONLY_AT_THE_END, "BROKER_URL": broker, **variables}
    command = (*celery, *QUIET, *options)
    with running(*command, endpoint=receiver.endpoint, folder=folder, **more) as worker:
        worker.wait_for("ready.")
        yield worker


def publish(receiver: Receiver, broker: str, code: str, program: str = "tasks") -> None:
    """Run a line that publishes, in a process of its own."""
    line = f"import {PROGRAMS}.{program} as t; {code}"
    command = (sys.executable, "-c", line)
    publisher = start(*command, endpoint=receiver.endpoint, BROKER_URL=broker)
    output, _ = publisher.communicate(timeout=60)
    assert publisher.returncode == 0, output


@pytest.mark.parametrize(
    "signals", [(TERM,), (QUIT,), (INT, INT)], ids=["TERM", "QUIT", "INT INT"]
)
@pytest.mark.parametrize(
    "options",
    [
        ("--concurrency=2",),
        ("--concurrency=2", "--max-tasks-per-child=1"),
        ("--pool=threads", "--concurrency=2"),
        ("--pool=solo",),
        ("--pool=gevent", "--concurrency=2"),
    ],
    ids=" ".join,
)
def test_a_worker_delivers(
    receiver: Receiver,
    broker: str,
    tmp_path: Path,
    options: tuple[str, ...],
    signals: tuple[signal.Signals, ...],
) -> None:
    with working(receiver, broker, tmp_path, *options) as worker:
        publish(receiver, broker, "[t.work.delay(n) for n in range(6)]")
        worker.wait_for("succeeded", times=6)
        log = worker.end(*signals)

    steps = [f"step {n}" for n in range(6)]
    expected = sorted(["process work", "send work"] * 6 + steps)
    assert receiver.names() == expected, log
