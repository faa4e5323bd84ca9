"""A program of the demo as a process: whether it is ready, and its end."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.demo_services.waiting import wait_for
from tracing_starter_kit.kit.demo import state
from tracing_starter_kit.kit.demo.child import Child
from tracing_starter_kit.kit.demo.programs import Program
from tracing_starter_kit.kit.demo.supervisor import RESTARTS, Supervisor
from tracing_starter_kit.kit.settings import Settings

# It is ready when there is a file `go`, and ends at once when there is a file `broken`.
WORKER = """
import sys, time
from pathlib import Path

folder = Path(sys.argv[1])
while not (folder / "go").exists():
    time.sleep(0.01)
print("Ready.", flush=True)
while not (folder / "broken").exists():
    time.sleep(0.01)
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state=tmp_path / "state", ports={}, tracing="kit")


@pytest.fixture
def worker(tmp_path: Path) -> Program:
    command = (sys.executable, "-c", WORKER, str(tmp_path))
    return Program(name="worker", command=command, ready_line="Ready.")


@pytest.fixture
def child(worker: Program, settings: Settings) -> Iterator[Child]:
    child = Child(worker, settings)
    yield child
    end(child)


def end(child: Child) -> None:
    child.terminate()
    child.end(time.monotonic() + 5)


def wait_until_ready(child: Child) -> None:
    wait_for(child.is_ready, until=bool)


def test_a_program_that_is_started_again_is_not_ready_by_its_earlier_log(
    child: Child, tmp_path: Path
) -> None:
    (tmp_path / "go").touch()
    child.start()
    wait_until_ready(child)
    end(child)
    (tmp_path / "go").unlink()

    child.start(keep_log=True)

    assert not child.is_ready()
    (tmp_path / "go").touch()
    wait_until_ready(child)


def test_a_program_is_killed_once_as_its_pid_may_be_reused(
    child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_pids: list[int] = []
    child.start()
    end(child)
    monkeypatch.setattr(os, "killpg", lambda pid, _: killed_pids.append(pid))

    child.end(time.monotonic())

    assert killed_pids == []


def test_kit_start_starts_a_program_that_died_too_often(
    settings: Settings, worker: Program, tmp_path: Path
) -> None:
    messages: list[str] = []
    go, broken, stop = tmp_path / "go", tmp_path / "broken", threading.Event()
    go.touch()
    supervisor = Supervisor(settings, say=messages.append)
    supervisor.start([worker], stop)
    supervisor.save(ready=True)
    watching = threading.Thread(target=supervisor.watch, args=(stop,))
    watching.start()
    try:
        broken.touch()
        wait_for(lambda: messages, until=lambda texts: "stays down" in texts[-1])
        broken.unlink()

        state.cancel_stop(settings.state, "worker")

        wait_for(lambda: messages, until=lambda texts: "is started again." in texts[-1])
        wait_for(lambda: state.load(settings.state), until=is_ready)
        assert sum("started again (" in text for text in messages) == RESTARTS
    finally:
        stop.set()
        watching.join()
        supervisor.stop()


def is_ready(run: state.Run | None) -> bool:
    return bool(run and run.programs[0].ready and run.programs[0].id.process())
