"""Merges two changed versions of a text, three ways, with conflicts marked as by git.

    merged = merge(base, ours, theirs, Labels(ours="yours", theirs="kit 0.2.0"))
    merged.text, merged.conflicts

`git merge-file` does it where git is installed; elsewhere `merge_lines` does.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from tracing_starter_kit.kit.helpers.files import lines_of

MARKER = re.compile(r"^(<{7}|>{7})( |$)", re.MULTILINE)
MOST_GIT_CONFLICTS = 127  # a higher exit status is an error of git
Lines = Sequence[str]


@dataclass(frozen=True)
class Labels:
    """Names for the two versions, at the marks of a conflict."""

    ours: str
    theirs: str


@dataclass(frozen=True)
class Merged:
    """The result of a merge; `conflicts` are marked in the text."""

    text: str
    conflicts: int


def has_markers(text: str) -> bool:
    """Tell whether a text holds conflicts that nobody has resolved."""
    return MARKER.search(text) is not None


def merge(base: str, ours: str, theirs: str, labels: Labels) -> Merged:
    """Merge with git, or without it."""
    git = shutil.which("git")
    merged = _merge_with_git(git, [ours, base, theirs], labels) if git else None
    return merged or merge_lines(base, ours, theirs, labels)


def _merge_with_git(git: str, texts: list[str], labels: Labels) -> Merged | None:
    """Return git's result; None: it failed."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("ours", "base", "theirs")]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text, encoding="utf-8", newline="\n")
        names = ["-L", labels.ours, "-L", "base", "-L", labels.theirs]
        process = subprocess.run(
            [git, "merge-file", "--stdout", "--quiet", *names, *map(str, paths)],
            capture_output=True,
            check=False,
            cwd=folder,  # the settings of a repository around the project do not count
        )
    if not 0 <= process.returncode <= MOST_GIT_CONFLICTS:
        return None
    return Merged(process.stdout.decode("utf-8"), process.returncode)


def merge_lines(base: str, ours: str, theirs: str, labels: Labels) -> Merged:
    """Merge without git: a change of one side only is taken from that side."""
    old, own, new = (lines_of(text) for text in (base, ours, theirs))
    lines: list[str] = []
    conflicts = 0
    for chunk, own_chunk, new_chunk in _chunks(old, own, new):
        if own_chunk in (chunk, new_chunk):
            lines += new_chunk
        elif new_chunk == chunk:
            lines += own_chunk
        else:
            lines += _conflict(own_chunk, new_chunk, labels)
            conflicts += 1
    return Merged("".join(lines), conflicts)


def _conflict(ours: Lines, theirs: Lines, labels: Labels) -> list[str]:
    """Mark a conflict; lines that both sides begin or end with stay outside of it."""
    most = min(len(ours), len(theirs))
    top = next((i for i in range(most) if ours[i] != theirs[i]), most)
    most -= top
    end = next((i for i in range(most) if ours[-1 - i] != theirs[-1 - i]), most)
    return [
        *ours[:top],
        f"<<<<<<< {labels.ours}\n",
        *_whole_lines(ours[top : len(ours) - end]),
        "=======\n",
        *_whole_lines(theirs[top : len(theirs) - end]),
        f">>>>>>> {labels.theirs}\n",
        *ours[len(ours) - end :],
    ]


def _whole_lines(lines: Lines) -> list[str]:
    """Return the lines with a line end each; the last of a file may have none."""
    return [line if line.endswith("\n") else f"{line}\n" for line in lines]


def _chunks(
    base: Lines, ours: Lines, theirs: Lines
) -> Iterator[tuple[Lines, Lines, Lines]]:
    """Cut the three versions at the runs of lines that are in all of them."""
    at = own_at = new_at = 0
    for start, own_start, new_start, size in _common_runs(base, ours, theirs):
        before = base[at:start], ours[own_at:own_start], theirs[new_at:new_start]
        if any(before):
            yield before
        at, own_at, new_at = start + size, own_start + size, new_start + size
        if size:
            run = base[start:at]
            yield run, run, run


def _common_runs(
    base: Lines, ours: Lines, theirs: Lines
) -> Iterator[tuple[int, int, int, int]]:
    """Yield starts in base, ours and theirs, and a length; last, an empty run."""
    own_place, new_place = _places(base, ours), _places(base, theirs)
    number = 0
    while number < len(base):
        size = 0
        while (
            number + size in own_place
            and number + size in new_place
            and own_place[number + size] == own_place[number] + size
            and new_place[number + size] == new_place[number] + size
        ):
            size += 1
        if size:
            yield number, own_place[number], new_place[number], size
        number += size or 1
    yield len(base), len(ours), len(theirs), 0


def _places(base: Lines, other: Lines) -> dict[int, int]:
    """Return for each line of base that the other version has: its place there."""
    matcher = SequenceMatcher(None, base, other, autojunk=False)
    return {
        block.a + offset: block.b + offset
        for block in matcher.get_matching_blocks()
        for offset in range(block.size)
    }
