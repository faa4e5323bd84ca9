"""A bundle works as a workshop on a machine without a network.

The bundle holds the files that git tracks, so it is like a fresh clone. A learner does
all exercises in it, in a pseudo-terminal, with no network but the loopback.

`pytest -s` prints how long a saved file waits for its answer. ANSWERED_WITHIN limits
that time, in seconds; a low limit needs a machine without other work.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workshop.learner import begin, standalone_exercises
from tests.workshop.offline import ENVIRONMENT, cut_off
from tracing_starter_kit.workshop.bundle import bundle_command
from tracing_starter_kit.workshop.learner_folder import FolderError
from tracing_starter_kit.workshop.progress import Progress

ANSWERED_WITHIN = float(os.environ.get("ANSWERED_WITHIN", "60"))


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Make a bundle, and unpack its zip file in another folder."""
    folder = tmp_path_factory.mktemp("bundle")
    bundle_command(folder / "made", zipped=True)
    shutil.rmtree(folder / "made")
    shutil.unpack_archive(folder / "made.zip", folder / "room")
    yield folder / "room" / "made"
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def kit(unpacked: Path) -> list[str]:
    """Install `kit` from the bundle without a network; return its command."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PIP_")}
    result = subprocess.run(
        cut_off(sys.executable, str(unpacked / "install.py")),
        env={**environment, **ENVIRONMENT},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "workshop start" in result.stdout
    return cut_off(str(unpacked / "kit" / ".venv" / "bin" / "kit"))


@pytest.mark.skipif(sys.platform != "linux", reason="network namespaces are Linux's")
def test_a_command_that_is_cut_off_reaches_only_this_machine() -> None:
    program = "import socket; socket.create_connection((%r, 53), 5)"

    answers = [
        subprocess.run(
            cut_off(sys.executable, "-c", program % host),
            capture_output=True,
            text=True,
        ).stderr
        for host in ("192.0.2.1", "127.0.0.1")  # unused (RFC 5737), and this machine
    ]

    assert "Network is unreachable" in answers[0]
    assert "Connection refused" in answers[1]


@pytest.mark.timeout(900)
def test_a_learner_does_all_exercises(kit: list[str], tmp_path: Path) -> None:
    exercises = standalone_exercises()
    with begin(tmp_path, *kit) as learner:
        learner.watch(str(exercises[0].number))
        learner.solve(exercises)
        learner.expect("✗ 1  ")  # needs the demo: tests/system
        passed = Progress.load(learner.folder).passed

    slowest = max(learner.answer_times)
    print(f"{len(passed)} exercises; a saved file is answered within {slowest:.2f} s")
    assert passed == [exercise.number for exercise in exercises]
    assert slowest < ANSWERED_WITHIN


def test_an_existing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="already exists: name another"):
        bundle_command(tmp_path)


def test_a_failed_download_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(FolderError, match=r"pip cannot download the wheels for Python"):
        bundle_command(tmp_path / "bundle")
