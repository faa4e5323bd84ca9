"""`collector/README.md` tells what the real Collector does, step by step."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

import pytest
import yaml

from benchmarks.pipeline import CONFIGURATIONS
from tests.backends.example import after

README = (CONFIGURATIONS / "README.md").read_text()
SECTION = re.compile(r"^### `(\S+)`\n.*?^```diff\n(.*?)^```$", re.M | re.S)
TOLD = dict(SECTION.findall(README))
STEPS = list(TOLD)


def example() -> list[str]:
    found = re.search(r"^```text\n(.*?)^```$", README, re.M | re.S)
    assert found
    return found[1].splitlines()


def test_every_step_of_the_traces_has_its_section() -> None:
    configuration = yaml.safe_load((CONFIGURATIONS / "collector.yaml").read_text())

    assert configuration["service"]["pipelines"]["traces"]["processors"] == STEPS


def test_every_file_has_its_row() -> None:
    rows = set(re.findall(r"^\| `(\S+)` \|", README, re.M))

    assert rows == {file.name for file in CONFIGURATIONS.iterdir()} - {"README.md"}


@pytest.mark.parametrize("number", range(len(STEPS)), ids=STEPS)
def test_a_step_changes_the_span_as_it_says(number: int, tmp_path: Path) -> None:
    sent = example()
    before = after(STEPS[:number], sent, tmp_path / "before")
    then = after(STEPS[: number + 1], sent, tmp_path / "after")
    changes = [line for line in difflib.ndiff(before, then) if line[0] in "+-"]

    assert changes == TOLD[STEPS[number]].splitlines()
