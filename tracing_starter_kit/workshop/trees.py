"""Writes the tree on each exercise's page, drawn from the exercise's solution.

    python -m tracing_starter_kit.workshop.trees

A test compares the pages with the solutions; a fixed seed makes the inputs the same.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tracing_starter_kit.workshop.checker import Checker
from tracing_starter_kit.workshop.draw import draw, draw_events
from tracing_starter_kit.workshop.exercise import TREE, Exercise, all_exercises
from tracing_starter_kit.workshop.learner_folder import make_folder, write_exercise
from tracing_starter_kit.workshop.settings import Places

SEED = 7


def tree_of(checker: Checker, exercise: Exercise, folder: Path) -> str:
    """Return the tree that an exercise's solution makes, without durations.

    Raises:
        RuntimeError: The solution does not pass.
    """
    target, _ = write_exercise(exercise, folder, solution=True)
    verdict = checker.check(exercise, target, seed=SEED)
    if not verdict.passed:
        raise RuntimeError(f"{exercise.name}: {verdict.sentence}")
    if tree := exercise.own_tree(target):
        return tree
    if verdict.events:
        return draw_events(verdict.events, durations=False)
    return draw(verdict.spans, durations=False)


def with_tree(page: str, tree: str) -> str:
    """Return a page with this tree in place of its own."""
    return TREE.sub(lambda _: f"<!-- tree -->\n```text\n{tree}\n```", page)


def offline_places(state: Path) -> Places:
    """Return addresses at which no part of the kit answers."""
    environment = {
        key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ
    }
    refused = "http://127.0.0.1:9"
    return Places(refused, None, refused, state, environment)


def main() -> None:
    """Bring every page up to date."""
    with tempfile.TemporaryDirectory() as name:
        places = offline_places(Path(name) / "state")
        folder, _ = make_folder(Path(name) / "work", places)
        with Checker(places) as checker:
            for exercise in all_exercises():
                if TREE.search(exercise.readme):
                    page = exercise.folder / "README.md"
                    tree = tree_of(checker, exercise, folder)
                    page.write_text(with_tree(exercise.readme, tree))
                    print(exercise.name)


if __name__ == "__main__":
    main()
