"""The pages that show `kit helpers`: their commands run, and their extras exist."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tracing_starter_kit.kit.settings import ROOT

PAGES = ("README.md", "instrumentation/README.md")


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_run_in_a_small_project(
    page: str, tmp_path: Path
) -> None:
    blocks = re.findall(r"```console\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines()]
    commands = [command for command in commands if command.startswith("kit helpers ")]
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "app.py").write_text("import flask\napp = flask.Flask('a')\n")
    for command in commands:
        run = subprocess.run(
            [Path(sys.executable).with_name("kit"), *shlex.split(command)[1:]],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )

        assert run.returncode == 0, f"{command}: {run.stdout}{run.stderr}"
    assert (tmp_path / "shop" / "tracing" / "flask_tracing.py").exists()


def test_the_page_names_the_extras_that_there_are() -> None:
    text = (ROOT / "instrumentation" / "README.md").read_text()
    section = text.partition("Extras for helpers:")[2].partition("\n\n")[0]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    extras = project["optional-dependencies"].keys() - {"demo", "all"}
    assert set(re.findall(r"`(\w+)`", section)) - {"kit"} == extras
