"""A learner at a terminal, who types, edits files, and reads the screen."""

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
from tracing_starter_kit.workshop.exercise import (
    Exercise,
    all_exercises,
    by_number,
)

KIT = (sys.executable, "-m", "tracing_starter_kit")
# No part of the kit runs at these ports.
UNUSED_PORTS = {"VIEWER_PORT": "9", "OTLP_HTTP_PORT": "9", "GATEWAY_PORT": "9"}


class Learner:
    """Runs `kit workshop watch` on a folder, and works through exercises."""

    def __init__(
        self, folder: Path, environment: dict[str, str], kit: Sequence[str]
    ) -> None:
        self.folder = folder
        self._kit = kit
        self.environment = environment
        self._terminal: Terminal | None = None
        self.answer_times: list[float] = []  # seconds from a saved file to a verdict

    @property
    def terminal(self) -> Terminal:
        assert self._terminal, "call watch() first"
        return self._terminal

    def watch(self, *arguments: str) -> None:
        command = [*self._kit, "workshop", "watch", *arguments]
        self._terminal = Terminal(command, self.environment)

    def expect(self, pattern: str) -> None:
        """Read until the screen shows a pattern; forget the text up to there."""
        text = self.terminal.expect(pattern)
        match = re.search(pattern, text)
        assert match
        self.terminal.text = text[match.end() :]

    def type(self, line: str) -> None:
        os.write(self.terminal.master, f"{line}\n".encode())

    def save(self, exercise: Exercise, name: str, text: str) -> None:
        """Save a file as editors do: the new one in place of the old."""
        draft = self.folder / "draft"
        draft.write_text(text)
        draft.replace(self.folder / exercise.name / name)

    def solve(self, exercises: Sequence[Exercise]) -> None:
        """See each exercise fail, solve it, see it pass, and go on to the next."""
        for exercise in exercises:
            self.expect(f"✗ {exercise.number}  ")
            begun = time.monotonic()
            for name in exercise.changed():
                solution = exercise.folder / "solution" / name
                self.save(exercise, name, solution.read_text())
            self.expect(f"✓ {exercise.number}  ")
            self.answer_times.append(time.monotonic() - begun)
            self.expect("Enter next exercise")
            self.type("")

    def close(self) -> None:
        """End the watch, if it runs."""
        if self._terminal is not None:
            self._terminal.close()


@contextmanager
def begin(folder: Path, *kit: str) -> Iterator[Learner]:
    """Run `kit workshop start` in a folder; at the end, stop and remove everything."""
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
        learner.close()
        shutil.rmtree(folder / "mine")


def own_environment(folder: Path) -> dict[str, str]:
    """Return the environment of a kit that keeps its state in a folder."""
    own = {"KIT_STATE_DIR": str(folder / "state"), "PYTHONUNBUFFERED": "1"}
    return {**os.environ, **UNUSED_PORTS, **own}


def exercise_number(number: int) -> Exercise:
    """Return the exercise with this number."""
    exercise = by_number(number)
    assert exercise
    return exercise


def standalone_exercises() -> list[Exercise]:
    """Return the exercises that run without the demo: all but the first."""
    return [exercise for exercise in all_exercises() if exercise.number != 1]
