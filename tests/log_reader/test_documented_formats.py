"""The table of formats in docs/logs.md: each sample is read as its format."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.log_reader.reading import records_of

PAGE = Path(__file__).parents[2] / "docs" / "logs.md"
ROW = re.compile(r"^\| (?P<name>[^|`]+) \| `(?P<sample>.+)` \|$", re.MULTILINE)
SAMPLES = {
    match["name"]: match["sample"].replace("\\|", "|")
    for match in ROW.finditer(PAGE.read_text())
}
# Formats without a time in the line.
TIMELESS = {"uvicorn access log", "Rails", "logrus"}


def test_the_table_has_samples() -> None:
    assert len(SAMPLES) > 40


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_read_as_its_format(name: str) -> None:
    (record,) = records_of(SAMPLES[name] + "\n")

    assert record.format == name
    assert record.has_own_time == (name not in TIMELESS)
