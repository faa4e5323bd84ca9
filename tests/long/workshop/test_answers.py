"""Answers that learners give: right ones that look different, and wrong ones.

`pytest -s tests/long/workshop` prints the sentence that each of them gets.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workshop.conftest import folder, places, tools
from tests.workshop.variant import Variant
from tests.workshop.variants import ALL
from workshop.exercise import by_number
from workshop.verdict import Tools

__all__ = ["folder", "places", "tools"]  # fixtures


@pytest.mark.parametrize("variant", ALL, ids=str)
def test_an_answer(variant: Variant, tools: Tools, folder: Path) -> None:
    exercise = by_number(variant.exercise)
    assert exercise

    verdict = tools.examine(exercise, variant.write(exercise, folder))

    print(f"{variant}: {verdict.sentence or 'passes'}")
    if variant.says is None:
        assert verdict.passed, verdict.sentence
    else:
        assert not verdict.passed
        assert variant.says in verdict.sentence
