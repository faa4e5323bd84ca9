"""How far the learner is: one small file in their folder.

progress = Progress.load(folder)
progress.pass_(7)
progress.save()
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tracing_starter_kit.workshop.exercise import Exercise, all_exercises
from tracing_starter_kit.workshop.learner_folder import MARK

FILE = "progress.json"


@dataclass
class Progress:
    """What is done, and how many hints were taken.

    Attributes:
        passed: The numbers of the exercises that are done.
        hints: How many hints of an exercise were shown, by its number as text.
        state: What an exercise's check remembers, such as the order it placed.
        unread: Where a file went that could not be read, as it was found now.
    """

    folder: Path
    passed: list[int] = field(default_factory=list)
    hints: dict[str, int] = field(default_factory=dict)
    state: dict[str, dict[str, Any]] = field(default_factory=dict)
    unread: Path | None = None

    @classmethod
    def load(cls, folder: Path) -> Progress:
        """Read it; without a file, or with a broken one, begin anew.

        A broken one is kept beside, before the next `save` takes its place.
        """
        file = folder / MARK / FILE
        try:
            known = json.loads(file.read_text())
            return cls(
                folder,
                passed=[int(number) for number in known["passed"]],
                hints={str(k): int(v) for k, v in known["hints"].items()},
                state={str(k): dict(v) for k, v in known["state"].items()},
            )
        except FileNotFoundError:
            return cls(folder)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls(folder, unread=_put_aside(file))

    def save(self) -> None:
        """Write it down, the whole file or nothing."""
        content = asdict(self)
        del content["folder"], content["unread"]
        (self.folder / MARK).mkdir(exist_ok=True)
        draft = self.folder / MARK / f"{FILE}.new"
        draft.write_text(json.dumps(content, indent=1))
        draft.replace(self.folder / MARK / FILE)

    def done(self, exercise: Exercise) -> bool:
        """Tell whether an exercise is done."""
        return exercise.number in self.passed

    def mark(self, exercise: Exercise, *, passed: bool) -> None:
        """Note the outcome of a check; what was passed once stays passed."""
        if passed and not self.done(exercise):
            self.passed.append(exercise.number)

    def next_hint(self, exercise: Exercise) -> tuple[int, str]:
        """Return the number and the text of the next hint; after the last: the last."""
        key = str(exercise.number)
        level = min(self.hints.get(key, 0) + 1, len(exercise.hints))
        self.hints[key] = level
        return level, exercise.hints[level - 1]

    def of(self, exercise: Exercise) -> dict[str, Any]:
        """Return what the check of an exercise remembers; it may be written to."""
        return self.state.setdefault(str(exercise.number), {})

    def current(self, after: Exercise | None = None) -> Exercise | None:
        """Return what comes next; None when all is done.

        That is the first exercise behind `after` that is not done, else the first one.
        """
        here = after.number if after else 0
        left = [one for one in all_exercises() if not self.done(one)]
        return next((one for one in left if one.number > here), next(iter(left), None))


def _put_aside(file: Path) -> Path | None:
    broken = file.with_name(f"{FILE}.unread-{time.time_ns()}")
    try:
        return file.rename(broken)
    except OSError:  # of another user's; saving will say so
        return None
