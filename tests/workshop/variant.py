"""Answers of learners: edits of the solution or the start, and the verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tracing_starter_kit.workshop.exercise import Exercise
from tracing_starter_kit.workshop.learner_folder import PROJECT, write_exercise

Edits = Mapping[str, Callable[[str], str]]


@dataclass(frozen=True)
class Variant:
    """One answer.

    Attributes:
        exercise: The number of its exercise.
        title: A few words about the answer.
        edits: The change of each file.
        says: A part of the check's sentence; None if the answer passes.
        base: The files to edit, "solution" or "start".
    """

    exercise: int
    title: str
    edits: Edits
    says: str | None = None
    base: str = "solution"

    def __str__(self) -> str:
        return f"{self.exercise:02} {self.title}"

    def write(self, exercise: Exercise, folder: Path) -> Path:
        """Write the exercise with this learner's changes."""
        (folder / "pyproject.toml").write_text(PROJECT)
        target, _ = write_exercise(exercise, folder, solution=self.base == "solution")
        for name, edit in self.edits.items():
            file = target / name
            before = file.read_text() if file.exists() else ""
            after = edit(before)
            assert after != before, f"{self}: nothing changed in {name}"
            file.write_text(after)
        return target


def put(*pairs: tuple[str, str]) -> Callable[[str], str]:
    """Return an edit that replaces each old text, which must occur, by the new one."""

    def edit(text: str) -> str:
        for old, new in pairs:
            assert old in text, f"{old!r} is not there"
            text = text.replace(old, new)
        return text

    return edit


def right(
    exercise: int, title: str, base: str = "solution", **files: object
) -> Variant:
    return Variant(exercise, title, _edits(files), None, base)


def wrong(
    exercise: int, title: str, says: str, base: str = "solution", **files: object
) -> Variant:
    return Variant(exercise, title, _edits(files), says, base)


def _edits(files: Mapping[str, object]) -> Edits:
    return {
        f"{name}.toml" if name in ("answers", "options") else f"{name}.py": edit
        for name, edit in files.items()
        if callable(edit)
    }
