"""`kit workshop watch`: checks the current exercise each time a file of it is saved.

    watch(places, None)

Lines typed while it waits are commands: h for hint, l for list, n for next, q for
quit; an empty line checks again, or goes on once the exercise is done.
"""

from __future__ import annotations

import contextlib
import select
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tracing_starter_kit.workshop import learner_folder as folders
from tracing_starter_kit.workshop.checker import Checker
from tracing_starter_kit.workshop.commands import (
    check_once,
    chosen,
    hint_text,
    load_progress,
)
from tracing_starter_kit.workshop.exercise import Exercise, by_number
from tracing_starter_kit.workshop.messages import list_text, next_text, short
from tracing_starter_kit.workshop.progress import Progress
from tracing_starter_kit.workshop.settings import Places

LOOK_EVERY = 0.2
CLEAR = "\x1b[2J\x1b[3J\x1b[H"
KEYS = "h hint · l list · n next · Enter check again · q quit"
KEYS_DONE = "Enter next exercise · l list · q quit"


def watch_command(places: Places, number: int | None) -> int:
    """Check, wait for a change or a word, and so on until the learner leaves."""
    progress = load_progress(folders.find(places))
    exercise: Exercise | None = chosen(progress, number)
    if not progress.unread:  # which is said above
        _clear()
    with contextlib.suppress(KeyboardInterrupt), Checker(places) as checker:
        while exercise is not None:
            exercise = _one_round(checker, progress, exercise, places)
            if exercise:
                _clear()
    print("\nUntil next time: `kit workshop watch` goes on from here.")
    return 0


def _one_round(
    checker: Checker, progress: Progress, exercise: Exercise, places: Places
) -> Exercise | None:
    """Check once and wait; return what to check next, None to leave."""
    seen = _state(progress.folder / exercise.name)
    print(f"Checking {exercise.number}, {exercise.title} …", flush=True)
    passed = check_once(checker, progress, exercise, places)
    text = next_text(progress, after=exercise) if passed else _page(progress, exercise)
    keys = KEYS_DONE if passed else KEYS
    print(f"\n{text}\n\n{keys}", flush=True)
    for word in _words_until_saved(progress.folder / exercise.name, seen):
        match word:
            case "q" | "quit":
                return None
            case "h" | "hint":
                print(f"\n{hint_text(progress, exercise)}\n", flush=True)
            case "l" | "list":
                print(list_text(progress, color=sys.stdout.isatty()), flush=True)
            case "n" | "next":
                return by_number(exercise.number + 1) or exercise
            case "":
                return progress.current(after=exercise) if passed else exercise
            case _:
                print(f"{word!r} is none of: {keys}", flush=True)
    return exercise


def _words_until_saved(folder: Path, seen: dict[str, int]) -> Iterator[str]:
    """Yield each line that is typed; end when a file of the folder has changed."""
    listening = True
    while _state(folder) == seen:
        if not listening:
            time.sleep(LOOK_EVERY)
        elif select.select([sys.stdin], [], [], LOOK_EVERY)[0]:
            line = sys.stdin.readline()
            listening = bool(line)  # at its end there is nothing more to hear
            if listening:
                yield line.strip().lower()


def _state(folder: Path) -> dict[str, int]:
    """Return when each file of an exercise was saved, in nanoseconds."""
    found = {}
    for file in folder.glob("[!.]*.*[!~]"):  # not what editors keep beside a file
        try:
            found[file.name] = file.stat().st_mtime_ns
        except FileNotFoundError:  # an editor that saves by renaming
            continue
    return found


def _page(progress: Progress, exercise: Exercise) -> str:
    return f"Read      {short(progress.folder / exercise.name / 'README.md')}"


def _clear() -> None:
    if sys.stdout.isatty():
        print(CLEAR, end="")
