"""The learner's folder: theirs, made once; the kit writes into it only when asked.

    folder = start(Path("tracing-workshop"), places)
    folder = find(places)

An exercise's files are copied when the folder is made. Later only `reset` and
`solution` write there, and what they replace is kept beside it first.
"""

from __future__ import annotations

import time
from pathlib import Path

from tracing_starter_kit.workshop.exercise import Exercise, all_exercises
from tracing_starter_kit.workshop.settings import Places

MARK = ".workshop"
# Paths of code are relative to the folder that holds this (see `code.file.path`).
PROJECT = """[project]
name = "tracing-workshop"
version = "1"
"""
WELCOME = """\
# Your workshop

These files are yours: change them, break them, keep them. `kit workshop watch` checks
them each time you save one, and says what comes next. In each folder there is a page,
`README.md`, to read first.

    kit workshop watch       check on every save
    kit workshop hint        a nudge; twice more for more
    kit workshop reset       the exercise's files as they were
    kit workshop list        how far you are
"""


class FolderError(Exception):
    """The folder cannot be worked on; the message says what to do about it."""


def start(folder: Path, places: Places) -> tuple[Path, int]:
    """Make the learner's folder, or add what is new; return it and how much is new.

    Files that are there already stay as they are.

    Raises:
        FolderError: The folder cannot be made.
    """
    folder = folder.resolve()
    try:
        (folder / MARK).mkdir(parents=True, exist_ok=True)
        new = [one for one in all_exercises() if not (folder / one.name).exists()]
        for exercise in new:
            write(exercise, folder)
        for name, text in {"README.md": WELCOME, "pyproject.toml": PROJECT}.items():
            if not (folder / name).exists():
                (folder / name).write_text(text)
        _remember(folder, places)
    except OSError as error:
        raise FolderError(
            f"{folder} cannot be used ({error.strerror}): name another folder, as in "
            f"`kit workshop start DIR`."
        ) from None
    return folder, len(new)


def find(places: Places) -> Path:
    """Return the folder around the current one, else the one that was used last.

    Raises:
        FolderError: There is none.
    """
    here = Path.cwd()
    around = [path for path in (here, *here.parents) if (path / MARK).is_dir()]
    if around:
        return around[0]
    remembered = _memory(places)
    if remembered.is_file():
        folder = Path(remembered.read_text().strip())
        if (folder / MARK).is_dir():
            return folder
    raise FolderError(
        "There is no workshop folder yet: `kit workshop start` makes one here."
    )


def write(
    exercise: Exercise, folder: Path, *, solution: bool = False
) -> tuple[Path, Path | None]:
    """Write an exercise's files; return their folder, and where older ones went.

    Only files that differ are kept; files of the learner's own are left alone.
    """
    target = folder / exercise.name
    target.mkdir(exist_ok=True)
    files = exercise.files(solution=solution) | {"README.md": exercise.readme}
    kept = None
    for name, text in files.items():
        file = target / name
        if file.exists() and file.read_text(errors="replace") != text:
            kept = kept or _fresh_backup(folder, exercise)
            (kept / name).write_bytes(file.read_bytes())
        file.write_text(text)
    return target, kept


def _fresh_backup(folder: Path, exercise: Exercise) -> Path:
    stamp = time.strftime("%Y%m%d-%H%M%S")
    number = 0
    while True:
        number += 1
        kept = folder / MARK / "before" / f"{exercise.name}-{stamp}-{number}"
        if not kept.exists():
            kept.mkdir(parents=True)
            return kept


def _memory(places: Places) -> Path:
    return places.state / "workshop-folder"


def _remember(folder: Path, places: Places) -> None:
    places.state.mkdir(parents=True, exist_ok=True)
    _memory(places).write_text(f"{folder}\n")
