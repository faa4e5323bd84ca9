"""Print the checked-out commit of a `.git` folder, without git.

    python3 scripts/revision.py FOLDER     # prints the commit, or nothing

For the image's build, which gets HEAD and the refs, not the history. In a worktree or a
submodule `.git` is a file: set `REVISION` there.
"""

from __future__ import annotations

import sys
from pathlib import Path


def revision(git: Path) -> str:
    """Return the commit, or "" if the folder does not name it."""
    head = _text(git / "HEAD")
    name = head.removeprefix("ref: ")
    if name == head:
        return head
    return _text(git / name) or _packed(git).get(name, "")


def _packed(git: Path) -> dict[str, str]:
    """Return the refs of the file `packed-refs`, by name."""
    pairs = (line.split() for line in _text(git / "packed-refs").splitlines())
    return {pair[1]: pair[0] for pair in pairs if len(pair) == 2}


def _text(file: Path) -> str:
    return file.read_text().strip() if file.is_file() else ""


if __name__ == "__main__":
    print(revision(Path(sys.argv[1])))
