"""Writes the tree that each exercise's page shows, from what its solution does.

    python -m tracing_starter_kit.workshop.trees

A test holds the pages and the solutions together; the inputs are the same each time.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tracing_starter_kit.workshop.checker import Checker
from tracing_starter_kit.workshop.draw import draw, draw_events
from tracing_starter_kit.workshop.exercise import TREE, Exercise, all_exercises
from tracing_starter_kit.workshop.learner_folder import start, write
from tracing_starter_kit.workshop.settings import Places

SEED = 7


def tree_of(checker: Checker, exercise: Exercise, folder: Path) -> str:
    """Return the tree that an exercise's solution makes, without durations.

    Raises:
        RuntimeError: The solution does not pass.
    """
    target, _ = write(exercise, folder, solution=True)
    verdict = checker.check(exercise, target, seed=SEED)
    if not verdict.passed:
        raise RuntimeError(f"{exercise.name}: {verdict.sentence}")
    if own := exercise.own_tree(target):
        return own
    if verdict.events:
        return draw_events(verdict.events, durations=False)
    return draw(verdict.spans, durations=False)


def with_tree(page: str, tree: str) -> str:
    """Return a page with the tree put into its place."""
    return TREE.sub(lambda _: f"<!-- tree -->\n```text\n{tree}\n```", page)


def nowhere(state: Path) -> Places:
    """Return places where nothing of the kit runs."""
    kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    refused = "http://127.0.0.1:9"
    return Places(refused, None, refused, state, kept)


def main() -> None:
    """Bring every page up to date."""
    with tempfile.TemporaryDirectory() as name:
        places = nowhere(Path(name) / "state")
        folder, _ = start(Path(name) / "work", places)
        with Checker(places) as checker:
            for exercise in all_exercises():
                if TREE.search(exercise.readme):
                    page = exercise.folder / "README.md"
                    tree = tree_of(checker, exercise, folder)
                    page.write_text(with_tree(exercise.readme, tree))
                    print(exercise.name)


if __name__ == "__main__":
    main()
