"""The exercises' `check.py` files have types: mypy strict, each as a module of its own.

`mypy` over the whole tree leaves them out, because folders with digits in their names
are not packages. The learner's files in `start/` and `solution/` stay without types.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tracing_starter_kit.kit.settings import ROOT
from tracing_starter_kit.workshop.exercise import all_exercises


@pytest.mark.timeout(300)  # without mypy's cache it takes half a minute
def test_they_pass_mypy(tmp_path: Path) -> None:
    modules = {f"check_{exercise.number:02}": exercise for exercise in all_exercises()}
    for module, exercise in modules.items():
        (tmp_path / f"{module}.py").symlink_to(exercise.folder / "check.py")
    command = [sys.executable, "-m", "mypy", "--config-file", "pyproject.toml"]
    command += [word for module in modules for word in ("-m", module)]

    result = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stdout + result.stderr
