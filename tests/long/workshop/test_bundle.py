"""A bundle, unpacked where nothing can be downloaded, is a workshop that works."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workshop.learner import begin
from workshop.bundle import bundle_command
from workshop.exercise import by_number
from workshop.folder import FolderError
from workshop.progress import Progress

NOWHERE = "http://127.0.0.1:9"  # whoever asks for the network gets no answer
OFFLINE = {
    **dict.fromkeys(
        ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), NOWHERE
    ),
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_INDEX_URL": NOWHERE,
    "PIP_NO_CACHE_DIR": "1",
}


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A bundle that came as a zip file to another folder."""
    folder = tmp_path_factory.mktemp("bundle")
    bundle_command(folder / "made", zipped=True)
    shutil.rmtree(folder / "made")
    shutil.unpack_archive(folder / "made.zip", folder / "room")
    yield folder / "room" / "made"
    shutil.rmtree(folder)


@pytest.mark.timeout(900)
def test_it_installs_and_runs_without_a_network(unpacked: Path, tmp_path: Path) -> None:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PIP_")}
    installed = subprocess.run(
        [sys.executable, unpacked / "install.py"],
        env={**kept, **OFFLINE},
        capture_output=True,
        text=True,
    )
    assert installed.returncode == 0, installed.stdout + installed.stderr
    assert "workshop start" in installed.stdout

    with begin(tmp_path, str(unpacked / "kit" / ".venv" / "bin" / "kit")) as learner:
        learner.watch("6")
        learner.solve([by_number(6), by_number(7)])
        learner.expect("✗ 8  ")
        assert Progress.load(learner.folder).passed == [6, 7]


def test_what_is_there_already_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="is there already: name another"):
        bundle_command(tmp_path)


def test_wheels_that_cannot_be_had_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in OFFLINE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PIP_RETRIES", "0")

    with pytest.raises(FolderError, match=r"The wheels for Python .* cannot be had"):
        bundle_command(tmp_path / "bundle")
