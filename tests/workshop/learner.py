"""A learner at a terminal: types, edits files of theirs, and reads what is said."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.system.terminal import Terminal
from tracing_starter_kit.workshop.exercise import Exercise, all_exercises

KIT = (sys.executable, "-m", "tracing_starter_kit")
# Nothing of the kit runs at these ports.
NOBODY = {"VIEWER_PORT": "9", "OTLP_HTTP_PORT": "9", "GATEWAY_PORT": "9"}


class Learner:
    """Runs `kit workshop watch` on a folder, and works through exercises."""

    def __init__(
        self, folder: Path, environment: dict[str, str], kit: Sequence[str]
    ) -> None:
        self.folder = folder
        self._kit = kit
        self._environment = environment
        self.terminal: Terminal | None = None
        self.answered_after: list[float] = []  # seconds from a saved file to a verdict

    def watch(self, *arguments: str) -> None:
        command = [*self._kit, "workshop", "watch", *arguments]
        self.terminal = Terminal(command, self._environment)

    def expect(self, pattern: str) -> None:
        """Read on until something stands on the screen; what is before it is gone."""
        assert self.terminal
        text = self.terminal.expect(pattern)
        found = re.search(pattern, text)
        assert found
        self.terminal.text = text[found.end() :]

    def type(self, line: str) -> None:
        assert self.terminal
        os.write(self.terminal.master, f"{line}\n".encode())

    def save(self, exercise: Exercise, name: str, text: str) -> None:
        """Save a file as editors do: the new one in place of the old."""
        draft = self.folder / "draft"
        draft.write_text(text)
        draft.replace(self.folder / exercise.name / name)

    def solve(self, exercises: Sequence[Exercise]) -> None:
        """See each exercise fail, mend it, see it pass, and go on to the next."""
        for exercise in exercises:
            self.expect(f"✗ {exercise.number}  ")
            begun = time.monotonic()
            for name in exercise.changed():
                solution = exercise.folder / "solution" / name
                self.save(exercise, name, solution.read_text())
            self.expect(f"✓ {exercise.number}  ")
            self.answered_after.append(time.monotonic() - begun)
            self.expect("Enter next exercise")
            self.type("")


@contextmanager
def begin(folder: Path, *kit: str) -> Iterator[Learner]:
    """Run `kit workshop start` below a folder; at the end nothing runs any more."""
    environment = own_environment(folder)
    kit = kit or KIT
    subprocess.run(
        [*kit, "workshop", "start", folder / "mine"],
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    learner = Learner(folder / "mine", environment, kit)
    try:
        yield learner
    finally:
        if learner.terminal is not None:
            learner.terminal.close()
        shutil.rmtree(folder / "mine")


def own_environment(folder: Path) -> dict[str, str]:
    """Return the environment of a kit that keeps its state below a folder."""
    own = {"KIT_STATE_DIR": str(folder / "state"), "PYTHONUNBUFFERED": "1"}
    return {**os.environ, **NOBODY, **own}


def alone() -> list[Exercise]:
    """Return the exercises that need nothing beside them; the first needs the demo."""
    return [one for one in all_exercises() if one.number != 1]
