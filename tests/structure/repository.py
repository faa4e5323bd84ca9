"""The files that git tracks, and the files that it ignores."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable

from tests.structure.modules import ROOT


def tracked_files(*options: str) -> list[str]:
    """Return the tracked paths; `options` are those of `git ls-files`."""
    output = _git("ls-files", "-z", *options)
    return [path for path in output.split("\0") if path]


def ignored_by(paths: Iterable[str]) -> dict[str, str]:
    """Return the paths that .gitignore ignores, each with the line that does."""
    output = _git("check-ignore", "--no-index", "--verbose", *paths)
    rows = [line.split("\t") for line in output.splitlines()]
    return {path: source.split(":", 2)[2] for source, path in rows}


def _git(*arguments: str) -> str:
    run = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return run.stdout
