"""A disk that is full for a while: acknowledged data is stored afterwards."""

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
    process = subprocess.run(
        [*before, *program], capture_output=True, text=True, timeout=40, check=False
    )
    assert process.returncode == 0, process.stderr
    result: dict[str, Any] = json.loads(process.stdout)
    return result


@pytest.fixture
def small(tmp_path: Path) -> tuple[str, ...]:
    """The command prefix with which a program sees 24 MiB of disk in the folder."""
    before = (*IN_A_SMALL_FILE_SYSTEM, str(tmp_path))
    try:
        attempt = subprocess.run([*before, "true"], capture_output=True, check=False)
        problem = attempt.stderr.decode() if attempt.returncode else ""
    except FileNotFoundError:
        problem = "there is no unshare"
    if problem:
        message = f"no file system can be mounted in a namespace here: {problem}"
        is_required = os.environ.get("CI") == "true" and sys.platform == "linux"
        pytest.fail(message) if is_required else pytest.skip(message)
    return before


def test_a_full_disk_refuses_no_request(small: tuple[str, ...], tmp_path: Path) -> None:
    """DuckDB's commit fails with an error about the transaction, not about the disk."""
    result = run_full("small", tmp_path, *small)

    assert "Failed to commit" in result["messages"][0]
    assert (result["refused"], result["flushed"]) == ([], True)
    assert result["stored"] == result["submitted"]


def test_writer_and_readers_survive_a_failed_checkpoint(tmp_path: Path) -> None:
    """Its commit succeeded: the records are there, and must not be stored again."""
    result = run_full("limited", tmp_path)

    assert "the autocheckpoint failed" in result["messages"][0]
    assert (result["readable while full"], result["flushed"]) == (True, True)
    assert result["stored"] == result["submitted"]
