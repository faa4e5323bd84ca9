"""The exercises in `exercises/`, a folder each.

    for exercise in all_exercises():
        print(exercise.number, exercise.title)

A folder is named `NN-name` and holds `README.md`, `start/` (the learner's files),
`solution/` (those that change), `hints.md` (three levels) and `check.py`, with a
function `check(run)` and HELPERS, the names of the helpers to copy beside.
"""

from __future__ import annotations

import functools
import importlib.util
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from tracing_starter_kit.installation import HELPERS

if TYPE_CHECKING:
    from tracing_starter_kit.workshop.checking.run import Run

EXERCISES = Path(__file__).parent / "exercises"
NAME = re.compile(r"(\d\d)-[a-z-]+")
TREE = re.compile(r"<!-- tree -->\n```text\n(.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Exercise:
    """One exercise of the kit."""

    folder: Path

    @property
    def number(self) -> int:
        """Its place in the workshop, from 1."""
        return int(self.folder.name[:2])

    @property
    def name(self) -> str:
        """The name of its folder, in the kit and in the learner's folder."""
        return self.folder.name

    @property
    def readme(self) -> str:
        """The page that the learner reads."""
        return (self.folder / "README.md").read_text()

    @property
    def title(self) -> str:
        """The first line of its page."""
        return self.readme.partition("\n")[0].removeprefix("# ")

    @property
    def expected(self) -> str:
        """The tree on its page, which is drawn from the solution."""
        match = TREE.search(self.readme)
        return match[1].rstrip() if match else ""

    @property
    def hints(self) -> list[str]:
        """The three hints; the last is nearly the answer."""
        text = (self.folder / "hints.md").read_text()
        return [part.strip() for part in re.split(r"^## .*$", text, flags=re.M)[1:]]

    def check(self, run: Run) -> None:
        """Check the learner's program.

        Raises:
            CheckFailed: An expectation is not met.
        """
        check: Callable[[Run], None] = self._module.check
        check(run)

    def files(self, *, solution: bool = False) -> dict[str, str]:
        """Return the learner's files by name, the helpers included."""
        names: tuple[str, ...] = self._module.HELPERS
        files = {f"{name}.py": (HELPERS / f"{name}.py").read_text() for name in names}
        for part in ("start", "solution") if solution else ("start",):
            for file in sorted((self.folder / part).glob("*.*")):
                files[file.name] = file.read_text()
        return files

    def own_tree(self, folder: Path) -> str:
        """Return the tree for its page that the check itself draws, if it does.

        Args:
            folder: The exercise with its solution.
        """
        tree: Callable[[Path], str] = getattr(self._module, "tree", lambda _: "")
        return tree(folder)

    def changed(self) -> list[str]:
        """Return the names of the files that the solution changes."""
        return sorted(file.name for file in (self.folder / "solution").glob("*.*"))

    @functools.cached_property
    def _module(self) -> ModuleType | Any:
        name = f"workshop_check_{self.number}"
        spec = importlib.util.spec_from_file_location(name, self.folder / "check.py")
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module  # dataclasses look their module up there
        spec.loader.exec_module(module)
        return module


@functools.cache
def all_exercises() -> tuple[Exercise, ...]:
    """Return every exercise, in the order of the workshop."""
    folders = [path for path in EXERCISES.iterdir() if NAME.fullmatch(path.name)]
    return tuple(Exercise(folder) for folder in sorted(folders))


def by_number(number: int) -> Exercise | None:
    """Return the exercise with this number, or None."""
    matches = (item for item in all_exercises() if item.number == number)
    return next(matches, None)
