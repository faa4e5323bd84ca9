"""The commit that is checked out, read from `.git` as git itself would say it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.structure.modules import ROOT

COMMANDS = {
    "a branch": (),
    "packed refs": (("pack-refs", "--all"),),
    "no branch": (("checkout", "--quiet", "--detach"),),
}


def git(repository: Path, *words: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@b.example")
    return subprocess.run(
        ["git", "-C", str(repository), *who, *words],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()


def said_of(folder: Path) -> str:
    command = [sys.executable, ROOT / "scripts" / "revision.py", folder]
    return subprocess.run(
        command, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.mark.parametrize("state", COMMANDS)
def test_it_is_what_git_says(tmp_path: Path, state: str) -> None:
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "--message", "one")
    for words in COMMANDS[state]:
        git(tmp_path, *words)

    assert said_of(tmp_path / ".git") == git(tmp_path, "rev-parse", "HEAD")


def test_it_is_empty_where_there_is_no_repository(tmp_path: Path) -> None:
    assert said_of(tmp_path) == ""
