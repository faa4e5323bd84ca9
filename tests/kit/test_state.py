from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tracing_starter_kit.kit.demo import state
from tracing_starter_kit.kit.demo.supervisor import end_leftovers


@pytest.fixture
def orphan(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process of a run without a supervisor, recognised by its mark only."""
    process = subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); input()"],
        env={**os.environ, state.MARK: str(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout
        process.stdout.readline()
        yield process
        process.kill()


def test_a_run_is_read_back_as_it_was_saved(tmp_path: Path) -> None:
    me = state.ProcessId.of(os.getpid())
    program = state.RunningProgram("billing", me, (8611,), restarts=2)
    run = state.Run(me, "kit", ready=True, programs=(program,))

    state.save(tmp_path, run)

    assert state.load(tmp_path) == run


@pytest.mark.parametrize("text", ["", "{", "{}", '{"supervisor": 1}', "[]"])
def test_a_damaged_state_file_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "state.json").write_text(text)

    assert state.load(tmp_path) is None


def test_a_later_process_with_the_same_pid_is_another() -> None:
    me = state.ProcessId.of(os.getpid())

    assert state.ProcessId(me.pid, me.started - 60).process() is None


def test_the_leftovers_of_a_killed_start_are_ended(
    tmp_path: Path, orphan: subprocess.Popen[bytes]
) -> None:
    assert end_leftovers(tmp_path)

    assert not psutil.pid_exists(orphan.pid)


def test_processes_of_another_state_folder_are_left_alone(
    tmp_path: Path, orphan: subprocess.Popen[bytes]
) -> None:
    assert end_leftovers(tmp_path / "other") == []

    assert orphan.poll() is None


@pytest.mark.skipif(sys.platform != "linux", reason="macOS notes the time itself")
def test_a_process_is_recognised_after_the_clock_was_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    me = state.ProcessId.of(os.getpid())
    booted = psutil.boot_time()

    monkeypatch.setattr(psutil._pslinux, "boot_time", lambda: booted + 3600)

    assert me.process() is not None
