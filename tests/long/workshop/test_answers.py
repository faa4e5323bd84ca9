"""Answers of learners: right ones that look different, and wrong ones.

`tests/long/conftest.py` prints a table of the sentences at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workshop.conftest import checker, folder, places
from tests.workshop.variant import Variant
from tests.workshop.variants import ALL
from tracing_starter_kit.workshop.checker import Checker
from tracing_starter_kit.workshop.exercise import by_number

__all__ = ["checker", "folder", "places"]  # fixtures


@pytest.mark.parametrize("variant", ALL, ids=str)
def test_an_answer(
    variant: Variant,
    checker: Checker,
    folder: Path,
    record_property: Callable[[str, object], None],
) -> None:
    exercise = by_number(variant.exercise)
    assert exercise

    verdict = checker.check(exercise, variant.write(exercise, folder))

    record_property("answer", f"{variant}: {verdict.sentence or 'passes'}")
    if variant.says is None:
        assert verdict.passed, verdict.sentence
    else:
        assert not verdict.passed
        assert variant.says in verdict.sentence
