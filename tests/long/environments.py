"""Virtual environments with just the packages that are named, each made once."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.instrumentation.processes import ROOT


class Environments:
    """Makes environments below a folder; who names the same gets the same."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[object, Path] = {}

    def python_with(
        self,
        packages: Iterable[str],
        python: str = sys.executable,
        constraints: str | None = None,
    ) -> Path:
        """Return the interpreter of an environment that holds `packages`, no others.

        Args:
            packages: As pip takes them, "flask~=3.0".
            python: The interpreter that the environment is made with.
            constraints: Lines "name==version"; the default are the lock files.
        """
        if constraints is None:
            constraints = held_versions()
        key = (frozenset(packages), python, constraints)
        if key not in self._made:
            folder = self._folder / str(len(self._made))
            subprocess.run([python, "-m", "venv", "--without-pip", folder], check=True)
            self._made[key] = _install(folder, key[0], constraints)
        return self._made[key]


def held_versions() -> str:
    """Return what the lock files hold, as constraints: without their hashes."""
    locks = [ROOT / "requirements.lock", ROOT / "requirements-dev.lock"]
    lines = "\n".join(lock.read_text() for lock in locks)
    return "\n".join(re.findall(r"^([\w.-]+==.+?) \\$", lines, re.MULTILINE))


def _install(folder: Path, packages: Iterable[str], constraints: str) -> Path:
    """Install into an environment that has no pip, with the pip of this one."""
    python = folder / "bin" / "python"
    held = folder / "constraints.txt"
    held.write_text(constraints)
    pip = [sys.executable, "-m", "pip", "--python", python, "--quiet"]
    # What is never imported need not be compiled.
    options = ["--no-compile", "--disable-pip-version-check", "--constraint", held]
    done = subprocess.run(
        [*pip, "install", *options, *sorted(packages)],
        capture_output=True,
        text=True,
        env={**os.environ, "PIP_REQUIRE_VIRTUALENV": "0"},
    )
    assert done.returncode == 0, done.stderr
    return python
