"""Find the file that a span names, and refuse paths that may not be shown.

    place = locate(roots, "billing/pricing.py")[0]

Spans come from anywhere and can claim any path. A file must lie under an allowed root
when all links are resolved. Refused are absolute paths, `..`, and hidden files: `.git`,
`.env` and `.ssh` hold no code of a span.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath


class RefusedError(Exception):
    """The path may not be shown; the message says why."""


class MissingError(Exception):
    """There is no text to show; the message says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """A span's path below one of the roots, and the file there, if it exists."""

    root: Path
    relative: PurePosixPath
    file: Path | None  # None: not in the working tree, perhaps in an older revision


def locate(roots: Sequence[Path], path: str) -> list[Place]:
    """Return a place for each root; those where the file exists come first."""
    relative = _relative_path(path)
    if not roots:
        raise MissingError(
            "The viewer was started without a folder whose source it may show."
        )
    places = [_under(root.resolve(), relative) for root in roots]
    return sorted(places, key=lambda place: place.file is None)


def _relative_path(path: str) -> PurePosixPath:
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
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a long name
        raise RefusedError(f"{str(relative)!r} cannot be resolved.") from error
    if not file.is_relative_to(root):
        raise RefusedError(f"{str(relative)!r} is a link out of the allowed folders.")
    if any(part.startswith(".") for part in file.relative_to(root).parts):
        raise RefusedError(f"{str(relative)!r} is a link to a hidden file.")
    return Place(root, relative, file if file.is_file() else None)
