"""The facilitator's guide: its commands run, and it has a row for every exercise."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from tracing_starter_kit.kit.settings import ROOT
from tracing_starter_kit.workshop.exercise import all_exercises

GUIDE = (ROOT / "docs" / "facilitator.md").read_text()


def test_its_commands_run(tmp_path: Path) -> None:
    (block,) = re.findall(r"```console\n(.*?)```", GUIDE, re.DOTALL)
    environment = {**os.environ, "KIT_STATE_DIR": str(tmp_path / "state")}

    codes = [
        subprocess.run(
            [sys.executable, "-m", "tracing_starter_kit", *shlex.split(line)[1:]],
            cwd=tmp_path,
            env=environment | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=False,
        ).returncode
        for line in block.splitlines()
    ]

    assert codes == [0, 0, 1, 0]  # exercise 7 is not done yet
    assert (tmp_path / "tracing-workshop").is_dir()


def test_every_exercise_has_a_row() -> None:
    rows = re.findall(r"^\| (\d+) \|", GUIDE, re.MULTILINE)

    assert list(map(int, rows)) == [exercise.number for exercise in all_exercises()]
