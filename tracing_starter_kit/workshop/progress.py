"""The learner's progress: a small file in their folder.

Example:
    progress = Progress.load(folder)
    progress.mark(exercise, passed=True)

Each change is added to the file as it is then: `watch` may run in one terminal, and
`hint` or `check` in another.
"""

from __future__ import annotations

import fcntl
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tracing_starter_kit.workshop.exercise import Exercise, all_exercises
from tracing_starter_kit.workshop.learner_folder import MARKER

FILE = "progress.json"
LOCK = "progress.lock"


@dataclass
class Progress:
    """The exercises that are done, and the hints that were shown.

    Attributes:
        passed: The numbers of the exercises that are done.
        hints: The number of hints shown, by the exercise's number as text.
        damaged: A copy of the progress file, if `load` could not read it.
        problem: The reason why the last change could not be stored.
    """

    folder: Path
    passed: list[int] = field(default_factory=list)
    hints: dict[str, int] = field(default_factory=dict)
    damaged: Path | None = None
    problem: OSError | None = None

    @classmethod
    def load(cls, folder: Path) -> Progress:
        """Read the file; without a readable file, begin with nothing done.

        A damaged file is renamed, so that nothing overwrites it.
        """
        progress = cls(folder)
        progress.refresh()
        return progress

    def refresh(self) -> None:
        """Add the file's content, which a second terminal may have changed."""
        file = self.folder / MARKER / FILE
        try:
            content = json.loads(file.read_text())
            passed = [int(number) for number in content["passed"]]
            hints = {str(key): int(count) for key, count in content["hints"].items()}
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            self.damaged = _set_aside(file)
            return
        self.passed = list(dict.fromkeys([*passed, *self.passed]))
        for key, count in hints.items():
            self.hints[key] = max(count, self.hints.get(key, 0))

    def _store(self, change: Callable[[], None]) -> None:
        """Make a change to the file's latest content, and write the file.

        In a folder that cannot be written to, the change holds for this object only.
        """
        own = self.folder / MARKER
        self.problem = None
        is_changed = False
        try:
            own.mkdir(exist_ok=True)
            with (own / LOCK).open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)  # until the lock's file is closed
                self.refresh()
                change()
                is_changed = True
                self._write(own)
        except OSError as error:
            self.problem = error
        if not is_changed:
            change()

    def _write(self, own: Path) -> None:
        content = {"passed": self.passed, "hints": self.hints}
        draft = own / f"{FILE}.new"
        draft.write_text(json.dumps(content, indent=1))
        draft.replace(own / FILE)

    def is_done(self, exercise: Exercise) -> bool:
        """Tell whether an exercise is done."""
        return exercise.number in self.passed

    def mark(self, exercise: Exercise, *, passed: bool) -> None:
        """Store the outcome of a check; an exercise that is done stays done."""

        def add() -> None:
            if passed and not self.is_done(exercise):
                self.passed.append(exercise.number)

        self._store(add)

    def next_hint(self, exercise: Exercise) -> tuple[int, str]:
        """Return number and text of the next hint; after the last, the last again.

        Store that it was shown.
        """
        key, most = str(exercise.number), len(exercise.hints)

        def count() -> None:
            self.hints[key] = min(self.hints.get(key, 0) + 1, most)

        self._store(count)
        level = self.hints[key]
        return level, exercise.hints[level - 1]

    def current(self, after: Exercise | None = None) -> Exercise | None:
        """Return the next exercise to do, or None if all are done.

        That is the first open one behind `after`, else the first open one.
        """
        number = after.number if after else 0
        open_ones = [item for item in all_exercises() if not self.is_done(item)]
        later = [item for item in open_ones if item.number > number]
        return next(iter([*later, *open_ones]), None)


def _set_aside(file: Path) -> Path | None:
    target = file.with_name(f"{FILE}.unread-{time.time_ns()}")
    try:
        return file.rename(target)
    except OSError:  # no permission; `save` will report it
        return None
