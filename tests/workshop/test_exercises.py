"""Every exercise fails as shipped, and passes with its solution.

tests/long/workshop tests answers of learners, right and wrong.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workshop.learner import standalone_exercises
from tests.workshop.variant import Variant
from tests.workshop.variants import ALL
from tracing_starter_kit.workshop.checker import Checker
from tracing_starter_kit.workshop.exercise import TREE, Exercise, all_exercises
from tracing_starter_kit.workshop.trees import tree_of

WITH_TREE = [exercise for exercise in all_exercises() if TREE.search(exercise.readme)]
ALONE = standalone_exercises()  # tests/system has the first one


def name(exercise: Exercise) -> str:
    return exercise.name


@pytest.mark.parametrize("exercise", ALONE, ids=name)
def test_it_fails_as_shipped(
    exercise: Exercise, checker: Checker, folder: Path
) -> None:
    shipped = Variant(exercise.number, "as shipped", {}, base="start")

    verdict = checker.check(exercise, shipped.write(exercise, folder))

    assert not verdict.passed
    assert verdict.sentence


@pytest.mark.parametrize("exercise", ALONE, ids=name)
def test_the_solution_passes(
    exercise: Exercise, checker: Checker, folder: Path
) -> None:
    solved = Variant(exercise.number, "the solution", {})

    verdict = checker.check(exercise, solved.write(exercise, folder))

    assert verdict.passed, verdict.sentence


@pytest.mark.parametrize("exercise", WITH_TREE, ids=name)
def test_its_page_shows_the_tree_of_the_solution(
    exercise: Exercise, checker: Checker, folder: Path
) -> None:
    """`workshop.trees` writes it, with the inputs of a fixed seed."""
    assert exercise.expected == tree_of(checker, exercise, folder)


@pytest.mark.parametrize("exercise", ALONE, ids=name)
def test_it_has_several_right_and_wrong_answers(
    exercise: Exercise,
) -> None:
    own = [variant for variant in ALL if variant.exercise == exercise.number]
    sentences = [variant.says for variant in own if variant.says is not None]

    assert len(own) - len(sentences) >= 2
    assert len(set(sentences)) >= 4


@pytest.mark.parametrize("exercise", all_exercises(), ids=name)
def test_its_page_has_every_part(exercise: Exercise) -> None:
    parts = ["You will", "## Do", "## See", "## Further reading"]

    assert [part for part in parts if part not in exercise.readme] == []
    assert len(exercise.hints) == 3
    assert all(exercise.hints)
    assert exercise.changed()
