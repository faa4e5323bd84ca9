"""The steps in `collector/README.md` are those of the real Collector."""

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
DIFFS = dict(SECTION.findall(README))
STEPS = list(DIFFS)


def example() -> list[str]:
    block = re.search(r"^```text\n(.*?)^```$", README, re.M | re.S)
    assert block
    return block[1].splitlines()


def test_every_step_of_the_traces_has_its_section() -> None:
    configuration = yaml.safe_load((CONFIGURATIONS / "collector.yaml").read_text())

    assert configuration["service"]["pipelines"]["traces"]["processors"] == STEPS


def test_every_file_has_its_row() -> None:
    rows = set(re.findall(r"^\| `(\S+)` \|", README, re.M))

    assert rows == {file.name for file in CONFIGURATIONS.iterdir()} - {"README.md"}


@pytest.mark.parametrize("number", range(len(STEPS)), ids=STEPS)
def test_a_step_changes_the_span_as_in_its_diff(number: int, tmp_path: Path) -> None:
    lines = example()
    before = after(STEPS[:number], lines, tmp_path / "before")
    then = after(STEPS[: number + 1], lines, tmp_path / "after")
    changes = [line for line in difflib.ndiff(before, then) if line[0] in "+-"]

    assert changes == DIFFS[STEPS[number]].splitlines()
