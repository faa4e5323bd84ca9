"""The commands of `kit workshop`, one function each, which return an exit status.

Example:
    check_command(places, 7)
"""

from __future__ import annotations

import sys
from pathlib import Path

from tracing_starter_kit.workshop.checker import Checker, Verdict
from tracing_starter_kit.workshop.exercise import Exercise, all_exercises, by_number
from tracing_starter_kit.workshop.kit_command import kit_command, typable
from tracing_starter_kit.workshop.learner_folder import (
    FolderError,
    find_folder,
    make_folder,
    write_exercise,
)
from tracing_starter_kit.workshop.messages import (
    list_text,
    next_text,
    verdict_json,
    verdict_text,
)
from tracing_starter_kit.workshop.progress import Progress
from tracing_starter_kit.workshop.settings import Places


def start_command(places: Places, folder: Path) -> int:
    """Make the learner's folder, and print the next step."""
    path, count = make_folder(folder, places)
    print(f"{count} exercises written to {path}." if count else f"{path} exists.")
    print("The files are yours: an update of the kit does not change them.\n")
    print(next_text(load_progress(path)))
    print(typable("Then run  kit workshop watch"))
    if (command := kit_command()) != "kit":
        print(f"\n`kit` is not on your PATH. So the pages say  {command}")
    return 0


def list_command(places: Places) -> int:
    """Print all exercises, and mark those that are done."""
    print(list_text(_progress(places), color=sys.stdout.isatty()))
    return 0


def check_command(places: Places, number: int | None, *, as_json: bool = False) -> int:
    """Check one exercise; return 0 if it is done."""
    progress = _progress(places)
    exercise = selected_exercise(progress, number)
    with Checker(places) as checker:
        verdict = check_once(checker, progress, exercise)
    if as_json:
        print(verdict_json(exercise, verdict))
    else:
        print(verdict_text(exercise, verdict, places, color=sys.stdout.isatty()))
        if verdict.passed:
            print("\n" + next_text(progress, after=exercise))
    return 0 if verdict.passed else 1


def check_once(checker: Checker, progress: Progress, exercise: Exercise) -> Verdict:
    """Check an exercise, and store the outcome."""
    verdict = checker.check(exercise, progress.folder / exercise.name)
    progress.mark(exercise, passed=verdict.passed)
    _warn_if_unsaved(progress)
    return verdict


def _warn_if_unsaved(progress: Progress) -> None:
    if progress.problem:
        where = progress.problem.filename or progress.folder
        warning = (
            f"Your progress was not stored: {where} cannot be written to "
            f"({progress.problem.strerror}). Make the folder writable, or begin "
            f"another with `kit workshop start DIR`.\n"
        )
        print(typable(warning), file=sys.stderr)


def hint_command(places: Places, number: int | None) -> int:
    """Print the next hint of an exercise."""
    progress = _progress(places)
    print(hint_text(progress, selected_exercise(progress, number)))
    return 0


def hint_text(progress: Progress, exercise: Exercise) -> str:
    """Return the next hint, and store that it was shown."""
    level, text = progress.next_hint(exercise)
    _warn_if_unsaved(progress)
    heading = f"Hint {level} of {len(exercise.hints)} for {exercise.number}"
    return f"{heading}\n\n{typable(text)}"


def reset_command(places: Places, number: int | None) -> int:
    """Restore an exercise's files."""
    progress = _progress(places)
    exercise = selected_exercise(progress, number)
    target, backup = write_exercise(exercise, progress.folder)
    print(f"{target} is as it was at the start.")
    _print_backup(backup)
    return 0


def solution_command(places: Places, number: int, *, sure: bool) -> int:
    """Write a solution into the learner's folder, after a question."""
    progress = _progress(places)
    exercise = selected_exercise(progress, number)
    if not sure and not _is_agreed(exercise):
        print(typable("Nothing was changed. `kit workshop hint` gives a hint instead."))
        return 1
    target, backup = write_exercise(exercise, progress.folder, solution=True)
    names = ", ".join(exercise.changed())
    print(f"The solution is in {target}: {names}.")
    _print_backup(backup)
    return 0


def _is_agreed(exercise: Exercise) -> bool:
    names = ", ".join(exercise.changed())
    print(f"This replaces your {names} with the solution of")
    try:
        answer = input(f"{exercise.number}, {exercise.title}. Show it? [y/N] ")
    except EOFError:
        print()
        return False
    return answer.strip().lower() in ("y", "yes")


def _print_backup(backup: Path | None) -> None:
    if backup:
        print(f"Your files as they were are in {backup}.")


def _progress(places: Places) -> Progress:
    return load_progress(find_folder(places))


def load_progress(folder: Path) -> Progress:
    """Return the learner's progress; print a warning if its file is damaged."""
    progress = Progress.load(folder)
    if progress.damaged:
        warning = (
            "The file with your progress could not be read, so every exercise counts "
            "as not done: `kit workshop check N` marks exercise N as done again. The "
            f"damaged file is {progress.damaged}.\n"
        )
        print(typable(warning), file=sys.stderr)
    return progress


def selected_exercise(progress: Progress, number: int | None) -> Exercise:
    """Return the exercise of that number, by default the first that is not done.

    Raises:
        FolderError: No exercise has that number.
    """
    if number is None:
        return progress.current() or all_exercises()[-1]
    exercise = by_number(number)
    if exercise is None:
        last = all_exercises()[-1].number
        raise FolderError(
            f"There is no exercise {number}: choose a number from 1 to {last}."
        )
    return exercise
