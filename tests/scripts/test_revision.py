"""The checked-out commit, read from `.git` without git."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.structure.modules import ROOT

COMMANDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "a branch": (),
    "packed refs": (("pack-refs", "--all"),),
    "no branch": (("checkout", "--quiet", "--detach"),),
}


def git(repository: Path, *words: str) -> str:
    author = ("-c", "user.name=a", "-c", "user.email=a@b.example")
    command = ["git", "-C", str(repository), *author, *words]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    return run.stdout.strip()


def revision_of(folder: Path) -> str:
    command = [sys.executable, str(ROOT / "scripts" / "revision.py"), str(folder)]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    return run.stdout.strip()


@pytest.mark.parametrize("state", COMMANDS)
def test_it_is_the_commit_that_git_names(tmp_path: Path, state: str) -> None:
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "--message", "one")
    for words in COMMANDS[state]:
        git(tmp_path, *words)

    assert revision_of(tmp_path / ".git") == git(tmp_path, "rev-parse", "HEAD")


def test_it_is_empty_where_there_is_no_repository(tmp_path: Path) -> None:
    assert revision_of(tmp_path) == ""
