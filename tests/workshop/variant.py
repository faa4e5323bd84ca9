"""Answers that learners give: edits of the solution or the start, and the verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tracing_starter_kit.workshop.exercise import Exercise
from tracing_starter_kit.workshop.learner_folder import PROJECT, write

Edits = Mapping[str, Callable[[str], str]]


@dataclass(frozen=True)
class Variant:
    """One answer: what is different, and what the check says (nothing if it passes)."""

    exercise: int
    title: str
    edits: Edits
    says: str | None = None
    base: str = "solution"

    def __str__(self) -> str:
        return f"{self.exercise:02} {self.title}"

    def write(self, exercise: Exercise, folder: Path) -> Path:
        """Write the exercise as this learner has it."""
        (folder / "pyproject.toml").write_text(PROJECT)
        target, _ = write(exercise, folder, solution=self.base == "solution")
        for name, edit in self.edits.items():
            file = target / name
            before = file.read_text() if file.exists() else ""
            after = edit(before)
            assert after != before, f"{self}: nothing changed in {name}"
            file.write_text(after)
        return target


def put(*pairs: tuple[str, str]) -> Callable[[str], str]:
    """Return an edit that replaces each text, which has to be there, by another."""

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
