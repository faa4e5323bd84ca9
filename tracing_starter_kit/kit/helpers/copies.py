"""The copies of helpers in a user's project: where they are, and in which state.

    for copy in copies_below(Path.cwd()):
        print(copy.path, copy.stamp.version, copy.is_changed, copy.is_behind)

A copy is known by its stamp, so that it may be renamed; or, where its owner removed the
stamp, by the pristine text that is kept beside it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tracing_starter_kit.kit.helpers.bases import FOLDER, Bases
from tracing_starter_kit.kit.helpers.catalogue import Helper, catalogue
from tracing_starter_kit.kit.helpers.errors import HelpersError
from tracing_starter_kit.kit.helpers.files import read_text, write_text
from tracing_starter_kit.kit.helpers.stamp import (
    Stamp,
    digest,
    split_stamp,
    stamp_of,
    stamped,
)

NOT_SEARCHED = {"node_modules", "site-packages", "__pycache__", "build", "dist"}
BEGINNING = 4096  # bytes in which a stamp is looked for


@dataclass(frozen=True)
class Copy:
    """One copied helper.

    Attributes:
        content: Its text without the stamp.
        stamp_line: The line of the stamp, from 0.
    """

    path: Path
    stamp: Stamp
    content: str
    stamp_line: int = 0

    @property
    def helper(self) -> Helper | None:
        """The helper in this version of the kit; None: it has none of that name."""
        return catalogue().get(self.stamp.name)

    @property
    def is_changed(self) -> bool:
        """Whether the user changed it."""
        return digest(self.content) != self.stamp.digest

    @property
    def is_behind(self) -> bool:
        """Whether this version of the kit has another content."""
        return self.helper is None or stamp_of(self.helper).digest != self.stamp.digest

    @property
    def is_ahead(self) -> bool:
        """Whether it comes from a newer version of the kit than this one."""
        own = self.helper.version if self.helper else self.stamp.version
        return _numbers(self.stamp.version) > _numbers(own)

    @property
    def missing_companions(self) -> list[Helper]:
        """The helpers that its new version imports, and that do not lie beside it."""
        names = self.helper.companions if self.helper else ()
        helpers = [catalogue()[name] for name in names]
        return [h for h in helpers if not (self.path.parent / h.file_name).exists()]

    @property
    def base(self) -> str | None:
        """The pristine text that it was made from, or None if that is not at hand."""
        if not self.is_changed:
            return self.content
        if self.helper and not self.is_behind:
            return self.helper.text
        return Bases(self.path.parent).load(self.stamp)


def read_copy(path: Path) -> Copy | None:
    """Return the copy in a file; None: it is a file of the user's own."""
    stamp, content, line = split_stamp(read_text(path))
    stamp = stamp or _stamp_of_base(path)
    return Copy(path, stamp, content, line) if stamp else None


def write_copy(helper: Helper, folder: Path) -> None:
    """Write a new copy of a helper, after the pristine text that belongs to it."""
    stamp = stamp_of(helper)
    Bases(folder).save(stamp, helper.text)
    write_text(folder / helper.file_name, stamped(helper.text, stamp))


def _stamp_of_base(path: Path) -> Stamp | None:
    """Return the stamp for a copy that lost its own, from the text kept beside it."""
    bases = sorted((path.parent / FOLDER).glob(f"{path.stem}.*"))
    if len(bases) != 1:
        return None
    version = re.search(r"tracing starter kit (\d[\w.]*\w)", read_text(bases[0]))
    return Stamp(version[1] if version else "0", path.stem, bases[0].suffix[1:])


def copies_below(folder: Path) -> list[Copy]:
    """Return the copies in a folder and below it, sorted by path."""
    return sorted(_copies(folder), key=lambda copy: copy.path)


def _copies(folder: Path) -> Iterator[Copy]:
    for path, names, files in os.walk(folder):
        based = {base.stem for base in Path(path, FOLDER).glob("*")}
        names[:] = [name for name in names if _is_searched(Path(path, name))]
        for file in (Path(path, name) for name in files if name.endswith(".py")):
            if (file.stem in based or has_stamp(file)) and (copy := read_copy(file)):
                yield copy


def _is_searched(folder: Path) -> bool:
    is_environment = (folder / "pyvenv.cfg").exists()
    is_hidden = folder.name.startswith(".")
    return not (is_hidden or is_environment or folder.name in NOT_SEARCHED)


def has_stamp(file: Path) -> bool:
    """Tell whether a file seems to be a copy, without reading all of it."""
    try:
        with file.open("rb") as opened:
            return b"# tracing-starter-kit " in opened.read(BEGINNING)
    except OSError:
        return False


def chosen_copies(folder: Path, names: list[str]) -> list[Copy]:
    """Return the copies below a folder; with names, only these and their companions.

    Raises:
        HelpersError: There is none.
    """
    copies = copies_below(folder)
    stems = [name.removesuffix(".py").replace("-", "_") for name in names]
    for stem in stems:
        if not any(stem in (copy.stamp.name, copy.path.stem) for copy in copies):
            raise HelpersError(f"No copy of {stem} is below {folder}: {_ADD}")
    if not copies:
        raise HelpersError(f"No copy of a helper is below {folder}: {_ADD}")
    chosen = [c for c in copies if not stems or {c.stamp.name, c.path.stem} & {*stems}]
    beside = {
        (copy.path.parent, name)
        for copy in chosen
        for name in (copy.helper.companions if copy.helper else ())
    }
    return [c for c in copies if c in chosen or (c.path.parent, c.stamp.name) in beside]


_ADD = "`kit helpers add NAME --into FOLDER` makes one."


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))
