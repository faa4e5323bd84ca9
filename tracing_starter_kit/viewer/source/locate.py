"""The file that a span names, if it may be shown.

    place = locate(roots, "billing/pricing.py")[0]

Spans come from anywhere and can claim any path. Shown is only what lies under an
allowed root once all links are resolved; no absolute path, no `..`, no hidden file
(`.git`, `.env`, `.ssh` hold what no span can mean).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath


class RefusedError(Exception):
    """The path leads out of the allowed roots; the text says so to the reader."""


class MissingError(Exception):
    """There is nothing to show; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path of a span lies: below a root, in the working tree if it is there."""

    root: Path
    relative: PurePosixPath
    file: Path | None  # None: not in the working tree, maybe in an older revision


def locate(roots: Sequence[Path], path: str) -> list[Place]:
    """Return where the file is or may once have been; where it is comes first."""
    relative = _checked(path)
    if not roots:
        raise MissingError(
            "The viewer was started without a folder whose source it may show."
        )
    places = [_under(root.resolve(), relative) for root in roots]
    return sorted(places, key=lambda place: place.file is None)


def _checked(path: str) -> PurePosixPath:
    relative = PurePosixPath(path)
    windows = PureWindowsPath(path)
    if relative.is_absolute() or windows.drive or windows.root:
        raise RefusedError(f"{path!r} is absolute; a span's path must be relative.")
    if any(part.startswith(".") for part in windows.parts):
        raise RefusedError(f"{path!r} names a hidden file or leads out of its folder.")
    if "\0" in path or not relative.parts:
        raise RefusedError(f"{path!r} is not the path of a file.")
    return relative


def _under(root: Path, relative: PurePosixPath) -> Place:
    try:
        file = (root / relative).resolve()
    except (OSError, RuntimeError, ValueError) as error:  # a ring of links, a long name
        raise RefusedError(f"{str(relative)!r} cannot be resolved.") from error
    if not file.is_relative_to(root):
        raise RefusedError(f"{str(relative)!r} is a link out of the allowed folders.")
    hidden = any(part.startswith(".") for part in file.relative_to(root).parts)
    if hidden:
        raise RefusedError(f"{str(relative)!r} is a link to a hidden file.")
    return Place(root, relative, file if file.is_file() else None)
