"""The exercises as they lie in `exercises/`: a folder each.

    for exercise in all_exercises():
        print(exercise.number, exercise.title)

A folder is named `NN-name` and holds `README.md`, `start/` (what the learner gets),
`solution/` (what changes of it), `hints.md` (three levels) and `check.py`, with a
function `check(run)` and HELPERS, the files of `instrumentation/` that are laid beside.
"""

from __future__ import annotations

import functools
import importlib.util
import re
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
        """The name of its folder, in the kit and at the learner's."""
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
        """The tree that its page shows, made from the solution."""
        found = TREE.search(self.readme)
        return found[1].rstrip() if found else ""

    @property
    def hints(self) -> list[str]:
        """The three hints, from a nudge to nearly the answer."""
        text = (self.folder / "hints.md").read_text()
        return [part.strip() for part in re.split(r"^## .*$", text, flags=re.M)[1:]]

    def check(self, run: Run) -> None:
        """Look at the learner's program.

        Raises:
            NotYet: Something is missing.
        """
        check: Callable[[Run], None] = self._module.check
        check(run)

    def files(self, *, solution: bool = False) -> dict[str, str]:
        """Return what the learner gets: the helpers, and the files by their names."""
        names: tuple[str, ...] = self._module.HELPERS
        found = {f"{n}.py": (HELPERS / f"{n}.py").read_text() for n in names}
        for part in ("start", "solution") if solution else ("start",):
            for file in sorted((self.folder / part).glob("*.*")):
                found[file.name] = file.read_text()
        return found

    def own_tree(self, folder: Path) -> str:
        """Return what its page shows, where the check knows better than a request.

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
        spec.loader.exec_module(module)
        return module


@functools.cache
def all_exercises() -> tuple[Exercise, ...]:
    """Return every exercise, in the order of the workshop."""
    folders = [path for path in EXERCISES.iterdir() if NAME.fullmatch(path.name)]
    return tuple(Exercise(folder) for folder in sorted(folders))


def by_number(number: int) -> Exercise | None:
    """Return an exercise, or None if there is none of that number."""
    found = [one for one in all_exercises() if one.number == number]
    return found[0] if found else None
