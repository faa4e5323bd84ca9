"""Every file in `collector/` is valid for its program."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path

import pytest

from benchmarks.pipeline import CONFIGURATIONS

ROOT = CONFIGURATIONS.parent
FILES = sorted(CONFIGURATIONS.glob("*.yaml"))
START = ("otelcol-contrib --config", "jaeger --config")


def command_in(file: Path) -> list[str]:
    """Return the command in the first comment of a file."""
    comments = [line.lstrip("# ") for line in file.read_text().splitlines()]
    (command,) = [line for line in comments if line.startswith(START)]
    return shlex.split(command)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_command_in_a_file_is_valid(file: Path) -> None:
    program, *options = command_in(file)
    ui = {"JAEGER_UI_CONFIG": str(CONFIGURATIONS / "jaeger-ui.json")}

    run = subprocess.run(
        [program, "validate", *options],
        cwd=ROOT,
        env=os.environ | ui,
        capture_output=True,
        text=True,
    )

    assert f"collector/{file.name}" in options
    assert run.returncode == 0, run.stderr


def test_jaegers_links_have_an_address_and_a_text() -> None:
    settings = json.loads((CONFIGURATIONS / "jaeger-ui.json").read_text())

    for pattern in settings["linkPatterns"]:
        assert set(pattern) - {"key"} == {"type", "url", "text"}
        assert ("key" in pattern) == (pattern["type"] != "traces")
