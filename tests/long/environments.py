"""Virtual environments with only the packages that a test names, each made once."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.instrumentation.processes import ROOT


class Environments:
    """Makes environments in a folder; the same packages share one environment."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pythons: dict[object, Path] = {}

    def python_with(
        self,
        packages: Iterable[str],
        python: str = sys.executable,
        constraints: str | None = None,
    ) -> Path:
        """Return the interpreter of an environment with `packages` and no others.

        Args:
            packages: Requirements, such as "flask~=3.0".
            python: The interpreter that makes the environment.
            constraints: Lines "name==version"; the default is the lock files.
        """
        if constraints is None:
            constraints = locked_versions()
        key = (frozenset(packages), python, constraints)
        if key not in self._pythons:
            folder = self._folder / str(len(self._pythons))
            subprocess.run([python, "-m", "venv", "--without-pip", folder], check=True)
            self._pythons[key] = _install(folder, key[0], constraints)
        return self._pythons[key]


def locked_versions() -> str:
    """Return the lock files as constraints: without their hashes."""
    locks = [ROOT / "requirements.lock", ROOT / "requirements-dev.lock"]
    lines = "\n".join(lock.read_text() for lock in locks)
    return "\n".join(re.findall(r"^([\w.-]+==.+?) \\$", lines, re.MULTILINE))


def _install(folder: Path, packages: Iterable[str], constraints: str) -> Path:
    """Install into an environment without pip, with the pip of this process."""
    python = folder / "bin" / "python"
    file = folder / "constraints.txt"
    file.write_text(constraints)
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--quiet"]
    # Most modules are never imported: compiling them would take longer.
    options = ["--no-compile", "--disable-pip-version-check", "--constraint", str(file)]
    run = subprocess.run(
        [*pip, "install", *options, *sorted(packages)],
        capture_output=True,
        text=True,
        env={**os.environ, "PIP_REQUIRE_VIRTUALENV": "0"},
    )
    assert run.returncode == 0, run.stderr
    return python
