"""`kit workshop watch`: checks the current exercise each time a file of it is saved.

    watch_command(places, None)

While it waits, typed lines are commands: h for hint, l for list, n for next, q for
quit. An empty line checks again, or goes on once the exercise is done.
"""

from __future__ import annotations

import contextlib
import select
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tracing_starter_kit.workshop.checker import Checker
from tracing_starter_kit.workshop.commands import (
    check_once,
    hint_text,
    load_progress,
    selected_exercise,
)
from tracing_starter_kit.workshop.exercise import Exercise, by_number
from tracing_starter_kit.workshop.kit_command import typable
from tracing_starter_kit.workshop.learner_folder import find_folder
from tracing_starter_kit.workshop.messages import (
    list_text,
    next_text,
    short,
    verdict_text,
)
from tracing_starter_kit.workshop.progress import Progress
from tracing_starter_kit.workshop.settings import Places

POLL_INTERVAL = 0.2
CLEAR = "\x1b[2J\x1b[3J\x1b[H"
KEYS = "h hint · l list · n next · Enter check again · q quit"
KEYS_DONE = "Enter next exercise · l list · q quit"


def watch_command(places: Places, number: int | None) -> int:
    """Check, wait for a saved file or a typed command, and repeat until the end."""
    progress = load_progress(find_folder(places))
    exercise: Exercise | None = selected_exercise(progress, number)
    if not progress.damaged:  # its warning should stay on the screen
        _clear()
    with contextlib.suppress(KeyboardInterrupt), Checker(places) as checker:
        while exercise is not None:
            exercise = _one_round(checker, progress, exercise, places)
            if exercise:
                _clear()
    print(typable("\nUntil next time: `kit workshop watch` goes on from here."))
    return 0


def _one_round(
    checker: Checker, progress: Progress, exercise: Exercise, places: Places
) -> Exercise | None:
    """Check once and wait; return the exercise to check next, or None to quit."""
    save_times = _save_times(progress.folder / exercise.name)
    print(f"Checking {exercise.number}, {exercise.title} …", flush=True)
    verdict = check_once(checker, progress, exercise)
    print(verdict_text(exercise, verdict, places, color=sys.stdout.isatty()))
    passed = verdict.passed
    text = next_text(progress, after=exercise) if passed else _page(progress, exercise)
    keys = KEYS_DONE if passed else KEYS
    print(f"\n{text}\n\n{keys}", flush=True)
    for word in _words_until_saved(progress.folder / exercise.name, save_times):
        match word:
            case "q" | "quit":
                return None
            case "h" | "hint":
                print(f"\n{hint_text(progress, exercise)}\n", flush=True)
            case "l" | "list":
                progress.refresh()
                print(list_text(progress, color=sys.stdout.isatty()), flush=True)
            case "n" | "next":
                return by_number(exercise.number + 1) or exercise
            case "":
                return progress.current(after=exercise) if passed else exercise
            case _:
                print(f"{word!r} is not a command: {keys}", flush=True)
    return exercise


def _words_until_saved(folder: Path, save_times: dict[str, int]) -> Iterator[str]:
    """Yield each typed line; end when a file of the folder has changed."""
    is_open = True
    while _save_times(folder) == save_times:
        if not is_open:
            time.sleep(POLL_INTERVAL)
        elif select.select([sys.stdin], [], [], POLL_INTERVAL)[0]:
            line = sys.stdin.readline()
            is_open = bool(line)  # an empty text is the end of the input
            if is_open:
                yield line.strip().lower()


def _save_times(folder: Path) -> dict[str, int]:
    """Return the time when each file of an exercise was saved, in nanoseconds."""
    save_times = {}
    for file in folder.glob("[!.]*.*[!~]"):  # without the backups of editors
        try:
            save_times[file.name] = file.stat().st_mtime_ns
        except FileNotFoundError:  # an editor that saves by renaming
            continue
    return save_times


def _page(progress: Progress, exercise: Exercise) -> str:
    return f"Read      {short(progress.folder / exercise.name / 'README.md')}"


def _clear() -> None:
    if sys.stdout.isatty():
        print(CLEAR, end="")
