"""The commands of `kit workshop`, one function each; each returns an exit status.

check_command(places, 7)
"""

from __future__ import annotations

import sys
from pathlib import Path

from tracing_starter_kit.workshop import learner_folder as folders
from tracing_starter_kit.workshop.checker import Checker
from tracing_starter_kit.workshop.exercise import Exercise, all_exercises, by_number
from tracing_starter_kit.workshop.messages import list_text, next_text, verdict_text
from tracing_starter_kit.workshop.progress import Progress
from tracing_starter_kit.workshop.settings import Places


def start_command(places: Places, folder: Path) -> int:
    """Make the learner's folder and say how to go on."""
    made, new = folders.start(folder, places)
    print(
        f"{new} exercises written to {made}." if new else f"{made} was there already."
    )
    print("What is in it is yours; updating the kit does not touch it.\n")
    print(next_text(load_progress(made)))
    print("Then run  kit workshop watch")
    return 0


def list_command(places: Places) -> int:
    """Show all exercises and how far the learner is."""
    print(list_text(_progress(places), color=sys.stdout.isatty()))
    return 0


def check_command(places: Places, number: int | None) -> int:
    """Check one exercise; return 0 if it is done."""
    progress = _progress(places)
    exercise = chosen(progress, number)
    with Checker(places) as checker:
        passed = check_once(checker, progress, exercise, places)
    if passed:
        print("\n" + next_text(progress, after=exercise))
    return 0 if passed else 1


def check_once(
    checker: Checker, progress: Progress, exercise: Exercise, places: Places
) -> bool:
    """Check an exercise, note what came out, and say it."""
    verdict = checker.check(
        exercise, progress.folder / exercise.name, state=progress.of(exercise)
    )
    progress.mark(exercise, passed=verdict.passed)
    progress.save()
    print(verdict_text(exercise, verdict, places, color=sys.stdout.isatty()))
    return verdict.passed


def hint_command(places: Places, number: int | None) -> int:
    """Show the next hint of an exercise."""
    progress = _progress(places)
    print(hint_text(progress, chosen(progress, number)))
    return 0


def hint_text(progress: Progress, exercise: Exercise) -> str:
    """Return the next hint, and note that it was taken."""
    level, text = progress.next_hint(exercise)
    progress.save()
    return f"Hint {level} of {len(exercise.hints)} for {exercise.number}\n\n{text}"


def reset_command(places: Places, number: int | None) -> int:
    """Bring an exercise's files back as they were."""
    progress = _progress(places)
    exercise = chosen(progress, number)
    target, kept = folders.write(exercise, progress.folder)
    print(f"{target} is as it was at the start.")
    _say_kept(kept)
    return 0


def solution_command(places: Places, number: int, *, sure: bool) -> int:
    """Show a solution, and after a question put it into the learner's folder."""
    progress = _progress(places)
    exercise = chosen(progress, number)
    if not sure and not _agreed(exercise):
        print("Nothing was changed. `kit workshop hint` gives a nudge instead.")
        return 1
    target, kept = folders.write(exercise, progress.folder, solution=True)
    names = ", ".join(exercise.changed())
    print(f"The solution is in {target}: {names}.")
    _say_kept(kept)
    return 0


def _agreed(exercise: Exercise) -> bool:
    print(f"This replaces your {', '.join(exercise.changed())} by the solution of")
    try:
        answer = input(f"{exercise.number}, {exercise.title}. Show it? [y/N] ")
    except EOFError:
        print()
        return False
    return answer.strip().lower() in ("y", "yes")


def _say_kept(kept: Path | None) -> None:
    if kept:
        print(f"What you had is in {kept}.")


def _progress(places: Places) -> Progress:
    return load_progress(folders.find(places))


def load_progress(folder: Path) -> Progress:
    """Return how far the learner is, and say so where that was not to be read."""
    progress = Progress.load(folder)
    if progress.unread:
        print(
            "What you had done could not be read, and counts as not done yet: "
            "`kit workshop check N` ticks an exercise off again. What was in the file "
            f"is in {progress.unread}.\n",
            file=sys.stderr,
        )
    return progress


def chosen(progress: Progress, number: int | None) -> Exercise:
    """Return the exercise of that number, by default the first that is not done.

    Raises:
        FolderError: There is none of that number.
    """
    if number is None:
        return progress.current() or all_exercises()[-1]
    exercise = by_number(number)
    if exercise is None:
        last = all_exercises()[-1].number
        raise folders.FolderError(
            f"There is no exercise {number}: they are 1 to {last}."
        )
    return exercise
