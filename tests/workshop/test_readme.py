"""The pages that lead to the workshop: their commands run, their lists are complete."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.terminal import Terminal
from tests.workshop.learner import own_environment
from tracing_starter_kit.kit.settings import ROOT
from tracing_starter_kit.workshop.exercise import EXERCISES, all_exercises

NAMES = ("README.md", "tracing_starter_kit/workshop/README.md")
PAGES = {name: (ROOT / name).read_text() for name in NAMES}
WORKSHOP = PAGES["tracing_starter_kit/workshop/README.md"]


@pytest.mark.parametrize("page", PAGES)
def test_its_commands_begin_a_workshop(page: str, tmp_path: Path) -> None:
    blocks = re.findall(r"```console\n(.*?)```", PAGES[page], re.DOTALL)
    commands = [
        [sys.executable, "-m", "tracing_starter_kit", *shlex.split(line)[1:]]
        for line in "".join(blocks).splitlines()
        if "workshop" in line
    ]
    environment = own_environment(tmp_path) | {"PYTHONPATH": str(ROOT)}
    start, watch = commands

    subprocess.run(start, cwd=tmp_path, env=environment, check=True)
    terminal = Terminal(watch, environment, cwd=tmp_path)
    try:
        terminal.expect("✗ 1  ")
        terminal.press_ctrl_c()
        assert terminal.process.wait(20) == 0
    finally:
        terminal.close()
    assert (tmp_path / "tracing-workshop").is_dir()


def test_it_lists_every_exercise_by_its_title() -> None:
    rows = re.findall(r"^\| (\d+) \| \[(.*?)\]\((.*?)\) \|", WORKSHOP, re.MULTILINE)

    assert rows == [
        (str(item.number), item.title, f"exercises/{item.name}/README.md")
        for item in all_exercises()
    ]


@pytest.mark.parametrize("link", re.findall(r"\]\((?!http)([^)#]+)\)", WORKSHOP))
def test_its_links_lead_to_files(link: str) -> None:
    assert (EXERCISES.parent / link).exists()
