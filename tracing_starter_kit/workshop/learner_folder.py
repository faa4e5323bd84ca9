"""The learner's folder, which the kit makes once and changes only on request.

    folder, count = make_folder(Path("tracing-workshop"), places)
    folder = find_folder(places)

`make_folder` copies the files of every exercise. Later only `reset` and `solution`
write there, and they keep a copy of each file that they replace.
"""

from __future__ import annotations

import itertools
import time
from pathlib import Path

from tracing_starter_kit.workshop.exercise import Exercise, all_exercises
from tracing_starter_kit.workshop.kit_command import typable
from tracing_starter_kit.workshop.settings import Places

MARKER = ".workshop"
# Paths of code are relative to the folder that holds this (see `code.file.path`).
PROJECT = """[project]
name = "tracing-workshop"
version = "1"
"""
WELCOME = """\
# Your workshop

These files are yours: change them, break them, keep them. `kit workshop watch` checks
them each time you save one, and shows the next step. Each folder has a page to read
first, `README.md`.

    kit workshop watch       check on every save
    kit workshop hint        show a hint; there are three
    kit workshop reset       restore the exercise's files
    kit workshop list        show the exercises that are done
"""


class FolderError(Exception):
    """A folder cannot be used; the message contains the next step."""


def make_folder(folder: Path, places: Places) -> tuple[Path, int]:
    """Make the learner's folder, or add missing exercises.

    Existing files stay as they are.

    Returns:
        The folder, and the number of new exercises.

    Raises:
        FolderError: The folder cannot be made.
    """
    folder = folder.resolve()
    try:
        (folder / MARKER).mkdir(parents=True, exist_ok=True)
        new = [item for item in all_exercises() if not (folder / item.name).exists()]
        for exercise in new:
            write_exercise(exercise, folder)
        for name, text in {"README.md": WELCOME, "pyproject.toml": PROJECT}.items():
            if not (folder / name).exists():
                (folder / name).write_text(typable(text))
        _remember(folder, places)
    except OSError as error:
        raise FolderError(
            f"{folder} cannot be used ({error.strerror}): name another folder, as in "
            f"`kit workshop start DIR`."
        ) from None
    return folder, len(new)


def find_folder(places: Places) -> Path:
    """Return the learner's folder around the current one, else the last one used.

    Raises:
        FolderError: There is no such folder.
    """
    for path in (Path.cwd(), *Path.cwd().parents):
        if (path / MARKER).is_dir():
            return path
    if _memory(places).is_file():
        folder = Path(_memory(places).read_text().strip())
        if (folder / MARKER).is_dir():
            return folder
    raise FolderError(
        "There is no workshop folder yet: `kit workshop start` makes one here."
    )


def write_exercise(
    exercise: Exercise, folder: Path, *, solution: bool = False
) -> tuple[Path, Path | None]:
    """Write an exercise's files, and back up those that differ.

    Other files in the exercise's folder stay as they are.

    Returns:
        The exercise's folder, and the folder of the backup, if one was needed.
    """
    target = folder / exercise.name
    backup = None
    if target.exists() and not target.is_dir():
        backup = _new_backup(folder, exercise)
        target.rename(backup / target.name)
    target.mkdir(exist_ok=True)
    files = exercise.files(solution=solution) | {"README.md": exercise.readme}
    for name, source in files.items():
        file, text = target / name, typable(source)
        if file.is_dir() or (
            file.exists() and file.read_text(errors="replace") != text
        ):
            backup = backup or _new_backup(folder, exercise)
            file.rename(backup / name)
        _write(file, text)
    return target, backup


def _write(file: Path, text: str) -> None:
    """Replace a file as a whole, also one that may only be read."""
    draft = file.with_name(f".{file.name}.new")
    draft.write_text(text)
    draft.replace(file)


def _new_backup(folder: Path, exercise: Exercise) -> Path:
    stamp = time.strftime("%Y%m%d-%H%M%S")
    stem = folder / MARKER / "before" / f"{exercise.name}-{stamp}"
    paths = (stem.with_name(f"{stem.name}-{number}") for number in itertools.count(1))
    backup = next(path for path in paths if not path.exists())
    backup.mkdir(parents=True)
    return backup


def _memory(places: Places) -> Path:
    return places.state / "workshop-folder"


def _remember(folder: Path, places: Places) -> None:
    places.state.mkdir(parents=True, exist_ok=True)
    _memory(places).write_text(f"{folder}\n")
