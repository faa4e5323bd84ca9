"""A bundle, unpacked where nothing can be downloaded, is a workshop that works.

The bundle holds the kit as git has it, so this is a fresh clone, too: a learner goes
the whole path in it, in a pseudo-terminal, with no network but the machine's own.

`pytest -s` prints how long a saved file waits for its answer. ANSWERED_WITHIN, in
seconds, judges it, which only a machine without other work can do.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workshop.learner import alone, begin
from tests.workshop.offline import ENVIRONMENT, cut_off
from tracing_starter_kit.workshop.bundle import bundle_command
from tracing_starter_kit.workshop.learner_folder import FolderError
from tracing_starter_kit.workshop.progress import Progress

ANSWERED_WITHIN = float(os.environ.get("ANSWERED_WITHIN", "60"))


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A bundle that came as a zip file to another folder."""
    folder = tmp_path_factory.mktemp("bundle")
    bundle_command(folder / "made", zipped=True)
    shutil.rmtree(folder / "made")
    shutil.unpack_archive(folder / "made.zip", folder / "room")
    yield folder / "room" / "made"
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def kit(unpacked: Path) -> list[str]:
    """`kit`, installed from the bundle without a network."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PIP_")}
    installed = subprocess.run(
        cut_off(sys.executable, str(unpacked / "install.py")),
        env={**kept, **ENVIRONMENT},
        capture_output=True,
        text=True,
    )
    assert installed.returncode == 0, installed.stdout + installed.stderr
    assert "workshop start" in installed.stdout
    return cut_off(str(unpacked / "kit" / ".venv" / "bin" / "kit"))


@pytest.mark.skipif(sys.platform != "linux", reason="what cuts off is Linux's")
def test_who_is_cut_off_reaches_this_machine_alone() -> None:
    ask = "import socket; socket.create_connection((%r, 53), 5)"

    answers = [
        subprocess.run(
            cut_off(sys.executable, "-c", ask % host), capture_output=True, text=True
        ).stderr
        for host in ("192.0.2.1", "127.0.0.1")  # of nobody (RFC 5737), and one's own
    ]

    assert "Network is unreachable" in answers[0]
    assert "Connection refused" in answers[1]


@pytest.mark.timeout(900)
def test_a_learner_goes_the_whole_path(kit: list[str], tmp_path: Path) -> None:
    with begin(tmp_path, *kit) as learner:
        learner.watch(str(alone()[0].number))
        learner.solve(alone())
        learner.expect("✗ 1  ")  # which needs the demo: tests/system
        passed = Progress.load(learner.folder).passed

    slowest = max(learner.answered_after)
    print(f"{len(passed)} exercises; a saved file is answered within {slowest:.2f} s")
    assert passed == [one.number for one in alone()]
    assert slowest < ANSWERED_WITHIN


def test_what_is_there_already_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="is there already: name another"):
        bundle_command(tmp_path)


def test_wheels_that_cannot_be_had_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(FolderError, match=r"The wheels for Python .* cannot be had"):
        bundle_command(tmp_path / "bundle")
