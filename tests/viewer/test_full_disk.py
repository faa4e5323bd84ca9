"""A disk that is full for a while: what was acknowledged is stored afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

MOUNT = 'mount -t tmpfs -o size=24m tmpfs "$0" && exec "$@"'
IN_A_SMALL_FILE_SYSTEM = ("unshare", "-Urm", "sh", "-c", MOUNT)


def run_full(kind: str, folder: Path, *before: str) -> dict[str, Any]:
    program = [sys.executable, "-m", "tests.viewer.full_disk", kind, str(folder)]
    done = subprocess.run(
        [*before, *program], capture_output=True, text=True, timeout=40, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture
def small(tmp_path: Path) -> tuple[str, ...]:
    """What makes a program see a file system of 24 MiB in the folder."""
    before = (*IN_A_SMALL_FILE_SYSTEM, str(tmp_path))
    try:
        tried = subprocess.run([*before, "true"], capture_output=True, check=False)
        problem = tried.stderr.decode() if tried.returncode else ""
    except FileNotFoundError:
        problem = "there is no unshare"
    if problem:
        message = f"no file system can be mounted in a namespace here: {problem}"
        must = os.environ.get("CI") == "true" and sys.platform == "linux"
        pytest.fail(message) if must else pytest.skip(message)
    return before


def test_a_full_disk_sets_nothing_aside(small: tuple[str, ...], tmp_path: Path) -> None:
    """DuckDB's commit fails with an error about the transaction, not about the disk."""
    found = run_full("small", tmp_path, *small)

    assert "Failed to commit" in found["said"][0]
    assert (found["set aside"], found["flushed"]) == ([], True)
    assert found["stored"] == found["taken"]


def test_a_failed_checkpoint_is_survived_by_writer_and_readers(tmp_path: Path) -> None:
    """Its commit succeeded: the records are there, and must not be stored again."""
    found = run_full("limited", tmp_path)

    assert "the autocheckpoint failed" in found["said"][0]
    assert (found["readable while full"], found["flushed"]) == (True, True)
    assert found["stored"] == found["taken"]
